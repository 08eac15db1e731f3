import main

original = main.model


def model() -> str:
    main.codes_of = lambda entry: [item["code"] for item in entry.get("enumerations", ())]
    return original()


main.model = model

main.run()
