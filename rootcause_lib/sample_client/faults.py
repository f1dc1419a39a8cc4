"""Faults planted in the exports, each counted: rows to reject, and what loaders can repair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.sample_client.draws import clock_changes
from rootcause_lib.sample_client.finnish import DECIMALS, finnish_days, finnish_moments

FAULTY_IDS = 90_000_000
"""Contact numbers from here on are rows made to be rejected, ten thousand for each file."""

OPEN_QUOTE = "\x02avoin"
"""A cell that is written with a quote at its beginning and none at its end."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How many of each fault to plant. Rows to be rejected are added to the clean ones, so that what a loader accepts
    is the clean table; only rows at clock changes alter a clean row."""

    impossible_dates: int = 5
    unreadable_numbers: int = 4
    negative_durations: int = 5
    ends_before_start: int = 5
    missing_starts: int = 3
    missing_ids: int = 2
    conflicting_ids: int = 6
    duplicate_rows: int = 15
    delivered_twice: int = 25
    """Rows of the first contacts file that the second delivers again; none with a single file."""
    clock_change_rows: int = 3
    """At each clock change within the period."""
    event_ends_before_start: int = 3
    events_without_customer: int = 2
    survey_scores_out_of_range: int = 4
    survey_duplicates: int = 5
    customers_left_before_joining: int = 2
    customer_duplicates: int = 3
    future_starts: int = 0
    huge_durations: int = 0
    unknown_directions: int = 0
    open_quotes: int = 0
    """Rows with a cell that begins with a quote and never ends."""

    @classmethod
    def all_kinds(cls) -> Faults:
        """More faults than a usual export has, and of every kind."""
        return cls(future_starts=4, huge_durations=3, unknown_directions=2, open_quotes=5)

    @classmethod
    def none(cls) -> Faults:
        """Clean exports."""
        return cls(*(0 for _ in cls.__slots__))


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault as planted: `rule` of a rejection or name of a `repair`, and how many rows.

    Repairs are counted over the rows that are not rejected, copies delivered twice among them.
    """

    table: str
    source: str
    count: int
    rule: str | None = None
    repair: str | None = None
    column: str | None = None


Spoiler = Callable[[pd.DataFrame], pd.DataFrame]


def _set(**values: str) -> Spoiler:
    return lambda rows: rows.assign(**values)


def _end_a_day_early(rows: pd.DataFrame) -> pd.DataFrame:
    earlier = pd.to_datetime(rows["started_at"], format="%d.%m.%Y %H:%M") - pd.Timedelta(days=1)
    return rows.assign(ended_at=finnish_moments(earlier))


def spoiled_contacts(
    clean: pd.DataFrame, faults: Faults, rng: np.random.Generator, *, first_number: int
) -> tuple[pd.DataFrame, list[tuple[str, str, int]]]:
    """Copies of clean rows, each with one fault and an id of its own from `first_number` on.

    Beside them (rule, column, count) of each kind.
    """
    kinds: tuple[tuple[str, str, int, Spoiler], ...] = (
        ("unreadable", "started_at", faults.impossible_dates, _set(started_at="31.2.2025 10:15")),
        ("unreadable", "handle_seconds", faults.unreadable_numbers, _set(handle_seconds="n. 5 min")),
        ("out_of_range", "handle_seconds", faults.negative_durations, _set(handle_seconds="-3,5")),
        ("ends_before_start", "ended_at", faults.ends_before_start, _end_a_day_early),
        ("missing", "started_at", faults.missing_starts, _set(started_at="")),
        ("missing", "contact_id", faults.missing_ids, _set(contact_id="")),
        ("after_observed", "started_at", faults.future_starts, _set(started_at="1.6.2095 10:15", ended_at="")),
        ("out_of_range", "handle_seconds", faults.huge_durations, _set(handle_seconds="99999,5")),
        ("not_a_choice", "direction", faults.unknown_directions, _set(direction="sivuttain")),
        ("wrong_columns", "", faults.open_quotes, _set(text=OPEN_QUOTE)),
    )
    parts, planted = [], []
    number = first_number
    usual = clean[(clean["handle_seconds"] != "") & (clean["ended_at"] != "")]
    for rule, column, count, spoil in kinds:
        rows = _some(usual, count, rng).copy()
        rows["contact_id"] = [f"{number + offset:08d}" for offset in range(len(rows))]
        number += len(rows)
        if len(rows):
            parts.append(spoil(rows))
            planted.append((rule, column, len(rows)))
    conflicting = _some(usual, faults.conflicting_ids, rng).copy()
    if len(conflicting):
        conflicting["wait_seconds"], conflicting["handle_seconds"] = "77", "77,7"
        parts.append(conflicting)
        planted.append(("duplicate_id", "contact_id", len(conflicting)))
    return (pd.concat(parts) if parts else clean.iloc[:0]), planted


