"""What loading gave, in few numbers: rows of each table, rejects by rule, orphans, and the contacts themselves."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
from answers import fingerprint

from rootcause_lib.schemas import TABLES
from rootcause_lib.stored_tables import STORED_TABLES

if TYPE_CHECKING:
    from by_pandas_loading import Checked

    from rootcause_lib.loaders import Intake

_COMPARED = (
    "contact_key", "contact_id", "customer_key", "started_seconds", "ended_seconds", "started_on", "started_hour",
    "channel", "direction", "reason", "wait_seconds", "handle_seconds", "wrap_up_seconds", "abandoned", "transfers",
    "resolved", "conversation_id", "revenue", "complained",
)  # fmt: skip


def of_intake(intake: Intake, rejects: Path) -> dict[str, object]:
    """Of the library's own account; `rejects` is the folder of its files of them."""
    sources = intake.sources.groupby("table")[["rows_read", "rows_rejected", "rows_merged"]].sum()
    tables = {
        str(name): [int(value) for value in row] for name, row in zip(sources.index, sources.to_numpy(), strict=True)
    }
    repairs = {f"{row.table}|{row.column}|{row.repair}": int(row.rows) for row in intake.repairs.itertuples()}
    orphans = {f"{row.table}|{row.column}": int(row.rows) for row in intake.orphans.itertuples()}
    rejected = _of_rejects({file.stem: file for file in rejects.glob("*.csv")})
    return {"tables": tables, "repairs": repairs, "orphans": orphans} | rejected


def of_checked(checked: Mapping[str, Checked], work: Path) -> dict[str, object]:
    """Of the pandas way's account and of what it wrote into `work`."""
    tables = {name: [one.read, one.rejected, one.merged] for name, one in checked.items()}
    if wrong := [name for name, one in checked.items() if one.read - one.rejected - one.merged != len(one.rows)]:
        raise AssertionError(f"rows are lost in {wrong}")
    repairs = {
        f"{name}|{column}|{repair}": rows
        for name, one in checked.items()
        for (column, repair), rows in one.repairs.items()
        if rows
    }
    counts = pd.read_parquet(work / "counts.parquet")
    found = counts[counts["what"] == "orphans"]
    orphans = {f"{row.table}|{row.column}": int(row.rows) for row in found.itertuples()}
    rejected = _of_rejects({file.stem.removesuffix("_rejects"): file for file in work.glob("*_rejects.csv")})
    return {"tables": tables, "repairs": repairs, "orphans": orphans} | rejected


def check_planted(answers: Mapping[str, Any], planted: Mapping[str, int]) -> None:
    """AssertionError when a way found other than the exports were given."""
    found = answers["rejects"].get("contacts||wrong_columns"), answers["repairs"].get("contacts||total_row")
    if found != (planted["wrong_columns"], planted["total_row"]):
        raise AssertionError(f"wrong columns and total rows: {found} found, {planted} planted")


def of_contacts(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, object]:
    kinds = STORED_TABLES["contacts"]
    columns = ", ".join(f'"{name}"::{kinds[name]} as "{name}"' for name in _COMPARED)
    return {"contacts": fingerprint(connection, f"(select {columns} from {relation})")}


def of_tables(connection: duckdb.DuckDBPyConnection, relations: Mapping[str, str]) -> dict[str, object]:
    """Every filled column of the other tables, each value tied to its row by the row's first column."""
    found: dict[str, object] = {}
    for table, relation in relations.items():
        kinds = STORED_TABLES[table]
        given = connection.execute(f"describe select * from {relation}").fetchall()
        held = [name for name in kinds if name in {row[0] for row in given}]
        columns = ", ".join(f'"{name}"::{kinds[name]} as "{name}"' for name in held)
        tied = "customer_key" if "customer_key" in held else TABLES[table].columns[0].name
        # Where the first column names an agent, it is not kept and there is nothing to tie to.
        key = f'case when "{tied}" is null then 1 else hash("{tied}"::{kinds[tied]}::varchar) % 1000003 end::bigint'
        query = f"(select {key if tied in held else '1'} as contact_key, {columns} from {relation})"
        filled = {name: told for name, told in fingerprint(connection, query).items() if told[0]}
        found[table] = {name: told for name, told in filled.items() if name != "contact_key"}
    return {"others": found}


def of_customers(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, object]:
    """The pseudonyms and their order."""
    ids = f"(select customer_key::bigint as contact_key, customer_id::varchar as customer_id from {relation})"
    return {"customers": fingerprint(connection, ids)}


def _of_rejects(files: Mapping[str, Path]) -> dict[str, object]:
    """Rows by rule; the rows, their numbers and shapes as one hash; and by rule which shapes there are."""
    counts: dict[str, int] = {}
    shapes: dict[str, set[str]] = {}
    lines = []
    for table, file in files.items():
        with file.open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                rule = f"{table}|{row['column']}|{row['rule']}"
                counts[rule] = counts.get(rule, 0) + 1
                shapes.setdefault(rule, set()).add(row["value"])
                lines.append(f"{rule}|{int(row['row'])}|{row['value']}")
    told = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    few = {rule: sorted(found)[:20] for rule, found in shapes.items()}
    return {"rejects": counts, "rejected_rows": told, "shapes": few}
