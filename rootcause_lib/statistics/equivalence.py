"""Are two things as good as the same? Two one-sided tests against a margin that was agreed beforehand.

That a difference is not significant says nothing of sameness: with few answers nothing ever is. Only an interval that
lies wholly within the margin shows that the difference is too small to matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rootcause_lib.statistics.intervals import Floats, Numbers, floats, student_critical

SIDE = 0.05
"""Risk of each of the two tests: together they are an interval of 1 - 2 x SIDE."""

VERDICTS = ("consistent", "not_consistent", "undecided", "no_margin")


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Verdicts and the limits they rest on, one entry per difference.

    low, high: of the interval that holds 1 - 2 x SIDE (90 %). p_value: the larger of the two one-sided tests that the
    difference reaches the margin. verdict: one of `VERDICTS`.
    """

    low: Floats
    high: Floats
    p_value: Floats
    verdict: npt.NDArray[Any]


def equivalence(difference: Numbers, error: Numbers, *, degrees: Numbers, margin: Numbers) -> Equivalence:
    """Two one-sided t tests (Schuirmann 1987, J. Pharmacokinet. Biopharm. 15: 657) of a difference against a margin.

    consistent: the interval lies wholly between -margin and margin. not_consistent: it lies wholly beyond one of
    them, so the difference is larger than what was agreed to matter. undecided: neither, also where the difference or
    its error is not known. no_margin: nothing was agreed (margin NaN), so there is no verdict to give.
    """
    gap, spread, freedom, allowed = np.broadcast_arrays(*map(floats, (difference, error, degrees, margin)))
    known = ~np.isnan(gap) & (spread >= 0) & (freedom >= 1)
    reach = np.where(known, student_critical(1 - 2 * SIDE, degrees=np.where(known, freedom, 1.0)) * spread, np.nan)
    low, high = gap - reach, gap + reach
    within, beyond = (low > -allowed) & (high < allowed), (low > allowed) | (high < -allowed)
    verdict = np.select([np.isnan(allowed), within, beyond], ["no_margin", *VERDICTS[:2]], "undecided").astype(object)
    return Equivalence(low, high, _p_value(gap, spread, freedom, allowed, known=known), verdict)


def _p_value(gap: Floats, spread: Floats, freedom: Floats, allowed: Floats, *, known: npt.NDArray[np.bool_]) -> Floats:
    from scipy.special import stdtr

    room = allowed - np.abs(gap)
    told = known & (spread > 0) & ~np.isnan(allowed)
    steps = np.divide(room, spread, out=np.zeros(room.shape), where=told)
    return np.asarray(np.where(told, stdtr(np.where(told, freedom, 1.0), -steps), np.nan))
