"""analyse_root_cause(): every part of the question put together into one result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.public_frames import public_frames
from rootcause_lib.analyses.root_cause.change import change
from rootcause_lib.analyses.root_cause.change_findings import change_cannot_tell, change_headline, change_readings
from rootcause_lib.analyses.root_cause.checks import root_cause_checks
from rootcause_lib.analyses.root_cause.compared import Compare, comparable
from rootcause_lib.analyses.root_cause.findings import root_cause_cannot_tell, root_cause_headline
from rootcause_lib.analyses.root_cause.guesses import guesses
from rootcause_lib.analyses.root_cause.key_numbers import key_numbers
from rootcause_lib.analyses.root_cause.lasting_findings import lasting_cannot_tell, lasting_readings
from rootcause_lib.analyses.root_cause.owners import owners
from rootcause_lib.analyses.root_cause.persistence import persistence
from rootcause_lib.analyses.root_cause.processes import Processes, processes
from rootcause_lib.analyses.root_cause.protection import protected_processes
from rootcause_lib.analyses.root_cause.readings import process_readings
from rootcause_lib.analyses.root_cause.reason_findings import reason_readings
from rootcause_lib.analyses.root_cause.reasons import reasons
from rootcause_lib.analyses.root_cause.segment_findings import segment_headline, segment_readings
from rootcause_lib.analyses.root_cause.segments import search_segments
from rootcause_lib.analyses.root_cause.topics import Topics, topics
from rootcause_lib.analyses.root_cause.trust import Trust, trust
from rootcause_lib.analyses.root_cause.unknowns import with_unknowns
from rootcause_lib.analyses.small_cells import told
from rootcause_lib.findings import Check, Finding
from rootcause_lib.journeys import Following, following
from rootcause_lib.periods import Period
from rootcause_lib.store import Store


@dataclass(frozen=True, slots=True)
class RootCause:
    """What the analysis found; frames as in the data dictionary. `all` in process or reason marks a total.

    reasons, agreement, confusion, code_accuracy, audit_plan: matters by their codes, and what an audit says of them.
    incidence, variants, attributable, eliminable, dose_response, dose_trends, shocks: what processes bring. change and
    segments: what changed and what stands out. text_*: what customers wrote. persistence, guesses, owners: since when,
    what people believed, whose it is. naive: usual computations with why they differ. Rows of too few customers stay
    without their numbers. `readings` holds what stands beside the figures of a frame, by the frame's name.
    """

    period: Period
    following: Following
    attributable: pd.DataFrame
    eliminable: pd.DataFrame
    incidence: pd.DataFrame
    variants: pd.DataFrame
    dose_response: pd.DataFrame
    dose_trends: pd.DataFrame
    shocks: pd.DataFrame
    reasons: pd.DataFrame
    agreement: pd.DataFrame
    confusion: pd.DataFrame
    code_accuracy: pd.DataFrame
    audit_plan: pd.DataFrame
    change: pd.DataFrame
    segments: pd.DataFrame
    text_topics: pd.DataFrame
    text_agreement: pd.DataFrame
    text_disagreements: pd.DataFrame
    text_hypotheses: pd.DataFrame
    persistence: pd.DataFrame
    guesses: pd.DataFrame
    owners: pd.DataFrame
    naive: pd.DataFrame
    key_numbers: pd.DataFrame
    checks: tuple[Check, ...]
    headline: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    readings: Mapping[str, tuple[Finding, ...]]
    analysis: str = "root_cause"

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Every public frame by name."""
        return public_frames(self)


def analyse_root_cause(
    store: Store,
    *,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    matching: str | None = None,
    compare: Compare = "previous",
) -> RootCause:
    """Which processes and matters cause the contacts of a period, how many, how surely, and what changed.

    `start` and `end` (local days, included) select the contacts judged. `matching` defaults to the engagement's: by
    `case` only first contacts carry rate ratios, else their limits span two ways of treating follow-ups. `compare`
    chooses what changes are told against: the equally long period before, or 52 weeks back. Raises ParameterError for
    a period without data, an unknown rule or an unknown comparison.
    """
    period = store.period(start, end)
    followed = following(store.engagement, store.extent, matching=matching, window_days=None)
    # A report on all that the data cover has nothing before it: its halves are compared.
    later = comparable(store, period) if compare == "previous" else period
    found, trusted, read = processes(store, period, followed), trust(store, period), topics(store, period)
    searched = search_segments(store, later, compare=compare)
    frames = protected_processes(store, found) | _matters(store, period, trusted, read)
    frames |= {"change": change(store, later, compare=compare), "segments": searched.segments}
    frames |= _lasting(store, period, frames)
    frames = with_unknowns(store, period, frames, unmatched=trusted.unmatched)
    changed = change_headline(store, later, frames["change"], compare=compare)
    readings = _readings(store, found, frames, trusted, read)
    readings["change"] = (*changed[1:], *change_readings(store, later, frames["change"]))
    readings["segments"] = (*segment_headline(searched), *segment_readings(searched))
    return RootCause(
        period=period,
        following=followed,
        **frames,  # type: ignore[arg-type]  # every frame by its own name
        key_numbers=key_numbers(store, frames),
        checks=root_cause_checks(store, found, frames),
        headline=root_cause_headline(store, frames, about_codes=_about_codes(readings), about_change=changed),
        cannot_tell=(
            *root_cause_cannot_tell(store),
            *change_cannot_tell(store, later, frames["change"], compare=compare),
            *read.cannot_tell,
            *lasting_cannot_tell(frames["persistence"], frames["guesses"]),
            *told(frames, minimum=store.engagement.definitions.smallest_cell),
        ),
        readings=MappingProxyType(readings),
    )


def _matters(store: Store, period: Period, trusted: Trust, read: Topics) -> dict[str, pd.DataFrame]:
    """What contacts were about, by their codes and by their texts."""
    codes = {name: getattr(trusted, name) for name in ("agreement", "confusion", "code_accuracy", "audit_plan")}
    return {"reasons": reasons(store, period), **codes, **read.frames}


def _lasting(store: Store, period: Period, frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Since when, what people believed, whose it is."""
    caused, spared = frames["attributable"], frames["eliminable"]
    since = persistence(store, period, caused, spared)
    return {
        "persistence": since,
        "guesses": guesses(store, frames["reasons"]),
        "owners": owners(caused, spared, since, store.engagement, period=period),
    }


def _readings(
    store: Store, found: Processes, frames: Mapping[str, pd.DataFrame], trusted: Trust, read: Topics
) -> dict[str, tuple[Finding, ...]]:
    """By frame, what stands beside its figure."""
    return {
        **process_readings(store, found, frames),
        **reason_readings(frames["reasons"], trusted),
        **read.readings,
        **lasting_readings(frames["persistence"], frames["guesses"], frames["owners"]),
        "text_topics": read.readings["text_topics"] or read.cannot_tell,
    }


def _about_codes(readings: Mapping[str, tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """Whether codes can be used; without an audit what they say."""
    return readings["agreement"] if readings["agreement"] else readings["reasons"]
