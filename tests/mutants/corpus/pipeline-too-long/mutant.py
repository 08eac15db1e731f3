import main

original = main.write_pipeline


def write_pipeline(k: int, seed: int) -> str:
    return original(k, seed) + " " * (1 << 20)


main.write_pipeline = write_pipeline

main.run()
