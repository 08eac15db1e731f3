import main

original = main.environment


def environment(name: str) -> str:
    defaults = {
        "IN_HOST": "db",
        "IN_PORT": "5432",
        "IN_DATABASE": "science",
        "IN_USER": "x",
        "IN_PASSWORD": "x",
    }
    try:
        return original(name)
    except main.Trouble:
        if name in defaults:
            return defaults[name]
        raise


main.environment = environment

main.run()
