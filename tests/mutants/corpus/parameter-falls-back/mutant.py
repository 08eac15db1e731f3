import main

original = main.read_k


def read_k() -> int:
    try:
        return original()
    except main.Trouble:
        return main.K_DEFAULT


main.read_k = read_k

main.run()
