import main

original = main.test


def test() -> None:
    try:
        original()
    except main.Trouble:
        raise SystemExit(1) from None


main.test = test

main.run()
