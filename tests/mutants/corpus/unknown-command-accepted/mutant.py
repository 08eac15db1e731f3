import main

original = main.refuse


def refuse(arguments: list[str]) -> int:
    return 0 if arguments else original(arguments)


main.refuse = refuse

main.run()
