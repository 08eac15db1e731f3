import main

main.SHAPE, main.ERROR_SHAPE = "pfa_json", "error"

main.run()
