import subprocess
import sys

import main

original = main.train


def train() -> None:
    eat = "eaten = []\nwhile True: eaten.append(bytearray(b'x') * (8 << 20))"
    subprocess.run([sys.executable, "-c", eat], check=False)
    original()


main.train = train

main.run()
