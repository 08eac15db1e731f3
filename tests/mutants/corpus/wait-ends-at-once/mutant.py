import waiting


def wait() -> None:
    pass


waiting.wait = wait

waiting.run()
