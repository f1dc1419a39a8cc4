"""How soon those come who come: the middle of the times until an event, where not all are watched to the end.

The curve is the cumulative incidence (Aalen and Johansen 1978) in whole steps; what is told is the step by which half
of those who come within the horizon have come. Limits after Woodruff (1952, J. Am. Stat. Assoc. 47: 635): an interval
for the share that has come by then, read back on the curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootcause_lib.statistics.intervals import Floats, Numbers, floats, normal_critical, wilson_of_share

METHOD = "incidence_woodruff"


@dataclass(frozen=True, slots=True)
class MiddleTime:
    """The step by which half have come, with limits; NaN where nobody came."""

    value: float
    low: float
    high: float


def incidence_by_step(events: Numbers, others: Numbers, censored: Numbers) -> Floats:
    """Share for whom the event has come by each step 1, 2, ...; NaN where nobody is left to watch.

    events, others: how many had the event, or another that rules it out, in each step. censored: how many were watched
    through a step and no further; its first entry is of those not watched for one whole step.
    """
    came, gone = floats(events), floats(others)
    stopped = floats(censored)
    ended = came + gone + np.append(stopped[1:], 0.0)[: len(came)]
    at_risk = ended[::-1].cumsum()[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(at_risk > 0, (came + gone) / at_risk, 0.0)
        before = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])
        return floats(
            np.where((at_risk > 0) | (before == 0), np.cumsum(before * came / np.maximum(at_risk, 1)), np.nan)
        )


def middle_time(curve: Numbers, *, independent: float, level: float = 0.95) -> MiddleTime:
    """The step by which half of those who come by the curve's end have come.

    `independent`: how many that come are independent of each other; customers who come, where some come more than once.
    """
    known = floats(curve)[~np.isnan(floats(curve))]
    if not len(known) or known[-1] <= 0 or independent <= 0:
        return MiddleTime(np.nan, np.nan, np.nan)
    share = known / known[-1]
    limits = wilson_of_share(0.5, independent, critical=normal_critical(level))
    value, low, high = (_step(share, float(at)) for at in (0.5, limits.low, limits.high))
    return MiddleTime(value, low, high)


def _step(share: Floats, at: float) -> float:
    """The first step by which `at` of them have come."""
    return float(np.argmax(share >= at - 1e-12) + 1)
