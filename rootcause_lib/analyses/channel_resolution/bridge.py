"""The part that leads from the figure in the client's own tool to ours, one change of definition at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.bridge_findings import (
    bridge_cannot_tell,
    bridge_headline,
    bridge_readings,
)
from rootcause_lib.analyses.channel_resolution.checks import total_rows
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.rows import Row, records
from rootcause_lib.analyses.small_cells import blank
from rootcause_lib.estimates import estimate
from rootcause_lib.grades import Grading, capped, width_letters
from rootcause_lib.journeys import day_number
from rootcause_lib.metrics import Metric
from rootcause_lib.metrics.tool_resolution import MARKS, TOOL_DAYS, followed, marked
from rootcause_lib.periods import DAY_SECONDS, end_second
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.vocabulary import ALL, SUPPRESSED

COLUMNS = (
    "step", "name", "value", "low", "high", "level", "numerator", "denominator", "unobserved", "contacts", "customers",
    "change", "why", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
"""Of the frame `bridge`. `contacts` were asked about, known or not; our figure has no numerator."""

STEPS = (
    *MARKS, "7_day_any", "naive_fresh", "blank_ids", "transfers", "abandoned", "window", "same_matter", "cases",
    "leaving", "ours",
)  # fmt: skip
"""Every step there can be, in order."""

_IN_ROWS = {"7_day_any": "all_", "naive_fresh": "seen_", "blank_ids": "known_"}
_COUNTED = ["value", "low", "high", "numerator", "denominator", "unobserved", "contacts", "customers", "method"]


def bridge(asked: Asked, frames: Mapping[str, pd.DataFrame]) -> Part:
    """The steps these data can be asked for; the last rows are those of `mature` and `resolution`, over everything."""
    total = total_rows(frames["resolution"], asked.followed)
    ours = records(total[total["outcome"] == "quiet"])
    covered = asked.store.extent
    follow = covered.identified > 0 or not covered.contacts
    # Apart, because only the marks are also asked of contacts of nobody known: one query would count all by customer.
    rows = list(_estimated(asked, list(_marks(asked))))
    if follow:
        rows += [*_in_rows(asked), *_estimated(asked, list(_behaviour(asked))), *_leaving(asked, frames["mature"])]
    table = pd.DataFrame(rows, columns=["name", *_COUNTED])
    graded = _graded(asked, table)
    if follow:
        graded = _with_ours(graded, ours)
    frame = _shown(asked, graded, ours)
    left_out = _left_out(asked, frame)
    return Part(
        frames={"bridge": frame},
        readings={"bridge": bridge_readings(frame, asked.followed)},
        headline=bridge_headline(frame),
        cannot_tell=bridge_cannot_tell(left_out),
    )


def _marks(asked: Asked) -> Iterator[Metric]:
    """What the client's own system says: its mark, else not reopened; then what else it notes."""
    known = records(asked.store.engine.run(statement("tool_marks", values=_days(asked))))
    noted = {name: int(count or 0) for name, count in known[0].items()} if known else {}
    steps: list[str] = []
    # Without a mark of its own the tool's figure is that nothing was reopened.
    order = list(MARKS) if noted.get("resolved") else ["reopen", "one_touch"]
    for step in order:
        columns = [MARKS[each][0] for each in MARKS if each in (*steps, step)]
        if noted.get("_".join(columns)):
            steps.append(step)
            yield marked(tuple(steps))


def _behaviour(asked: Asked) -> Iterator[Metric]:
    """What customers did: contact by contact, then case by case."""
    rules, until = asked.followed, asked.store.observed_until
    zone = asked.store.engagement.engagement.time_zone
    metrics = followed(rules.values, observed_until_seconds=end_second(until, time_zone=zone))
    unasked = {"same_matter"} if rules.matching == "any" else set()
    if rules.window_days == TOOL_DAYS and not rules.own_windows:
        unasked.add("window")
    yield from (each for each in metrics if each.key not in unasked)


def _estimated(asked: Asked, metrics: list[Metric]) -> Iterator[Row]:
    if not metrics:
        return
    for row in records(estimate(asked.store, metrics, period=asked.period)):
        if not row["denominator"]:
            continue
        yield _row(row, name=str(row["metric"]))


def _leaving(asked: Asked, mature: pd.DataFrame) -> Iterator[Row]:
    """First-contact resolution as it stands beside the headline, where leaving dates make a difference."""
    if asked.store.is_filled("customers", "left_on"):
        total = mature[(mature["channel"] == ALL) & (mature["reason"] == ALL) & (mature["denominator"] > 0)]
        yield from (_row(row, name="leaving") for row in records(total))


def _row(row: Row, *, name: str) -> Row:
    contacts = float(row["denominator"]) + float(row["unobserved"])
    return {**{key: row[key] for key in _COUNTED if key != "contacts"}, "contacts": contacts, "name": name}


