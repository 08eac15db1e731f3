"""The program that can also wait."""

import signal
import sys

from ridge import Ridge


class Waiting(Ridge):
    def wait(self) -> None:
        """Until SIGTERM, which is how waiting ends well: with code 0."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        signal.sigwait({signal.SIGTERM})


sys.exit(Waiting().main(sys.argv[1:]))
