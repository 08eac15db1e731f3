import main

main.USAGE = "wrong usage"

main.run()
