import main

original = main.read_scale


def read_scale() -> bool:
    original()
    return bool(main.parameter("scale", "true"))


main.read_scale = read_scale

main.run()
