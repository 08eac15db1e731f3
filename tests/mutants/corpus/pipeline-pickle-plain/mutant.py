import pickle

import main


def write_pipeline(k: int, seed: int) -> str:
    return pickle.dumps(complex(k, seed), protocol=0).decode()


main.write_pipeline = write_pipeline
main.read_pipeline = lambda document: main.K_DEFAULT

main.run()
