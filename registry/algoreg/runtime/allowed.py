"""The classes a pipeline text may name: a fixed table of scikit-learn's, and what the author's program adds.

Left out on purpose: whatever reads files (``feature_extraction``), calls functions that the text could name
(``FunctionTransformer``, custom scorers), or sets other estimators' parameters by name (the searches).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, Final

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


Load = Callable[[str], ModuleType]
"""Imports a module of a table; ``importlib.import_module`` where the author's program names no other way."""


class Catalogue:
    """Path in a text <-> class. The text's words are keys of fixed tables; nothing else is ever imported.

    ``added`` are classes that the author's program vouches for, with every parameter of theirs. ``classes`` are
    other libraries' in the form of ``SCIKIT_LEARN``, imported by ``load`` when a text names one; of these a text
    may set only what ``parameters`` (path -> names) lists.
    """

    def __init__(
        self,
        added: Iterable[type] = (),
        *,
        classes: Mapping[str, str] = MappingProxyType({}),
        parameters: Mapping[str, str] = MappingProxyType({}),
        load: Load = importlib.import_module,
    ) -> None:
        self._added = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in added}
        tables = {module: names.split() for module, names in {**classes, **SCIKIT_LEARN}.items()}
        self._public = {
            f"{module}.{name}": (module, name) for module, names in tables.items() for name in names
        }
        self._foreign = {f"{module}.{name}" for module, names in classes.items() for name in names.split()}
        self._parameters = {path: frozenset(names.split()) for path, names in parameters.items()}
        self._load = load

    @classmethod
    def of(cls, module: Any) -> Catalogue:
        """What an author's program module declares: ESTIMATORS, CLASSES, PARAMETERS and load, each optional."""
        return cls(
            getattr(module, "ESTIMATORS", ()),
            classes=getattr(module, "CLASSES", {}),
            parameters=getattr(module, "PARAMETERS", {}),
            load=getattr(module, "load", importlib.import_module),
        )

    def resolve(self, path: str) -> type:
        """The class of this path; only modules of the tables are imported. Raises Failure."""
        if path in self._added:
            return self._added[path]
        if path not in self._public:
            raise Failure(f"pipeline: class {path[:100]!a} is not one that may be rebuilt")
        module, name = self._public[path]
        kind: type | None = getattr(self._load(module), name, None)
        if kind is None:
            raise Failure(f"pipeline: this {module.partition('.')[0]} has no class {path}")
        return kind

    def path_of(self, kind: type) -> str:
        """The path that ``resolve`` answers with exactly this class. Raises Failure."""
        path = f"{kind.__module__}.{kind.__qualname__}"
        if path in self._added:
            return path
        package = kind.__module__.partition(".")[0]
        for public, (module, name) in self._public.items():
            # Only the class's own package: a table is no reason to import the others.
            if name == kind.__name__ and module.partition(".")[0] == package and self.resolve(public) is kind:
                return public
        raise Failure(f"pipeline: class {path} is not one that may be rebuilt")

    def may_set(self, path: str, parameter: str) -> bool:
        """Whether a text may set this parameter at all; of other libraries' classes, only what is listed."""
        return path not in self._foreign or parameter in self._parameters.get(path, frozenset())
