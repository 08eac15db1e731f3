"""The writer for Python: a plugin around one of scikit-learn's estimators, on our runtime."""

from algoreg.scaffolding.python.draft import draft

__all__ = ["draft"]
