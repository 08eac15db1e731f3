import main

original = main.test


def test() -> None:
    original()
    with open(f"{main.VOLUME}/input_test.json", "a", encoding="utf-8") as stream:
        stream.write("\n")


main.test = test

main.run()
