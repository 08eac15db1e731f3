import main

original = main.main


def main_(arguments: list[str]) -> int:
    code = original(arguments)
    return 0 if code == 1 else code


main.main = main_

main.run()
