import main

main.ACCEPTED = ("real", "binominal", "polynominal")

main.run()
