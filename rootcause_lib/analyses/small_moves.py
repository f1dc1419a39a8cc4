"""Small cells of rows that are shares of a whole: moves between channels, a channel's weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.small_cells import Counts, blank, unsafe_cells
from rootcause_lib.statistics.disclosure import Flags
from rootcause_lib.vocabulary import ALL, SMALL


def protected_moves(
    moves: pd.DataFrame, *, opened: str, went: str, counted: str, minimum: int, hidden: frozenset[str]
) -> pd.DataFrame:
    """Moves without the numbers of small ones and of those that would give them back; `movers` is left out.

    A channel of which too few moved, or which is left out elsewhere (`hidden`), has one row to `(small)`: how its few
    spread over the channels would tell too much by itself. What a channel's moves sum to is known from elsewhere.
    """
    shown = []
    for channel, rows in moves.groupby(opened, sort=False):
        few = str(channel) in hidden or _too_few(rows["customers"].iloc[0], minimum)
        small = None if few else _small(rows, went, counted=counted, persons="movers", minimum=minimum)
        one_row = rows.head(1).assign(**{went: SMALL})
        shown.append(blank(rows, small) if small is not None else blank(one_row, np.ones(1, dtype=bool)))
    table = pd.concat(shown, ignore_index=True) if shown else moves
    return table.drop(columns="movers")


def protected_volume(volume: pd.DataFrame, *, minimum: int, hidden: frozenset[str]) -> pd.DataFrame:
    """Contacts by week and channel, small weeks left out and marked so; `customers` is left out."""
    gone = np.zeros(len(volume), dtype=bool)
    for channel, places in volume.groupby("channel", sort=False).indices.items():
        small = None
        if str(channel) not in hidden:
            weeks = volume.iloc[places]
            small = _small(weeks, "week", counted="contacts", persons="customers", minimum=minimum)
        gone[places] = True if small is None else small
    contacts = volume["contacts"].astype("float64").mask(gone)
    return volume.drop(columns="customers").assign(contacts=contacts, suppressed=gone)


def _small(rows: pd.DataFrame, key: str, *, counted: str, persons: str, minimum: int) -> Flags | None:
    """Which rows of one whole are left out; None where the whole, which is known, is too small to hide any in."""
    if not (rows[persons] < minimum).any():
        return np.zeros(len(rows), dtype=bool)
    whole = pd.DataFrame({key: [ALL], counted: [rows[counted].sum()], persons: [rows[counted].sum()]})
    table = pd.concat([rows[[key, counted, persons]], whole], ignore_index=True)
    gone = set(unsafe_cells([Counts(table, counted, persons=persons)], by=(key,), minimum=minimum)[key])
    return None if ALL in gone else np.asarray(rows[key].isin(gone))


def _too_few(customers: float, minimum: int) -> bool:
    return bool(customers < minimum)
