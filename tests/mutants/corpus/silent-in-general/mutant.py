import main

original = main.say


def say(text: str) -> None:
    original("error: something went wrong" if text.startswith("error") else text)


main.say = say

main.run()
