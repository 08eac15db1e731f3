"""Does AutoML help? TPOT against two simple algorithms on real tables, measured through the command line.

``python -m benchmarks.automl run`` makes the records, ``... report`` the tables and plots of ``docs/automl.md``.
Nothing here knows how an algorithm works: a contender is a code and what a user would type behind it.
"""
