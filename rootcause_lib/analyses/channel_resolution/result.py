"""analyse_channel_resolution(): every part of the question put together into one result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from rootcause_lib.analyses.channel_resolution.checks import resolution_checks
from rootcause_lib.analyses.channel_resolution.findings import (
    resolution_cannot_tell,
    resolution_headline,
    resolution_readings,
)
from rootcause_lib.analyses.channel_resolution.protection import protected_channels
from rootcause_lib.analyses.channel_resolution.resolution import resolution_frames
from rootcause_lib.analyses.public_frames import public_frames
from rootcause_lib.analyses.small_cells import told
from rootcause_lib.findings import Check, Finding
from rootcause_lib.journeys import Following, following
from rootcause_lib.periods import Period
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL


@dataclass(frozen=True, slots=True)
class ChannelResolution:
    """What the analysis found; frames as in the data dictionary. `all` in channel or reason marks a total.

    resolution: shares quiet, came_back, left at the window, of contacts that open a case. recontact: share of
    all judged contacts with a further one, by day. mature: first-contact resolution of contacts whose window
    is over, adding up over channel and reason. flow and settled: where customers went. metrics: the other
    metrics by channel. naive: what the usual computation gives. Rows of too few customers, and of those
    who would give them back, stay without their numbers. `readings` holds what stands beside the figures of a frame, by
    the frame's name.
    """

    period: Period
    following: Following
    resolution: pd.DataFrame
    recontact: pd.DataFrame
    mature: pd.DataFrame
    flow: pd.DataFrame
    settled: pd.DataFrame
    metrics: pd.DataFrame
    naive: pd.DataFrame
    key_numbers: pd.DataFrame
    checks: tuple[Check, ...]
    headline: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    readings: Mapping[str, tuple[Finding, ...]]
    analysis: str = "channel_resolution"

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Every public frame by name."""
        return public_frames(self)


def analyse_channel_resolution(
    store: Store,
    *,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    window_days: int | None = None,
    matching: str | None = None,
) -> ChannelResolution:
    """First-contact resolution by channel, recontact curves, flow between channels, and the metrics beside them.

    `start` and `end` (local days, included) select the contacts judged; their follow-up is read to the end
    of the data. `window_days` and `matching` default to the engagement's. Raises ParameterError for a
    period without data, an unknown rule or a window outside 1 to 365 days.
    """
    period = store.period(start, end)
    followed = following(store.engagement, store.extent, matching=matching, window_days=window_days)
    counted = resolution_frames(store, followed, period)
    shown = protected_channels(store, counted, period)
    smallest = store.engagement.definitions.smallest_cell
    return ChannelResolution(
        period=period,
        following=followed,
        resolution=shown["resolution"],
        recontact=shown["recontact"],
        mature=shown["mature"],
        flow=shown["flow"],
        settled=shown["settled"],
        metrics=shown["metrics"],
        naive=shown["naive"],
        key_numbers=_key_numbers(shown["mature"], shown["metrics"]),
        checks=resolution_checks(store, counted["resolution"], shown["resolution"], followed),
        headline=resolution_headline(store, shown, followed),
        cannot_tell=(*resolution_cannot_tell(store, followed), *told(shown, minimum=smallest)),
        readings=resolution_readings(store, shown, followed),
    )


def _key_numbers(mature: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """What the next run will want to compare with: totals and channels."""
    ours = mature[mature["reason"] == ALL].drop(columns="reason")
    return pd.concat([ours, metrics], ignore_index=True)
