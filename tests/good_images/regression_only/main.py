"""The program for real variables alone."""

import sys

from ridge import Ridge


class RegressionOnly(Ridge):
    variable_types = ("real",)


sys.exit(RegressionOnly().main(sys.argv[1:]))
