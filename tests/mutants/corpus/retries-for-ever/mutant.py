import time
from typing import Any

import main

original = main.connect


def connect() -> Any:
    while True:
        try:
            return original()
        except Exception as error:
            if "refused" not in str(error):
                raise
            main.say(f"cannot connect, trying again: {error}")
            time.sleep(0.5)


main.connect = connect

main.run()
