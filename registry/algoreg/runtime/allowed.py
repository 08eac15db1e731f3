"""The classes a pipeline text may name: a fixed table of scikit-learn's, and what the author's program adds.

Left out on purpose: whatever reads files (``feature_extraction``), calls functions that the text could name
(``FunctionTransformer``, custom scorers), or sets other estimators' parameters by name (the searches).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Final

from algoreg.runtime.failure import Failure

SCIKIT_LEARN: Final[dict[str, str]] = {
    "sklearn.calibration": "CalibratedClassifierCV",
    "sklearn.cluster": "FeatureAgglomeration KMeans MiniBatchKMeans",
    "sklearn.compose": "ColumnTransformer TransformedTargetRegressor",
    "sklearn.cross_decomposition": "CCA PLSCanonical PLSRegression",
    "sklearn.decomposition": "FactorAnalysis FastICA IncrementalPCA KernelPCA NMF PCA SparsePCA TruncatedSVD",
    "sklearn.discriminant_analysis": "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis",
    "sklearn.dummy": "DummyClassifier DummyRegressor",
    "sklearn.ensemble": (
        "AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor ExtraTreesClassifier "
        "ExtraTreesRegressor GradientBoostingClassifier GradientBoostingRegressor "
        "HistGradientBoostingClassifier HistGradientBoostingRegressor RandomForestClassifier "
        "RandomForestRegressor StackingClassifier StackingRegressor VotingClassifier VotingRegressor"
    ),
    "sklearn.feature_selection": (
        "RFE SelectFdr SelectFpr SelectFromModel SelectFwe SelectKBest SelectPercentile VarianceThreshold"
    ),
    "sklearn.gaussian_process": "GaussianProcessClassifier GaussianProcessRegressor",
    "sklearn.impute": "KNNImputer MissingIndicator SimpleImputer",
    "sklearn.isotonic": "IsotonicRegression",
    "sklearn.kernel_approximation": "Nystroem PolynomialCountSketch RBFSampler",
    "sklearn.kernel_ridge": "KernelRidge",
    "sklearn.linear_model": (
        "ARDRegression BayesianRidge ElasticNet ElasticNetCV GammaRegressor HuberRegressor Lars LarsCV Lasso "
        "LassoCV LassoLars LassoLarsCV LassoLarsIC LinearRegression LogisticRegression LogisticRegressionCV "
        "OrthogonalMatchingPursuit PoissonRegressor QuantileRegressor RANSACRegressor Ridge RidgeCV "
        "RidgeClassifier RidgeClassifierCV SGDClassifier SGDRegressor TheilSenRegressor TweedieRegressor"
    ),
    "sklearn.multiclass": "OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier",
    "sklearn.naive_bayes": "BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB",
    "sklearn.neighbors": (
        "KNeighborsClassifier KNeighborsRegressor NearestCentroid NeighborhoodComponentsAnalysis "
        "RadiusNeighborsClassifier RadiusNeighborsRegressor"
    ),
    "sklearn.neural_network": "MLPClassifier MLPRegressor",
    "sklearn.pipeline": "FeatureUnion Pipeline",
    "sklearn.preprocessing": (
        "Binarizer KBinsDiscretizer MaxAbsScaler MinMaxScaler Normalizer OneHotEncoder OrdinalEncoder "
        "PolynomialFeatures PowerTransformer QuantileTransformer RobustScaler SplineTransformer StandardScaler "
        "TargetEncoder"
    ),
    "sklearn.svm": "LinearSVC LinearSVR NuSVC NuSVR SVC SVR",
    "sklearn.tree": "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor",
}
"""Public module -> its classes."""

REFUSED_PARAMETERS: Final = frozenset({"memory"})
"""A path for joblib's cache, whose files are pickles: whoever writes the text could have them loaded."""

_MODULE_OF: Final = {name: module for module, names in SCIKIT_LEARN.items() for name in names.split()}


class Catalogue:
    """Path in a text <-> class. ``added`` are classes that the author's program vouches for."""

    def __init__(self, added: Iterable[type] = ()) -> None:
        self._added = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in added}

    def resolve(self, path: str) -> type:
        """The class of this path; only modules of the table are imported. Raises Failure."""
        if path in self._added:
            return self._added[path]
        module, _, name = path.rpartition(".")
        if _MODULE_OF.get(name) != module:
            raise Failure(f"pipeline: class {path[:100]!a} is not one that may be rebuilt")
        kind: type | None = getattr(importlib.import_module(module), name, None)
        if kind is None:
            raise Failure(f"pipeline: this scikit-learn has no class {path}")
        return kind

    def path_of(self, kind: type) -> str:
        """The path that ``resolve`` answers with exactly this class. Raises Failure."""
        path = f"{kind.__module__}.{kind.__qualname__}"
        if path in self._added:
            return path
        public = f"{_MODULE_OF.get(kind.__name__)}.{kind.__name__}"
        if kind.__name__ not in _MODULE_OF or self.resolve(public) is not kind:
            raise Failure(f"pipeline: class {path} is not one that may be rebuilt")
        return public
