"""What stands beside the figures of root causes: how these data are to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from rootcause_lib.analyses.root_cause.findings import UNEXPLAINED, finding, said_as
from rootcause_lib.analyses.root_cause.processes import Processes
from rootcause_lib.analyses.rows import Row, records
from rootcause_lib.findings import Field, Finding, Quantity, QuantityKind
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL


def process_readings(
    store: Store, found: Processes, frames: Mapping[str, pd.DataFrame]
) -> dict[str, tuple[Finding, ...]]:
    """By frame, what these data say about the figures of processes."""
    return {
        "attributable": tuple(_about_contacts(store, frames["attributable"])),
        "eliminable": tuple(_without_events(frames["eliminable"])),
        "incidence": tuple(_about_incidence(store, found, frames["incidence"])),
        "dose_response": tuple(_about_doses(frames["dose_trends"])),
        "shocks": tuple(_about_shocks(found, frames["shocks"])),
    }


def _about_contacts(store: Store, attributable: pd.DataFrame) -> Iterator[Finding]:
    """Processes that can't be told, and those that are ordinary business."""
    known = store.engagement.processes
    for row in records(attributable[~attributable["process"].isin([ALL, UNEXPLAINED])]):
        process = str(row["process"])
        if pd.isna(row["contacts"]) and row["reason_untold"]:
            yield Finding("root_cause.untold", {"process": process, "reason": str(row["reason_untold"])})
        elif known[process].kind == "normal" and row["low"] > 0:
            yield Finding("root_cause.ordinary", {"process": process})


def _without_events(eliminable: pd.DataFrame) -> Iterator[Finding]:
    """Processes told from an audit, or from their codes alone."""
    keys = {"audit": "by_audit", "ceiling": "by_codes"}
    for row in records(eliminable[eliminable["basis"].isin(list(keys)) & eliminable["contacts"].notna()]):
        given: dict[str, Field] = {"process": str(row["process"]), "contacts": _count(row, "exposed_contacts")}
        yield said_as(f"root_cause_processes.{keys[str(row['basis'])]}", given, row)


def _about_incidence(store: Store, found: Processes, incidence: pd.DataFrame) -> Iterator[Finding]:
    """Which contacts were counted, and what weakens the claim of a cause."""
    methods = set(incidence["method"])
    if "case_series_openers" in methods:
        yield Finding("root_cause.first_contacts")
    elif "case_series_span" in methods:
        yield finding("both_ways", {"days": store.engagement.definitions.spill_over_days})
    if found.watched:
        key = "all_watched" if found.watched == found.callers else "sample_watched"
        yield finding(key, {"watched": found.watched, "callers": found.callers, "customers": found.customers})
    placebo = incidence[(incidence["kind"] == "placebo") & incidence["rate_ratio"].notna()].set_index("process")
    for process, verdict in found.placebos.items():
        if verdict == "failed" and process in placebo.index:
            row = placebo.loc[process].to_dict()
            yield finding("placebo_moves", {"process": process, "ratio": _ratio(row, "rate_ratio")})
        elif store.engagement.processes[process].opened_by_contact:
            yield Finding("root_cause_processes.opened_by_contact", {"process": process})
        elif verdict == "undecided":
            yield Finding("root_cause_processes.placebo_open", {"process": process})
    for process in found.leaving_matters:
        yield finding("stayers_differ", {"process": process})


def _about_doses(trends: pd.DataFrame) -> Iterator[Finding]:
    """Whether contacts rise with every day late."""
    for row in records(trends):
        process: dict[str, Field] = {"process": str(row["process"])}
        if pd.isna(row["per_day"]):
            if row["reason_untold"]:
                yield finding("dose_untold", {**process, "reason": str(row["reason_untold"])})
            continue
        if row["low"] <= 1 <= row["high"]:
            yield finding("dose_flat", process, row)
        else:
            key = "dose_rises" if row["low"] > 1 else "dose_falls"
            yield finding(key, {**process, "per_day": _ratio(row, "per_day")}, row)


def _about_shocks(found: Processes, shocks: pd.DataFrame) -> Iterator[Finding]:
    """Processes that strike everybody at once, and what the largest of their days brought."""
    for process in found.left:
        yield Finding("root_cause_processes.left_for_shocks", {"process": process})
    told = shocks[shocks["excess"].notna()]
    for row in records(told.sort_values("excess", ascending=False, kind="stable").head(_SHOWN)):
        given: dict[str, Field] = {
            "process": str(row["process"]),
            "day": row["day"],
            "customers": Quantity("share", float(row["customers_share"]), denominator=float(row["events"])),
            "excess": _quantity("count", row, "excess", of="contacts"),
        }
        yield said_as("root_cause_processes.shock", given, row)


_SHOWN = 3


def _count(row: Row, of: str) -> Quantity:
    return _quantity("count", row, "contacts", of=of)


def _ratio(row: Row, name: str) -> Quantity:
    return _quantity("ratio", row, name, of="contacts")


def _quantity(kind: QuantityKind, row: Row, name: str, *, of: str) -> Quantity:
    """A number with the row's limits; `of` names the column of its denominator."""
    value, low, high, whole = (None if pd.isna(row.get(one)) else float(row[one]) for one in (name, "low", "high", of))
    return Quantity(kind, value, low, high, whole, row.get("grade"))
