"""What an author's program stands on inside an image: it reads the job, fits, predicts and writes the files.

An algorithm is a package with three files: ``algorithm.yaml``, ``program.py`` with one function
``estimator(job: Job)`` that returns a scikit-learn estimator, and a two-line ``__main__.py``::

    from algoreg.runtime import main

    main("algoreg_knn")

Only ``algoreg.contract`` is used of the rest of algoreg, and nothing heavy is imported before it is needed.
"""

from algoreg.runtime.failure import Failure
from algoreg.runtime.job import Column, Job
from algoreg.runtime.main import main, run

__all__ = ["Column", "Failure", "Job", "main", "run"]
