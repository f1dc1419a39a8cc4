"""Load and check in plain pandas: the library's rules, read off the same declarations of the canonical tables.

What is made is the same: typed tables with pseudonyms instead of ids, contacts sorted, every broken rule with
its row and the masked shape of its value, total lines and repeated rows told from broken ones, orphans and filled
shares counted. How files, times and numbers are written is found out, not told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from by_pandas_notations import Numbers, Times, numbers_of, times_of
from by_pandas_reading import Source, UnreadableError, cleaned, read
from by_pandas_rejecting import kept_rejects, like_totals
from by_pandas_storing import coder_names, counted, pseudonyms, sorted_contacts
from clients import TIME_ZONE

from rootcause_lib.schemas import TABLES, Column, Table

_TRUE = ("true", "1", "yes", "y", "t", "kyllä", "k", "1.0", "tosi", "on", "x")
_FLAGS = dict.fromkeys(_TRUE, True) | dict.fromkeys(
    ("false", "0", "no", "n", "f", "ei", "e", "0.0", "epätosi", "off"), False
)
_DAMAGED = r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+$"
_NUMBERS = ("seconds", "number", "money", "count")
_FIRST = {"timestamp": pd.Timestamp("1970-01-01"), "date": pd.Timestamp("1900-01-01")}
_LAST, _NO_END = pd.Timestamp("2199-12-31 23:59:59"), pd.Timestamp("9999-01-01")
_HIDDEN = ("agent_id", "lead")
"""Columns that name an agent, of whom the usual view shows the team alone."""

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
    rejected: int
    merged: int


@dataclass(slots=True)
class _Judged:
    """A table while it is judged."""

    table: Table
    source: Source
    rows: pd.DataFrame
    broken: Faults = field(default_factory=Faults)
    repaired: Faults = field(default_factory=Faults)

    @property
    def raw(self) -> pd.DataFrame:
        return self.source.rows

    def marked(self) -> pd.Series:
        """Rows that break any rule so far."""
        found = pd.Series(False, index=self.rows.index)
        for touched in self.broken.values():
            found |= touched
        return found


def load(folder: Path, target: Path) -> dict[str, Checked]:
    """Every table of an engagement's folder, checked and kept as Parquet in `target`."""
    files = {file.stem: file for file in sorted(folder.iterdir()) if file.suffix in (".csv", ".parquet")}
    checked = {
        name: _check(TABLES[name], read(file, TABLES[name].column_names))
        for name, file in files.items()
        if name in TABLES
    }
    named = [one.rows["customer_id"] for one in checked.values() if "customer_id" in one.rows]
    customers = pseudonyms("customer", pd.concat(named).dropna().drop_duplicates())
    customers.reset_index(drop=True).to_parquet(target / "customer_ids.parquet", index=False)
    for name, one in checked.items():
        if "customer_id" in one.rows:
            one.rows["customer_key"] = one.rows.pop("customer_id").map(customers["customer_key"]).astype("Int64")
        if "coder" in one.rows:
            one.rows["coder"] = coder_names(one.rows["coder"])
        if name == "contacts":
            one.rows = sorted_contacts(one.rows)
        one.rows.to_parquet(target / f"{name}.parquet", index=False)
        if len(one.rejects):
            one.rejects.assign(table=name).to_csv(target / f"{name}_rejects.csv", index=False)
    counted({name: one.rows for name, one in checked.items()}).to_parquet(target / "counts.parquet", index=False)
    return checked


def _check(table: Table, source: Source) -> Checked:
    judged = _Judged(table, source, pd.DataFrame(index=source.rows.index))
    for column in table:
        if column.name in judged.raw.columns:
            _type(column, judged)
    further = [name for name in judged.raw.columns if name not in table.column_names]
    for name in further:
        text = judged.raw[name]
        judged.rows[name] = text if text.dtype != "str" else cleaned(text).astype("category")
    _relate(judged)
    totals, refused = like_totals(source, judged.marked())
    for touched in judged.broken.values():
        touched &= ~totals
    repeated = _repeat(judged, totals) if table.key else pd.Series(False, index=judged.rows.index)
    _settle_labels(judged)
    bad = judged.marked()
    rejects = kept_rejects(source, judged.broken, refused)
    repairs = {
        fault: int((touched & ~bad & ~totals).sum())
        for fault, touched in (judged.repaired | {("", "duplicate_row"): repeated}).items()
    }
    lines = len(source.refused) - len(refused)
    repairs["", "total_row"] = int(totals.sum()) + lines
    rows = judged.rows[~(bad | repeated | totals)].drop(columns=[name for name in _HIDDEN if name in judged.rows])
    return Checked(
        rows, rejects, repairs, len(bad) + len(source.refused), int(bad.sum()) + len(refused),
        int((repeated & ~bad).sum()) + int(totals.sum()) + lines,
    )  # fmt: skip


