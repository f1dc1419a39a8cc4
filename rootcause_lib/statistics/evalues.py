"""How strong something unmeasured would have to be to explain an association away: E-values.

VanderWeele and Ding 2017, Annals of Internal Medicine 167: 268. An E-value is the risk ratio such a thing would need
with both the exposure and the outcome, beyond everything the model already holds.
"""

from __future__ import annotations

import numpy as np

from rootcause_lib.errors import DataError


def e_value(ratio: float, low: float, high: float) -> tuple[float, float]:
    """E-values of a risk ratio and of the limit of its interval nearer 1; a rare outcome's hazard ratio serves as one.

    The limit's is 1 where the interval holds 1: nothing unmeasured is needed. NaN in gives NaN out. Raises DataError
    for ratios not above 0 or a value outside its interval.
    """
    if np.isnan([ratio, low, high]).any():
        return np.nan, np.nan
    if not (0 < low <= ratio <= high):
        raise DataError("A ratio must be above 0 and lie within its interval.")
    nearer = low if ratio >= 1 else high
    crossed = (ratio >= 1 and low <= 1) or (ratio < 1 and high >= 1)
    return _needed(ratio), 1.0 if crossed else _needed(nearer)


def ratio_of_common(hazard_ratio: float) -> float:
    """About the risk ratio a hazard ratio stands for where the outcome is common by the end (over 15 % leave)."""
    return (1 - 0.5 ** np.sqrt(hazard_ratio)) / (1 - 0.5 ** np.sqrt(1 / hazard_ratio))


def _needed(ratio: float) -> float:
    above = ratio if ratio >= 1 else 1 / ratio
    return float(above + np.sqrt(above * (above - 1)))
