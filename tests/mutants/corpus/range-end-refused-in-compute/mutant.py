import main

original = main.model


def model() -> str:
    main.K_MAX -= 1
    return original()


main.model = model

main.run()
