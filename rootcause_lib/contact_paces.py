"""How often customers are in touch by themselves, and which of very many stand for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rootcause_lib.journeys import constant_rows, day_number
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store

MOST_DRAWN = 20_000
"""Customers of a cell from whom the likeness of one customer's contacts is told; with so many it is known to a
percent."""


def find_paces(store: Store, *, window_days: int) -> None:
    """Make `contact_paces`, once for every rule and window of matters."""
    values: dict[str, Value] = {
        "window_days": window_days,
        "observed_from_day": day_number(store.observed_from),
        "observed_until_day": day_number(store.observed_until),
    }
    store.engine.materialise("contact_paces", statement("contact_paces", values=values))


def draw_customers(store: Store, customers: pd.DataFrame, by: Sequence[str]) -> None:
    """Say up to which customer pairs are counted in each cell: `drawn_customers`.

    `customers`: *by and customers; rows of one cell add up. Keys follow pseudonyms, so the first so many are drawn at
    random.
    """
    last = int(store.engine.run(statement("last_customer"))["last_customer"].fillna(0).iloc[0])
    grouped = customers.groupby(list(by), sort=True, dropna=False)["customers"].sum() if by else None
    counted = pd.Series([customers["customers"].sum()], index=[()]) if grouped is None else grouped
    rows: list[Mapping[str, Value]] = []
    for cell, number in counted.items():
        names = dict.fromkeys(("channel", "segment", "reason"), "")
        names |= dict(zip(by, cell if isinstance(cell, tuple) else (cell,), strict=True))
        part = min(1.0, MOST_DRAWN / max(float(number), 1.0))
        rows.append({**names, "last_customer": int(np.ceil(last * part))})
    store.engine.materialise("drawn_customers", constant_rows("drawn_customers", rows))
