"""Many comparisons at once: which of them stand out, so that few of those shown are luck.

A table that screens forty reasons for a change marks two of them in a month when nothing happened, if each is judged at
5 %. The false discovery rate is the expected share of such luck among what is marked.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import DataError, ParameterError, unknown_choice
from rootcause_lib.statistics.intervals import Floats, Numbers, floats, normal_critical

Dependence = Literal["positive", "any"]
"""How the tests may hang together: independent or moving together ("positive"), or in any way at all."""


def adjusted_p_values(p_values: Numbers, *, dependence: Dependence = "positive") -> Floats:
    """The least false discovery rate at which each test would still be marked; tests along the last axis, shape kept.

    "positive": Benjamini and Hochberg 1995 (JRSS B 57: 289), right for independent tests and those that are positively
    dependent. "any": Benjamini and Yekutieli 2001 (Ann. Stat. 29: 1165), right for every dependence, dearer by
    1 + 1/2 + ... + 1/m; take it where shares of one whole are compared, since one can only rise if another falls.
    A test that could not be made (NaN) stays NaN and is not counted. Raises DataError for values outside 0 to 1.
    """
    if dependence not in ("positive", "any"):
        raise ParameterError(unknown_choice("dependence", dependence, ("positive", "any")))
    p = floats(p_values)
    if np.any((p < 0) | (p > 1)):
        raise DataError("A p-value lies outside 0 to 1.")
    order = np.argsort(p, axis=-1, kind="stable")
    ranked = np.take_along_axis(p, order, axis=-1)
    made = (~np.isnan(p)).sum(axis=-1, keepdims=True)
    place = np.arange(1, p.shape[-1] + 1)
    price = np.cumsum(1 / place)[np.maximum(made - 1, 0)] if dependence == "any" else 1.0
    scaled = np.where(np.isnan(ranked), np.inf, ranked * made * price / place)
    # A test can't be dearer than one with a larger p-value: the running minimum from the largest down.
    held = np.minimum.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(held, 1.0), axis=-1)
    return np.where(np.isnan(p), np.nan, adjusted)


def discoveries(p_values: Numbers, *, rate: float = 0.05, dependence: Dependence = "positive") -> npt.NDArray[np.bool_]:
    """True where a test stands out while at most `rate` of all that do are luck, on average; False where unknown."""
    if not 0 < rate < 1:
        raise ParameterError(f"'rate' must lie between 0 and 1, such as 0.05; it is {rate}.")
    return np.asarray(adjusted_p_values(p_values, dependence=dependence) <= rate)


def p_values_of_ratios(ratio: Numbers, low: Numbers, high: Numbers, *, level: float) -> Floats:
    """Two-sided p-values of no difference, from ratios and limits that are normal on the logarithm."""
    from scipy.stats import norm

    error = (np.log(floats(high)) - np.log(floats(low))) / (2 * normal_critical(level))
    return np.asarray(2 * norm.sf(np.abs(np.log(floats(ratio))) / error), dtype=float)
