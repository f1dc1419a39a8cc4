"""How soon customers come back: curves from per-day counts taken in the engine, right at both edges of an extract.

A contact whose follow-up is short counts for the days it was seen and no further; nothing is called
resolved because nobody looked long enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

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
    store.engine.materialise("recontact_ways", statement("recontact_ways", values=values))


def curves(store: Store, *, by: Sequence[str] = (), horizon_days: int, level: float) -> pd.DataFrame:
    """Shares quiet, come back and left within each of 1..horizon_days days, for each cell of `by`.

    Columns: *by, day, outcome, value, low, high, at_risk, events, contacts, unobserved, customers,
    method. `by` may hold channel and reason. Needs `watch` with at least that horizon.
    """
    ways = store.engine.run(_split("recontact_counts", by))
    pairs = store.engine.run(_split("recontact_pairs", by))
    ways = _spelt(ways[ways["contacts"].fillna(0) > 0], way="way", suffix="")
    pairs = _spelt(_spelt(pairs[pairs["contacts"].fillna(0) > 0], way="way", suffix=""), way="way_2", suffix="_2")
    if by:
        customers = ways.groupby(list(by), dropna=False, sort=False)["customers"].sum().reset_index()
    else:
        customers = pd.DataFrame({"customers": [ways["customers"].sum()]})
    table = incidence(ways, pairs, customers, horizon=horizon_days - 1, by=by, level=level)
    return table.assign(day=table["day"].astype("int64") + 1)


def chance(
    store: Store, followed: Following, *, among: Among, by: Sequence[str] = (), horizon_days: int
) -> pd.DataFrame:
    """Share that a customer's own rate of contact would bring back by chance: *by, day, expected_by_chance.

    Empty for matching by case id, where chance has no say. Needs `watch`.
    """
    columns = [*by, "day", "expected_by_chance"]
    if followed.matching == "case":
        return _no_chance(columns)
    values: dict[str, Value] = {
        "matching": followed.matching,
        "among": among,
        "observed_from_day": day_number(store.observed_from),
        "observed_until_day": day_number(store.observed_until),
    }
    counts = store.engine.run(_split("chance_counts", by, values=values))
    counts = counts[(counts["contacts"] > 0) & (counts["observed_days"] > 0)]
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