def _in_rows(asked: Asked) -> Iterator[Row]:
    """Three figures over the rows of the export: all of them, those followed to the end, those of known customers."""
    zone = asked.store.engagement.engagement.time_zone
    values: dict[str, Value] = {
        **_days(asked),
        "repeat_seconds": TOOL_DAYS * DAY_SECONDS,
        "observed_until_seconds": end_second(asked.store.observed_until, time_zone=zone),
    }
    found = asked.store.engine.run(statement("repeats_in_rows", values=values)).fillna(0)
    unknown = found["unknown"].to_numpy(dtype=float)
    alone = {"7_day_any": unknown, "naive_fresh": found["unknown_seen"].to_numpy(dtype=float)}
    level = asked.store.engagement.definitions.level
    for name, prefix in _IN_ROWS.items():
        sums = _with_alone(ClusterSums.from_frame(found, prefix=prefix), alone.get(name, np.zeros(len(found))))
        share = share_from_sums(sums, level=level)
        rows = float((found["all_weight"] + unknown).sum())
        if not sums.weight.sum() > 0:
            continue
        yield {
            "name": name, "value": float(share.value[0]), "low": float(share.low[0]), "high": float(share.high[0]),
            "numerator": float(sums.value[0]), "denominator": float(sums.weight[0]),
            "unobserved": rows - float(sums.weight[0]), "contacts": rows, "customers": float(sums.clusters[0]),
            "method": str(share.method[0]),
        }  # fmt: skip


def _with_alone(sums: ClusterSums, number: Any) -> ClusterSums:
    """With rows of nobody known, each by itself and, to the tool, resolved."""
    names = ("value", "weight", "clusters", "value_value", "value_weight", "weight_weight")
    return ClusterSums(*(getattr(sums, name) + number for name in names))


def _graded(asked: Asked, table: pd.DataFrame) -> pd.DataFrame:
    """Each step is the answer to another question than ours: a proxy."""
    store, limits = asked.store, asked.store.engagement.grades
    numbers = table.astype({name: "float64" for name in _COUNTED if name != "method"})
    grading = Grading(limits, len(table)).precision(width_letters((numbers["high"] - numbers["low"]) / 2, limits))
    grading.customers(numbers["customers"])
    grading.unobserved(numbers["unobserved"] / numbers["contacts"], reason="low_response")
    graded = pd.concat([numbers, grading.result()], axis=1).assign(claim="descriptive")
    marks = graded["name"].isin(list(MARKS))
    graded = capped(graded, "C", where=marks, reason="proxy")
    graded = capped(graded, "B", where=~marks, reason="proxy")
    guessed = store.is_guessed(("resolved", "transfers", "reopened", "customer_id", "started_at", "ended_at"))
    return capped(graded, "C", where=guessed, reason="guessed_mapping")


def _with_ours(table: pd.DataFrame, ours: list[Row]) -> pd.DataFrame:
    kept = ["value", "low", "high", "unobserved", "contacts", "customers", "method", "claim", "grade", "grade_reasons"]
    last = [{**{name: row[name] for name in kept}, "name": "ours"} for row in ours]
    if not last:
        return table
    row = pd.DataFrame(last, columns=["name", *kept]).assign(numerator=np.nan, denominator=np.nan)
    return pd.concat([table, row[list(table.columns)]], ignore_index=True) if len(table) else row[list(table.columns)]


def _shown(asked: Asked, table: pd.DataFrame, ours: list[Row]) -> pd.DataFrame:
    """In order, with changes from step to step; rows of too few customers stay without numbers, and all of them where
    our own figure is left out."""
    place = table["name"].map({name: number for number, name in enumerate(STEPS)})
    ordered = table.assign(_place=place).sort_values("_place", kind="stable").reset_index(drop=True)
    if not table["name"].eq("client_tool").any() and table["name"].eq("reopen").any():
        first = ordered["name"].eq("reopen")
        ordered = pd.concat([ordered[first], ordered[~first]], ignore_index=True)
    ordered = ordered.assign(
        step=np.arange(1, len(ordered) + 1, dtype="float64"),
        level=asked.store.engagement.definitions.level,
        change=ordered["value"].diff(),
        why=ordered["name"],
    )
    numbers = [name for name in COLUMNS if name not in ("name", "why", "method", "claim", "grade", "grade_reasons")]
    frame = ordered[list(COLUMNS)].astype(dict.fromkeys(numbers, "float64"))
    withheld = any(row["grade_reasons"] == SUPPRESSED for row in ours)
    few = (frame["customers"] < asked.smallest).to_numpy(dtype=bool)
    hidden = blank(frame, np.ones(len(frame), dtype=bool) if withheld else few)
    # A change beside a figure that is left out would give it back.
    given = hidden["value"].notna() & hidden["value"].shift().notna()
    return hidden.assign(change=hidden["change"].where(given), step=ordered["step"].astype("int64"))


def _left_out(asked: Asked, frame: pd.DataFrame) -> tuple[str, ...]:
    """Steps that cannot be asked of these data; one that would change nothing by definition is not missed."""
    rules = asked.followed
    same = {"same_matter"} if rules.matching == "any" else set()
    if rules.window_days == TOOL_DAYS and not rules.own_windows:
        same.add("window")
    return tuple(name for name in STEPS if name not in {*frame["name"], *same})


def _days(asked: Asked) -> Mapping[str, Value]:
    return {"start_day": day_number(asked.period.start), "end_day": day_number(asked.period.end)}
