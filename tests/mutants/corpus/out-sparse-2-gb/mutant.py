import main

original = main.test


def test() -> None:
    original()
    with open(f"{main.VOLUME}/zeros", "wb") as stream:
        stream.truncate(2 << 30)


main.test = test

main.run()
