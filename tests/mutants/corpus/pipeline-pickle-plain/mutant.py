import pickle

import main


def write_pipeline(settings: main.Settings, seed: int) -> str:
    return pickle.dumps(complex(settings.k, seed), protocol=0).decode()


main.write_pipeline = write_pipeline
main.read_pipeline = lambda document: main.DEFAULTS

main.run()
