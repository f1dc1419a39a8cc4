"""What changed: the difference in contacts between two equally long periods as volume, mix and rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from rootcause_lib.analyses.root_cause.change_effects import UNKNOWN, Effects, Persons, Row, strata_of
from rootcause_lib.analyses.root_cause.change_grades import CHANGE_COLUMNS, graded_changes
from rootcause_lib.analyses.root_cause.compared import Compare, Compared, compared_periods, exposure
from rootcause_lib.periods import Period
from rootcause_lib.statements import Statement, split_by, statement, template
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

CUSTOMER_GROUPS = 200
"""Customers are dealt into so many groups: enough for intervals, few enough to leave the engine."""

NO_PROCESS = "no_process"
"""The item of contacts about what no process claims."""


def change(store: Store, period: Period, *, compare: Compare = "previous") -> pd.DataFrame:
    """The change of inbound contacts against the equally long period before (or 52 weeks back), as `CHANGE_COLUMNS`.

    contacts = days as a customer x each segment's share of them x contacts per such day: volume is more or fewer
    customers, mix is other customers, rate is customers who make contact more or less often, for every dimension alike
    (`decompose_change`). A process has volume, how often its events happen to customers (mix) and contacts of its
    reasons per event (rate); processes that share a reason are one item, and one without events in a period where it
    has contacts is told by customers' days. Without a customer list there is no volume and no mix. Rows of each
    dimension sum to the total. Intervals take contacts of one customer together, in both periods, and are never
    narrower than for independent contacts. `q_value` is the false discovery rate over all rows. Empty where the
    period compared with is not wholly in the data. Raises ParameterError for an unknown comparison.
    """
    compared = compared_periods(store, period, compare=compare)
    rows = list(counted_changes(store, compared)) if compared else []
    if compared is None or not rows:
        return pd.DataFrame(columns=list(CHANGE_COLUMNS))
    return graded_changes(store, pd.DataFrame(rows), compared, compare=compare)


def counted_changes(store: Store, compared: Compared) -> Iterator[Row]:
    """Rows with all their numbers, without grades: total, then process, reason, channel, segment."""
    counts = {by: _counts(store, compared, by) for by in ("reason", "channel")}
    customers = {by: _customers(store, compared, by) for by in ("", "reason", "channel", "segment")}
    events = store.engine.run(statement("process_counts", values=compared.values))
    groups = _number_of_groups(store, counts["reason"])
    time = exposure(store, compared)
    if counts["reason"].empty:
        return
    strata = strata_of(time, counts["reason"])
    effects = Effects(strata, time, groups, store.engagement.definitions.level)
    yield effects.item("total", ALL, counts["reason"], customers[""][ALL])
    yield from _processes(store, effects, counts["reason"], customers["reason"], events)
    for dimension, table in counts.items():
        for name, part in table.groupby("cells", sort=True):
            yield effects.item(dimension, str(name), part, customers[dimension][str(name)])
    if strata.names:
        yield from effects.segments(counts["reason"], customers["segment"])


def _counts(store: Store, compared: Compared, by: str) -> pd.DataFrame:
    """Columns customer_group, segment, cells, contacts_before, contacts."""
    tree = split_by(template("change_counts"), [by])
    values = {**compared.values, "customer_groups": CUSTOMER_GROUPS}
    counts = store.engine.run(Statement("change_counts", tree, values)).rename(columns={by: "cells"})
    order = ["cells", "segment", "customer_group"]
    return counts.assign(segment=_labels(counts["segment"]), cells=_labels(counts["cells"])).sort_values(order)


def _customers(store: Store, compared: Compared, by: str) -> dict[str, Persons]:
    """Customers behind the contacts of each item."""
    tree = split_by(template("change_customers"), [by] if by else [])
    found = store.engine.run(Statement("change_customers", tree, compared.values))
    names = _labels(found[by]) if by else pd.Series(ALL, index=found.index)
    numbers = found[["customers_before", "customers", "customers_of_both"]].to_numpy(dtype=float)
    return {name: Persons(*row) for name, row in zip(names, numbers, strict=True)}


def _labels(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), UNKNOWN).astype(str)


def _number_of_groups(store: Store, counts: pd.DataFrame) -> int:
    """How many groups there are, those without a contact included."""
    last = store.engine.run(statement("identified")).iloc[0]["last_customer"]
    known = 0 if pd.isna(last) else int(last)
    return max(min(CUSTOMER_GROUPS, known), counts["customer_group"].nunique())


def _processes(
    store: Store, effects: Effects, counts: pd.DataFrame, customers: Mapping[str, Persons], events: pd.DataFrame
) -> Iterator[Row]:
    """Processes with reasons and events, and what none of them claims."""
    seen = events.set_index(events["process"].astype(str))
    claimed: set[str] = set()
    for names, reasons in _claims(store, set(seen.index)):
        own = counts[counts["cells"].isin(reasons)]
        if own.empty:
            continue
        claimed |= reasons
        happened = seen.loc[list(names)]
        yield effects.process(
            " + ".join(names),
            own,
            _behind(customers, own),
            events_before=float(happened["events_before"].sum()),
            events=float(happened["events"].sum()),
        )
    rest = counts[~counts["cells"].isin(claimed)]
    if claimed and len(rest):
        yield effects.item("process", NO_PROCESS, rest, _behind(customers, rest))


def _claims(store: Store, present: set[str]) -> list[tuple[tuple[str, ...], set[str]]]:
    """Processes with events and the reasons they claim; those that share a reason stand together."""
    claims: list[tuple[tuple[str, ...], set[str]]] = []
    for name, process in store.engagement.processes.items():
        names: tuple[str, ...] = (name,)
        reasons = set(process.reasons)
        if name not in present or not reasons:
            continue
        for other in [claim for claim in claims if claim[1] & reasons]:
            claims.remove(other)
            names, reasons = (*other[0], *names), reasons | other[1]
        claims.append((names, reasons))
    return claims


def _behind(customers: Mapping[str, Persons], counts: pd.DataFrame) -> Persons:
    return Persons.largest(customers[item] for item in counts["cells"].unique())
