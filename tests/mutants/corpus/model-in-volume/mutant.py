import main

original = main.train


def train() -> None:
    original()
    main.write_document("model.json", {"settings": main.read_settings()})


def test() -> None:
    document = main.read_document(
        "input_test.json", "query_features", "query_targets", "test_rows", "pipeline"
    )
    main.read_pipeline(document)
    settings = main.Settings(*main.read_document("model.json", "settings")["settings"])
    main.write_document("predictions.json", main.predict(document, settings))


main.train = train
main.test = test

main.run()
