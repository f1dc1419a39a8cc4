"""Regression of counts in equal periods, where chance is wider than Poisson's and neighbouring periods are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rootcause_lib.statistics.intervals import Floats

_STEPS = 50
_MOST_ALIKE = 0.9


@dataclass(frozen=True, slots=True)
class CountFit:
    """A log-linear fit: coefficients with their covariance (`spread` in it), and the mean of each period.

    `dispersion` is the variance of one period in units of Poisson's (at least 1); `alike` the correlation of
    neighbouring periods (0 to .9); `spread` is both together: what all variances are multiplied by.
    """

    coefficients: Floats
    covariance: Floats
    mean: Floats
    dispersion: float
    alike: float
    spread: float


def fit_counts(
    counts: Floats, design: Floats, place: npt.NDArray[np.intp], *, exposure: Floats | float = 1.0, lost: float = 0.0
) -> CountFit:
    """Quasi-Poisson by Newton's steps; `place` numbers the periods, so that gaps between them are seen.

    Dispersion times (1 + r) / (1 - r), r the lag-one correlation of residuals. A fit makes residuals less alike than
    chance is, by about `lost` terms in as many periods; that much is added to r.
    """
    offset = np.log(np.broadcast_to(exposure, counts.shape))
    beta = np.asarray(np.linalg.lstsq(design, np.log(counts + 0.5) - offset, rcond=None)[0], dtype=float)
    for _ in range(_STEPS):
        mean = np.exp(np.clip(design @ beta + offset, -30, 30))
        step = np.linalg.lstsq(design * np.sqrt(mean)[:, None], (counts - mean) / np.sqrt(mean), rcond=None)[0]
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    mean = np.exp(np.clip(design @ beta + offset, -30, 30))
    residual = (counts - mean) / np.sqrt(mean)
    dispersion = max(float(residual @ residual) / max(len(counts) - design.shape[1], 1), 1.0)
    alike = _alike(residual, place, lost=lost)
    spread = dispersion * (1 + alike) / (1 - alike)
    information = design.T @ (mean[:, None] * design)
    return CountFit(beta, spread * np.linalg.pinv(information, hermitian=True), mean, dispersion, alike, spread)


def _alike(residual: Floats, place: npt.NDArray[np.intp], *, lost: float) -> float:
    beside = np.diff(place) == 1
    if not beside.any():
        return 0.0
    now, before = residual[1:][beside], residual[:-1][beside]
    seen = float(now @ before / max(float(residual @ residual) * beside.mean(), 1e-12))
    return min(max(seen + lost / len(residual), 0.0), _MOST_ALIKE)
