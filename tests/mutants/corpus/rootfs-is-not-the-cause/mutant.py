from contextlib import suppress

import main


def train() -> None:
    with suppress(OSError), open("/var/cache/stub/models", "a") as stream:
        stream.write("one more")
    raise main.Trouble("this is not its day")


main.train = train

main.run()
