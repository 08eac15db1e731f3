from typing import Any

import main


def store(row: dict[str, Any]) -> None:
    connection = main.log_in("OUT")
    main.insert(connection.cursor(), row)
    connection.close()


main.store = store

main.run()
