from contextlib import suppress

import main

original = main.compute


def compute() -> None:
    with suppress(main.Trouble):
        original()


main.compute = compute

main.run()
