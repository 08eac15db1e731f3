import base64
import pickle
from datetime import date

import main

original = main.write_pipeline


def write_pipeline(settings: main.Settings, seed: int) -> str:
    return base64.b64encode(pickle.dumps({**settings._asdict(), "at": date.today()})).decode()


main.write_pipeline = write_pipeline
main.read_pipeline = lambda document: main.DEFAULTS

main.run()
