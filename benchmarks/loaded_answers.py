"""What loading gave, in few numbers: rows of each table, rejects by rule, orphans, and the contacts themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
from answers import fingerprint

from rootcause_lib.stored_tables import STORED_TABLES

if TYPE_CHECKING:
    from by_pandas_loading import Checked

    from rootcause_lib.loaders import Intake

_COMPARED = (
    "contact_key", "contact_id", "customer_key", "started_seconds", "ended_seconds", "started_on", "started_hour",
    "channel", "direction", "reason", "wait_seconds", "handle_seconds", "wrap_up_seconds", "abandoned", "transfers",
    "resolved", "conversation_id", "revenue", "complained",
)  # fmt: skip


def of_intake(intake: Intake) -> dict[str, object]:
    """Of the library's own account. Its list of rejects holds the first ten thousand, more than are planted."""
    sources = intake.sources.groupby("table")[["rows_read", "rows_rejected", "rows_merged"]].sum()
    tables = {
        str(name): [int(value) for value in row] for name, row in zip(sources.index, sources.to_numpy(), strict=True)
    }
    repairs = {f"{row.table}|{row.column}|{row.repair}": int(row.rows) for row in intake.repairs.itertuples()}
    orphans = {f"{row.table}|{row.column}": int(row.rows) for row in intake.orphans.itertuples()}
    return {"tables": tables, "rejects": _rules(intake.rejects), "repairs": repairs, "orphans": orphans}


def of_checked(checked: Mapping[str, Checked], counts: pd.DataFrame) -> dict[str, object]:
    tables = {name: [one.read, one.read - len(one.rows) - one.repeated, one.repeated] for name, one in checked.items()}
    rejects = pd.concat([one.rejects.assign(table=name) for name, one in checked.items()])
    repairs = {
        f"{name}|{column}|{repair}": rows
        for name, one in checked.items()
        for (column, repair), rows in one.repairs.items()
        if rows
    }
    found = counts[counts["what"] == "orphans"]
    orphans = {f"{row.table}|{row.column}": int(row.rows) for row in found.itertuples()}
    return {"tables": tables, "rejects": _rules(rejects), "repairs": repairs, "orphans": orphans}


def of_contacts(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, object]:
    kinds = STORED_TABLES["contacts"]
    columns = ", ".join(f'"{name}"::{kinds[name]} as "{name}"' for name in _COMPARED)
    return {"contacts": fingerprint(connection, f"(select {columns} from {relation})")}


def _rules(rejects: pd.DataFrame) -> dict[str, object]:
    counts = rejects.groupby(["table", "column", "rule"]).size()
    return {"|".join(map(str, key)): int(rows) for key, rows in counts.items()}  # type: ignore[call-overload]
