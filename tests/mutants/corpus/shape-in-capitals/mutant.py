import main

main.SHAPE = "PFA_JSON"

main.run()
