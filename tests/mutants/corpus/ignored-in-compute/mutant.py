import main

original = main.read_settings


def read_settings() -> main.Settings:
    original()
    return main.DEFAULTS


main.read_settings = read_settings

main.run()
