import main

original = main.refuse


def refuse(arguments: list[str]) -> int:
    original(arguments)
    return int({"train": 0, "test": 0}[arguments[0]])


main.refuse = refuse

main.run()