def copies_of(clean: pd.DataFrame, spoiled: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Rows to deliver twice: complete ones, none whose id is in conflict, none that the next file delivers again."""
    able = clean.iloc[: max(len(clean) - 100, 1)]
    able = able[(able["ended_at"] != "") & ~able["contact_id"].isin(spoiled["contact_id"])]
    return _some(able, count, rng)


def shuffled_in(rows: pd.DataFrame, extra: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The rows in their order, each extra one (indexed as the row it was made from) somewhere after its original."""
    origin = np.maximum(rows.index.get_indexer(extra.index), 0)
    after = origin + rng.random(len(extra)) * (len(rows) - origin)
    places = np.concatenate([np.arange(len(rows)), after])
    return pd.concat([rows, extra]).iloc[np.argsort(places, kind="stable")].reset_index(drop=True)


def _some(rows: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    chosen = rng.choice(len(rows), size=min(count, len(rows)), replace=False)
    return rows.iloc[np.sort(chosen)]


def at_clock_changes(
    written: pd.DataFrame, started: pd.Series, count: int
) -> tuple[pd.DataFrame, Mapping[str, pd.Series]]:
    """Contacts of the days the clocks change, moved into the hour that is skipped or repeated; their end is unknown.

    Beside them, per repair, which rows.
    """
    result = written.copy()
    planted: dict[str, pd.Series] = {}
    if not count or not len(started):
        return result, planted
    first, last = started.min().to_datetime64(), started.max().to_datetime64()
    for day in clock_changes(first, last):
        on_day = np.flatnonzero((started.dt.normalize() == pd.Timestamp(day)).to_numpy())[:count]
        text = finnish_days(pd.Series([pd.Timestamp(day)]))[0]
        labels = written.index[on_day]
        result.loc[labels, "started_at"] = [f"{text} 03:{10 + minute:02d}" for minute in range(len(labels))]
        result.loc[labels, "ended_at"] = ""
        spring = pd.Timestamp(day).month == 3
        repair = "clock_change_skipped_hour" if spring else "clock_change_repeated_hour"
        rows = planted.setdefault(repair, pd.Series(False, index=written.index))
        rows.loc[labels] = True
    return result, planted


def format_repairs(rows: pd.DataFrame, table: str, source: str) -> list[Planted]:
    """How many of an export's acceptable rows have a decimal comma or a Finnish date, by column."""
    planted = []
    for column in rows:
        filled = rows[column].astype("str")
        if column in DECIMALS:
            count, repair = int(filled.str.fullmatch(r"-?\d+,\d+").sum()), "decimal_comma"
        elif str(column).endswith(("_at", "_on")) or column == "date":
            count, repair = int(filled.str.match(r"\d{1,2}\.\d{1,2}\.\d{4}").sum()), "local_date_format"
        else:
            continue
        if count:
            planted.append(Planted(table, source, count, repair=repair, column=str(column)))
    return planted
