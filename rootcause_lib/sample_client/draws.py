"""Random draws in bulk: independent streams by name, picks from rows of probabilities, text columns."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

TEXT: Any = pd.StringDtype("pyarrow", na_value=np.nan)


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each part, so that one part's knobs do not reshuffle the others."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def pick(rng: np.random.Generator, shares: NDArray[np.float64], rows: NDArray[np.integer]) -> NDArray[np.int8]:
    """One column of `shares` for each of `rows`, by the probabilities in that row."""
    edges = np.cumsum(shares, axis=1)[:, :-1].astype(np.float32)
    points = rng.random(len(rows), dtype=np.float32)
    picked = np.zeros(len(rows), dtype=np.int8)
    for column in range(edges.shape[1]):
        picked += points >= edges[rows, column]
    return picked


def text_of(codes: NDArray[np.integer], values: Sequence[str]) -> pd.Series:
    """Codes as text; a negative code is null."""
    labels = pa.array(list(values), type=pa.large_string())
    numbers = pa.array(codes.astype(np.int32), mask=np.asarray(codes < 0))
    return _series(labels.take(numbers))


def numbered(numbers: NDArray[np.integer], *, width: int, prefix: str = "") -> pd.Series:
    """Numbers as ids of one width with leading zeros; a negative number is null."""
    digits = pc.cast(pa.array(numbers, mask=np.asarray(numbers < 0)), pa.large_string())
    padded = pc.utf8_lpad(digits, width=width, padding="0")
    if prefix:
        first, nothing = (pa.scalar(text, pa.large_string()) for text in (prefix, ""))
        padded = pc.binary_join_element_wise(first, padded, nothing)
    return _series(padded)


def moments(seconds: NDArray[np.integer], start: np.datetime64, *, known: NDArray[np.bool_] | None = None) -> pd.Series:
    """Seconds after the start's midnight as naive local timestamps, NaT where not known.

    What falls in the hour the clocks skip or repeat is put at its end, so that every local time is one moment.
    """
    times = (start.astype("datetime64[s]") + seconds.astype("timedelta64[s]")).astype("datetime64[us]")
    for change in clock_changes(times.min(), times.max()) if len(times) else ():
        three, four = change + np.timedelta64(3, "h"), change + np.timedelta64(4, "h")
        times[(times >= three) & (times < four)] = four
    if known is not None:
        times[~known] = np.datetime64("NaT")
    return pd.Series(times)


def clock_changes(first: np.datetime64, last: np.datetime64) -> NDArray[np.datetime64]:
    """The days between two moments on which Finland's clocks change: the last Sundays of March and October."""
    days = np.arange(first.astype("datetime64[D]"), last.astype("datetime64[D]") + 1)
    months = days.astype("datetime64[M]")
    in_month = np.isin(months.astype(np.int64) % 12 + 1, (3, 10))
    return days[in_month & ((days.astype(np.int64) + 3) % 7 == 6) & ((days - months).astype(np.int64) >= 24)]


def dates(days: NDArray[np.integer], start: np.datetime64, *, known: NDArray[np.bool_] | None = None) -> pd.Series:
    """Days after the start as midnight timestamps, NaT where not known."""
    return moments(days.astype(np.int64) * 86_400, start, known=known)


def flags(values: NDArray[np.bool_], *, known: NDArray[np.bool_] | None = None) -> pd.Series:
    """Yes, no or unknown."""
    mask = np.zeros(len(values), dtype=bool) if known is None else ~known
    return pd.Series(pd.arrays.BooleanArray(values.copy(), mask))


def whole(values: NDArray[np.integer], *, known: NDArray[np.bool_]) -> pd.Series:
    """Whole numbers, unknown where not known."""
    return pd.Series(pd.arrays.IntegerArray(values.astype(np.int32), ~known))


def _series(values: pa.Array) -> pd.Series:
    return pd.Series(TEXT.__from_arrow__(values))
