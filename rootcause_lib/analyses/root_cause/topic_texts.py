"""Contact texts as the store gives them: the audited ones, and all others in batches that memory can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.journeys import day_number
from rootcause_lib.loaders.masking import PATTERNS
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store

MOST_TEXTS = 100_000
"""From more texts than this as many are drawn at random: a share is then known to a third of a point."""

BATCH = 20_000
_DENSEST = 5
"""How many times more texts than a batch holds on average may lie between its keys."""

HASHES = 2_147_483_647
"""Hashes of contacts' keys run from 0 to one less."""

FOLDS = 5

_MASKED = re.compile("|".join(re.escape(word) for word in dict(PATTERNS)))


@dataclass(frozen=True, slots=True)
class Texts:
    """How many inbound contacts a period has and how many of them carry a text, by channel; where their keys lie."""

    by_channel: pd.DataFrame
    first_key: int
    last_key: int

    @property
    def contacts(self) -> int:
        return int(self.by_channel["contacts"].sum())

    @property
    def texts(self) -> int:
        return int(self.by_channel["texts"].sum())

    @property
    def drawn_share(self) -> float:
        """The share of texts that is read."""
        return min(1.0, MOST_TEXTS / self.texts) if self.texts else 1.0


def texts_of(store: Store, period: Period) -> Texts:
    """What there is to read."""
    table = store.engine.run(statement("texts_counted", values=_days(period))).astype({"channel": "str"})
    keys = table[table["texts"] > 0]
    first, last = (0, 0) if keys.empty else (int(keys["first_key"].min()), int(keys["last_key"].max()))
    return Texts(table[["channel", "contacts", "texts"]], first, last)


def batches(store: Store, period: Period, texts: Texts) -> Iterator[pd.DataFrame]:
    """The texts of a period, or those drawn of them: contact_key, cluster_key, channel, code, text; by key."""
    share = texts.drawn_share
    wide = (texts.last_key - texts.first_key + 1) / max(texts.texts, 1)
    step = max(1, int(BATCH / share * min(wide, _DENSEST)))
    for first in range(texts.first_key, texts.last_key + 1, step):
        values: dict[str, Value] = {
            **_days(period),
            "first_key": first,
            "last_key": min(first + step - 1, texts.last_key),
            "drawn_below": HASHES if share >= 1 else int(share * HASHES),
        }
        rows = store.engine.run(statement("texts_drawn", values=values))
        yield _readable(rows.astype({"channel": "str", "code": "str"})).sort_values("contact_key", ignore_index=True)


def audited_texts(store: Store) -> pd.Series:
    """The texts of audited contacts, whenever they were made, by contact_key."""
    rows = _readable(store.engine.run(statement("texts_audited")))
    return rows.set_index("contact_key")["text"].sort_index()


def folds_of(cluster_key: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The fold of each contact: one for all contacts of a customer, audited or not. Keys are in no order of ours."""
    return np.asarray(cluster_key.abs().to_numpy(dtype=np.int64) % FOLDS, dtype=np.int64)


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Without what stands for masked personal data, and without texts of which nothing is left."""
    text = rows["text"].astype("str").str.replace(_MASKED, " ", regex=True).str.strip()
    return rows.assign(text=text)[text != ""]


def _days(period: Period) -> dict[str, Value]:
    return {"start_day": day_number(period.start), "end_day": day_number(period.end)}
