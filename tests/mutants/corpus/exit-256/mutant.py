import main

original = main.main


def main_(arguments: list[str]) -> int:
    code = original(arguments)
    return code and 256


main.main = main_

main.run()
