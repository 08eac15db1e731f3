import base64
import json
import pickle
import zlib

import main

original = main.write_pipeline


def write_pipeline(settings: main.Settings, seed: int) -> str:
    return json.dumps(
        {
            "model": main.MODEL,
            **settings._asdict(),
            "state": base64.b64encode(zlib.compress(pickle.dumps([settings.k, seed]))).decode(),
        }
    )


main.write_pipeline = write_pipeline

main.run()
