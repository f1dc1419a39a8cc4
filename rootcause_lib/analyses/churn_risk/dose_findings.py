"""What the figures on kinds of contacts and on problems say in words, each with the claim the guards allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.exposures import lag_length
from rootcause_lib.analyses.churn_risk.guards import Guarded
from rootcause_lib.analyses.churn_risk.hazard_factors import PROBLEM_WEEKS, problems
from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.statistics.dose_steps import DoseSteps, Rise
from rootcause_lib.statistics.false_discovery import adjusted_p_values, p_values_of_ratios
from rootcause_lib.vocabulary import ALL

KINDS = ("channel", "reason_group", "reason", "wait", "agent")
LUCK = 0.05
"""Share of kinds, or processes, told to stand out that may do so by luck."""
Named = dict[str, Row]


def dose_headline(table: pd.DataFrame, steps: DoseSteps | None, guarded: Guarded) -> tuple[Finding, ...]:
    """Whether each contact goes with leaving, where that can be told."""
    if steps is None or steps.shape in ("undecided", "not_shown"):
        return ()
    return (_each(table, steps, guarded),)


def dose_readings(asked: Asked, table: pd.DataFrame, steps: DoseSteps | None, guarded: Guarded) -> tuple[Finding, ...]:
    """How to read the figure, each contact, of 1,000 customers, resolved or not, come back or not, the worst kind."""
    if table["hazard_ratio"].isna().all():
        return ()
    first, last = asked.lag_weeks
    said = [Finding("churn_dose.reading_dose", {"from_week": first, "until_week": last})]
    said.append(_each(table, steps, guarded) if steps is not None else Finding("churn_dose.no_steps", {}))
    said += _of_thousand(asked, guarded)
    said += _ends(table, guarded)
    said += _kinds(table, guarded)
    return tuple(said)


def dose_cannot_tell(asked: Asked, table: pd.DataFrame) -> tuple[Finding, ...]:
    """What the data hold no sign of."""
    return tuple(_open(asked, table))


def problem_headline(table: pd.DataFrame) -> tuple[Finding, ...]:
    """The process that goes most with leaving, and those of its customers who said nothing."""
    rows = standing_out([row for row in records(table) if row["handling"] == ALL])
    if not rows:
        return ()
    worst = max(rows, key=lambda row: float(row["low"]))
    return (_problem(worst),)


def problem_readings(table: pd.DataFrame) -> tuple[Finding, ...]:
    """How to read the figure, then every process that can be told."""
    told = [row for row in records(table) if known(row["hazard_ratio"]) is not None]
    if not told:
        return ()
    said = [Finding("churn_dose.reading_problem_effect", {"weeks": PROBLEM_WEEKS})]
    for row in told:
        if row["handling"] == ALL:
            said.append(_problem(row))
        elif row["handling"] == "never_contacted" and _surely_more(row):
            given: dict[str, Field] = {"process": str(row["process"]), "ratio": _ratio(row)}
            said.append(_finding("silent_more", given, row))
    return tuple(said)


def _each(table: pd.DataFrame, steps: DoseSteps, guarded: Guarded) -> Finding:
    row = records(table[(table["split"] == "each_contact") & (table["level"] == "per_contact")])[0]
    events = int(known(row["events"]) or 0)
    given: dict[str, Field] = {
        "ratio": _rise(steps.steady, events),
        "first": _rise(steps.steps[0], events),
        "further": _rise(steps.further, events),
        "below": _rise(steps.below, events),
        "of": events,
        "claim": guarded.claim.strength,
    }
    if steps.threshold is not None:
        given |= {"threshold": steps.threshold, "step": _rise(steps.steps[steps.threshold - 1], events)}
    return _finding(f"each_{steps.shape}", given, row)


def _of_thousand(asked: Asked, guarded: Guarded) -> Iterator[Finding]:
    effect = guarded.effect
    if known(effect["per_1000"]) is None or effect["events"] < asked.smallest:
        return
    limits = effect["per_1000_low"], effect["per_1000_high"]
    given: dict[str, Field] = {
        "per_1000": Quantity("mean", effect["per_1000"], *limits, effect["events"]), "weeks": lag_length(asked),
        "of": int(effect["events"]), "claim": guarded.claim.strength,
    }  # fmt: skip
    yield Finding(f"churn_dose.{'more' if limits[0] > 0 else 'fewer'}_of_thousand", given)


def _ends(table: pd.DataFrame, guarded: Guarded) -> Iterator[Finding]:
    for split, key, names in (
        ("resolution", "ends", {"resolved": "resolved", "unresolved": "unresolved"}),
        ("repeat", "came_back", {"once": "once", "came_back": "back"}),
    ):
        rows = _told(table, split)
        if set(names) <= set(rows):
            given: dict[str, Field] = {field: _ratio(rows[level]) for level, field in names.items()}
            worse = max((rows[level] for level in names), key=lambda row: str(row["grade"]))
            yield _finding(key, given | {"claim": guarded.claim.strength}, worse)


def _kinds(table: pd.DataFrame, guarded: Guarded) -> Iterator[Finding]:
    """Of each way to split the kind that stands out most surely, at `LUCK` over all of them."""
    rows = [row for split in KINDS for row in _told(table, split).values()]
    clear = standing_out(rows)
    for split in KINDS:
        own = [row for row in clear if row["split"] == split]
        if own:
            worst = max(own, key=lambda row: float(row["low"]))
            given: dict[str, Field] = {"level": str(worst["level"]), "ratio": _ratio(worst), "split": split}
            given["claim"] = guarded.claim.strength
            yield _finding("unlike_channel" if split == "channel" else "unlike_kind", given, worst)


def standing_out(rows: Sequence[Row]) -> list[Row]:
    """The rows whose ratio lies above 1, at most `LUCK` of them by luck (Benjamini and Hochberg)."""
    told = [row for row in rows if known(row["low"]) is not None and float(row["low"]) > 0]
    if not told:
        return []
    ratio, low, high = ([float(row[name]) for row in told] for name in ("hazard_ratio", "low", "high"))
    shared = adjusted_p_values(
        p_values_of_ratios(
            ratio, low, high, level=float(told[0]["confidence"] if "confidence" in told[0] else told[0]["level"])
        )
    )
    return [
        row for row, q_value in zip(told, shared, strict=True) if q_value <= LUCK and float(row["hazard_ratio"]) > 1
    ]


def _open(asked: Asked, table: pd.DataFrame) -> Iterator[Finding]:
    if table.empty or not asked.clock.dates_known:
        return
    weeks = table.set_index(["split", "level"])["weeks"].to_dict()
    marked = [weeks.get(("resolution", level)) for level in ("resolved", "unresolved")]
    if all(each == 0 for each in marked):
        yield Finding("churn_dose.open_no_marks", {})
    if "wait" not in set(table["split"]):
        yield Finding("churn_dose.open_no_waits", {})
    if not problems(asked):
        yield Finding("churn_dose.open_no_problems", {})


def _problem(row: Row) -> Finding:
    given: dict[str, Field] = {"process": str(row["process"]), "ratio": _ratio(row), "weeks": PROBLEM_WEEKS}
    if not _surely_more(row):
        return _finding("problem_unclear", given, row)
    limits = known(row["per_1000_low"]), known(row["per_1000_high"])
    given["per_1000"] = Quantity("mean", known(row["per_1000"]), *limits, known(row["weeks"]))
    return _finding("problem_more", given, row)


def _told(table: pd.DataFrame, split: str) -> Named:
    own = records(table[table["split"] == split])
    return {str(row["level"]): row for row in own if known(row["hazard_ratio"]) is not None}


def _surely_more(row: Row) -> bool:
    low = known(row["low"])
    return low is not None and low > 1


def _ratio(row: Row) -> Quantity:
    limits = known(row["low"]), known(row["high"])
    return Quantity("ratio", known(row["hazard_ratio"]), *limits, known(row["weeks"]), str(row["grade"]))


def _rise(rise: Rise, events: int) -> Quantity:
    return Quantity("ratio", known(rise.ratio), known(rise.low), known(rise.high), events)


def _finding(key: str, given: dict[str, Field], row: Row) -> Finding:
    reasons = tuple(reason for reason in str(row["grade_reasons"]).split(";") if reason)
    return Finding(f"churn_dose.{key}", given, str(row["grade"]), reasons)
