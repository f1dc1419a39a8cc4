"""The frames about channels without small cells: one and the same cells are left out of all of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rootcause_lib.analyses.small_cells import (
    blank,
    curved,
    estimated,
    unsafe_cells,
    without_numbers,
)
from rootcause_lib.analyses.small_moves import protected_moves
from rootcause_lib.estimates import estimate, with_totals
from rootcause_lib.metrics.coverage import identified
from rootcause_lib.periods import Period
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

_SPLIT = ("mature", "metrics", "resolution", "recontact")
_MOVES = {"flow": ("from_channel", "to_channel", "contacts"), "settled": ("opened_in", "settled_in", "cases")}


def protected_channels(
    frames: Mapping[str, pd.DataFrame], *, hidden: frozenset[str], smallest: int
) -> dict[str, pd.DataFrame]:
    """The frames on resolution, or some of them, as they may be published; `hidden` channels are left out of all."""
    counted = [
        *(found for name in ("mature", "metrics") if name in frames for found in estimated(frames[name])),
        *curved(frames["resolution"], along="outcome"),
        *curved(frames["recontact"], along="day"),
    ]
    cells = unsafe_cells(counted, by=("channel", "reason"), minimum=smallest, seeds=hidden)
    shown = {name: without_numbers(frame, cells) for name, frame in frames.items() if name in _SPLIT}
    channels = frozenset(cells["channel"][cells["reason"] == ALL])
    for name, (opened, went, count) in _MOVES.items():
        if name in frames:
            shown[name] = protected_moves(
                frames[name], opened=opened, went=went, counted=count, minimum=smallest, hidden=channels
            )
    if "naive" in frames:
        shown["naive"] = blank(frames["naive"], np.full(len(frames["naive"]), ALL in channels))
    return shown


def every_channel(store: Store, period: Period) -> pd.DataFrame:
    """Estimates by channel, total first, of who is known among all inbound contacts: the widest count of a channel."""
    splits = (estimate(store, [identified()], by=by, period=period) for by in ((), ("channel",)))
    return with_totals(*splits, dimensions=("channel",))
