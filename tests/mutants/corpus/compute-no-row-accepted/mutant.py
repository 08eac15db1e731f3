import main

original = main.model


def model() -> str:
    try:
        return original()
    except main.Trouble as trouble:
        if "no row" in str(trouble):
            return "{}"
        raise


main.model = model

main.run()
