import main

original = main.report
main.report = lambda error: original("something went wrong")

main.run()
