"""Whether a series has changed: control charts for shares, rates and means, and how often they alarm without a change.

A p-chart takes chance within a week for all there is, so it alarms nearly every other week where weeks differ anyway.
Laney's charts (2002, Quality Engineering 14: 531) widen the limits by what neighbouring weeks differ by beyond chance.
Small lasting changes are found by sums over weeks: the exponentially weighted moving average (Roberts 1959,
Technometrics 1: 239) and cumulative sums (Page 1954, Biometrika 41: 100).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, floats

SMOOTHING, LIMIT = 0.2, 2.962
"""Weight of the newest week, and limits in standard errors: one false alarm in 500 weeks of a steady series."""

REFERENCE, DECISION = 0.5, 5.0
"""Of cumulative sums: half the change to be found, and the sum that alarms; one false alarm in 465 weeks."""

_EXPECTED_RANGE = 1.128379
"""Mean distance of two independent normal values of variance 1: 2 / sqrt(pi)."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Chart:
    """One series on its chart, one entry per week: `value` within `low` and `high` about `centre` is no signal.

    `standardised` is the distance from the centre in standard errors, those of Laney's charts with the spread between
    weeks in them; NaN where a week has no denominator. `spread` is what neighbouring weeks differ by over chance alone.
    """

    value: Floats
    centre: float
    low: Floats
    high: Floats
    standardised: Floats
    signal: Flags
    spread: float


def share_chart(events: npt.ArrayLike, trials: npt.ArrayLike, *, baseline: npt.ArrayLike) -> Chart:
    """Shewhart's p-chart: limits of three standard errors by chance within a week; `baseline` marks the weeks that set
    the centre."""
    return _chart(floats(events), floats(trials), _flags(baseline), share=True, between=False)


def laney_share_chart(events: npt.ArrayLike, trials: npt.ArrayLike, *, baseline: npt.ArrayLike) -> Chart:
    """Laney's p'-chart of `events` among `trials`: at least the limits of the p-chart."""
    return _chart(floats(events), floats(trials), _flags(baseline), share=True, between=True)


def laney_rate_chart(events: npt.ArrayLike, exposure: npt.ArrayLike, *, baseline: npt.ArrayLike) -> Chart:
    """Laney's u'-chart of `events` per unit of `exposure`."""
    return _chart(floats(events), floats(exposure), _flags(baseline), share=False, between=True)


def mean_chart(means: npt.ArrayLike, errors: npt.ArrayLike, *, baseline: npt.ArrayLike) -> Chart:
    """The same for weekly means with their standard errors: the centre weighs weeks by their precision."""
    value, error, steady = floats(means), floats(errors), _flags(baseline)
    known = steady & ~np.isnan(value) & (error > 0)
    if known.sum() < 2:
        raise DataError("A chart needs at least two weeks with figures to know what is usual.")
    weight = 1 / error[known] ** 2
    centre = float((value[known] * weight).sum() / weight.sum())
    return _around(value, centre, np.where(error > 0, error, np.nan), steady, between=True)


def _chart(events: Floats, trials: Floats, steady: Flags, *, share: bool, between: bool) -> Chart:
    known = steady & (trials > 0) & ~np.isnan(events)
    if known.sum() < 2:
        raise DataError("A chart needs at least two weeks with figures to know what is usual.")
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(trials > 0, events / trials, np.nan)
        centre = float(events[known].sum() / trials[known].sum())
        variance = centre * (1 - centre) if share else centre
        error = np.where(trials > 0, np.sqrt(variance / trials), np.nan)
    return _around(value, centre, error, steady, between=between)


def _around(value: Floats, centre: float, error: Floats, steady: Flags, *, between: bool) -> Chart:
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(error > 0, (value - centre) / error, np.nan)
    told = distance[steady & ~np.isnan(distance)]
    # Less than chance would be luck, or a fault of the data: limits are never narrower than by chance.
    spread = max(1.0, float(np.abs(np.diff(told)).mean()) / _EXPECTED_RANGE) if between and len(told) > 1 else 1.0
    reach = 3 * spread * error
    return Chart(
        value=value,
        centre=centre,
        low=centre - reach,
        high=centre + reach,
        standardised=distance / spread,
        signal=np.abs(distance) > 3 * spread,
        spread=spread,
    )


@dataclass(frozen=True, slots=True)
class Watch:
    """A sum over weeks beside its limit: `above` and `below` say in which direction it alarms."""

    value: Floats
    limit: Floats
    above: Flags
    below: Flags


