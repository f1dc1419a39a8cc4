"""Dose-response: whether contacts rise further with every day something is overdue. Bands first, then their trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.errors import ParameterError
from rootcause_lib.statistics.intervals import student_critical
from rootcause_lib.statistics.self_controlled import CaseSeries


@dataclass(frozen=True, slots=True)
class DoseResponse:
    """The bands, a log-linear trend through them and its tests; NaN with a reason where it can't be told.

    bands: the rows of `CaseSeries.rate_ratios` for them, with `day` and `on_trend` (the trend's rate ratio).
    rate_ratio_per_day: by how much the rate of contact is multiplied by each further day, with low and high;
    p_value: of no trend. departure_p_value: of the bands lying on a straight line (of logarithms); small says that
    the trend does not describe them, and the bands should be read instead. NaN for two bands.
    """

    bands: pd.DataFrame
    rate_ratio_per_day: float
    low: float
    high: float
    p_value: float
    departure_p_value: float
    reason: str


def dose_response(
    series: CaseSeries, terms: Sequence[str], days: Sequence[float], *, level: float = 0.95
) -> DoseResponse:
    """The trend over bands that lie at `days` (the mean day of each band's person-time), in order.

    Generalised least squares of the log rate ratios with their robust covariance (Greenland and Longnecker 1992,
    Am. J. Epidemiol. 135: 1301): the bands share one baseline, so they are not independent. With an intercept, since
    being late at all may matter by itself. Bands that are not told are left out; fewer than two leave no trend.
    """
    from scipy.stats import f, t

    at = series.positions(terms)
    day = np.asarray(days, dtype=float)
    if len(day) != len(at) or len(np.unique(day)) != len(day):
        raise ParameterError(f"{len(at)} bands need as many different days; {len(day)} were given.")
    bands = series.rate_ratios(level=level).iloc[at].reset_index(drop=True).assign(day=day, on_trend=np.nan)
    told = np.flatnonzero([series.reasons[position] == "" for position in at])
    if len(told) < 2:
        reason = next((series.reasons[position] for position in at if series.reasons[position]), "too_few")
        return DoseResponse(bands, np.nan, np.nan, np.nan, np.nan, np.nan, reason)
    own = np.array(at)[told]
    weight = np.linalg.pinv(series.covariance[np.ix_(own, own)], hermitian=True)
    x = np.column_stack([np.ones(len(told)), day[told]])
    covariance = np.linalg.inv(x.T @ weight @ x)
    fitted = covariance @ x.T @ weight @ series.coefficients[own]
    error, degrees = float(np.sqrt(covariance[1, 1])), max(float(series.degrees[own].min()), 1.0)
    reach = float(student_critical(level, degrees=degrees)) * error
    gap = series.coefficients[own] - x @ fitted
    spare = len(told) - 2
    bands["on_trend"] = np.exp(fitted[0] + fitted[1] * day)
    return DoseResponse(
        bands=bands,
        rate_ratio_per_day=float(np.exp(fitted[1])),
        low=float(np.exp(fitted[1] - reach)),
        high=float(np.exp(fitted[1] + reach)),
        p_value=float(2 * t.sf(abs(fitted[1]) / error, degrees)),
        departure_p_value=float(f.sf(gap @ weight @ gap / spare, spare, degrees)) if spare else np.nan,
        reason="",
    )
