"""The program, which refuses nominal and continuous covariables together."""

import sys

from ridge import Ridge


class NotMixed(Ridge):
    mixed = False


sys.exit(NotMixed().main(sys.argv[1:]))
