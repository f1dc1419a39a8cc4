"""Load and check in plain pandas: the library's rules, read off the same declarations of the canonical tables.

What is made is the same: typed tables with pseudonyms instead of ids, contacts sorted, every broken rule with
its row, repeated rows told from repeated ids, orphans and filled shares counted.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from clients import TIME_ZONE

from rootcause_lib.schemas import TABLES, Column, Table

_NULLS = ["", "-", "NULL", "null", "n/a", "N/A", "NA", "None", "none", "nan", "NaN"]
_FLAGS = {"true": True, "yes": True, "kyllä": True, "1": True, "false": False, "no": False, "ei": False, "0": False}
_DAMAGED = r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+$"
_FORMAT = "%d.%m.%Y %H:%M:%S"
_EARLIEST, _LATEST = pd.Timestamp("1970-01-01"), pd.Timestamp("2199-12-31 23:59:59")
Faults = dict[tuple[str, str], pd.Series]
"""(column, rule or repair) to the rows it touches."""

_ONE_HOUR = pd.Timedelta(hours=1)


@dataclass(slots=True)
class Checked:
    """A table once judged: its rows, what was wrong with others, and of how many rows what was put right."""

    rows: pd.DataFrame
    rejects: pd.DataFrame
    repairs: dict[tuple[str, str], int]
    read: int
    repeated: int


def load(folder: Path, target: Path) -> dict[str, Checked]:
    """Every table of an engagement's folder, checked and kept as Parquet in `target`."""
    files = {file.stem: file for file in sorted(folder.iterdir()) if file.suffix in (".csv", ".parquet")}
    checked = {name: _check(TABLES[name], _read(file)) for name, file in files.items() if name in TABLES}
    keys = _pseudonyms(
        pd.concat([one.rows["customer_id"] for one in checked.values() if "customer_id" in one.rows]).dropna().unique()
    )
    rejects = [one.rejects.assign(table=name) for name, one in checked.items()]
    pd.concat(rejects).to_csv(target / "rejects.csv", index=False)
    for name, one in checked.items():
        if "customer_id" in one.rows:
            one.rows["customer_key"] = one.rows.pop("customer_id").map(keys).astype("Int64")
        if name == "contacts":
            one.rows = _sorted(one.rows)
        one.rows.to_parquet(target / f"{name}.parquet", index=False)
    _count(checked).to_parquet(target / "counts.parquet", index=False)
    return checked


def _read(file: Path) -> pd.DataFrame:
    if file.suffix == ".parquet":
        return pd.read_parquet(file)
    return pd.read_csv(file, sep=";", dtype="str", keep_default_na=False, na_values=_NULLS)


def _check(table: Table, raw: pd.DataFrame) -> Checked:
    rows = pd.DataFrame(index=raw.index)
    broken, repaired = Faults(), Faults()
    for column in table:
        if column.name in raw.columns:
            rows = _typed(column, raw[column.name], rows, broken, repaired)
    further = [name for name in raw.columns if name not in table.column_names]
    rows = pd.concat([rows, raw[further]], axis=1)
    for first, second in table.ordered:
        if {_stored(table, first), _stored(table, second)} <= set(rows.columns):
            early = rows[_stored(table, second)] < rows[_stored(table, first)]
            broken[second, "ends_before_start"] = early.fillna(False)
    if table.one_of:
        there = [raw[name].notna() for name in table.one_of if name in raw.columns]
        broken[" or ".join(table.one_of), "missing"] = ~pd.concat(there, axis=1).any(axis=1)
    good = ~pd.concat(broken.values(), axis=1).any(axis=1)
    repeated = pd.Series(False, index=rows.index)
    if table.key:
        keys = [_stored(table, name) for name in table.key if _stored(table, name) in rows.columns]
        suspects = rows[good & rows.duplicated(keys, keep=False)]
        suspects = suspects[suspects.duplicated(keys, keep="first")]
        same = raw.loc[suspects.index.union(rows.index[rows[keys[0]].isin(suspects[keys[0]])])].duplicated(keep="first")
        repeated.loc[suspects.index] = same.reindex(suspects.index).to_numpy()
        conflicting = pd.Series(False, index=rows.index)
        conflicting.loc[suspects.index] = ~repeated.loc[suspects.index]
        broken[table.key[0], "duplicate_id"] = conflicting
        good &= ~conflicting
    rejects = pd.concat(
        [
            pd.DataFrame({"row": rows.index[bad] + 2, "column": name, "rule": rule})
            for (name, rule), bad in broken.items()
            if bad.any()
        ]
        or [pd.DataFrame(columns=["row", "column", "rule"])]
    )
    repairs = {
        fault: int((touched & good).sum()) for fault, touched in (repaired | {("", "duplicate_row"): repeated}).items()
    }
    return Checked(rows[good & ~repeated].copy(), rejects, repairs, len(raw), int(repeated.sum()))


