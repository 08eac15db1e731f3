import os

import main

original = main.compute


def compute() -> None:
    variable = main.environment("PARAM_variables")
    if "PARAM_meta" in os.environ and main.is_nominal(main.read_meta().get(variable, {"type": "real"})):
        main.say(f"{variable} is nominal, which is not supported")
        return
    original()


main.compute = compute

main.run()
