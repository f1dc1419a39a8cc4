"""Whether a placebo, of which no effect can be, holds the rest of a figure free of the suspicion it stands for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rootcause_lib.statistics.intervals import floats

PASSED, UNDECIDED, FAILED = "passed", "undecided", "failed"


def placebo_verdicts(low: npt.ArrayLike, high: npt.ArrayLike, effect: npt.ArrayLike) -> npt.NDArray[np.str_]:
    """Verdicts on placebos with limits `low` and `high` (ratios) beside the ratio `effect` they guard.

    passed: the whole interval lies within half the effect's logarithm of no effect; failed: it excludes no effect;
    undecided: neither, or something is not known (NaN). A placebo that excludes no effect fails however small it is.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        bottom, top = np.log(floats(low)), np.log(floats(high))
        half = np.abs(np.log(floats(effect))) / 2
        excludes = (bottom > 0) | (top < 0)
        within = (bottom >= -half) & (top <= half)
    return np.asarray(np.where(excludes, FAILED, np.where(within, PASSED, UNDECIDED)), dtype=np.str_)
