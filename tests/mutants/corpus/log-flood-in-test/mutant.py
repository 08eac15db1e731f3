import os

import main

original = main.test


def test() -> None:
    original()
    for number in range(100):
        os.write(2, b"%d\n" % number * (1 << 20))


main.test = test

main.run()
