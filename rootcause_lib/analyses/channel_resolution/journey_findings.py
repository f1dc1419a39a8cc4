"""What is said of the effort journey: each step, how it was come by, and what it may be held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.journey_steps import Step, effort_scales
from rootcause_lib.analyses.rows import Row, records, share_of
from rootcause_lib.findings import Field, Finding, Quantity

_BY_BASE = ("web_first", "on_site_when_calling")
"""Said of calls, or of contacts with people where the client has no calls."""


def journey_headline(table: pd.DataFrame) -> tuple[Finding, ...]:
    """How many came from the site, where that is measured."""
    first = table[(table["measure"] == "web_first") & (table["status"] == "measured") & table["share"].notna()]
    return tuple(_said(row) for row in records(first[first["grade"] != "D"]))


def journey_readings(asked: Asked, table: pd.DataFrame, steps: Mapping[str, Step]) -> tuple[Finding, ...]:
    """Every step that is told, then what the stand-ins and the figures of other firms are."""
    told = records(table[table["share"].notna()])
    said = [_said(row) for row in told]
    if told:
        said.append(Finding("channel_journey.references"))
    return (*said, *_of_visits(steps), *_of_scales(asked, steps))


def journey_cannot_tell(table: pd.DataFrame) -> tuple[Finding, ...]:
    """The steps that no data tell."""
    missing = tuple(str(measure) for measure in table["measure"][table["status"] == "not_in_data"])
    return (Finding("channel_journey.not_in_data", {"measures": missing}),) if missing else ()


def _said(row: Row) -> Finding:
    """One step in words; a stand-in says what it stands on."""
    measure, status = str(row["measure"]), str(row["status"])
    given: dict[str, Field] = {"share": share_of(row, value="share", denominator="base")}
    reasons = tuple(reason for reason in str(row["grade_reasons"]).split(";") if reason)
    if status == "asked":
        given = {"measure": measure, "share": Quantity("share", float(row["share"]), denominator=1.0)}
        return Finding("channel_journey.asked", given, str(row["grade"]), reasons)
    key = measure + ("_by_proxy" if status == "proxy" else "")
    if measure in _BY_BASE and row["base_of"] == "contacts":
        key += "_of_contacts"
    return Finding(f"channel_journey.{key}", given, str(row["grade"]), reasons)


def _of_visits(steps: Mapping[str, Step]) -> Iterator[Finding]:
    step = steps.get("web_first")
    if step is not None and step.visits_known < 1:
        known = Quantity("share", step.visits_known, denominator=step.visits)
        yield Finding("channel_journey.visits_known", {"known": known})


def _of_scales(asked: Asked, steps: Mapping[str, Step]) -> Iterator[Finding]:
    """Answers that were left out, since their scale runs otherwise or nobody says which end is hard."""
    step = steps.get("high_effort")
    if step is None or asked.store.extent.contacts == 0:
        return
    answers = float(effort_scales(asked)["answers"].sum())
    used = step.base if step.status == "measured" else 0.0
    if answers > used:
        yield Finding("channel_journey.other_scales", {"left_out": int(answers - used), "answers": int(answers)})
