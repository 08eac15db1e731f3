import main

original = main.refuse


def refuse(arguments: list[str]) -> int:
    return main.main(["train"]) if arguments else original(arguments)


main.refuse = refuse

main.run()
