"""What the next run will want to compare with, and what the usual computations give."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rootcause_lib.estimates import COLUMNS
from rootcause_lib.vocabulary import ALL

NAIVE_COLUMNS = ("name", "value", "denominator", "why")


def key_numbers(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rungs of the ladder as Estimates; rows without a number left out."""
    columns = ["metric", "statistic", "rung", *COLUMNS]
    ladder = frames.get("ladder", pd.DataFrame())
    if ladder.empty:
        return pd.DataFrame(columns=columns)
    own = ladder.rename(columns={"hazard_ratio": "value", "events": "numerator", "weeks": "denominator"})
    own = own.assign(metric="contact_hazard", statistic="ratio", threshold=np.nan, verdict=None)
    return own[own["value"].notna()][columns].reset_index(drop=True)


def naive(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Leavers over everybody who ever was a customer in the weeks judged, as if all had been there all the time."""
    rows = frames["leaving"].set_index("ending")["spells"].dropna().to_dict()
    if ALL not in rows or "choice" not in rows:
        return pd.DataFrame(columns=list(NAIVE_COLUMNS))
    found = [("leavers_of_all", rows["choice"] / rows[ALL], rows[ALL], "leavers_of_all")]
    return pd.DataFrame(found, columns=list(NAIVE_COLUMNS))
