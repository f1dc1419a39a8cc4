"""The part on waiting: who gives up, how long waits are and when, how long customers are ready to wait."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.patience import PATIENCE_COLUMNS, patience
from rootcause_lib.analyses.channel_resolution.queue_findings import (
    queue_cannot_tell,
    queue_headline,
    queue_readings,
)
from rootcause_lib.analyses.channel_resolution.queue_frames import QUEUE_COLUMNS, queue_by_channel
from rootcause_lib.analyses.channel_resolution.queue_hours import HOURS_COLUMNS, queue_by_hour
from rootcause_lib.analyses.channel_resolution.queue_sums import Waiting, waiting
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import Counts, blank, unsafe_cells
from rootcause_lib.statistics.disclosure import Flags
from rootcause_lib.vocabulary import ALL


def queue(asked: Asked) -> Part:
    """Abandonment, service level with its formula, waits by channel and by hour, patience by Kaplan and Meier."""
    counted = waiting(asked)
    by_channel, by_hour = queue_by_channel(asked, counted), queue_by_hour(asked, counted)
    gone = _hidden_channels(asked, by_channel)
    shown = {
        "queue": blank(by_channel, _in(by_channel, gone))[list(QUEUE_COLUMNS)],
        "patience": _shown_patience(asked, counted, gone),
        "queue_hours": blank(by_hour, _hidden_hours(asked, by_hour, gone))[list(HOURS_COLUMNS)],
    }
    frames = {name: _typed(frame) for name, frame in shown.items()}
    return Part(
        frames=frames,
        readings=queue_readings(frames),
        headline=queue_headline(frames),
        cannot_tell=queue_cannot_tell(frames),
    )


def _shown_patience(asked: Asked, counted: Waiting, gone: frozenset[str]) -> pd.DataFrame:
    """A curve falls where somebody gave up: without those of few who did."""
    table = patience(asked, counted)
    few = ((table["gave_up"] > 0) & (table["gave_up"] < asked.smallest)).to_numpy(dtype=bool)
    return blank(table, few | _in(table, gone))[list(PATIENCE_COLUMNS)]


def _hidden_channels(asked: Asked, table: pd.DataFrame) -> frozenset[str]:
    """Channels of too few, and those that would give them back beside the totals that other frames show."""
    counts = pd.DataFrame(
        {
            "channel": table["channel"], "attempts": table["attempts"], "abandoned": table["abandoned"],
            "known": table["attempts"] - table["unobserved"], "customers": table["customers"],
        }
    )  # fmt: skip
    whole = counts.drop(columns="channel").sum().to_frame().T.assign(channel=ALL)
    every = Counts(pd.concat([whole, counts], ignore_index=True), "attempts", ("abandoned",), known="known")
    cells = unsafe_cells([every], by=("channel",), minimum=asked.smallest, seeds=asked.hidden)
    return frozenset(cells["channel"]) - {ALL}


def _hidden_hours(asked: Asked, table: pd.DataFrame, gone: frozenset[str]) -> Flags:
    """Hours of too few, and those that would give them back from the channel's own row."""
    hidden = _in(table, gone).copy()
    cells = table["kind_of_day"].astype("str") + " " + table["hour"].astype("str")
    counts = table[["attempts", "abandoned", "customers"]].assign(
        cell=cells, known=table["attempts"] - table["unobserved"]
    )
    for _, places in table.groupby("channel", sort=False).indices.items():
        rows = counts.iloc[places]
        if hidden[places].all() or not (rows["customers"] < asked.smallest).any():
            continue
        whole = rows.drop(columns="cell").sum().to_frame().T.assign(cell=ALL)
        every = Counts(pd.concat([whole, rows], ignore_index=True), "attempts", ("abandoned",), known="known")
        found = set(unsafe_cells([every], by=("cell",), minimum=asked.smallest)["cell"])
        hidden[places] = rows["cell"].isin(found) if ALL not in found else True
    return hidden


def _in(table: pd.DataFrame, channels: frozenset[str]) -> Flags:
    return np.asarray(table["channel"].isin(channels), dtype=bool)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as numbers, whatever was left out, and rows from 0 on."""
    words = {"channel", "kind_of_day", "service_level_formula", "method", "claim", "grade", "grade_reasons", "verdict"}
    kinds = {name: "float64" for name in frame.columns if name not in words | {"hour", "seconds"}}
    return frame.astype(kinds).reset_index(drop=True)
