"""Resolution at every window from 1 to 30 days: each contact is counted once, whatever the window.

`watch` makes the table of contacts; from its counts come the curves at all windows and the day by which coming back
about a matter ends. Rows stay in the engine: what comes out are counts by window and way, and how often two ways meet
in one customer, told from at most `contact_paces.MOST_DRAWN` customers of a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.contact_paces import draw_customers, find_paces
from rootcause_lib.journeys import Following, day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Statement, Value, split_by, statement, template
from rootcause_lib.statistics.intervals import Floats, floats
from rootcause_lib.statistics.window_curves import CURVE_COLUMNS, Chance, OpenedCounts, window_curve
from rootcause_lib.statistics.window_end import WatchedCounts, window_end
from rootcause_lib.store import Store

LONGEST_WINDOW = 30
"""Days."""

_WAYS = 3 * LONGEST_WINDOW + 3
_PACES = 12
_FIRST_PACE = 100


def watch(store: Store, followed: Following, *, period: Period) -> None:
    """Make `window_ways` for the contacts of a period: what the functions below read.

    Every matter is told at the same windows; `followed.window_days` only tells a customer's other cases apart.
    """
    values: dict[str, Value] = {
        "matching": followed.matching,
        "window_days": followed.window_days,
        "start_day": day_number(period.start),
        "end_day": day_number(period.end),
        "horizon_days": LONGEST_WINDOW,
    }
    find_paces(store, window_days=followed.window_days)
    store.engine.materialise("window_ways", statement("window_ways", values=values))


def curves(store: Store, *, by: Sequence[str] = (), level: float) -> pd.DataFrame:
    """Shares quiet, come back and left at windows of 1 to 30 days, and the excess over chance, for each cell of `by`.

    Columns: *by, then those of `statistics.window_curves`. `by` may hold channel, segment and reason ('' is none).
    Needs `watch`.
    """
    chance = _chance(store, pace="contacts")
    customers = store.engine.run(_split("window_customers", by))
    draw_customers(store, customers, by)
    counts = store.engine.run(_split("window_counts", by, pace="contacts"))
    pairs = store.engine.run(_split("window_pairs", by, pace="contacts", least_days=1))
    frames = []
    for cell, (counted, met, known) in _by_cell(by, counts, pairs, customers):
        opened = OpenedCounts(**_dense(counted, met), customers=_by_window(known, "customers"))
        curve = window_curve(opened, chance=chance, level=level)
        for place, (name, value) in enumerate(zip(by, cell, strict=True)):
            curve.insert(place, name, value)
        frames.append(curve)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*by, *CURVE_COLUMNS])


def ends(store: Store, *, by: Sequence[str] = (), level: float) -> pd.DataFrame:
    """The day by which coming back ends, for each cell of `by`: *by, day, low, high, excess (+low, high), contacts,
    customers, unobserved. Every judged contact counts, whatever it opens. Needs `watch`."""
    chance = _chance(store, pace="cases")
    customers = store.engine.run(_split("window_customers", by))
    draw_customers(store, customers, by)
    counts = store.engine.run(_split("window_counts", by, pace="cases"))
    pairs = store.engine.run(_split("window_pairs", by, pace="cases", least_days=0))
    rows = []
    for cell, (counted, met, known) in _by_cell(by, counts, pairs, customers):
        dense = _dense(counted, met)
        watched = WatchedCounts(
            ways=floats(dense["ways"].sum(axis=0)),
            paces=floats(dense["paces"].sum(axis=0)),
            pairs=floats(dense["pairs"][0]),
            drawn=float(dense["drawn"].sum()),
            customers=float(known["customers"].sum()),
        )
        end = window_end(watched, chance=chance, level=level)
        told = {name: getattr(end, name) for name in ("day", "low", "high", "excess", "excess_low", "excess_high")}
        told |= {"contacts": watched.ways.sum(), "customers": watched.customers, "unobserved": end.unobserved}
        rows.append(dict(zip(by, cell, strict=True)) | told)
    return pd.DataFrame(rows)


def _chance(store: Store, *, pace: str) -> Chance | None:
    """What each class of pace would bring back anyway by each day; None for matching by case id.

    By contacts: of those that open a case at each window, the quiet window before them left out of the days in which
    the others could lie. By cases: of every contact.
    """
    made_of = store.engine.run(statement("window_paces", values={"pace": pace}))
    made_of = made_of[made_of["contacts"] > 0]
    if made_of.empty:
        return None
    others, watched, contacts = (floats(made_of[name]) for name in ("others", "days", "contacts"))
    longest, place = floats(made_of["opens_days"]), made_of["pace"].astype("int64").to_numpy()
    sums = []
    for day in range(1, LONGEST_WINDOW + 1):
        days, weights = watched, contacts
        if pace == "contacts":
            days, weights = np.maximum(watched - day, 1), contacts * (longest >= day)
        told = weights * (days >= day)
        back = told * (1 - (1 - day / np.maximum(days, day)) ** others)
        sums.append([np.bincount(place, weights=each, minlength=_PACES) for each in (weights, told, back)])
    every, told, back = (floats(np.array(each)) for each in zip(*sums, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        value, share = np.where(told > 0, back / told, 0.0), np.where(every > 0, told / every, 0.0)
    return Chance(floats(value), floats(share))


def _dense(counted: pd.DataFrame, met: pd.DataFrame) -> dict[str, Floats]:
    """Counts and pairs of one cell as arrays by longest window."""
    size, windows = _WAYS + _PACES, LONGEST_WINDOW + 1
    at = counted["opens_days"].astype("int64").to_numpy() * size + _feature(counted["feature"])
    contacts = np.bincount(at, weights=floats(counted["contacts"]), minlength=windows * size).reshape(windows, size)
    drawn = np.bincount(at, weights=floats(counted["drawn"]), minlength=windows * size).reshape(windows, size)
    first, second = _feature(met["feature"]), _feature(met["feature_2"])
    place = (met["opens_days"].astype("int64").to_numpy() * size + first) * size + second
    pairs = np.bincount(place, weights=floats(met["contacts"]), minlength=windows * size * size)
    return {
        "ways": floats(contacts[:, :_WAYS]),
        "paces": floats(contacts[:, _WAYS:]),
        "pairs": floats(pairs.reshape(windows, size, size)),
        "drawn": floats(drawn[:, :_WAYS].sum(axis=1)),
    }


def _feature(column: pd.Series) -> npt.NDArray[np.int64]:
    number = column.astype("int64").to_numpy()
    return np.where(number >= _FIRST_PACE, number - _FIRST_PACE + _WAYS, number)


def _by_window(known: pd.DataFrame, column: str) -> Floats:
    at = known["opens_days"].astype("int64").to_numpy()
    return floats(np.bincount(at, weights=floats(known[column]), minlength=LONGEST_WINDOW + 1))


def _by(frame: pd.DataFrame, by: Sequence[str]) -> Any:
    return frame.groupby(list(by), sort=True, dropna=False)


def _by_cell(by: Sequence[str], *frames: pd.DataFrame) -> Iterator[tuple[tuple[str, ...], list[pd.DataFrame]]]:
    """The frames cut to each cell of the first one."""
    if not by:
        if len(frames[0]):
            yield (), list(frames)
        return
    groups = [dict(iter(_by(frame, by))) for frame in frames]
    for cell in groups[0]:
        own = [group.get(cell, frame.iloc[:0]) for group, frame in zip(groups, frames, strict=True)]
        yield tuple(map(str, cell)), own


def _split(name: str, by: Sequence[str], **values: Value) -> Statement:
    return Statement(name, split_by(template(name), by), values)
