"""The fair comparison without what too few customers stand behind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.fair_cells import FairCells
from rootcause_lib.analyses.small_cells import Counts, unsafe_cells, without_numbers
from rootcause_lib.vocabulary import ALL


def protected_comparison(table: pd.DataFrame, counted: FairCells, *, smallest: int) -> pd.DataFrame:
    """Rows of channels, without those of too few customers: who is asked, and how many of the known are a yes."""
    parts = []
    for outcome, rows in table.groupby("outcome", sort=False):
        people = rows["channel"].map(counted.people[f"{outcome}_customers"])
        yes = rows["naive"].fillna(0.0) * rows["contacts"]
        own = pd.DataFrame(
            {
                "channel": rows["channel"],
                "group": rows["contacts"] + rows["unobserved"],
                "known": rows["contacts"],
                "yes": yes,
                "no": rows["contacts"] - yes,
                "customers": people.fillna(0.0),
            }
        )
        # Where nothing is known of anybody the unknown are somebody.
        own["customers"] = own["customers"].where(own["known"] > 0, own["group"])
        own["known"] = own["known"].where(own["known"] > 0, own["group"])
        whole = own.drop(columns="channel").sum().to_frame().T.assign(channel=ALL)
        counts = Counts(pd.concat([whole, own], ignore_index=True), "group", ("yes", "no"), known="known")
        parts.append(without_numbers(rows, unsafe_cells([counts], by=("channel",), minimum=smallest)))
    return pd.concat(parts, ignore_index=True)


def protected_overlap(table: pd.DataFrame, counted: FairCells, *, smallest: int) -> pd.DataFrame:
    """Cells of channels and reasons, without the counts of too few customers and of those that give them back."""
    parts = []
    for outcome, rows in table.groupby("outcome", sort=False):
        behind = counted.customers.set_index(["channel", "reason"])[f"{outcome}_customers"].astype("float64")
        keys = pd.MultiIndex.from_frame(rows[["channel", "reason"]])
        own = rows[["channel", "reason", "contacts"]].assign(customers=behind.reindex(keys).fillna(0.0).to_numpy())
        sums = [own.assign(**dict.fromkeys(gone, ALL)) for gone in (("reason",), ("channel",), ("channel", "reason"))]
        every = pd.concat([own, *sums]).groupby(["channel", "reason"], as_index=False).sum()
        cells = unsafe_cells([Counts(every, "contacts")], by=("channel", "reason"), minimum=smallest)
        hidden = keys.isin(pd.MultiIndex.from_frame(cells)) if len(cells) else np.zeros(len(rows), dtype=bool)
        parts.append(rows.assign(contacts=rows["contacts"].mask(hidden), suppressed=hidden))
    return pd.concat(parts, ignore_index=True)
