"""The part on who is at risk: scores of customers, how good they are, what acting on them would earn."""

from __future__ import annotations

import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.score_findings import (
    scores_cannot_tell,
    scores_checks,
    scores_headline,
    scores_readings,
)
from rootcause_lib.analyses.churn_risk.score_frames import (
    CALIBRATION_COLUMNS,
    DRIVER_COLUMNS,
    LIFT_COLUMNS,
    VALIDATION_COLUMNS,
    calibration,
    lift,
    score_drivers,
    validation,
)
from rootcause_lib.analyses.churn_risk.score_list import nobody, scores_frame, today
from rootcause_lib.analyses.churn_risk.score_models import Refused, learnt
from rootcause_lib.analyses.churn_risk.score_profit import PROFIT_COLUMNS, profit_curve
from rootcause_lib.analyses.part import Part
from rootcause_lib.findings import Finding

_EMPTY = {
    "validation": VALIDATION_COLUMNS, "calibration": CALIBRATION_COLUMNS, "lift": LIFT_COLUMNS,
    "profit_curve": PROFIT_COLUMNS, "score_drivers": DRIVER_COLUMNS,
}  # fmt: skip


def scores(asked: Asked) -> Part:
    """Chances of giving notice within the horizon, learnt from earlier weeks and judged on later ones.

    Where that can't be done the frames are empty and a sentence says why and what would be needed.
    """
    found = learnt(asked)
    if isinstance(found, Refused):
        frames = {name: pd.DataFrame(columns=list(columns)) for name, columns in _EMPTY.items()}
        said = Finding(f"churn_scores.{found.why}", dict(found.fields))
        return Part(frames={"scores": nobody(asked), **frames}, cannot_tell=(said,))
    now = today(asked, found)
    earned = profit_curve(asked, found, now)
    frames = {
        "scores": scores_frame(asked, found, now),
        "validation": validation(asked, found),
        "calibration": calibration(asked, found),
        "lift": lift(asked, found),
        "profit_curve": earned.frame,
        "score_drivers": score_drivers(asked, found),
    }
    return Part(
        frames=frames,
        readings=scores_readings(found, now, earned, frames),
        headline=scores_headline(found, now, frames),
        checks=scores_checks(found),
        cannot_tell=scores_cannot_tell(asked, now, earned),
    )
