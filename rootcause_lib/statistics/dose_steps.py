"""Whether each further dose goes with more, only the first one does, or nothing below a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, floats, normal_critical

Shape = Literal["each", "first", "threshold", "undecided", "not_shown"]
SHAPES: tuple[Shape, ...] = ("each", "first", "threshold", "undecided", "not_shown")


@dataclass(frozen=True, slots=True)
class Rise:
    """By how much a ratio is multiplied by each further dose, as if every one did the same, with its limits."""

    ratio: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the limits lie above 1."""
        return self.low > 1


@dataclass(frozen=True, slots=True)
class DoseSteps:
    """What each dose adds to the one below it, and what they make together.

    steps: dose 1 against 0, 2 against 1, and so on. steady: one rise through all doses; further: one through all but
    dose 0; below: one through the doses under the threshold. departure_p_value: of the doses lying on one rise; small
    says that they do not. NaN where nothing is left to tell.
    shape: each (further doses surely add), first (the first surely does, that further ones add is not shown), threshold
    (the first sure step is a later one and nothing rises surely below it), undecided (together they rise, which of them
    can't be told), not_shown. threshold: the dose of the first sure step; None where no step is sure.
    """

    steps: tuple[Rise, ...]
    steady: Rise
    further: Rise
    below: Rise
    departure_p_value: float
    shape: Shape
    threshold: int | None


def dose_steps(log_ratio: npt.ArrayLike, covariance: npt.ArrayLike, *, level: float = 0.95) -> DoseSteps:
    """The steps between doses 0, 1, 2 ... from the logarithms of their ratios (or risks) and these' covariance.

    Where all are against dose 0, its own logarithm is 0 with no variance. One rise through several doses is fitted by
    generalised least squares (Greenland and Longnecker 1992, Am. J. Epidemiol. 135: 1301). Raises DataError for fewer
    than two doses; a dose that is not known (NaN) leaves what rests on it NaN.
    """
    log, spread = floats(log_ratio), floats(np.asarray(covariance))
    doses = len(log)
    if doses < 2 or spread.shape != (doses, doses):
        raise DataError("Steps need at least two doses and a covariance of them.")
    contrast = np.diff(np.eye(doses), axis=0)
    step, own = contrast @ np.nan_to_num(log), contrast @ np.nan_to_num(spread) @ contrast.T
    unknown = np.isnan(log)
    step[unknown[1:] | unknown[:-1]] = np.nan
    rises = tuple(_rise(step[[n]], own[np.ix_([n], [n])], level) for n in range(doses - 1))
    steady, further = _rise(step, own, level), _rise(step[1:], own[1:, 1:], level)
    first = next((n for n, rise in enumerate(rises) if rise.is_sure), None)
    below = _rise(step[:first], own[:first, :first], level) if first else _UNTOLD
    shape = _shape(first, steady=steady, further=further, below=below)
    return DoseSteps(rises, steady, further, below, _departure(step, own), shape, None if first is None else first + 1)


def log_risks(events: npt.ArrayLike, people: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Logarithms of the shares of people with an event by dose, and their covariance (by the delta method)."""
    hit, asked = floats(events), floats(people)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(hit > 0, np.log(hit / asked), np.nan), np.diag(1 / hit - 1 / asked)


_UNTOLD = Rise(np.nan, np.nan, np.nan)


def _shape(first: int | None, *, steady: Rise, further: Rise, below: Rise) -> Shape:
    if first is None:
        return "not_shown" if not steady.is_sure else "each" if further.is_sure else "undecided"
    if first == 0:
        return "each" if further.is_sure else "first"
    return "each" if below.is_sure else "threshold"


def _rise(step: Floats, covariance: Floats, level: float) -> Rise:
    if not len(step) or np.isnan(step).any():
        return _UNTOLD
    weight = np.linalg.pinv(covariance, hermitian=True).sum(axis=0)
    value, half = weight @ step / weight.sum(), normal_critical(level) / np.sqrt(weight.sum())
    return Rise(float(np.exp(value)), float(np.exp(value - half)), float(np.exp(value + half)))


def _departure(step: Floats, covariance: Floats) -> float:
    from scipy.stats import chi2

    if len(step) < 2 or np.isnan(step).any():
        return float("nan")
    weight = np.linalg.pinv(covariance, hermitian=True)
    gap = step - weight.sum(axis=0) @ step / weight.sum()
    return float(chi2.sf(gap @ weight @ gap, len(step) - 1))
