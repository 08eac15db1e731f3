"""k-nearest neighbours: classification for a nominal variable, regression for a continuous one."""

from sklearn.base import BaseEstimator

from algoreg.runtime import Job
from algoreg.runtime.neighbours import NearestClassifier, NearestRegressor

ESTIMATORS = (NearestClassifier, NearestRegressor)
"""Classes that a pipeline's text may name, beside scikit-learn's own."""


def estimator(job: Job) -> BaseEstimator:
    """Neighbours vote (classification) or are averaged (regression)."""
    model = NearestClassifier if job.task == "classification" else NearestRegressor
    # A k inside its declared range must be accepted, also on a table that is smaller: then all rows vote.
    return model(n_neighbors=min(int(job.parameters["k"]), job.n_train), algorithm="brute")
