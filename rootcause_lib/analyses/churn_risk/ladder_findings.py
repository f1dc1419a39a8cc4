"""What the ladder says in words: what goes with what, never what brings what about."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.findings import Field, Finding, Quantity

_WORDS = {"above": "more", "below": "less", "undecided": "unclear"}


def ladder_headline(table: pd.DataFrame, asked: Asked) -> tuple[Finding, ...]:
    """The fairest rung, what it says of the ratio that is quoted everywhere, and what the usual ones give."""
    rows = _told(table)
    fairest = rows.get("adjusted")
    if not asked.clock.notice_known and asked.clock.dates_known and len(table):
        return (Finding("churn_ladder.notice_hides", {}),)
    if fairest is None:
        return (Finding("churn_ladder.no_ratio", {}),) if len(table) else ()
    given = _fields(fairest, asked) | {"claim": str(fairest["claim"])}
    grade, reasons = str(fairest["grade"]), tuple(str(fairest["grade_reasons"]).split(";"))
    said = [Finding(f"churn_ladder.adjusted_{_WORDS[str(fairest['verdict_1'])]}", given, grade, reasons)]
    said.append(Finding(f"churn_ladder.claimed_{fairest['verdict_4']}", {"ratio": given["ratio"]}, grade, reasons))
    if {"ever_contacted", "recent_contact"} <= rows.keys():
        usual: dict[str, Field] = {name: _ratio(rows[name]) for name in ("ever_contacted", "recent_contact")}
        said.append(Finding("churn_ladder.usual", usual, "D"))
    return tuple(said)


def ladder_readings(table: pd.DataFrame, asked: Asked) -> tuple[Finding, ...]:
    """How to read the figure, and what is wrong with each rung."""
    if table.empty:
        return ()
    first, last = asked.lag_weeks
    said = [Finding("churn_ladder.reading_ladder", {"from_week": first, "until_week": last})]
    said += [Finding(f"churn_ladder.bias_{row['bias']}", {}) for row in records(table)]
    rows = _told(table)
    if (rung := rows.get("adjusted")) and rung["left_out"]:
        weeks = known(rung["weeks"]) or 0.0
        out = known(rung["left_out"]) or 0.0
        share = Quantity("share", out / (out + weeks), denominator=out + weeks)
        said.append(Finding("churn_ladder.left_out", {"share": share, "from_week": first}))
    return tuple(said)


def ladder_cannot_tell(table: pd.DataFrame, asked: Asked) -> tuple[Finding, ...]:
    """What these data leave open."""
    return tuple(_open(table, asked))


def _open(table: pd.DataFrame, asked: Asked) -> Iterator[Finding]:
    if table.empty:
        return
    if (table["method"] == "cross_section").any():
        yield Finding("churn_ladder.cross_section", {})
        return
    yield Finding("churn_ladder.unmeasured", {})
    if asked.clock.dormant_days is not None:
        yield Finding("churn_ladder.dormant", {"days": asked.clock.dormant_days})
    if not asked.store.engagement.reasons.cancellation:
        yield Finding("churn_ladder.no_cancellation_reasons", {})
    if not asked.store.is_filled("customers", "contract_ends_on"):
        yield Finding("churn_ladder.no_contract_ends", {})


def _told(table: pd.DataFrame) -> dict[str, Row]:
    """Rungs with a number, by name."""
    return {str(row["rung"]): row for row in records(table) if known(row["hazard_ratio"]) is not None}


def _fields(row: Row, asked: Asked) -> dict[str, Field]:
    first, last = asked.lag_weeks
    return {"ratio": _ratio(row), "from_week": first, "until_week": last, "events": int(known(row["events"]) or 0)}


def _ratio(row: Row) -> Quantity:
    limits = known(row["low"]), known(row["high"])
    return Quantity("ratio", known(row["hazard_ratio"]), *limits, known(row["customers"]), str(row["grade"]))
