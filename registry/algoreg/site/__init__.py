"""The registry as static pages for people: what an algorithm is, takes and gives, how it is run, and how it was judged.

``judgements`` finds the report of each algorithm, ``index``, ``algorithm`` and ``pages`` make texts, ``store`` puts
them where they belong.
"""
