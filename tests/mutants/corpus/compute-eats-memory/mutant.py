import main


def compute() -> None:
    eaten = []
    while True:
        eaten.append(bytearray(b"x") * (8 << 20))


main.compute = compute

main.run()
