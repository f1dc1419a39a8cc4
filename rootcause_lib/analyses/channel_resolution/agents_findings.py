"""What is said of teams and agents: how many stand out, who probably is where, what figures of people can't tell."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.analyses.small_teams import TeamSizes
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.grades import worst
from rootcause_lib.vocabulary import ALL

_AREA = "channel_agents"


def agents_headline(frame: pd.DataFrame) -> tuple[Finding, ...]:
    """Whether anybody stands out, of the outcome that is shown first."""
    return tuple(_standing(_first(frame)))


def agents_readings(frame: pd.DataFrame) -> tuple[Finding, ...]:
    """The same, then what the highest and lowest figure are worth, and what a difference is."""
    rows = _first(frame)
    found = [*_standing(rows), *_ends(rows)]
    people = frame[(frame["agent_id"] != ALL) & frame["difference"].notna()]
    if len(people):
        shown = people[people["outcome"] == people["outcome"].iloc[0]]
        found += [*_standing(shown), *_ends(shown)]
    return (*found, Finding(f"{_AREA}.what_it_is")) if found else ()


def agents_cannot_tell(asked: Asked, frame: pd.DataFrame, sizes: TeamSizes) -> tuple[Finding, ...]:
    """What these data leave open about people."""
    store = asked.store
    if store.engagement.privacy.agents == "none":
        return (Finding(f"{_AREA}.not_to_be_shown"),)
    if frame.empty:
        return (Finding(f"{_AREA}.no_teams"),)
    found = []
    if frame["difference"].isna().all():
        found.append(Finding(f"{_AREA}.nobody_to_compare"))
    alone = frame[(frame["compared_share"] == 0) & (frame["agent_id"] == ALL)]
    if len(alone) and not frame["difference"].isna().all():
        found.append(Finding(f"{_AREA}.not_compared", {"teams": tuple(sorted(set(alone["team"].astype(str))))}))
    teams = frame.loc[frame["agent_id"] == ALL, "team"]
    if len(unknown := sizes.unknown(teams)):
        given: dict[str, Field] = {"teams": len(unknown), "smallest": sizes.smallest}
        found.append(Finding(f"{_AREA}.sizes_unknown", given))
    if "resolved" in set(frame["outcome"]):
        found.append(Finding(f"{_AREA}.own_mark"))
    return (*found, Finding(f"{_AREA}.not_only_skill"))


def _first(frame: pd.DataFrame) -> pd.DataFrame:
    """Teams' rows with a figure, of the first outcome that has any."""
    rows = frame[(frame["agent_id"] == ALL) & frame["difference"].notna()]
    return rows[rows["outcome"] == rows["outcome"].iloc[0]] if len(rows) else rows


def _standing(rows: pd.DataFrame) -> Iterator[Finding]:
    if len(rows) < 2:
        return
    contacts = float(rows["contacts"].sum())
    above, below = ((rows["standing"] == word).sum() for word in ("above_expected", "below_expected"))
    given: dict[str, Field] = {
        "units": len(rows),
        "above": int(above),
        "below": int(below),
        "outcome": str(rows["outcome"].iloc[0]),
        # What chance alone may show of a unit of middling size.
        "chance": Quantity("points", float(rows["funnel_high_998"].median()), denominator=contacts),
    }
    key = "some_stand_out" if above + below else "nobody_stands_out"
    # One unit of a handful of contacts does not make the sentence about all of them useless.
    usable = rows[rows["grade"] != "D"] if (rows["grade"] != "D").any() else rows
    told = rows[rows["standing"] != "within_chance"] if above + below else usable
    yield _finding(f"{_kind(rows)}_{key}", given, *records(told))


def _ends(rows: pd.DataFrame) -> Iterator[Finding]:
    """The highest and the lowest figure, each with the probability that it really is."""
    if len(rows) < 2:
        return
    for key, probability, ascending in (
        ("highest", "probability_best", False),
        ("lowest", "probability_worst", True),
    ):
        row = records(rows.sort_values("difference", ascending=ascending, kind="stable"))[0]
        contacts = float(row["contacts"])
        given: dict[str, Field] = {
            "unit": str(row["team"] if row["agent_id"] == ALL else row["agent_id"]),
            "difference": Quantity(
                "points", float(row["difference"]), known(row["low"]), known(row["high"]), contacts, row["grade"]
            ),
            "probability": Quantity("share", float(row[probability]), denominator=contacts),
        }
        yield _finding(f"{_kind(rows)}_{key}", given, row)


def _kind(rows: pd.DataFrame) -> str:
    return "team" if (rows["agent_id"] == ALL).all() else "agent"


def _finding(key: str, given: dict[str, Field], *rows: Row) -> Finding:
    """A finding graded as the worst of the rows it rests on."""
    reasons = [reason for row in rows for reason in str(row["grade_reasons"]).split(";") if reason]
    grade = worst([str(row["grade"]) for row in rows])
    return Finding(f"{_AREA}.{key}", given, grade, tuple(dict.fromkeys(reasons)))
