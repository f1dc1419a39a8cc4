"""How soon customers come back: curves from per-day counts taken in the engine, right at both edges of an extract.

A contact whose follow-up is short counts for the days it was seen and no further; nothing is called
resolved because nobody looked long enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from rootcause_lib.contact_paces import draw_customers, find_paces
from rootcause_lib.journeys import Following, day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Statement, Value, split_by, statement, template
from rootcause_lib.statistics.chance import expected_by_chance
from rootcause_lib.statistics.incidence import incidence
from rootcause_lib.store import Store

_OUTCOME_OF_WAY = np.array(["censored", "came_back", "left"])


Among = Literal["every", "openers"]
"""Which judged contacts are watched: every one, or those that provably open a case."""


def watch(store: Store, followed: Following, *, among: Among, period: Period, horizon_days: int) -> None:
    """Make `recontact_ways` for the contacts of a period: what the functions below read.

    For openers day `window_days` is the end of every matter's own window (`Following.own_windows`).
    """
    values = {
        **followed.values,
        "among": among,
        "start_day": day_number(period.start),
        "end_day": day_number(period.end),
        "horizon_days": horizon_days,
    }
    find_paces(store, window_days=followed.window_days)
    store.engine.materialise("recontact_ways", statement("recontact_ways", values=values))


def curves(store: Store, *, by: Sequence[str] = (), horizon_days: int, level: float) -> pd.DataFrame:
    """Shares quiet, come back and left within each of 1..horizon_days days, for each cell of `by`.

    Columns: *by, day, outcome, value, low, high, at_risk, events, contacts, unobserved, customers,
    method. `by` may hold channel and reason. Needs `watch` with at least that horizon.
    """
    return curves_by(store, [by], horizon_days=horizon_days, level=level)[0]


def curves_by(store: Store, splits: Sequence[Sequence[str]], *, horizon_days: int, level: float) -> list[pd.DataFrame]:
    """`curves` for several splits: contacts are counted once, by all of their dimensions."""
    finest = store.engine.run(_split("recontact_counts", _finest(splits)))
    frames = []
    for by in splits:
        ways = _summed(finest, [*by, "way"])
        customers = store.engine.run(_split("recontact_customers", by))
        customers = customers[customers["customers"].fillna(0) > 0]
        draw_customers(store, customers, by)
        pairs = _of_everybody(store.engine.run(_split("recontact_pairs", by)), ways, by)
        ways = _spelt(ways, way="way", suffix="")
        pairs = _spelt(_spelt(pairs, way="way", suffix=""), way="way_2", suffix="_2")
        table = incidence(ways, pairs, customers, horizon=horizon_days - 1, by=by, level=level)
        frames.append(table.assign(day=table["day"].astype("int64") + 1))
    return frames


def chance(store: Store, followed: Following, *, by: Sequence[str] = (), horizon_days: int) -> pd.DataFrame:
    """Share that a customer's own rate of contact would bring back by chance: *by, day, expected_by_chance.

    Empty for matching by case id, where chance has no say. Needs `watch`.
    """
    return chances_by(store, followed, [by], horizon_days=horizon_days)[0]


def chances_by(
    store: Store, followed: Following, splits: Sequence[Sequence[str]], *, horizon_days: int
) -> list[pd.DataFrame]:
    """`chance` for several splits, from one count of the contacts watched."""
    if followed.matching == "case":
        return [_no_chance([*by, "day", "expected_by_chance"]) for by in splits]
    counts = store.engine.run(_split("chance_counts", _finest(splits)))
    paces = ["other_contacts", "own_days", "observed_days"]
    return [_chance(_summed(counts, [*by, *paces]), followed, by, horizon_days=horizon_days) for by in splits]


def _chance(counts: pd.DataFrame, followed: Following, by: Sequence[str], *, horizon_days: int) -> pd.DataFrame:
    """One split's share expected by chance from its counts of paces."""
    columns = [*by, "day", "expected_by_chance"]
    counts = counts.assign(stretch=counts["own_days"] / followed.window_days)
    frames = []
    cells: Iterable[tuple[Any, pd.DataFrame]] = counts.groupby(list(by), dropna=False) if by else [((), counts)]
    for cell, rows in cells:
        found = expected_by_chance(rows, within_days=range(1, horizon_days + 1))
        found = found.rename(columns={"within_days": "day", "value": "expected_by_chance"})
        # Customers watched for fewer than d days drop out of day d; a share that adds up must not fall for that.
        found["expected_by_chance"] = found["expected_by_chance"].cummax()
        for dimension, name in zip(by, cell, strict=True):
            found[dimension] = name
        frames.append(found)
    return pd.concat(frames, ignore_index=True)[columns] if frames else _no_chance(columns)


def _finest(splits: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Every dimension of several splits."""
    return tuple(dict.fromkeys(name for by in splits for name in by))


def _summed(counts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Contacts by fewer columns than they were counted by."""
    known = counts[counts["contacts"].fillna(0) > 0]
    return known.groupby(keys, dropna=False, sort=True)["contacts"].sum().reset_index()


def _of_everybody(pairs: pd.DataFrame, ways: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Pairs within the customers drawn, as of all: how often contacts meet themselves is known, others meet as many
    times as often as there are contacts to those drawn."""
    keys = [*by, "way"]
    alone = pairs["way_2"].isna()
    drawn = pairs.loc[alone, [*keys, "contacts"]].rename(columns={"contacts": "drawn"})
    known = ways.rename(columns={"contacts": "known"}).merge(drawn, on=keys, how="left").fillna({"drawn": 0.0})
    cell = known.groupby(list(by), dropna=False).ngroup() if by else known["way"] * 0
    sums = known.groupby(cell)[["known", "drawn"]].transform("sum")
    known["grown"] = sums["known"] / sums["drawn"].clip(lower=1)
    met = pairs[~alone].merge(known, on=keys).astype({"way_2": "int64"})
    own = met["way"] == met["way_2"]
    met["contacts"] = (met["contacts"] - met["drawn"].where(own, 0.0)) * met["grown"]
    themselves = known.assign(way_2=known["way"], contacts=known["known"])
    return pd.concat([met, themselves], ignore_index=True)[[*keys, "way_2", "contacts"]]


def _no_chance(columns: Sequence[str]) -> pd.DataFrame:
    """No row, but columns of the types the others have, so that joining changes none."""
    kinds = {"day": "int64", "expected_by_chance": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "str")) for name in columns})


def _split(name: str, by: Sequence[str], *, values: Mapping[str, Value] | None = None) -> Statement:
    return Statement(name, split_by(template(name), by), values or {})


def _spelt(frame: pd.DataFrame, *, way: str, suffix: str) -> pd.DataFrame:
    """`way` as outcome and day; the statistics count days from 0, so day d is day d - 1 there."""
    number = frame[way].astype("int64")
    spelt = frame.copy()
    spelt[f"outcome{suffix}"], spelt[f"day{suffix}"] = _OUTCOME_OF_WAY[number % 3], number // 3 - 1
    return spelt
