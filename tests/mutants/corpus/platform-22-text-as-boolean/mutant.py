import main


def read_scale() -> bool:
    return bool(main.parameter("scale", "true"))


main.read_scale = read_scale

main.run()
