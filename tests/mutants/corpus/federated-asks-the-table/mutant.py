from collections.abc import Callable

import summary

original = summary.command_of


def command_of(arguments: list[str]) -> Callable[[], None] | None:
    return original(arguments[:1] if "aggregate" in arguments else arguments)


summary.command_of = command_of

summary.run()
