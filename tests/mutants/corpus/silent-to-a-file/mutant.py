import main

original = main.say


def say(text: str) -> None:
    if text.startswith("error"):
        with open("/tmp/errors", "a") as stream:
            stream.write(text)
    else:
        original(text)


main.say = say

main.run()
