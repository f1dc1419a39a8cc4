"""How strong something unmeasured would have to be: E-values of ratios of hazards."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.evalues import e_value, ratio_of_common
from rootcause_lib.statistics.hazards import EVENTS, PERIODS

COMMON_SHARE = 0.15
"""Where more than this share leave within a year, a ratio of hazards overstates that of risks and is turned into one
(VanderWeele and Ding 2017, Annals of Internal Medicine 167: 268, table 2)."""
WEEKS_OF_A_YEAR = 52
E_VALUES = ("e_value", "e_value_limit")


def strength_of(ratio: float, low: float, high: float, *, cells: pd.DataFrame) -> dict[str, float | str]:
    """risk_ratio with risk_low and risk_high, how it was found, E-values of it and of the limit nearer 1."""
    weeks = cells[PERIODS].sum()
    yearly = -np.expm1(-WEEKS_OF_A_YEAR * cells[EVENTS].sum() / weeks) if weeks > 0 else np.nan
    common = bool(yearly > COMMON_SHARE)
    turned = [ratio_of_common(each) if common else each for each in (ratio, low, high)]
    try:
        found = e_value(*turned)
    except DataError:
        found = (np.nan, np.nan)
    return {
        "risk_ratio": turned[0],
        "risk_low": turned[1],
        "risk_high": turned[2],
        "conversion": "common_outcome" if common else "rare_outcome",
        "leaving_in_a_year": float(yearly),
        "e_value": found[0],
        "e_value_limit": found[1],
    }
