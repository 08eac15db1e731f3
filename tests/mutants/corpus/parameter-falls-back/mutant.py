import main

original = main.read_k


def read_k() -> int:
    try:
        return original()
    except main.Trouble:
        return main.DEFAULTS.k


main.read_k = read_k

main.run()
