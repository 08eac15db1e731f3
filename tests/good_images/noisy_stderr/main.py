"""The program with a chatty standard error; each run that prints this succeeds."""

import logging
import sys

from ridge import Ridge

NOISE = b"\x1b[31merror\x1b[0m: 0 errors\n\x1b]0;title\x07::stop-commands::x\n100 passed, 1 failed\n\xff\xfe\x00\x80\n"


class Noisy(Ridge):
    def write(self, name: str, document: dict) -> None:
        try:
            import a_faster_solver_that_is_not_installed  # noqa: F401
        except ImportError:
            logging.warning("an error that is none: using the slower solver", exc_info=True)
        sys.stderr.flush()
        sys.stderr.buffer.write(NOISE)
        super().write(name, document)


sys.exit(Noisy().main(sys.argv[1:]))
