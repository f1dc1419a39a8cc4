"""Topics of texts, learned from texts whose topics are known: TF-IDF and a multinomial logit, fold by fold.

Every text belongs to a fold and is sorted by the model that learned from the other folds. Known and unknown texts are
then treated alike, so that what is true of the known ones (how often each topic is mistaken for which) is true of all:
cross-fitting, as in cross-prediction-powered inference (Zrnic and Candès 2024, PNAS 121: e2322083121).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats

Kind = Literal["words", "letters", "both"]
"""What a text is cut into: words and pairs of words, runs of 3 to 5 letters within words, or both."""

KINDS: tuple[Kind, ...] = get_args(Kind)

Labels = npt.NDArray[np.object_]
Folds = npt.NDArray[np.int64]

MOST_FEATURES = 20_000
"""The most frequent words, and runs of letters, that are looked at."""

FEWEST_TEXTS = 20
"""Fewer texts than this teach nothing."""

_STRENGTH = 30.0
"""Inverse strength of the logit's ridge; on short texts anything from 10 to 100 does about as well."""
_ENOUGH_FOR_PAIRS = 50
"""From so many texts on, what only one of them holds is left out."""
_TOLERANCE, _STEPS = 1e-3, 20


@dataclass(frozen=True, slots=True)
class _Model:
    """What one fold's texts are sorted by: how texts are cut, and a fitted logit, or the only topic there was."""

    kind: Kind
    logit: Any
    only: str

    def sorted_into(self, features: Any) -> Labels:
        if self.logit is None:
            return np.full(features.shape[0], self.only, dtype=object)
        return np.asarray(self.logit.predict(features), dtype=object)


@dataclass(frozen=True, slots=True)
class TextTopics:
    """A model for each fold. `out_of_fold`: the topic of each text it learned from, by the model that did not see it.

    `kinds`: what each fold's model cuts texts into, chosen by how well the other folds' texts were sorted.
    """

    topics: tuple[str, ...]
    kinds: tuple[Kind, ...]
    out_of_fold: Labels
    _models: tuple[_Model, ...]
    _cutters: tuple[tuple[Kind, Any], ...]

    def sort(self, texts: Sequence[str], folds: Folds) -> Labels:
        """The topic of each text; `folds`: the fold each belongs to, numbered from 0 as when learning."""
        if len(texts) != len(folds) or (len(folds) and not 0 <= int(min(folds)) <= int(max(folds)) < len(self._models)):
            raise DataError(f"Each text needs one fold from 0 to {len(self._models) - 1}.")
        found = np.empty(len(texts), dtype=object)
        if not len(texts):
            return found
        features = {kind: cutter.transform(texts) for kind, cutter in self._cutters}
        for fold, model in enumerate(self._models):
            here = np.flatnonzero(folds == fold)
            if len(here):
                found[here] = model.sorted_into(features[model.kind][here])
        return found


def learn_topics(texts: Sequence[str], weights: pd.DataFrame, folds: Folds) -> TextTopics:
    """Models of topics, cross-fitted.

    weights: one row per text in the same order, one column per topic, rows summing to 1 (several topics share a text).
    folds: the fold of each text, from 0; texts of one person belong in one fold. How texts are cut is chosen for each
    fold by the share of the other folds' texts that is sorted rightly, each by models that did not see it. Raises
    DataError for fewer than `FEWEST_TEXTS` texts, one topic, one fold, or texts without a word in common.
    """
    shares = weights.to_numpy(dtype=float)
    topics = tuple(str(name) for name in weights.columns)
    if not len(texts) == len(shares) == len(folds):
        raise DataError("Each text needs its topics and its fold.")
    if len(texts) < FEWEST_TEXTS or (shares.sum(axis=0) > 0).sum() < 2 or len(np.unique(folds)) < 2:
        raise DataError(
            f"Topics are learned from at least {FEWEST_TEXTS} texts in two folds, about at least two topics; there are "
            f"{len(texts)} texts in {len(np.unique(folds))} folds about {int((shares.sum(axis=0) > 0).sum())} topics."
        )
    cutters = {kind: _cutter(kind, len(texts)) for kind in KINDS}
    features = {kind: _features(cutter, texts) for kind, cutter in cutters.items()}
    fitted = {
        kind: tuple(_fit(kind, features[kind], shares, topics, folds != fold) for fold in range(int(folds.max()) + 1))
        for kind in KINDS
    }
    sorted_ = {kind: _out_of_fold(fitted[kind], features[kind], folds) for kind in KINDS}
    right = {kind: agreement_with(sorted_[kind], weights) for kind in KINDS}
    chosen = tuple(_best(right, folds != fold) for fold in range(len(fitted[KINDS[0]])))
    out_of_fold = np.empty(len(texts), dtype=object)
    for fold, kind in enumerate(chosen):
        out_of_fold[folds == fold] = sorted_[kind][folds == fold]
    models = tuple(fitted[kind][fold] for fold, kind in enumerate(chosen))
    return TextTopics(topics, chosen, out_of_fold, models, tuple((kind, cutters[kind]) for kind in sorted({*chosen})))


def agreement_with(given: Labels, weights: pd.DataFrame) -> Floats:
    """For each text the weight of the topic it was given among its own topics: 1 where it has no other."""
    places = pd.Index(weights.columns.astype(str)).get_indexer(pd.Index(given))
    shares = weights.to_numpy(dtype=float)
    return np.asarray(np.where(places >= 0, shares[np.arange(len(shares)), places], 0.0))


def _cutter(kind: Kind, texts: int) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    shared: dict[str, Any] = {"sublinear_tf": True, "max_features": MOST_FEATURES, "dtype": np.float32}
    shared["min_df"] = 2 if texts >= _ENOUGH_FOR_PAIRS else 1
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", **shared)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), **shared)
    if kind == "both":
        return FeatureUnion([("words", words), ("letters", letters)])
    return words if kind == "words" else letters


def _features(cutter: Any, texts: Sequence[str]) -> Any:
    try:
        return cutter.fit_transform(texts).tocsr()
    except ValueError:
        # scikit-learn's word for it names what it looked for in the texts.
        raise DataError("The texts have no words in common; nothing can be learned from them.") from None


def _fit(kind: Kind, features: Any, shares: Floats, topics: tuple[str, ...], learned: npt.NDArray[np.bool_]) -> _Model:
    """A model of the texts marked as `learned`; a text of several topics stands once for each, by weight."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    rows, columns = np.nonzero(shares * learned[:, None])
    present = np.unique(columns)
    if len(present) < 2:
        only = topics[int(present[0])] if len(present) else topics[int(shares.sum(axis=0).argmax())]
        return _Model(kind, None, only)
    logit = LogisticRegression(C=_STRENGTH, tol=_TOLERANCE, max_iter=_STEPS)
    import warnings

    with warnings.catch_warnings():
        # Stopped early it sorts as well; nobody reads its coefficients.
        warnings.simplefilter("ignore", ConvergenceWarning)
        logit.fit(features[rows], np.array(topics, dtype=object)[columns], sample_weight=shares[rows, columns])
    return _Model(kind, logit, "")


def _out_of_fold(models: Sequence[_Model], features: Any, folds: Folds) -> Labels:
    found = np.empty(len(folds), dtype=object)
    for fold, model in enumerate(models):
        here = np.flatnonzero(folds == fold)
        if len(here):
            found[here] = model.sorted_into(features[here])
    return found


def _best(right: dict[Kind, Floats], others: npt.NDArray[np.bool_]) -> Kind:
    return max(KINDS, key=lambda kind: float(right[kind][others].mean()))
