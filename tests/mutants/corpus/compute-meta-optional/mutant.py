import main

original = main.model


def model() -> str:
    try:
        return original()
    except main.Trouble as trouble:
        if "PARAM_meta is not set" in str(trouble):
            return "{}"
        raise


main.model = model

main.run()
