"""For how much of scikit-learn does ``algoreg new`` make a plugin that passes ``algoreg validate`` unchanged?

``python -m benchmarks.estimators run`` makes the records that are missing, ``... images`` builds and judges a random
few as images, ``... report`` writes ``docs/estimators.md``. Everything is called as a person would call it.
"""
