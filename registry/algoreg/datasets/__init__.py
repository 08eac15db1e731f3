"""Makes the sample of an experiment from the data somebody has: a file or a query, typed by rule or by description.

``reading`` gets a table, ``asking`` turns it into a ``Sample``; the names below are all that others need.
"""

from algoreg.datasets.asking import question
from algoreg.datasets.describing import Described, described
from algoreg.datasets.nulls import without_nulls
from algoreg.datasets.reading import is_url, read, shown

__all__ = ["Described", "described", "is_url", "question", "read", "shown", "without_nulls"]
