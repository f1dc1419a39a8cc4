"""What groups would reach if each had the same mix of matters: marginal standardisation by a model on grouped cells.

A model of main effects is fitted on cells (a group, a matter, a segment ...), and its predictions for one group are
averaged over one mix. Fits on cells equal fits on rows. Where groups may differ more in one matter than in another,
group and matter together are one factor. The variance comes from influences: how much one contact moves a figure. They
are few numbers per cell; an engine adds them up by customer, so that who comes more than once counts as one. Lane and
Nelder 1982, Biometrics 38: 613; Zeger and Liang 1986, Biometrika 73: 13.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.clustering import degrees_of_freedom, small_sample_factor
from rootcause_lib.statistics.intervals import Floats, Interval, Numbers, floats, student_critical, wilson_of_share

Link = Literal["logit", "identity"]
"""logit: shares of yes and no; identity: means of anything, such as scores."""

STEPS = 60
"""Newton's steps at most; cells without a yes or a no take the most."""

FURTHEST = 15.0
"""Log odds beyond which a cell counts as wholly yes or no: one in three million."""

_ESTIMABLE = 1e-6
_HELD = 1e-11


@dataclass(frozen=True, slots=True)
class Mix:
    """What a mean is taken over: `rows` with a value of every factor, `weights` (any scale), one entry per row."""

    rows: pd.DataFrame
    weights: Floats

    def of(self, factor: str, value: str) -> Mix:
        """The same mix were a factor to hold one value throughout."""
        return Mix(self.rows.assign(**{factor: value}), self.weights)


@dataclass(frozen=True, slots=True)
class Target:
    """A figure asked for: the mean over a mix, or (with `less`) that mean less the mean over another mix."""

    over: Mix
    less: Mix | None = None


@dataclass(frozen=True, slots=True)
class Marginal:
    """Figures, one entry per target, and how each contact moves them.

    `slopes` (targets by cells): a contact of the cell with the value y moves the target by slope x (y - mean), `means`
    (by cell) being what the model expects there. A target that the cells cannot tell is NaN, its slopes 0.
    """

    value: Floats
    slopes: Floats
    means: Floats

    def naive_variance(self, n: Numbers, total: Numbers, squares: Numbers) -> Floats:
        """Variance were every contact another customer's; sums over the cells' contacts of 1, y and y squared."""
        return self.slopes**2 @ residual_squares(self.means, n, total, squares)


@dataclass(frozen=True, slots=True)
class CellFit:
    """A fitted model: main effects of `factors`, each with `levels` (the first is the reference)."""

    link: Link
    factors: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    coefficients: Floats
    bread: Floats
    """Inverse information; pseudo-inverse where factors go together."""
    design: Floats
    informed: npt.NDArray[np.bool_]
    """Cells that have contacts."""
    means: Floats

    def marginal(self, targets: Sequence[Target]) -> Marginal:
        """The figures asked for."""
        value, gradients = np.zeros(len(targets)), np.zeros((len(targets), len(self.coefficients)))
        seen: dict[int, tuple[Floats, Floats]] = {}
        for place, target in enumerate(targets):
            value[place], gradients[place] = self._mean(target.over, seen)
            if target.less is not None:
                other, gradient = self._mean(target.less, seen)
                value[place] -= other
                gradients[place] -= gradient
        # What no cell informs lies outside of what the cells span.
        told = self.design[self.informed]
        size, direction = np.linalg.eigh(told.T @ told)
        span = direction[:, size > 1e-9 * max(float(size.max(initial=0.0)), 1.0)]
        lost = np.abs(gradients - gradients @ span @ span.T).max(axis=1, initial=0.0)
        known = ~np.isnan(value) & (lost <= _ESTIMABLE)
        slopes = np.where(known[:, None], gradients @ self.bread @ self.design.T, 0.0)
        return Marginal(np.where(known, value, np.nan), slopes, self.means)

    def expected(self, rows: pd.DataFrame) -> Floats:
        """What the model expects for rows with a value of every factor."""
        return _mean_of(self._design(rows) @ self.coefficients, self.link)

    def _design(self, rows: pd.DataFrame) -> Floats:
        return _design(rows, self.factors, self.levels)

    def _mean(self, mix: Mix, seen: dict[int, tuple[Floats, Floats]]) -> tuple[float, Floats]:
        """Mean over a mix and how it moves with the coefficients; rows that were `seen` are not worked out again."""
        whole = mix.weights.sum()
        if not whole > 0:
            return np.nan, np.zeros(len(self.coefficients))
        if id(mix.rows) not in seen:
            made = self._design(mix.rows)
            seen[id(mix.rows)] = (made, _mean_of(made @ self.coefficients, self.link))
        design, expected = seen[id(mix.rows)]
        steep = expected * (1 - expected) if self.link == "logit" else np.ones(len(expected))
        share = mix.weights / whole
        return float(share @ expected), np.asarray((share * steep) @ design)


