import main

original = main.refuse


def refuse(arguments: list[str]) -> int:
    return original(arguments) if arguments else main.main(["train"])


main.refuse = refuse

main.run()
