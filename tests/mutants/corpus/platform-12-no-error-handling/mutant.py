from collections.abc import Callable

import main


def answer(shape: str, make: Callable[[], str]) -> None:
    main.store(main.row_of(shape, make(), None))


main.answer = answer

main.run()