def fit_cells(cells: pd.DataFrame, *, factors: Sequence[str], link: Link) -> CellFit:
    """Fit main effects of `factors` (columns of text) on cells with `n` contacts and the `total` of their values.

    With `logit` the total counts the contacts that are a yes. Cells without contacts inform nothing but may be asked
    about. A level without a single yes (or no) has no finite effect: its share is then 0 (or 1) as far as matters.
    Raises DataError for counts that cannot be.
    """
    n, total = floats(cells["n"]), floats(cells["total"])
    if not (np.isfinite(n) & np.isfinite(total) & (n >= 0)).all():
        raise DataError("Each cell needs a number of contacts, and the sum of their values.")
    if link == "logit" and not ((total >= 0) & (total <= n)).all():
        raise DataError("Shares need cells in which no more contacts are a yes than there are.")
    levels = tuple(tuple(sorted(cells[name].astype(str).unique())) for name in factors)
    design = _design(cells, tuple(factors), levels)
    if link == "identity":
        bread = _inverse((design * n[:, None]).T @ design)
        coefficients = bread @ (design.T @ total)
    else:
        coefficients, bread = _logit(design, n, total)
    means = _mean_of(design @ coefficients, link)
    return CellFit(link, tuple(factors), levels, coefficients, bread, design, n > 0, means)


def residual_squares(means: Floats, n: Numbers, total: Numbers, squares: Numbers) -> Floats:
    """Sum over each cell's contacts of (y - mean)^2, from their number, sum and sum of squares."""
    count, values = floats(n), floats(total)
    return np.asarray(np.maximum(floats(squares) - 2 * means * values + means**2 * count, 0.0))


def share_limits(value: Numbers, variance: Numbers, *, customers: Numbers, level: float) -> Interval:
    """Limits of standardised shares: Wilson's on the effective number of contacts, which is at most the customers.

    Where all are alike there is no variance to learn from; customers then count as what they are.
    """
    share, spread, people = np.broadcast_arrays(floats(value), floats(variance), floats(customers))
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(spread > 0, share * (1 - share) / spread, np.inf)
    effective = np.where(np.isnan(share) | (people < 1), np.nan, np.minimum(effective, people))
    critical = student_critical(level, degrees=degrees_of_freedom(people, people))
    return wilson_of_share(share, effective, critical=critical)


def mean_limits(value: Numbers, variance: Numbers, *, customers: Numbers, level: float) -> Interval:
    """Limits of standardised means and of differences: Student's t with one customer less than there are."""
    mean, spread, people = np.broadcast_arrays(floats(value), floats(variance), floats(customers))
    critical = student_critical(level, degrees=degrees_of_freedom(people, people))
    with np.errstate(invalid="ignore"):
        reach = np.where(people > 1, critical * np.sqrt(spread), np.nan)
    return Interval((mean - reach)[()], (mean + reach)[()])


def clustered(sums_of_squares: Numbers, clusters: Numbers) -> Floats:
    """Variance from the sum over customers of their squared influences, G/(G-1) for few of them."""
    return np.asarray(small_sample_factor(clusters) * floats(sums_of_squares))


def _design(rows: pd.DataFrame, factors: tuple[str, ...], levels: tuple[tuple[str, ...], ...]) -> Floats:
    """Intercept, and one column for every level but the first of each factor; a level never seen is an error."""
    columns = [np.ones((len(rows), 1))]
    for name, known in zip(factors, levels, strict=True):
        # A few words looked up once, whatever the number of rows.
        words = rows[name].astype("category").cat
        place = pd.Index(known).get_indexer(words.categories.astype(str))[words.codes.to_numpy()]
        if (place < 0).any():
            raise DataError(f"'{name}' has values that the cells do not have.")
        columns.append(np.eye(len(known))[place][:, 1:])
    return np.concatenate(columns, axis=1)


def _mean_of(linear: Floats, link: Link) -> Floats:
    if link == "identity":
        return linear
    return np.asarray(1 / (1 + np.exp(-np.clip(linear, -FURTHEST, FURTHEST))))


def _logit(design: Floats, n: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Maximum likelihood by Newton's method, halving steps that go too far."""
    coefficients = np.zeros(design.shape[1])
    best = _likelihood(design @ coefficients, n, total)
    for _step in range(STEPS):
        expected = _mean_of(design @ coefficients, "logit")
        information = (design * (n * expected * (1 - expected))[:, None]).T @ design
        # What goes together has no one step: the ridge picks the shortest, and moves no other by anything.
        held = 1e-10 * max(float(np.diag(information).max(initial=0.0)), 1e-10) * np.eye(len(information))
        step = np.linalg.solve(information + held, design.T @ (total - n * expected))
        size = 1.0
        while size > 1e-4 and _likelihood(design @ (coefficients + size * step), n, total) < best:
            size /= 2
        coefficients = coefficients + size * step
        reached = _likelihood(design @ coefficients, n, total)
        if reached - best <= _HELD * (abs(best) + 1):
            break
        best = reached
    expected = _mean_of(design @ coefficients, "logit")
    return coefficients, _inverse((design * (n * expected * (1 - expected))[:, None]).T @ design)


def _likelihood(linear: Floats, n: Floats, total: Floats) -> float:
    return float(total @ linear - n @ np.logaddexp(0.0, linear))


def _inverse(information: Floats) -> Floats:
    return np.asarray(np.linalg.pinv(information, rcond=1e-12, hermitian=True))
