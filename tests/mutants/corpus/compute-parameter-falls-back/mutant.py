import main

original = main.model


def model() -> str:
    try:
        main.read_k()
    except main.Trouble:
        main.read_k = lambda: main.DEFAULTS.k
    return original()


main.model = model

main.run()
