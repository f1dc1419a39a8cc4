"""Frames on staying as the analysis gives them, drawn by hand: segments of all sizes, one left out, failures."""

from __future__ import annotations

import numpy as np
import pandas as pd

PACES = {
    "all": 0.011,
    "Households": 0.012,
    "Students in shared flats and other short contracts": 0.03,
    "Seniors": 0.006,
}
SIZES = {"all": 41_200.0, "Households": 30_100.0, "Students in shared flats and other short contracts": 5_800.0,
         "Seniors": 5_300.0, "Guests": np.nan}  # fmt: skip
AFTER = {"no_failure": 0.009, "any_failure": 0.017, "billing": 0.021, "delivery": 0.013}


def survival() -> pd.DataFrame:
    """Curves by segment since joining and by failures since landmarks."""
    rows = []
    for segment, pace in PACES.items():
        for month in (*range(0, 25), *range(27, 73, 3)):
            share = float(np.exp(-pace * month))
            half = 4.0 / SIZES[segment] ** 0.5 * min(month / 12, 1.5)
            rows.append(_row(segment, "all", "joining", month, share, half, SIZES[segment]))
    rows += [_row("Guests", "all", "joining", month, np.nan, np.nan, np.nan) for month in range(13)]
    for place, (problem, pace) in enumerate(AFTER.items()):
        for month in range(7):
            share = float(np.exp(-pace * month))
            rows.append(
                _row("all", problem, "landmark", month, share, 0.0015 * month * (1 + place), 9_000.0 / (1 + place))
            )
    return pd.DataFrame(rows)


def segment_risk() -> pd.DataFrame:
    """Chances of leaving within 90 days."""
    rows = []
    for segment, size in SIZES.items():
        gone = np.isnan(size)
        chance = np.nan if gone else float(-np.expm1(-3 * PACES[segment]))
        half = np.nan if gone else 1.2 / size**0.5
        rows.append(
            {
                "segment": segment, "horizon_days": 90, "chance": chance, "low": chance - half, "high": chance + half,
                "level": 0.95, "weeks_watched": size * 40, "events": size * chance * 3, "customers": size,
                "grade": "D" if gone else "A", "grade_reasons": "suppressed" if gone else "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def retention_value() -> pd.DataFrame:
    """What customers are worth, and one point."""
    rows = []
    for segment, size in SIZES.items():
        gone = np.isnan(size)
        each = np.nan if gone else 500 * float(np.exp(-12 * PACES[segment]))
        for measure, value in (("customer_value", each), ("point_value", 0.011 * each * size)):
            rows.append(
                {
                    "segment": segment, "measure": measure, "counted_in": "money", "value": value,
                    "low": value * 0.93, "high": value * 1.07, "level": 0.95, "denominator": size,
                    "customers": size, "grade": "D" if gone else "B",
                    "grade_reasons": "suppressed" if gone else "proxy",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _row(
    segment: str, problem: str, since: str, month: int, share: float, half: float, size: float
) -> dict[str, object]:
    gone = np.isnan(share)
    grade = "D" if gone or problem == "delivery" else "A"
    return {
        "segment": segment, "problem": problem, "since": since, "from_months": 0.0, "months_since": float(month),
        "retained": share, "low": share - half, "high": min(share + half, 1.0), "level": 0.95, "at_risk": size * share,
        "events": size * (1 - share), "spells": size, "customers": size,
        "grade": grade, "grade_reasons": "suppressed" if gone else "too_few" if grade == "D" else "",
    }  # fmt: skip
