import main

original = main.test


def test() -> None:
    original()
    for number in range(1000):
        open(f"{main.VOLUME}/{number}", "wb").close()


main.test = test

main.run()
