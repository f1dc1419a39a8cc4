"""Does a feature know too much? What is recorded because somebody leaves tells leavers apart by itself.

No honest feature does: who will leave within months is hardly known from one thing. Each feature is asked alone, by the
share that left at each of its levels: the chance that it puts a leaver above a stayer (AUC), and whether nearly all
customers at one level left - within the horizon, or ever: what is written at leaving stays with those who leave later.
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
"""Lower limit of the share that left at a level; over all no more than about half as many may have left."""
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


def alone(features: pd.DataFrame, left: Numbers, *, ever: Numbers | None = None) -> tuple[Alone, ...]:
    """Every feature by itself, in their order; `left` within the horizon, `ever` at any time that can be seen."""
    happened = floats(left)
    some_time = happened if ever is None else floats(ever)
    found = []
    for name in map(str, features.columns):
        soon, late = (_alone(name, features[name], each) for each in (happened, some_time))
        found.append(max(soon, late, key=lambda one: _ORDER.index(one.suspicion)))
    return tuple(found)


_ORDER: tuple[Suspicion, ...] = ("none", "flagged", "refused")


def _alone(name: str, values: pd.Series, left: Floats) -> Alone:
    levels = pd.DataFrame({"value": values.to_numpy(), "left": left}).groupby("value")["left"].agg(["sum", "count"])
    shares = (levels["sum"] + left.mean()) / (levels["count"] + 1)
    area = auc(values.map(shares), left)
    low = np.asarray(wilson(levels["sum"], levels["count"]).low)
    enough = (levels["sum"] >= FEWEST_LEAVERS).to_numpy()
    sure = np.where(enough, low, 0.0)
    place = int(sure.argmax())
    pure, over_all = float(sure[place]), float(left.mean())
    suspicion: Suspicion = "none"
    if area >= REFUSED_AUC or (pure >= REFUSED_SHARE and over_all < 0.5):
        suspicion = "refused"
    elif area >= FLAGGED_AUC or (pure >= FLAGGED_SHARE and over_all < FLAGGED_SHARE / 2):
        suspicion = "flagged"
    row = levels.iloc[place]
    return Alone(name, area, str(levels.index[place]), float(row["sum"] / row["count"]), int(row["sum"]), suspicion)
