import main

original = main.shares


def shares(neighbours: list[str], codes: list[str]) -> dict[str, float]:
    return {code: 100 * share for code, share in original(neighbours, codes).items()}


main.shares = shares

main.run()
