import main

original = main.compute


def compute() -> None:
    try:
        original()
    except main.Trouble:
        raise main.Trouble("the failure is in the database") from None


main.compute = compute

main.run()
