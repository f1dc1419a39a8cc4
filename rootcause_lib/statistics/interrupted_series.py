"""Did the fix work? A series of counts before and after it: an interrupted time series.

Bernal, Cummins and Gasparrini 2017, International Journal of Epidemiology 46: 348. Log-linear in time, with waves of
the season, a step where the fix was made and, if asked for, a change of slope after it. Where untouched matters are
given as a control, what moved them is taken away first: the series is held against the control's counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.count_series import CountFit, fit_counts
from rootcause_lib.statistics.intervals import Floats, floats, normal_critical, student_critical

FEWEST_EACH_SIDE = 8
"""Periods before and after a fix, below which nothing is told."""

TERMS = ("step", "step_and_slope")
"""What may change with a fix: the level at once, or the level and what it does from then on."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The ratio of counts just after a fix to what they would have been, with its interval.

    `slope_ratio` is by what each further period multiplies that ratio (1 where no slope was asked for). `expected` are
    the counts of each period without the fix, `avoided` their sum after it less what came, with limits.
    `detectable` is the ratio nearest 1 that would be found in four of five such series. `alike` and `dispersion` as in
    CountFit.
    """

    ratio: float
    low: float
    high: float
    slope_ratio: float
    slope_low: float
    slope_high: float
    expected: Floats
    avoided: float
    avoided_low: float
    avoided_high: float
    detectable: float
    dispersion: float
    alike: float
    periods_before: int
    periods_after: int


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of consecutive periods with what they are counts of: `exposure` (customers, orders; 1 for plain counts)
    and the control's counts, if any. A period without data is NaN in `counts`."""

    counts: Floats
    exposure: Floats
    control: Floats | None = None

    @classmethod
    def of(
        cls, counts: npt.ArrayLike, *, exposure: npt.ArrayLike = 1.0, control: npt.ArrayLike | None = None
    ) -> Series:
        values = floats(counts)
        return cls(
            values,
            np.broadcast_to(floats(exposure), values.shape).astype(float),
            None if control is None else floats(control),
        )


def interrupted(
    series: Series, at: int, *, season: float, waves: int = 2, terms: str = "step", level: float = 0.95
) -> Interrupted:
    """What changed at period number `at` (0 is the first): `season` is the periods in a year, `waves` how many waves of
    it (0 for none).

    Raises DataError for fewer than eight periods on either side, a control of another length, or no events at all.
    """
    _check(series, at, terms)
    seen = np.flatnonzero(~np.isnan(series.counts) & (series.exposure > 0))
    before, after = int((seen < at).sum()), int((seen >= at).sum())
    if min(before, after) < FEWEST_EACH_SIDE or series.counts[seen].sum() <= 0:
        raise DataError(f"A fix needs {FEWEST_EACH_SIDE} periods before and after it: here {before} and {after}.")
    effect = _effect(len(series.counts), at, terms)
    shared = _shared(len(series.counts), season, waves)
    fit = _fitted(series, shared, effect, seen)
    degrees = float(len(seen) - len(fit.coefficients))
    return _told(series, fit, effect, at, seen, float(student_critical(level, degrees=degrees)))


def placebo_ratios(
    series: Series, at: int, *, season: float, waves: int = 2, level: float = 0.95
) -> tuple[tuple[int, Interrupted], ...]:
    """The same asked of dates at which nothing was done: every fourth period before the fix that leaves enough on both
    sides. A step there says that the season or the trend is not told well enough."""
    own = Series(series.counts[:at], series.exposure[:at], None if series.control is None else series.control[:at])
    dates = range(FEWEST_EACH_SIDE, at - FEWEST_EACH_SIDE + 1, 4)
    return tuple((date, interrupted(own, date, season=season, waves=waves, level=level)) for date in dates)


def _check(series: Series, at: int, terms: str) -> None:
    if terms not in TERMS:
        raise DataError(f"An interrupted series has {' or '.join(TERMS)}, not '{terms}'.")
    if series.control is not None and series.control.shape != series.counts.shape:
        raise DataError("The control needs a count for every period of the series.")
    if not 0 < at < len(series.counts):
        raise DataError(f"The fix lies in period {at}, outside the {len(series.counts)} periods of the series.")


def _effect(periods: int, at: int, terms: str) -> Floats:
    time = np.arange(periods)
    columns = [(time >= at) * 1.0]
    if terms == "step_and_slope":
        columns.append(np.maximum(time - at, 0) * 1.0)
    return np.column_stack(columns)


def _shared(periods: int, season: float, waves: int) -> Floats:
    """A level, a line and waves."""
    time = np.arange(periods, dtype=float)
    columns = [np.ones(periods), (time - time.mean()) / periods]
    for wave in range(1, waves + 1):
        angle = 2 * np.pi * wave * time / season
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def _fitted(series: Series, shared: Floats, effect: Floats, seen: npt.NDArray[np.intp]) -> CountFit:
    """The fit with the effect's columns last. A control's counts are what the series is held against; the chance in
    them shows in the residuals, and so in the dispersion."""
    design = np.column_stack([shared, effect])[seen]
    counts, exposure = series.counts[seen], series.exposure[seen]
    if series.control is not None:
        other = series.control[seen]
        # Half an event keeps a period without any in the control from being infinitely rare.
        exposure = exposure * np.maximum(other, 0.5)
    return fit_counts(counts, design, seen, exposure=exposure, lost=float(design.shape[1]))


def _told(
    series: Series, fit: CountFit, effect: Floats, at: int, seen: npt.NDArray[np.intp], critical: float
) -> Interrupted:
    terms = effect.shape[1]
    beta, covariance = fit.coefficients[-terms:], fit.covariance[-terms:, -terms:]
    error = np.sqrt(np.diag(covariance))
    low, high = np.exp(beta - critical * error), np.exp(beta + critical * error)
    change = np.exp(effect[seen] @ beta)
    expected = np.full(len(series.counts), np.nan)
    expected[seen] = fit.mean / change
    late = seen >= at
    # Of what was avoided only the effect's uncertainty counts: what came is known.
    slope = fit.mean[late] / change[late] @ effect[seen][late]
    reach = critical * float(np.sqrt(slope @ covariance @ slope))
    avoided = float((expected[seen] - fit.mean)[late].sum())
    power = float(normal_critical(0.95)) + float(normal_critical(0.60))
    return Interrupted(
        ratio=float(np.exp(beta[0])), low=float(low[0]), high=float(high[0]),
        slope_ratio=float(np.exp(beta[1])) if terms > 1 else 1.0,
        slope_low=float(low[1]) if terms > 1 else 1.0, slope_high=float(high[1]) if terms > 1 else 1.0,
        expected=expected, avoided=avoided, avoided_low=avoided - reach, avoided_high=avoided + reach,
        detectable=float(np.exp(-power * error[0])), dispersion=fit.dispersion, alike=fit.alike,
        periods_before=int((seen < at).sum()), periods_after=int(late.sum()),
    )  # fmt: skip
