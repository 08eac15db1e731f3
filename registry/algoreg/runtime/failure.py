"""The one exception of the runtime: why a job cannot be done, in a line that a person can act on."""

from __future__ import annotations


class Failure(Exception):
    """A cause that is known: bad input, bad data, an unreachable database.

    The message is one line, holds the evidence that contract section 5 asks for, and never a value of a
    patient's row. It goes to standard error without a traceback, and the program ends with code 1.
    Authors may raise it, too.
    """
