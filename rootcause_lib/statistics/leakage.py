"""Does a feature know too much? What is recorded because somebody leaves tells leavers apart by itself.

No honest feature does: who will leave within months is hardly known from one thing. Each feature is asked alone, by the
share that left at each of its levels: the chance that it puts a leaver above a stayer (AUC), and whether nearly all
customers at one level left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from rootcause_lib.statistics.discrimination import auc
from rootcause_lib.statistics.intervals import Floats, Numbers, floats, wilson

Suspicion = Literal["none", "flagged", "refused"]

FLAGGED_AUC, REFUSED_AUC = 0.85, 0.95
FLAGGED_SHARE, REFUSED_SHARE = 0.5, 0.9
"""Lower limit of the share that left at a level, where fewer than half as many left over all."""
FEWEST_LEAVERS = 10


@dataclass(frozen=True, slots=True)
class Alone:
    """A feature by itself: its AUC, the level at which the largest share left (by the lower limit), and what of it."""

    feature: str
    auc: float
    worst: str
    share: float
    leavers: int
    suspicion: Suspicion


def alone(features: pd.DataFrame, left: Numbers) -> tuple[Alone, ...]:
    """Every feature by itself, in their order."""
    happened = floats(left)
    return tuple(_alone(str(name), features[name], happened) for name in features.columns)


def _alone(name: str, values: pd.Series, left: Floats) -> Alone:
    levels = pd.DataFrame({"value": values.to_numpy(), "left": left}).groupby("value")["left"].agg(["sum", "count"])
    shares = (levels["sum"] + left.mean()) / (levels["count"] + 1)
    area = auc(values.map(shares), left)
    low = np.asarray(wilson(levels["sum"], levels["count"]).low)
    enough = (levels["sum"] >= FEWEST_LEAVERS).to_numpy()
    sure = np.where(enough, low, 0.0)
    place = int(sure.argmax())
    pure = float(sure[place]) if left.mean() < FLAGGED_SHARE / 2 else 0.0
    suspicion: Suspicion = "none"
    if area >= REFUSED_AUC or pure >= REFUSED_SHARE:
        suspicion = "refused"
    elif area >= FLAGGED_AUC or pure >= FLAGGED_SHARE:
        suspicion = "flagged"
    row = levels.iloc[place]
    return Alone(name, area, str(levels.index[place]), float(row["sum"] / row["count"]), int(row["sum"]), suspicion)
