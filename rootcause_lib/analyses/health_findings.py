"""What the data health page says and checks, in named fields."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rootcause_lib.analyses.checks import checked, default_codes_check, identified_check
from rootcause_lib.analyses.reconciliation import EXPLANATIONS, MOST_UNEXPLAINED
from rootcause_lib.analyses.rows import records, share_of
from rootcause_lib.findings import Check, Field, Finding, Quantity
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

MOST_REJECTED, MOST_ORPHANS = 0.05, 0.05
"""Shares of a table's rows beyond which its figures should wait for a closer look."""


def health_headline(
    store: Store, coverage: pd.DataFrame, reconciled: pd.DataFrame, ready: pd.DataFrame
) -> tuple[Finding, ...]:
    """Rows, period, coverage, control totals, readiness: what to know before any figure."""
    found = [_rows(store.intake.sources)]
    covered = store.extent
    given: dict[str, Field] = {
        "first": covered.observed_from, "last": covered.observed_until, "contacts": covered.contacts,
    }  # fmt: skip
    found.append(Finding("data_health.period", given))
    total = coverage[coverage["channel"] == ALL]
    if len(total):
        row = records(total)[0]
        found.append(Finding("data_health.identified", {"identified": share_of(row)}, str(row["grade"])))
    found += [*_control_totals(reconciled), *_details(store), _readiness(ready)]
    return tuple(found)


def _rows(sources: pd.DataFrame) -> Finding:
    read, accepted, rejected = (int(sources[f"rows_{name}"].sum()) for name in ("read", "accepted", "rejected"))
    given: dict[str, Field] = {"read": read, "accepted": accepted, "rejected": rejected, "sources": len(sources)}
    return Finding("data_health.rows" if rejected else "data_health.all_accepted", given)


def _control_totals(reconciled: pd.DataFrame) -> Iterator[Finding]:
    if reconciled.empty:
        yield Finding("data_health.no_control_totals")
        return
    failed = reconciled[reconciled["unexplained"] > MOST_UNEXPLAINED]
    if failed.empty:
        yield Finding("data_health.control_explained", {"totals": len(reconciled)})
    for row in records(failed):
        unexplained = Quantity("share", float(row["unexplained"]), denominator=float(row["theirs"]))
        given: dict[str, Field] = {
            "name": str(row["name"]), "theirs": int(row["theirs"]), "ours": int(row["ours"]),
            "unexplained": unexplained,
        }  # fmt: skip
        yield Finding("data_health.control_unexplained", given)


def _details(store: Store) -> Iterator[Finding]:
    intake = store.intake
    if len(intake.rejects):
        counts = intake.rejects.groupby(["table", "column", "rule"], dropna=False).size().sort_values(ascending=False)
        most = records(counts.reset_index(name="rows"))[0]
        given: dict[str, Field] = {
            "table": str(most["table"]), "column": str(most["column"]), "rule": str(most["rule"]),
            "rows": int(most["rows"]),
        }  # fmt: skip
        yield Finding("data_health.rejects_most", given)
    repaired = int(intake.repairs["rows"].sum())
    yield Finding("data_health.repairs", {"rows": repaired}) if repaired else Finding("data_health.no_repairs")
    clock = intake.repairs.groupby("repair")["rows"].sum()
    skipped, repeated = (int(clock.get(f"clock_change_{name}_hour", 0)) for name in ("skipped", "repeated"))
    if skipped or repeated:
        yield Finding("data_health.clock_changes", {"skipped": skipped, "repeated": repeated})
    yield Finding(f"data_health.key_{intake.key_source}")


def _readiness(ready: pd.DataFrame) -> Finding:
    counts = ready["status"].value_counts()
    given: dict[str, Field] = {status: int(counts.get(status, 0)) for status in ("ready", "partial", "blocked")}
    return Finding("data_health.readiness", given)


def health_checks(store: Store, reconciled: pd.DataFrame) -> tuple[Check, ...]:
    """Rows add up, few are rejected, control totals agree, references hold, customers and codes are there."""
    found: list[Check | None] = [*_rows_checks(store.intake.sources), *_orphan_checks(store)]
    found += [*_control_checks(reconciled), identified_check(store), default_codes_check(store)]
    return tuple(check for check in found if check is not None)


def _rows_checks(sources: pd.DataFrame) -> Iterator[Check]:
    counts = sources.groupby("table", sort=False, as_index=False)[["rows_read", "rows_accepted", "rows_rejected"]].sum()
    for row in records(counts):
        table = str(row["table"])
        read, accepted, rejected = (int(row[f"rows_{name}"]) for name in ("read", "accepted", "rejected"))
        given: dict[str, Field] = {"table": table, "read": read, "accepted": accepted, "rejected": rejected}
        yield checked("rows_reconcile", read == accepted + rejected, given)
        share = Quantity("share", rejected / read if read else 0.0, denominator=read)
        given = {"table": table, "rejected": share}
        yield checked("rejected", not read or rejected <= MOST_REJECTED * read, given)


def _orphan_checks(store: Store) -> Iterator[Check]:
    accepted = store.intake.sources.groupby("table")["rows_accepted"].sum()
    for row in records(store.intake.orphans):
        rows = int(accepted.get(row["table"], 0))
        share = Quantity("share", row["rows"] / rows if rows else 0.0, denominator=rows)
        given: dict[str, Field] = {"table": str(row["table"]), "orphans": share}
        yield checked("orphans", not rows or row["rows"] <= MOST_ORPHANS * rows, given)


def _control_checks(reconciled: pd.DataFrame) -> Iterator[Check]:
    """A failed check for each total that does not agree, with what explains a part of it; else one that they all do."""
    failed = reconciled[reconciled["unexplained"] > MOST_UNEXPLAINED]
    for row in records(failed):
        given: dict[str, Field] = {
            "name": str(row["name"]), "month": str(row["month"]), "theirs": int(row["theirs"]),
            "ours": int(row["ours"]), **{name: int(row[f"explained_by_{name}"]) for name in EXPLANATIONS},
            "unexplained": Quantity("share", float(row["unexplained"]), denominator=float(row["theirs"])),
        }  # fmt: skip
        yield checked("control_totals", False, given, table=reconciled)
    if len(reconciled) and failed.empty:
        yield checked("control_totals", True, {"totals": len(reconciled)}, table=reconciled)


def health_cannot_tell(store: Store) -> tuple[Finding, ...]:
    """What counting rows cannot show."""
    found = [Finding("cannot_tell.data_meaning")]
    if not store.engagement.control_totals:
        found.append(Finding("cannot_tell.data_missing_rows"))
    return tuple(found)