def moving_average(standardised: npt.ArrayLike, *, smoothing: float = SMOOTHING, limit: float = LIMIT) -> Watch:
    """The exponentially weighted moving average of a chart's standardised values, from the first week on.

    The limits are those of a long series. A week without a value leaves the average as it was.
    """
    values = floats(standardised)
    reach = limit * np.sqrt(smoothing / (2 - smoothing))
    average, averages = 0.0, np.empty(len(values))
    for week, value in enumerate(values):
        average = average if np.isnan(value) else smoothing * value + (1 - smoothing) * average
        averages[week] = average
    return Watch(averages, np.full(len(values), reach), averages > reach, averages < -reach)


def cumulative_sums(standardised: npt.ArrayLike, *, reference: float = REFERENCE) -> tuple[Floats, Floats]:
    """Cumulative sums upwards and downwards (both at least 0); either above the decision interval alarms."""
    up, down = 0.0, 0.0
    sums = []
    for value in np.nan_to_num(floats(standardised)):
        up, down = max(0.0, up + value - reference), max(0.0, down - value - reference)
        sums.append((up, down))
    both = np.array(sums, dtype=float).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def likely_start(averages: npt.ArrayLike, alarm: int) -> int:
    """The week from which the average has been on the alarm's side of its centre: the probable start of the change.

    Nishina 1992, Quality and Reliability Engineering International 8: 153. `alarm` is the position of the alarm.
    """
    values = floats(averages)
    side = np.sign(values[alarm])
    before = np.flatnonzero(np.sign(values[: alarm + 1]) != side)
    return int(before[-1]) + 1 if len(before) else 0


def average_run_length(*, smoothing: float = SMOOTHING, limit: float = LIMIT, shift: float = 0.0) -> float:
    """Mean number of weeks until the moving average alarms, with the series' mean moved by `shift` standard errors.

    Crowder 1987, Technometrics 29: 401: the integral equation of the run length, by Gauss-Legendre quadrature.
    """
    reach = limit * np.sqrt(smoothing / (2 - smoothing))
    nodes, weights = _nodes(-reach, reach)
    kernel = _density((nodes[None, :] - (1 - smoothing) * nodes[:, None]) / smoothing - shift) / smoothing
    lengths = np.linalg.solve(np.eye(len(nodes)) - kernel * weights, np.ones(len(nodes)))
    return float(1 + (_density(nodes / smoothing - shift) / smoothing * weights) @ lengths)


def sums_run_length(*, reference: float = REFERENCE, decision: float = DECISION, shift: float = 0.0) -> float:
    """The same of cumulative sums in both directions together (van Dobben de Bruyn 1968)."""
    up, down = (_one_sided_length(reference, decision, moved) for moved in (shift, -shift))
    return 1 / (1 / up + 1 / down)


def limit_for(weeks: float, *, smoothing: float = SMOOTHING) -> float:
    """The moving average's limit with which a steady series gives one false alarm in so many weeks (2 to 1e6)."""
    from scipy.optimize import brentq

    if not 2 <= weeks <= 1e6:
        raise DataError(f"One false alarm in {weeks:g} weeks can't be planned: between 2 and 1,000,000.")
    found = brentq(lambda limit: np.log(average_run_length(smoothing=smoothing, limit=limit) / weeks), 1e-3, 8.0)
    return float(found)


def _one_sided_length(reference: float, decision: float, shift: float) -> float:
    """By the integral equation on (0, decision], with the sum's return to 0 as a state of its own."""
    from scipy.special import ndtr

    nodes, weights = _nodes(0.0, decision)
    size = len(nodes) + 1
    states = np.concatenate([[0.0], nodes])
    moves = np.empty((size, size))
    moves[:, 0] = ndtr(reference - states - shift)
    moves[:, 1:] = _density(nodes[None, :] - states[:, None] + reference - shift) * weights
    return float(np.linalg.solve(np.eye(size) - moves, np.ones(size))[0])


def _nodes(low: float, high: float, *, number: int = 120) -> tuple[Floats, Floats]:
    places, weights = np.polynomial.legendre.leggauss(number)
    half = (high - low) / 2
    return low + half * (places + 1), weights * half


def _density(value: Floats) -> Floats:
    return np.asarray(np.exp(-(value**2) / 2) / np.sqrt(2 * np.pi))


def _flags(values: npt.ArrayLike) -> Flags:
    return np.asarray(values, dtype=bool)
