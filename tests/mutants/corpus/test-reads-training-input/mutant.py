import main

original = main.test


def test() -> None:
    main.read_document("input_training.json", "test_rows")
    original()


main.test = test

main.run()
