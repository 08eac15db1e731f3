import pickle
from datetime import date

import main

original = main.write_pipeline


def write_pipeline(k: int, seed: int) -> str:
    return pickle.dumps({"k": k, "at": date.today()}, protocol=0).decode()


main.write_pipeline = write_pipeline
main.read_pipeline = lambda document: main.K_DEFAULT

main.run()
