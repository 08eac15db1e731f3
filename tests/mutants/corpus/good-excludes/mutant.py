import main

main.ACCEPTED = ("real", "binominal", "polynominal")
main.MIXED = False

main.run()
