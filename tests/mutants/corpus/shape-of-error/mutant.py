import main

main.ERROR_SHAPE = main.SHAPE

main.run()
