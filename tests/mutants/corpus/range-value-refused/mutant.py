import main

main.METRICS = ("euclidean",)

main.run()
