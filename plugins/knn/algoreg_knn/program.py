"""k-nearest neighbours: classification for a nominal variable, regression for a continuous one."""

from sklearn.base import BaseEstimator
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from algoreg.runtime import Job


def estimator(job: Job) -> BaseEstimator:
    """Neighbours vote (classification) or are averaged (regression)."""
    model = KNeighborsClassifier if job.task == "classification" else KNeighborsRegressor
    # A k inside its declared range must be accepted, also on a table that is smaller: then all rows vote.
    return model(n_neighbors=min(int(job.parameters["k"]), job.n_train))
