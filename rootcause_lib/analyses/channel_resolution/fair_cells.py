"""What a fair comparison of channels is made of: counts of contacts alike in everything but the channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd
from sqlglot import exp

from rootcause_lib.journeys import Following, constant_rows, day_number
from rootcause_lib.metrics import Metric, metric
from rootcause_lib.metrics.naive import own_flag
from rootcause_lib.periods import Period, end_second
from rootcause_lib.statements import Statement, Value, placeholders, statement, template
from rootcause_lib.store import Store

RESOLVED, FIRST_CONTACT = "resolved", "first_contact_resolution"
OUTCOMES = (RESOLVED, FIRST_CONTACT)
"""What channels are compared in: the client's own mark, and what customers did next."""

RECENT_SECONDS = 14 * 86_400
"""How long what went wrong upstream counts as fresh."""

NOVICE_DAYS = 90

MOST_BUCKETS, FEWEST_BUCKETS = 100, 20
MOST_ROWS = 400_000

KEYS = ("channel", "reason", "segment", "failing", "tenure")
"""What a cell holds alike."""


@dataclass(frozen=True, slots=True)
class FairCells:
    """Contacts by cell, as counted.

    cells: one row per combination of `KEYS`, `bucket` of customers and `audited_key` (NaN: not audited), with contacts
    and, for each outcome, `_asked`, `_known` and `_yes` behind its name. customers: contacts and customers by channel
    and reason. people: customers by channel (index), in all and (`_customers` behind an outcome's name) of whom the
    outcome is known.
    """

    cells: pd.DataFrame
    customers: pd.DataFrame
    people: pd.DataFrame


def fair_cells(store: Store, followed: Following, period: Period) -> FairCells:
    """Everything the comparison is made of, in two passes over the contacts of the period."""
    metrics = {RESOLVED: own_flag(), FIRST_CONTACT: metric(FIRST_CONTACT).at(followed.values)}
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    counted = store.engine.run(filled("fair_customers", metrics, values=days))
    counted = counted.astype({"channel": "str", "reason": "str", "whole": "bool"})
    by_reason = counted[~counted["whole"]].drop(columns="whole").reset_index(drop=True)
    people = counted[counted["whole"]].drop(columns=["whole", "reason", "contacts"]).set_index("channel")
    segments = store.engine.run(statement("segments_counted"))
    by_segment, buckets = _fineness(by_reason["contacts"], segments=max(1, len(segments)))
    normal = [{"process": name} for name, given in store.engagement.processes.items() if given.kind == "normal"]
    store.engine.materialise("normal_processes", constant_rows("normal_processes", normal))
    values: dict[str, Value] = {
        **days,
        "buckets": buckets,
        "by_segment": by_segment,
        "recent_seconds": RECENT_SECONDS,
        "novice_days": NOVICE_DAYS,
        "until_seconds": end_second(store.observed_until, time_zone=store.engagement.engagement.time_zone),
    }
    cells = store.engine.run(filled("fair_cells", metrics, values=values))
    kinds = {**dict.fromkeys(KEYS, "str"), "audited_key": "float64"}
    numbers = [name for name in cells.columns if name not in (*kinds, "bucket")]
    cells[numbers] = cells[numbers].fillna(0).astype("float64")
    # Rows come in any order; figures that are drawn must not depend on it.
    order = ["audited_key", *KEYS, "bucket"]
    return FairCells(cells.astype(kinds).sort_values(order, kind="stable", ignore_index=True), by_reason, people)


def _fineness(contacts: pd.Series, *, segments: int) -> tuple[bool, int]:
    """Whether segments are told apart, and how many buckets of customers, so that few enough rows come out."""

    def rows(kinds: int, buckets: int) -> float:
        return float(contacts.fillna(0).clip(upper=kinds * buckets).sum())

    for told in (segments, 1):
        for buckets in (MOST_BUCKETS, 50, FEWEST_BUCKETS):
            if rows(6 * told, buckets) <= MOST_ROWS:
                return told > 1 or segments == 1, buckets
    return False, FEWEST_BUCKETS


def filled(name: str, metrics: Mapping[str, Metric], *, values: Mapping[str, Value]) -> Statement:
    """A statement whose columns m_ stand once for every outcome, told by its metric; pure."""
    tree = template(name)
    for select in tree.find_all(exp.Select):
        select.set("expressions", [column for item in select.expressions for column in _repeated(item, metrics)])
    own = {f"{key}_{at}": value for key, given in metrics.items() for at, value in given.values.items()}
    named = placeholders(tree)
    every = {**values, **{at: value for at, value in own.items() if at in named}}
    return Statement(name, tree, MappingProxyType(every))


def _repeated(column: exp.Expr, metrics: Mapping[str, Metric]) -> Iterator[exp.Expr]:
    if not column.alias_or_name.startswith("m_"):
        yield column
        return
    for key, given in metrics.items():

        def told(node: exp.Expr, key: str = key, given: Metric = given) -> exp.Expr:
            if isinstance(node, exp.Placeholder) and node.name in ("asked", "known", "measure"):
                tree = given.expression(node.name)  # type: ignore[arg-type]
                for value in tree.find_all(exp.Placeholder):
                    value.set("this", f"{key}_{value.name}")
                return exp.paren(tree)
            if isinstance(node, exp.Identifier) and node.name.startswith("m_"):
                return exp.to_identifier(f"{key}_{node.name.removeprefix('m_')}")
            return node

        yield column.copy().transform(told)


def outcome_columns(outcome: str) -> Sequence[str]:
    """Contacts asked, of how many of them it is known, how many are a yes."""
    return [f"{outcome}_{name}" for name in ("asked", "known", "yes")]
