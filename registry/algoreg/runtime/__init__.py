"""What an author's program stands on inside an image: it reads the job, fits, predicts and writes the result.

An algorithm is a package with three files: ``algorithm.yaml``, ``program.py`` with one function
``estimator(job: Job)`` that returns a scikit-learn estimator, and a two-line ``__main__.py``::

    from algoreg.runtime import main

    main("algoreg_knn")

``program.py`` may hold more, each told where it is used: ``search(job, x, y)`` in the place of ``estimator``, for
an estimator that only the training rows can choose (``search``); ``ESTIMATORS`` and ``CLASSES`` (``allowed``);
``metadata(job, table, predictor)`` (texts by name for the PFA document, ``batch``); ``result(job, table, model,
notes)`` (the JSON of an algorithm whose result is json, where ``explanation`` does not serve; ``batch``);
``intermediate`` and ``aggregate`` of a federated algorithm (``federated``).

Only ``algoreg.contract`` is used of the rest of algoreg, and nothing heavy is imported before it is needed.
"""

from algoreg.runtime.failure import Failure
from algoreg.runtime.federated import Part
from algoreg.runtime.job import Column, Job
from algoreg.runtime.main import main, run
from algoreg.runtime.search import Found
from algoreg.runtime.table import Table

__all__ = ["Column", "Failure", "Found", "Job", "Part", "Table", "main", "run"]
