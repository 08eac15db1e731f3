import main


def db_safe(code: str) -> str:
    return code.lower().replace("-", "_")


main.db_safe = db_safe

main.run()
