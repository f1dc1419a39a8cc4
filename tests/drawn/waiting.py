"""Frames on waiting and on the bridge as the analysis of channels would give them: for figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

_GONE = {"grade": "D", "grade_reasons": "suppressed"}


def queue() -> pd.DataFrame:
    """Three channels: one with a target missed, one without a mark of giving up, one left out."""
    rows = [
        {
            "channel": "phone", "attempts": 41230.0, "service_level": 0.613, "abandoned_share": 0.087,
            "within_seconds": 20.0, "threshold": 0.8, "grade": "A", "grade_reasons": "",
        },
        {
            "channel": "chat", "attempts": 6120.0, "service_level": None, "abandoned_share": 0.021,
            "within_seconds": 20.0, "threshold": 0.8, "grade": "B", "grade_reasons": "low_response",
        },
        {"channel": "store", "within_seconds": 20.0, "threshold": 0.8, **_GONE},
    ]  # fmt: skip
    frame = pd.DataFrame(rows).astype({"service_level": float, "abandoned_share": float})
    ends = {f"{name}_{end}": name for name in ("service_level", "abandoned_share") for end in ("low", "high")}
    return frame.assign(**{end: frame[name] + (0.012 if "high" in end else -0.012) for end, name in ends.items()})


def patience() -> pd.DataFrame:
    """Two curves, one that falls under one half and one that ends early; one left out."""
    rows = []
    for channel, mean, longest in (("phone", 400.0, 900), ("chat", 900.0, 240)):
        for second in range(0, longest + 1, 30):
            share = float(np.exp(-second / mean))
            rows.append(
                {
                    "channel": channel, "seconds": second, "still_waiting": share, "low": share - 0.03 * share,
                    "high": min(share + 0.03 * share, 1.0), "grade": "A", "grade_reasons": "",
                }
            )  # fmt: skip
    rows.append({"channel": "store", "seconds": 0, "still_waiting": None, "low": None, "high": None, **_GONE})
    return pd.DataFrame(rows).astype({"still_waiting": float, "low": float, "high": float})


def queue_hours() -> pd.DataFrame:
    """Two channels by hour; a Saturday beside; an hour left out in the middle, a channel left out."""
    rows = []
    for channel, base in (("phone", 60.0), ("chat", 30.0)):
        for hour in range(8, 18):
            wait = base * (1 + 0.6 * np.sin(hour))
            rows.append({"channel": channel, "kind_of_day": "weekday", "hour": hour, "mean_wait": wait, "grade": "B"})
        rows.append({"channel": channel, "kind_of_day": "saturday", "hour": 11, "mean_wait": 5 * base, "grade": "C"})
    frame = pd.DataFrame(rows).assign(grade_reasons="")
    frame = frame.assign(mean_wait_low=frame["mean_wait"] * 0.85, mean_wait_high=frame["mean_wait"] * 1.18)
    gone = (frame["channel"] == "chat") & (frame["hour"] == 12)
    numbers = ["mean_wait", "mean_wait_low", "mean_wait_high"]
    frame.loc[gone, numbers] = np.nan
    frame["grade_reasons"] = frame["grade_reasons"].mask(gone, "suppressed")
    hidden = {"channel": "store", "kind_of_day": "weekday", "hour": 10, **dict.fromkeys(numbers, np.nan), **_GONE}
    return pd.concat([frame, pd.DataFrame([hidden])], ignore_index=True)


def bridge() -> pd.DataFrame:
    """From a mark of resolution by way of rows and contacts to ours."""
    values = {
        "client_tool": 0.853, "one_touch": 0.801, "7_day_any": 0.688, "naive_fresh": 0.679, "blank_ids": 0.652,
        "transfers": 0.667, "abandoned": 0.681, "window": 0.583, "same_matter": 0.741, "cases": 0.772,
        "leaving": 0.760, "ours": 0.761,
    }  # fmt: skip
    rows = [
        {
            "step": step, "name": name, "value": value, "low": value - 0.011, "high": value + 0.011,
            "denominator": None if name == "ours" else 40000.0 - 900 * step, "contacts": 41207.0,
            "grade": "A" if name == "ours" else "B", "grade_reasons": "" if name == "ours" else "proxy",
        }
        for step, (name, value) in enumerate(values.items(), start=1)
    ]  # fmt: skip
    frame = pd.DataFrame(rows).astype({"denominator": float})
    return frame.assign(change=frame["value"].diff(), why=frame["name"])
