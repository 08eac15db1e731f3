import main

original = main.train


def train() -> None:
    original()
    with open("/var/cache/stub/models", "a") as stream:
        stream.write("one more")


main.train = train

main.run()
