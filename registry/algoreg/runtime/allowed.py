"""The classes a pipeline text may name: a fixed table of scikit-learn's, and what the author's program adds.

Left out on purpose: whatever reads files (``feature_extraction``), calls functions that the text could name
(``FunctionTransformer``, custom scorers), or sets other estimators' parameters by name (the searches).
What a parameter may hold is said in ``bounds``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, Final

from algoreg.runtime.bounds import BY_NAME, Rule
from algoreg.runtime.constructors import constructor
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

SPLITTERS: Final[dict[str, str]] = {
    "sklearn.model_selection": (
        "KFold LeaveOneOut ShuffleSplit StratifiedKFold StratifiedShuffleSplit TimeSeriesSplit"
    ),
}
"""Public module -> its splitters, which stand in parameters such as ``cv``."""

REFUSED_PARAMETERS: Final = frozenset({"memory"})
"""A path for joblib's cache, whose files are pickles: whoever writes the text could have them loaded."""

_DISTRIBUTIONS: Final = {"sklearn": "scikit-learn"}

Load = Callable[[str], ModuleType]
"""Imports a module of a table; ``importlib.import_module`` where the author's program names no other way."""


def _paths(table: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Path -> module and name, in the order of the table."""
    return {f"{module}.{name}": (module, name) for module, names in table.items() for name in names.split()}


def _refused(path: str) -> Failure:
    return Failure(f"pipeline: class {path} is not one that may be rebuilt")


class Catalogue:
    """Path in a text <-> class. The text's words are keys of fixed tables; nothing else is ever imported.

    ``added`` are classes that the author's program vouches for, with every parameter of theirs. ``classes`` are
    other libraries' in the form of ``SCIKIT_LEARN``, imported by ``load`` when a text names one; of these a text
    may set only what ``parameters`` (path -> parameter -> rule) lists.
    """

    def __init__(
        self,
        added: Iterable[type] = (),
        *,
        classes: Mapping[str, str] = MappingProxyType({}),
        parameters: Mapping[str, Mapping[str, Rule]] = MappingProxyType({}),
        load: Load = importlib.import_module,
    ) -> None:
        self._added = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in added}
        self._splitters = _paths(SPLITTERS)
        own = {**_paths(SCIKIT_LEARN), **self._splitters}
        self._foreign = {path: parts for path, parts in _paths(classes).items() if path not in own}
        self._public = {**own, **self._foreign}
        self._parameters = parameters
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
            raise _refused(ascii(path[:100]))
        module, name = self._public[path]
        package = module.partition(".")[0]
        try:
            kind: type | None = getattr(self._load(module), name, None)
        except (ImportError, OSError) as error:  # OSError: a shared library that the package needs
            raise Failure(
                f"pipeline: class {path} needs {package}, which cannot be imported: {error}"
            ) from None
        if kind is None:
            raise Failure(f"pipeline: this {_DISTRIBUTIONS.get(package, package)} has no class {path}")
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
        raise _refused(path)

    def is_foreign(self, path: str) -> bool:
        """Whether it is the path of a class that the program's tables bring from another library."""
        return path in self._foreign

    def is_splitter(self, kind: type) -> bool:
        """Whether it is one of the splitters, which have no ``get_params``."""
        splitters = {name: module for module, name in self._splitters.values()}
        module = splitters.get(kind.__name__)
        return module is not None and kind.__module__.startswith(f"{module}.")

    def rules(self, path: str, kind: type, parameter: str) -> tuple[Rule, ...]:
        """What this parameter may hold: every one of these. Raises Failure where it may not be set at all."""
        listed = self._parameters.get(path, {}) if path in self._foreign else constructor(kind)
        if parameter not in listed or parameter in REFUSED_PARAMETERS or "__" in parameter:
            shown = parameter if parameter.isidentifier() and parameter.isascii() else ascii(parameter[:60])
            raise Failure(
                f"pipeline: parameter {shown[:60]} of {path} may not be set; leave it at its default"
            )
        if path in self._added:
            return ()
        by_name = (BY_NAME[parameter],) if parameter in BY_NAME else ()
        return (*by_name, self._parameters[path][parameter]) if path in self._foreign else by_name