def _type(column: Column, judged: _Judged) -> None:
    """One column read and judged by the rules that a value alone can break."""
    raw = judged.raw[column.name]
    if column.type in ("id", "text", "label"):
        given = _text(column, raw, judged)
    elif column.type == "flag":
        value, given = _flags(raw)
        judged.rows[column.name] = value
        judged.broken[column.name, "unreadable"] = given & value.isna()
    elif column.type in ("timestamp", "date"):
        given = _time(column, raw, judged)
    else:
        given = _number(column, raw, judged)
    if column.required:
        judged.broken[column.name, "missing"] = ~given


def _text(column: Column, raw: pd.Series, judged: _Judged) -> pd.Series:
    text = cleaned(raw.astype("str"))
    if column.type == "id":
        suspect = text.str.contains("+", regex=False, na=False)
        if suspect.any() and text[suspect].str.match(_DAMAGED).any():
            raise UnreadableError(f"damaged ids in {column.name}")
    judged.rows[column.name] = text.astype("category") if column.type == "label" else text
    return text.notna()


def _flags(raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    if raw.dtype != "str":
        return raw.astype("boolean"), raw.notna()
    held = raw.astype("category")
    words = cleaned(held.cat.categories.to_series())
    meant = pd.array([_FLAGS.get(str(word).lower()) for word in words] + [None], dtype="boolean")
    there = np.append(words.notna().to_numpy(), False)
    codes = held.cat.codes.to_numpy()
    return pd.Series(meant[codes], index=raw.index), pd.Series(there[codes], index=raw.index)


def _looked_twice(raw: pd.Series, parse: Callable[[pd.Series], pd.Series]) -> tuple[pd.Series, pd.Series]:
    """(values, whether one was given): blanks and words for nothing are looked for only where a value did not read."""
    value = parse(raw)
    given = raw.notna()
    again = given & value.isna()
    if again.any():
        texts = cleaned(raw[again])
        given[again] = texts.notna()
        value[again] = parse(texts)
    return value, given


def _number(column: Column, raw: pd.Series, judged: _Judged) -> pd.Series:
    name = column.name
    if raw.dtype == "str":
        notation: Numbers = numbers_of(raw, is_duration=column.type == "seconds")
        value, given = _looked_twice(raw, notation.read)
        if notation.mark == ",":
            judged.repaired[name, "decimal_comma"] = value.notna() & raw.str.contains(",", regex=False, na=False)
    else:
        value, given = raw.astype("Float64").astype("float64"), raw.notna()
    if column.type == "count":
        value = value.where((value == np.floor(value)) & (value.abs() < 1e15))
    judged.broken[name, "unreadable"] = given & value.isna()
    low = float("-inf") if column.minimum is None else column.minimum
    high = float("inf") if column.maximum is None else column.maximum
    judged.broken[name, "out_of_range"] = (value < low) | (value > high)
    judged.rows[name] = value.astype("Int64") if column.type == "count" else value
    return given


def _time(column: Column, raw: pd.Series, judged: _Judged) -> pd.Series:
    """Local times as UTC seconds and local days; around the clock change by the library's stated rule."""
    name = column.name
    if raw.dtype == "str":
        notation: Times = times_of(raw)
        value, given = _looked_twice(raw, notation.read)
        if notation.is_local:
            judged.repaired[name, "local_date_format"] = value.notna()
    else:
        value, given = raw, raw.notna()
    judged.broken[name, "unreadable"] = given & value.isna()
    outside = (value < _FIRST[column.type]) | (value > _LAST)
    if outside.any():
        endless = value >= _NO_END
        outside &= ~endless | column.required
        value = value.mask(endless)
    judged.broken[name, "out_of_range"] = outside
    if column.type == "date":
        judged.rows[name] = value.dt.floor("D")
        return given
    instant = value.dt.tz_localize(TIME_ZONE, ambiguous=False, nonexistent=_ONE_HOUR)
    local = instant.dt.tz_localize(None)
    judged.repaired[name, "clock_change_skipped_hour"] = value.notna() & (local != value)
    hours = value.dt.floor("h")
    each = pd.Series(hours.dropna().unique())
    twice = each[each.dt.tz_localize(TIME_ZONE, ambiguous="NaT", nonexistent=_ONE_HOUR).isna()]
    judged.repaired[name, "clock_change_repeated_hour"] = hours.isin(twice)
    stem = name.removesuffix("_at")
    seconds = instant.astype("datetime64[s, UTC]").astype("int64").astype("Int64")
    judged.rows[f"{stem}_seconds"] = seconds.where(instant.notna())
    judged.rows[f"{stem}_on"] = local.dt.floor("D")
    if name == "started_at":
        judged.rows["started_hour"] = local.dt.hour.astype("Int32")
    return given


def _relate(judged: _Judged) -> None:
    """The rules that need two columns of a row."""
    rows, table = judged.rows, judged.table
    for first, second in table.ordered:
        one, other = _stored(table, first), _stored(table, second)
        if one in rows and other in rows:
            judged.broken[second, "ends_before_start"] = (rows[other] < rows[one]).fillna(False).astype(bool)
    if {"score", "scale_low", "scale_high"} <= set(rows.columns):
        outside = (rows["score"] < rows["scale_low"]) | (rows["score"] > rows["scale_high"])
        judged.broken["score", "out_of_range"] = judged.broken["score", "out_of_range"] | outside
    if table.one_of:
        there = [rows[_stored(table, name)].notna() for name in table.one_of if _stored(table, name) in rows]
        judged.broken[" or ".join(table.one_of), "missing"] = ~pd.concat(there, axis=1).any(axis=1)


def _repeat(judged: _Judged, totals: pd.Series) -> pd.Series:
    """Rows delivered twice; other rows with an id that was there before are rejected."""
    table, rows, good = judged.table, judged.rows, ~(judged.marked() | totals)
    keys = [_stored(table, name) for name in table.key if _stored(table, name) in rows.columns]
    repeated = pd.Series(False, index=rows.index)
    twins = rows[good & rows.duplicated(keys, keep=False)]
    twins = twins[twins.duplicated(keys, keep=False)]
    later = twins.duplicated(keys, keep="first")
    same = later & ~_differs(twins, keys)
    repeated.loc[twins.index] = same
    other = pd.Series(False, index=rows.index)
    other.loc[twins.index] = later & ~same
    judged.broken[table.key[0], "duplicate_id"] = other
    return repeated


def _differs(twins: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Whether a row's contents are other than those of the first row with its id."""
    contents = pd.util.hash_pandas_object(twins, index=False)
    return contents != contents.groupby([twins[key] for key in keys], dropna=False).transform("first")


def _settle_labels(judged: _Judged) -> None:
    """Labels with choices in the library's own words; rows with none of them are rejected."""
    for column in judged.table:
        if column.type != "label" or not column.choices or column.name not in judged.rows:
            continue
        held = judged.rows[column.name]
        known = {_folded(choice): choice for choice in column.choices}
        meant = {label: known.get(_folded(label)) for label in held.cat.categories}
        wrong = held.isin([label for label, choice in meant.items() if choice is None]) & ~judged.marked()
        if column.name == "channel" and wrong.any():
            raise UnreadableError("channels that are not mapped")
        judged.broken[column.name, "not_a_choice"] = wrong
        if any(label != choice for label, choice in meant.items()):
            judged.rows[column.name] = held.map(meant).astype("category")


def _folded(label: str) -> str:
    return " ".join(unicodedata.normalize("NFC", label).casefold().replace("_", " ").split())


def _stored(table: Table, name: str) -> str:
    return f"{name.removesuffix('_at')}_seconds" if table[name].type == "timestamp" else name
