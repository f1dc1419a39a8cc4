"""The chance that a customer leaves within some weeks, from what was known before: a penalised logit, or boosted trees.

Features are words (a segment, `3+` contacts). The logit gives every level its own coefficient against the feature's
commonest one, drawn towards 0 by a ridge penalty that is chosen where it predicts other customers best (le Cessie and
van Houwelingen 1992, Appl. Stat. 41: 191). Snapshots alike in everything are one row with counts; the fit equals that
on single snapshots. Its covariance is the sandwich of the penalised fit, clustered by customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, Numbers, floats

PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""How far coefficients may go: scikit-learn's C, the inverse of the penalty."""
FOLDS = 5
FEWEST_OF_A_LEVEL = 20
"""Customers a level needs to have a coefficient of its own; the rarer ones count as the commonest."""

_STEPS = 500
_TREES, _LEAVES, _PACE, _SMALLEST_LEAF = 120, 8, 0.06, 40


@dataclass(frozen=True, slots=True)
class Design:
    """Which level of which feature has a column of its own; every other level counts as the reference."""

    reference: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, features: pd.DataFrame, customers: Numbers, *, fewest: int = FEWEST_OF_A_LEVEL) -> Design:
        """The levels that enough customers have; a feature with one such level tells nobody apart and has none."""
        reference, columns = [], []
        for name in map(str, features.columns):
            counts = pd.Series(np.asarray(customers)).groupby(features[name].to_numpy()).nunique()
            common = str(counts.sort_index(kind="stable").idxmax())
            kept = [str(level) for level in sorted(counts.index[counts >= fewest]) if str(level) != common]
            if kept:
                reference.append((name, common))
                columns += [(name, level) for level in kept]
        return cls(tuple(reference), tuple(columns))

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.reference)

    def coded(self, features: pd.DataFrame) -> Floats:
        """Rows x columns of 0 and 1."""
        made = np.zeros((len(features), len(self.columns)))
        for place, (name, level) in enumerate(self.columns):
            made[:, place] = (features[name] == level).to_numpy()
        return made


class RiskModel(Protocol):
    """What gives chances to rows of features."""

    @property
    def name(self) -> str: ...

    def predict(self, features: pd.DataFrame) -> Floats: ...


@dataclass(frozen=True, slots=True)
class PenalisedLogit:
    """Log-odds: an intercept and a coefficient per column of the design; `covariance` of both, intercept first."""

    design: Design
    intercept: float
    coefficients: Floats
    covariance: Floats
    penalty: float
    name: str = "logit"

    def log_odds(self, features: pd.DataFrame) -> Floats:
        return np.asarray(self.intercept + self.design.coded(features) @ self.coefficients)

    def predict(self, features: pd.DataFrame) -> Floats:
        """Chances, 0 to 1."""
        return np.asarray(1 / (1 + np.exp(-self.log_odds(features))))

    def pushes(self, features: pd.DataFrame, *, mean: Floats) -> Floats:
        """What each feature adds to the log-odds of a row beyond the average customer's: rows x `design.features`.

        mean: the share of customers in each column of the design.
        """
        parts = (self.design.coded(features) - mean) * self.coefficients
        own = np.array([[name == feature for feature in self.design.features] for name, _ in self.design.columns])
        return np.asarray(parts @ own.astype(float)) if own.size else np.zeros((len(features), 0))


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Boosted trees of scikit-learn on the same levels."""

    design: Design
    trees: object
    name: str = "boosting"

    def predict(self, features: pd.DataFrame) -> Floats:
        """Chances, 0 to 1."""
        return np.asarray(self.trees.predict_proba(self.design.coded(features))[:, 1])  # type: ignore[attr-defined]


def fit_logit(features: pd.DataFrame, left: Numbers, customers: Numbers, *, seed: int = 1) -> PenalisedLogit:
    """The penalised logit of who left; `customers` tells whose snapshot a row is. DataError where all or none left."""
    happened = _told(left)
    design = Design.of(features, customers)
    made = design.coded(features)
    fold = _folds(customers, seed=seed)
    penalty = _best_penalty(made, happened, fold) if design.columns else PENALTIES[-1]
    intercept, coefficients = _fitted(*_cells(made, happened), penalty)
    covariance = _sandwich(made, happened, customers, intercept, coefficients, penalty)
    return PenalisedLogit(design, intercept, coefficients, covariance, penalty)


def fit_boosting(features: pd.DataFrame, left: Numbers, customers: Numbers, *, seed: int = 1) -> BoostedTrees:
    """Boosted trees of who left, of few and shallow trees: snapshots are many, leavers are few."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    happened = _told(left)
    design = Design.of(features, customers)
    trees = HistGradientBoostingClassifier(
        max_iter=_TREES, max_leaf_nodes=_LEAVES, learning_rate=_PACE, min_samples_leaf=_SMALLEST_LEAF,
        l2_regularization=1.0, early_stopping=False, random_state=seed,
    )  # fmt: skip
    made = design.coded(features) if design.columns else np.zeros((len(features), 1))
    return BoostedTrees(design, trees.fit(made, happened))


