import main

main.SHAPE = "work_complete"

main.run()
