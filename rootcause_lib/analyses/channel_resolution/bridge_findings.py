"""What the bridge from the client's figure to ours says, in named fields."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rootcause_lib.analyses.rows import Row, known, records, share_of
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.journeys import Following
from rootcause_lib.metrics.tool_resolution import MARKS

_MOST_STEPS = 3
"""Steps a reading speaks of, the largest first."""

_NOTHING = 0.0005


def bridge_headline(frame: pd.DataFrame) -> tuple[Finding, ...]:
    """Their figure, ours, and the step between them that matters most."""
    told = _told(frame)
    if len(told) < 2 or told[-1]["name"] != "ours":
        return ()
    first, last = told[0], told[-1]
    given: dict[str, Field] = {
        "theirs": _share(first),
        "ours": _share(last),
        "name": str(first["name"]),
    }
    steps = _largest(told)
    if not steps:
        return (Finding("channel_bridge.alike", given, str(last["grade"])),)
    given |= {"step": str(steps[0]["name"]), "change": _change(steps[0])}
    return (Finding("channel_bridge.overall", given, str(last["grade"])),)


def bridge_readings(frame: pd.DataFrame, followed: Following) -> tuple[Finding, ...]:
    """The largest steps with the reason of each, and what the steps are not."""
    return tuple(_readings(frame, followed))


def bridge_cannot_tell(left_out: tuple[str, ...]) -> tuple[Finding, ...]:
    """The steps that were left out."""
    return (Finding("channel_bridge.left_out", {"steps": left_out}),) if left_out else ()


def _readings(frame: pd.DataFrame, followed: Following) -> Iterator[Finding]:
    told = _told(frame)
    if not told:
        return
    if told[0]["name"] in MARKS:
        first: dict[str, Field] = {"name": str(told[0]["name"]), "value": _share(told[0])}
        yield Finding("channel_bridge.starts", {**first, "why": str(told[0]["why"])}, str(told[0]["grade"]))
    for row in _largest(told)[:_MOST_STEPS]:
        given: dict[str, Field] = {
            "name": str(row["name"]),
            "value": _share(row),
            "change": _change(row),
            "why": str(row["why"]),
        }
        up = float(row["change"]) > 0
        yield Finding(f"channel_bridge.step_{'up' if up else 'down'}", given, str(row["grade"]))
    if told[-1]["name"] == "ours":
        yield Finding("channel_bridge.order", {"window_days": followed.window_days})


def _told(frame: pd.DataFrame) -> list[Row]:
    return records(frame[frame["value"].notna()])


def _largest(told: list[Row]) -> list[Row]:
    """Steps that change the figure, largest first."""
    moved = [row for row in told if known(row["change"]) is not None and abs(float(row["change"])) >= _NOTHING]
    return sorted(moved, key=lambda row: (-abs(float(row["change"])), int(row["step"])))


def _share(row: Row) -> Quantity:
    """Of the contacts it is known of; our figure uses all of them for as long as they were seen."""
    return share_of(row, denominator="contacts" if known(row["denominator"]) is None else "denominator")


def _change(row: Row) -> Quantity:
    return Quantity("points", abs(float(row["change"])), denominator=float(row["contacts"]))
