import main

original = main.report
main.report = lambda error: original("")

main.run()