def _told(left: Numbers) -> Floats:
    happened = floats(left)
    if not 0 < happened.sum() < len(happened):
        raise DataError("Nobody left, or everybody did: there is nothing to tell customers apart by.")
    return happened


def _folds(customers: Numbers, *, seed: int) -> npt.NDArray[np.int64]:
    """Every customer's fold: all snapshots of one are held out together."""
    _, codes = np.unique(np.asarray(customers), return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(codes.max() + 1) % FOLDS
    return np.asarray(drawn[codes], dtype=np.int64)


def _cells(made: Floats, left: Floats, *, among: npt.NDArray[np.bool_] | None = None) -> tuple[Floats, Floats, Floats]:
    """Distinct rows, how many snapshots are alike in each, and how many of them left."""
    rows, happened = (made, left) if among is None else (made[among], left[among])
    packed = np.packbits(rows.astype(bool), axis=1)
    key = packed.view(np.dtype((np.void, packed.shape[1]))).ravel() if packed.shape[1] else np.zeros(len(rows))
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    count = np.bincount(which).astype(float)
    return rows[first], count, np.bincount(which, weights=happened).astype(float)


def _fitted(rows: Floats, count: Floats, left: Floats, penalty: float) -> tuple[float, Floats]:
    from sklearn.linear_model import LogisticRegression

    if not rows.shape[1]:
        share = left.sum() / count.sum()
        return float(np.log(share / (1 - share))), np.zeros(0)
    model = LogisticRegression(C=penalty, max_iter=_STEPS, tol=1e-8, solver="newton-cholesky")
    weight = np.concatenate([left, count - left])
    outcome = np.repeat([1, 0], len(rows))
    kept = weight > 0
    model.fit(np.concatenate([rows, rows])[kept], outcome[kept], sample_weight=weight[kept])
    return float(model.intercept_[0]), np.asarray(model.coef_[0], dtype=float)


def _best_penalty(made: Floats, left: Floats, fold: npt.NDArray[np.int64]) -> float:
    """The penalty with the highest likelihood on customers that were held out."""
    scores = np.zeros(len(PENALTIES))
    for number in range(FOLDS):
        inside, outside = fold != number, fold == number
        if not 0 < left[inside].sum() < inside.sum() or not outside.any():
            continue
        cells = _cells(made, left, among=inside)
        for place, penalty in enumerate(PENALTIES):
            intercept, coefficients = _fitted(*cells, penalty)
            odds = intercept + made[outside] @ coefficients
            scores[place] += (left[outside] * odds - np.logaddexp(0, odds)).sum()
    return PENALTIES[int(scores.argmax())]


def _sandwich(
    made: Floats, left: Floats, customers: Numbers, intercept: float, coefficients: Floats, penalty: float
) -> Floats:
    chance = 1 / (1 + np.exp(-(intercept + made @ coefficients)))
    full = np.column_stack([np.ones(len(made)), made])
    bread = (full * (chance * (1 - chance))[:, None]).T @ full
    bread[np.diag_indices(len(bread))] += np.append(0.0, np.full(made.shape[1], 1 / penalty))
    order = np.argsort(np.asarray(customers), kind="stable")
    first = np.flatnonzero(
        np.append(True, np.diff(np.unique(np.asarray(customers)[order], return_inverse=True)[1]) > 0)
    )
    scores = np.add.reduceat((full * (left - chance)[:, None])[order], first, axis=0)
    inside = np.linalg.pinv(bread)
    return np.asarray(inside @ (scores.T @ scores) @ inside)


@dataclass(frozen=True, slots=True)
class Driver:
    """A level's odds of leaving against its feature's reference, as the penalised logit has them."""

    feature: str
    value: str
    reference: str
    log_odds: float
    error: float


def drivers(model: PenalisedLogit) -> Sequence[Driver]:
    """Every coefficient, in the design's order."""
    against = dict(model.design.reference)
    errors = np.sqrt(np.maximum(np.diag(model.covariance)[1:], 0.0))
    return [
        Driver(name, value, against[name], float(coefficient), float(error))
        for (name, value), coefficient, error in zip(model.design.columns, model.coefficients, errors, strict=True)
    ]
