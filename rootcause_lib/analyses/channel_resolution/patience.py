"""How long customers are ready to wait: those who were answered were still patient then."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.queue_grades import compared_waits
from rootcause_lib.analyses.channel_resolution.queue_sums import Waiting
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.statistics.grouped_clusters import sums_by_group
from rootcause_lib.statistics.survival import METHOD, Quantile, Survival, kaplan_meier

PATIENCE_COLUMNS = (
    "channel", "seconds", "still_waiting", "low", "high", "level", "at_risk", "events", "contacts", "unobserved",
    "customers", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

MOMENTS = (*range(0, 60, 5), *range(60, 300, 15), *range(300, 600, 30), *range(600, 1800, 60), *range(1800, 7201, 300))
"""Seconds of waiting at which patience is told."""

FEWEST_WAITING = 10
"""Patience is told for as long as so many still wait to tell it by."""

_UNKNOWN = Quantile(float("nan"), float("nan"), float("nan"))


def patience(asked: Asked, counted: Waiting) -> pd.DataFrame:
    """Share of customers still waiting by second, had nobody been answered; `PATIENCE_COLUMNS` and `gave_up`.

    Channels of which waits and givings up are known. Takes those who were answered to have been as patient as those
    who still waited then.
    """
    level = asked.store.engagement.definitions.level
    attempts = counted.hours.groupby("channel")["attempts"].sum()
    parts = []
    for row in counted.channels.sort_values("channel").to_dict("records"):
        channel = str(row["channel"])
        curve = _curve(counted, channel, level)
        if curve is None:
            continue
        contacts = float(curve.at_risk[0])
        moments = [second for second in MOMENTS if (curve.time >= second).any()]
        read = curve.at(moments)
        part = pd.DataFrame(
            {
                "channel": channel, "seconds": moments, "still_waiting": read.value, "low": read.low,
                "high": read.high, "level": level, "at_risk": read.at_risk, "events": read.events,
                "contacts": contacts, "unobserved": float(attempts[channel]) - contacts,
                "customers": float(row["customers"]), "gave_up": float(row["gave_up"]), "method": METHOD,
                "claim": "descriptive",
            }
        )  # fmt: skip
        parts.append(part[part["at_risk"] >= min(FEWEST_WAITING, contacts)])
    if not parts:
        return pd.DataFrame(columns=[*PATIENCE_COLUMNS, "gave_up"])
    table = pd.concat(parts, ignore_index=True).astype({"seconds": "int64"})
    limits = asked.store.engagement.grades
    grading = Grading(limits, len(table)).precision(width_letters((table["high"] - table["low"]) / 2, limits))
    grading.customers(table["customers"])
    grading.unobserved(table["unobserved"] / (table["contacts"] + table["unobserved"]), reason="low_response")
    return compared_waits(asked, table, grading)


def _curve(counted: Waiting, channel: str, level: float) -> Survival | None:
    """A channel's patience; None where nobody's wait is known, or not of those who gave up."""
    rows = counted.waits[(counted.waits["channel"] == channel) & counted.waits["abandoned"].notna()]
    own = counted.hours[counted.hours["channel"] == channel]
    gave_up = rows["abandoned"].astype("bool")
    if rows.empty or (own["abandoned"].sum() > 0 and not gave_up.any()):
        return None
    return kaplan_meier(
        rows["seconds"], gave_up, weights=rows["contacts"], design_effect=_patience_effect(own), level=level
    )


def _patience_effect(hours: pd.DataFrame) -> float:
    """How much more givings up per second of waiting vary from day to day than chance alone would have them."""
    _, sums = sums_by_group(hours, by=["channel"], cluster="started_day", value="abandoned_waits", weight="watched")
    happened = float(sums.value.sum())
    if not happened > 0:
        return 1.0
    found = float((sums.ratio_variance() * sums.weight**2 / sums.value)[0])
    return max(found, 1.0) if np.isfinite(found) else 1.0


def median_patience(counted: Waiting, channel: str, level: float) -> Quantile:
    """Seconds by which half would have given up; unknown where too few are left to tell it by."""
    curve = _curve(counted, channel, level)
    if curve is None:
        return _UNKNOWN
    found = curve.quantile()
    # Beyond the last moments a handful decides.
    few = curve.at([found.value]).at_risk[0] < FEWEST_WAITING if np.isfinite(found.value) else False
    return _UNKNOWN if few else found
