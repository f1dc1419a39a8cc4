"""What is said of matters that take several contacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.grades import worst
from rootcause_lib.journeys import Following

_LONG, _ONE = "3+", "1"


def chain_headline(frames: Mapping[str, pd.DataFrame], followed: Following) -> tuple[Finding, ...]:
    """How much of the volume long matters take."""
    return tuple(_of_length(frames["snowballs"], _LONG, "long_share", followed))


def chain_readings(frames: Mapping[str, pd.DataFrame], followed: Following) -> Mapping[str, tuple[Finding, ...]]:
    """What stands beside the figures on lengths, handle time and steps."""
    snowballs = frames["snowballs"]
    return {
        "snowballs": (
            *_of_length(snowballs, _ONE, "one_share", followed),
            *_of_length(snowballs, _LONG, "long_share", followed),
            *_unseen(snowballs),
        ),
        "snowball_positions": tuple(_later_contacts(frames["snowball_positions"])),
        "steps": tuple(_common_step(frames["steps"])),
    }


def _of_length(snowballs: pd.DataFrame, length: str, key: str, followed: Following) -> Iterator[Finding]:
    own = snowballs[(snowballs["length"] == length) & snowballs["volume_share"].notna()]
    for row in records(own):
        cases, contacts = float(row["opened"]), float(row["denominator"])
        given: dict[str, Field] = {
            "cases": Quantity(
                "share", float(row["case_share"]), float(row["case_low"]), float(row["case_high"]), cases
            ),
            "volume": Quantity(
                "share", float(row["volume_share"]), float(row["low"]), float(row["high"]), contacts, str(row["grade"])
            ),
            "window_days": followed.window_days,
        }
        yield moved_finding(key, given, row)


def _unseen(snowballs: pd.DataFrame) -> Iterator[Finding]:
    """How many cases are not seen from end to end: said once, of the whole."""
    own = snowballs[~snowballs["length"].eq(_LONG)]
    if own.empty or own["cases"].isna().any():
        return
    seen, unseen = float(own["cases"].sum()), float(own["unobserved"].iloc[0])
    if unseen:
        share = Quantity("share", unseen / (seen + unseen), denominator=seen + unseen)
        yield Finding("channel_moves.lengths_unseen", {"unknown": share})


def _later_contacts(positions: pd.DataFrame) -> Iterator[Finding]:
    """Second, third and later contacts against first ones about the same matters."""
    later = positions[(positions["position"] != "1") & positions["ratio_low"].notna()]
    for row in records(later):
        key = "later_alike"
        if row["ratio_low"] > 1 or row["ratio_high"] < 1:
            key = "later_longer" if row["ratio_low"] > 1 else "later_shorter"
        contacts = float(row["contacts"])
        given: dict[str, Field] = {
            "position": str(row["position"]),
            "seconds": Quantity(
                "seconds", float(row["handle_seconds"]), known(row["low"]), known(row["high"]), contacts
            ),
            "ratio": Quantity(
                "ratio", float(row["ratio_to_first"]), float(row["ratio_low"]), float(row["ratio_high"]), contacts
            ),
        }
        yield moved_finding(key, given, row)


def _common_step(steps: pd.DataFrame) -> Iterator[Finding]:
    """The change of channel that most cases make with their second contact."""
    moved = steps[
        (steps["step"] == 1) & ~steps["to_channel"].isin(["ended", "(small)"])
        & (steps["from_channel"] != steps["to_channel"]) & steps["share"].notna()
    ]  # fmt: skip
    for row in records(
        moved.sort_values(["share", "from_channel", "to_channel"], ascending=[False, True, True]).head(1)
    ):
        given: dict[str, Field] = {
            "from_channel": str(row["from_channel"]),
            "to_channel": str(row["to_channel"]),
            "share": Quantity(
                "share", float(row["share"]), float(row["low"]), float(row["high"]), float(row["denominator"])
            ),
        }
        yield moved_finding("common_step", given, row)


def moved_finding(key: str, given: Mapping[str, Field], *rows: Row) -> Finding:
    """A sentence that is as good as the worst row it rests on."""
    grade = worst([str(row["grade"]) for row in rows])
    reasons = [reason for row in rows if row["grade"] == grade for reason in str(row["grade_reasons"]).split(";")]
    return Finding(f"channel_moves.{key}", given, grade, tuple(dict.fromkeys(reason for reason in reasons if reason)))
