"""analyse_channel_resolution(): every part of the question put together into one result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.channel_resolution.agents import agents
from rootcause_lib.analyses.channel_resolution.asked import Asked, asked_about
from rootcause_lib.analyses.channel_resolution.bridge import bridge
from rootcause_lib.analyses.channel_resolution.chains import chains
from rootcause_lib.analyses.channel_resolution.curves import curves
from rootcause_lib.analyses.channel_resolution.fair import fair
from rootcause_lib.analyses.channel_resolution.journey import journey
from rootcause_lib.analyses.channel_resolution.leaks import leaks
from rootcause_lib.analyses.channel_resolution.next_issue import next_issue
from rootcause_lib.analyses.channel_resolution.queue import queue
from rootcause_lib.analyses.channel_resolution.resolution import resolution
from rootcause_lib.analyses.channel_resolution.scores import scores
from rootcause_lib.analyses.channel_resolution.self_service import self_service
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.public_frames import public_frames
from rootcause_lib.analyses.small_cells import told
from rootcause_lib.findings import Check, Finding
from rootcause_lib.journeys import Following, following
from rootcause_lib.periods import Period
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

PARTS: tuple[Callable[[Asked], Part], ...] = (
    resolution,
    curves,
    fair,
    scores,
    chains,
    leaks,
    next_issue,
    journey,
    self_service,
    queue,
    agents,
)
"""In the order of the page."""

_LAST_READ_BY: Mapping[Callable[[Asked], Part], tuple[str, ...]] = MappingProxyType(
    {
        resolution: ("recontact_ways",),
        curves: ("window_ways", "contact_paces"),
        scores: ("asked_contacts", "scored_contacts", "case_outcomes"),
        chains: ("cases",),
        self_service: ("self_service_sessions",),
    }
)
"""Tables kept beside the store that no later part reads: of very many contacts they would fill the memory."""

MOST_SAID = 5
"""Sentences at the head of the page."""


@dataclass(frozen=True, slots=True)
class ChannelResolution:
    """What the analysis found; frames as in the data dictionary. `all` in channel or reason marks a total.

    resolution: shares quiet, came_back, left at the window, of contacts that open a case; mature: the same of contacts
    whose window is over, adding up; resolution_curve, window_advice: at every window, and where coming back ends.
    recontact: share of all judged contacts with a further one, by day. flow, settled, steps, leaks, snowballs,
    snowball_positions: where customers went and how many contacts cases took. next_issue: which matter follows which.
    standardised, overlap: channels over one mix of matters. consistency, score_by_resolution, switch_cost: survey
    scores by channel, by what followed, and of those who changed channel. journey, self_service, reuse: the effort it
    takes, and what becomes of those who help themselves. queue, queue_hours, patience: waiting. agents: teams against
    what the same matters would lead to expect. metrics: the other metrics by channel. bridge, naive: the client's
    tool's figure and usual computations beside ours. Rows of too few customers, and of those who would give them back,
    stay without their numbers. `readings` holds what stands beside the figures of a frame, by the frame's name.
    """

    period: Period
    following: Following
    resolution: pd.DataFrame
    recontact: pd.DataFrame
    mature: pd.DataFrame
    flow: pd.DataFrame
    settled: pd.DataFrame
    metrics: pd.DataFrame
    consistency: pd.DataFrame
    score_by_resolution: pd.DataFrame
    switch_cost: pd.DataFrame
    agents: pd.DataFrame
    naive: pd.DataFrame
    queue: pd.DataFrame
    patience: pd.DataFrame
    queue_hours: pd.DataFrame
    bridge: pd.DataFrame
    resolution_curve: pd.DataFrame
    window_advice: pd.DataFrame
    journey: pd.DataFrame
    self_service: pd.DataFrame
    reuse: pd.DataFrame
    snowballs: pd.DataFrame
    snowball_positions: pd.DataFrame
    steps: pd.DataFrame
    leaks: pd.DataFrame
    next_issue: pd.DataFrame
    standardised: pd.DataFrame
    overlap: pd.DataFrame
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
    asked = asked_about(store, period, followed)
    parts = tuple(_worked_out(part, asked) for part in PARTS)
    frames = {name: frame for part in parts for name, frame in part.frames.items()}
    # The last step of the bridge is the figure of `resolution` itself, not another count of it.
    parts = (*parts, bridge(asked, frames))
    frames |= parts[-1].frames
    return ChannelResolution(
        period=period,
        following=followed,
        **frames,  # type: ignore[arg-type]  # every frame by its own name
        key_numbers=_key_numbers(frames["mature"], frames["metrics"]),
        checks=tuple(check for part in parts for check in part.checks),
        headline=tuple(finding for part in parts for finding in part.headline)[:MOST_SAID],
        cannot_tell=(
            *(finding for part in parts for finding in part.cannot_tell),
            *told(frames, minimum=asked.smallest),
        ),
        readings=MappingProxyType({name: said for part in parts for name, said in part.readings.items()}),
    )


def _worked_out(part: Callable[[Asked], Part], asked: Asked) -> Part:
    """A part, and the room that it needed given back."""
    found = part(asked)
    asked.store.engine.release(*_LAST_READ_BY.get(part, ()))
    return found


def _key_numbers(mature: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """What the next run will want to compare with: totals and channels."""
    ours = mature[mature["reason"] == ALL].drop(columns="reason")
    return pd.concat([ours, metrics], ignore_index=True)