def _typed(column: Column, raw: pd.Series, rows: pd.DataFrame, broken: Faults, repaired: Faults) -> pd.DataFrame:
    name, given = column.name, raw.notna()
    if column.required:
        broken[name, "missing"] = ~given
    if column.type in ("id", "text", "label"):
        text = raw.astype("str").str.strip()
        if column.type == "id":
            damaged = text.str.contains("+", regex=False, na=False)
            if damaged.any() and text[damaged].str.match(_DAMAGED).any():
                raise ValueError(f"damaged ids in {name}")
        if column.choices:
            broken[name, "not_a_choice"] = given & ~text.isin(column.choices)
        rows[name] = text
        return rows
    if column.type == "flag":
        value = raw if raw.dtype != "str" else raw.str.lower().map(_FLAGS)
        rows[name] = value.astype("boolean")
        broken[name, "unreadable"] = given & rows[name].isna()
        return rows
    if column.type in ("timestamp", "date"):
        return _timed(column, raw, rows, broken, repaired)
    if raw.dtype == "str":
        repaired[name, "decimal_comma"] = raw.str.contains(",", regex=False, na=False)
    value = raw if raw.dtype != "str" else pd.to_numeric(raw.str.replace(",", ".", regex=False), errors="coerce")
    broken[name, "unreadable"] = given & value.isna()
    low = float("-inf") if column.minimum is None else column.minimum
    high = float("inf") if column.maximum is None else column.maximum
    broken[name, "out_of_range"] = ((value < low) | (value > high)).fillna(False).astype(bool)
    rows[name] = value.astype("Int64") if column.type == "count" else value.astype("Float64")
    return rows


def _timed(column: Column, raw: pd.Series, rows: pd.DataFrame, broken: Faults, repaired: Faults) -> pd.DataFrame:
    """Local times as UTC seconds and local days; around the clock change by the library's stated rule."""
    name, given = column.name, raw.notna()
    value = raw if raw.dtype != "str" else pd.to_datetime(raw, format=_FORMAT, errors="coerce")
    broken[name, "unreadable"] = given & value.isna()
    broken[name, "out_of_range"] = (value < _EARLIEST) | (value > _LATEST)
    if raw.dtype == "str":
        repaired[name, "local_date_format"] = value.notna()
    if column.type == "date":
        rows[name] = value.dt.floor("D")
        return rows
    instant = value.dt.tz_localize(TIME_ZONE, ambiguous=False, nonexistent=_ONE_HOUR)
    told = value.notna()
    repaired[name, "clock_change_repeated_hour"] = (
        told & value.dt.tz_localize(TIME_ZONE, ambiguous="NaT", nonexistent=_ONE_HOUR).isna()
    )
    repaired[name, "clock_change_skipped_hour"] = (
        told & value.dt.tz_localize(TIME_ZONE, ambiguous=False, nonexistent="NaT").isna()
    )
    stem = name.removesuffix("_at")
    seconds = instant.astype("datetime64[s, UTC]").astype("int64").astype("Int64")
    rows[f"{stem}_seconds"] = seconds.where(instant.notna())
    local = instant.dt.tz_localize(None)
    rows[f"{stem}_on"] = local.dt.floor("D")
    if name == "started_at":
        rows["started_hour"] = local.dt.hour.astype("Int32")
    return rows


def _stored(table: Table, name: str) -> str:
    return f"{name.removesuffix('_at')}_seconds" if table[name].type == "timestamp" else name


def _pseudonyms(ids: pd.api.extensions.ExtensionArray) -> pd.Series:
    """Keys from 1 in the order of the keyed pseudonyms."""
    key = os.environ["ROOTCAUSE_KEY"].encode()
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    names = pd.Series([hmac.digest(key, f"customer:{one}".encode(), "sha256").hex()[:20] for one in ids], index=ids)
    names = names.sort_values()
    return pd.Series(range(1, len(names) + 1), index=names.index)


def _sorted(contacts: pd.DataFrame) -> pd.DataFrame:
    ends = contacts["ended_seconds"]
    ends = ends.fillna(contacts["started_seconds"] + contacts["handle_seconds"].round().astype("Int64")).fillna(
        contacts["started_seconds"]
    )
    contacts = contacts.assign(ended_seconds=ends, direction=contacts["direction"].fillna("inbound"))
    contacts = contacts.sort_values(
        ["customer_key", "started_seconds", "contact_id"], na_position="last", ignore_index=True
    )
    return contacts.assign(contact_key=range(1, len(contacts) + 1))


def _count(checked: dict[str, Checked]) -> pd.DataFrame:
    """Filled shares of every column and orphans of every reference."""
    counts = []
    for name, one in checked.items():
        counts += [(name, column, "filled", int(filled)) for column, filled in one.rows.notna().sum().items()]
        for column in TABLES[name]:
            target = (column.references or "").partition(".")[0]
            key = "customer_key" if column.name == "customer_id" else column.name
            if target in checked and target != name and key in one.rows:
                strangers = one.rows[key].notna() & ~one.rows[key].isin(checked[target].rows[key])
                counts.append((name, column.name, "orphans", int(strangers.sum())))
    return pd.DataFrame(counts, columns=["table", "column", "what", "rows"])
