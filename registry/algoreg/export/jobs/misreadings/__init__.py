"""The sentences that say what Chronos does with a document that it does not understand: one table, data only.

A place is a path of the document with ``[]`` for any item; a keyword is JSON Schema's, of the schema that the
place breaks, or one of ``row``'s own. The first row that fits tells the remark.
"""

from __future__ import annotations

from algoreg.export.jobs.misreadings import keys, values
from algoreg.export.jobs.misreadings.row import Misreading

TABLE: tuple[Misreading, ...] = (*keys.ROWS, *values.ROWS)
