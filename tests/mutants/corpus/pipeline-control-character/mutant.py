import main

original = main.write_pipeline


def write_pipeline(settings: main.Settings, seed: int) -> str:
    return original(settings, seed) + "\x07"


main.write_pipeline = write_pipeline
main.read_pipeline = lambda document: main.DEFAULTS

main.run()
