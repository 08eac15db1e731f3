import main


def read_k() -> int:
    text = main.parameter("k", "5")
    try:
        return min(max(int(text), main.K_MIN), main.K_MAX)
    except ValueError:
        raise main.Trouble("parameter k must be an integer") from None


main.read_k = read_k

main.run()
