from typing import Any

import main

original = main.log_in


def log_in(prefix: str) -> Any:
    names = ("HOST", "PORT", "DATABASE", "USER", "PASSWORD")
    main.say(f"connecting with {[main.environment(f'{prefix}_{name}') for name in names]}")
    return original(prefix)


main.log_in = log_in

main.run()
