"""What the change says, in named fields, most important first."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rootcause_lib.analyses.root_cause.change import NO_PROCESS
from rootcause_lib.analyses.root_cause.change_grades import FALSE_DISCOVERY_RATE
from rootcause_lib.analyses.root_cause.compared import YEAR_DAYS, compared_periods, in_the_data, period_before
from rootcause_lib.analyses.root_cause.findings import said_as
from rootcause_lib.analyses.rows import Row, records
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.periods import Period
from rootcause_lib.store import Store

_SHOWN = 2
"""Items of a dimension that are told one by one."""


def change_headline(store: Store, period: Period, found: pd.DataFrame, *, compare: str) -> tuple[Finding, ...]:
    """The total, what it is made of, and the items that changed beyond chance; that nothing can be compared."""
    compared = compared_periods(store, period, compare=compare)
    if compared is None or found.empty:
        return (_nothing_before(store, period, compare=compare),) if compared is None else ()
    total = records(found[found["dimension"] == "total"])[0]
    if pd.isna(total["total"]):
        return ()
    days: dict[str, Field] = {
        "before_start": compared.before.start, "before_end": compared.before.end,
        "start": compared.period.start, "end": compared.period.end,
        "contacts_before": float(total["contacts_before"]), "contacts": float(total["contacts"]),
    }  # fmt: skip
    told = [_finding(str(total["changed"]), {**days, "total": _count(total, "total")}, total)]
    if total["exposure_unit"] == "customer_days":
        parts: dict[str, Field] = {name: _count(total, name) for name in ("volume", "mix", "rate")}
        told.append(_finding("parts", parts, total))
    return (*told, *_items(found))


def _items(found: pd.DataFrame) -> Iterator[Finding]:
    """The largest changes that stand out, processes first; or that none does."""
    items = found[found["dimension"].isin(["process", "reason", "channel", "segment"]) & found["item"].notna()]
    items = items[(items["item"] != NO_PROCESS) & (items["changed"] != "no_clear_change")]
    if items.empty:
        yield Finding("root_cause_change.nothing_stands_out", {"rate": FALSE_DISCOVERY_RATE})
    for dimension, rows in items.groupby("dimension", sort=False):
        largest = rows.sort_values("total", key=lambda column: -column.abs(), kind="stable").head(_SHOWN)
        for row in records(largest):
            given: dict[str, Field] = {"item": str(row["item"]), "total": _count(row, "total")}
            if row["exposure_unit"] == "events":
                given |= {name: _count(row, name) for name in ("volume", "mix", "rate")}
                given |= {"events_before": float(row["exposure_before"]), "events": float(row["exposure"])}
                yield _finding("process", given, row)
            else:
                yield _finding(f"item_{dimension}", given, row)


def change_readings(store: Store, period: Period, found: pd.DataFrame) -> tuple[Finding, ...]:
    """What stands beside the figure."""
    if found.empty:
        return ()
    return tuple(_about(store, period, found))


def _about(store: Store, period: Period, found: pd.DataFrame) -> Iterator[Finding]:
    yield Finding("root_cause_change.reading")
    if (found["exposure_unit"] == "events").any():
        yield Finding("root_cause_change.reading_process")
    yield Finding("root_cause_change.stated_rate", {"rate": FALSE_DISCOVERY_RATE})
    covered = in_the_data(store, period)
    if covered != period:
        yield Finding("root_cause_change.partly_covered", {"start": covered.start, "end": covered.end})


def change_cannot_tell(store: Store, period: Period, found: pd.DataFrame, *, compare: str) -> tuple[Finding, ...]:
    """Season, customers who are not in the data, causes."""
    if found.empty:
        return ()
    told = [Finding("root_cause_change.not_causes")]
    covered = in_the_data(store, period)
    if compare == "previous" and covered.days <= YEAR_DAYS:
        possible = compared_periods(store, covered, compare="year_before") is not None
        told.append(Finding("root_cause_change.season" if possible else "root_cause_change.season_unknown"))
    if (found["exposure_unit"] == "days").any():
        told.append(Finding("root_cause_change.no_customers"))
    return tuple(told)


def _nothing_before(store: Store, period: Period, *, compare: str) -> Finding:
    covered = in_the_data(store, period)
    before = period_before(covered, compare=compare)
    given: dict[str, Field] = {
        "start": covered.start, "end": covered.end, "observed_from": store.observed_from,
        "before_start": before.start, "before_end": before.end,
    }  # fmt: skip
    if compare == "previous" and compared_periods(store, covered, compare="year_before") is not None:
        return Finding("root_cause_change.not_before_but_year", given)
    return Finding("root_cause_change.not_before", given)


def _count(row: Row, name: str) -> Quantity:
    def known(column: str) -> float | None:
        return None if pd.isna(row[column]) else float(row[column])

    of = float(row["contacts_before"])
    return Quantity("count", known(name), known(f"{name}_low"), known(f"{name}_high"), of, str(row["grade"]))


def _finding(key: str, given: dict[str, Field], row: Row) -> Finding:
    return said_as(f"root_cause_change.{key}", given, row)
