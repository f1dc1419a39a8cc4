"""What a day that struck everybody brought: daily counts against what weekday, holiday and season let expect.

Nobody is left to compare with on such a day, so the days themselves are compared: a Poisson regression of the other
days (its errors widened by their spread and by how alike neighbouring days are) expects what would have come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import ParameterError
from rootcause_lib.statistics.count_series import CountFit, fit_counts
from rootcause_lib.statistics.intervals import Floats, student_critical

Flags = npt.NDArray[np.bool_]

YEAR_DAYS = 365.25
FEWEST_PER_TERM = 4
"""Days outside all windows for each term of the regression, below which nothing is expected."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Contacts of a window, how many were expected, and the excess with limits; NaN where too few days are left."""

    contacts: float
    expected: float
    excess: float
    low: float
    high: float


def excess_of_windows(
    counts: Floats, kind_of_day: npt.NDArray[np.int64], windows: Sequence[Flags], *, level: float = 0.95
) -> tuple[Excess, ...]:
    """The excess in each window of days.

    counts: contacts of consecutive days. kind_of_day: weekday 0-6, another number for holidays, one per day. windows:
    one flag per day each; days in none of them are what is expected from. Season: a straight line and, from half a year
    on, two waves a year. Quasi-Poisson dispersion (at least 1) times (1 + r) / (1 - r) for lag-one correlation r of
    neighbouring days, on all variances.
    """
    if len(counts) != len(kind_of_day) or any(len(window) != len(counts) for window in windows):
        raise ParameterError("Counts, kinds of day and windows need one entry per day each.")
    struck = np.logical_or.reduce(windows) if windows else np.zeros(len(counts), dtype=bool)
    calm = ~struck
    design = _design(kind_of_day, calm)
    if calm.sum() < FEWEST_PER_TERM * design.shape[1] or counts[calm].sum() <= 0:
        return tuple(Excess(float(counts[window].sum()), *(np.nan,) * 4) for window in windows)
    fit = fit_counts(counts[calm].astype(float), design[calm], np.flatnonzero(calm))
    degrees = float(calm.sum() - design.shape[1])
    return tuple(
        _excess(counts, design, fit, window, float(student_critical(level, degrees=degrees))) for window in windows
    )


def _design(kind_of_day: npt.NDArray[np.int64], calm: Flags) -> Floats:
    """One column per kind of day that occurs on calm days, a line and waves; an unseen kind counts as the rarest."""
    day = np.arange(len(kind_of_day), dtype=float)
    kinds, number = np.unique(kind_of_day[calm], return_counts=True)
    rarest = kinds[np.argmin(number)] if len(kinds) else 0
    own = np.where(np.isin(kind_of_day, kinds), kind_of_day, rarest)
    columns = [(own == kind) * 1.0 for kind in kinds]
    if len(day) >= 60:
        columns.append((day - day.mean()) / len(day))
    if len(day) >= YEAR_DAYS / 2:
        for wave in (1, 2):
            angle = 2 * np.pi * wave * day / YEAR_DAYS
            columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns) if columns else np.ones((len(day), 1))


def _excess(counts: Floats, design: Floats, fit: CountFit, window: Flags, critical: float) -> Excess:
    x = design[window]
    mean = np.exp(np.clip(x @ fit.coefficients, -30, 30))
    slope = mean @ x
    seen, expected = float(counts[window].sum()), float(mean.sum())
    reach = critical * float(np.sqrt(fit.spread * expected + slope @ fit.covariance @ slope))
    return Excess(seen, expected, seen - expected, seen - expected - reach, seen - expected + reach)
