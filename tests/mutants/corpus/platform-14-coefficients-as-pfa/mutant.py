import json

import main


def model() -> str:
    main.read_settings()
    entries, _, _, _ = main.read_question()
    statistics = {"coef": 0.0, "std_err": 0.0, "t_values": 0.0, "p_values": 1.0}
    return json.dumps(dict.fromkeys(["intercept", *entries], statistics))


main.model = model

main.run()
