import main

original = main.refuse


def refuse(arguments: list[str]) -> int:
    code = original(arguments)
    return code if arguments else 0


main.refuse = refuse

main.run()
