"""Processes and their owners, money, targets, fixes, and what people said."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from rootcause_lib import vocabulary
from rootcause_lib.engagement.shapes import (
    ByChannel,
    Channel,
    EffectSpread,
    Money,
    Name,
    OpenShare,
    Positive,
    Section,
    Share,
    ShareSpread,
    fault,
    nothing,
    one_of,
    written_as,
)

DEFAULT_BANDS = (0, 7, 21)


def _ascending(edges: tuple[int, ...]) -> tuple[int, ...]:
    if any(later <= earlier for earlier, later in itertools.pairwise(edges)):
        raise fault("expected days in ascending order, such as [0, 7, 21].")
    return edges


def _closed(edges: tuple[int, ...]) -> tuple[int, ...]:
    if len(edges) == 1:
        raise fault("expected at least two days, such as [0, 7]: a band lasts from one until before the next.")
    return edges


Edges = Annotated[tuple[Annotated[int, Field(ge=0)], ...], AfterValidator(_ascending)]


def _default_bands(process: dict[str, Any]) -> tuple[int, ...]:
    return () if process.get("overdue_bands") else DEFAULT_BANDS


class Process(Section):
    """`[processes.*]`: something upstream that makes customers call.

    bands: days since started_at, each band from one edge until before the next; by default
    0-6 and 7-20, none where only overdue_bands are given. overdue_bands: days past due_at while
    not ended, the last one open. instead_of: the normal process that would have happened in its place, such as a
    right invoice for a wrong one; only what lies above it counts as eliminable.
    """

    owner: Name | None = None
    kind: Annotated[str, one_of("kind of process", vocabulary.PROCESS_KINDS)] = "failure"
    reasons: tuple[Name, ...] = ()
    overdue_bands: Edges = ()
    bands: Annotated[Edges, AfterValidator(_closed)] = Field(default_factory=_default_bands)
    opened_by_contact: bool = False
    instead_of: Name | None = None


def _for_every_channel(given: Any) -> Any:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return dict.fromkeys(vocabulary.CHANNELS, given) if is_number else given


class Costs(Section):
    """`[costs]` in the engagement's currency; None is unknown, never free.

    per_contact and per_minute: by channel; one number stands for every channel. retention_offer: what an offer to stay
    costs where it is taken; retention_accepted: the share of those about to leave who would take it.
    """

    per_contact: Annotated[ByChannel[Money], BeforeValidator(_for_every_channel)] = Field(default_factory=nothing)
    per_minute: Annotated[ByChannel[Money], BeforeValidator(_for_every_channel)] = Field(default_factory=nothing)
    chat_concurrency: Annotated[float, Field(ge=1)] = 1
    service_per_year: Money | None = None
    acquisition_per_customer: Money | None = None
    retention_offer: Money | None = None
    retention_accepted: OpenShare | None = None
    discount_rate: Share = 0.08
    horizon_years: Positive = 3
    cashable_share: ShareSpread | None = None

    @model_validator(mode="after")
    def _one_cost_per_channel(self) -> Costs:
        if both := sorted(set(self.per_contact) & set(self.per_minute)):
            raise fault(f"{', '.join(both)}: give per_contact or per_minute for a channel, not both.")
        return self


class ServiceLevel(Section):
    """The share of contacts to be answered within so many seconds."""

    share: Share
    seconds: Positive


class Targets(Section):
    """`[targets]`: yardsticks; without one an estimate has no verdict."""

    material_per_year: Money | None = None
    fcr: Share | None = None
    service_level: ServiceLevel | None = None
    false_alarms_per_year: Positive = 2


class ControlTotal(Section):
    """`[[control_totals]]`: a figure of the client's own reports to reconcile with; no channel: all of them."""

    name: Name
    channel: Channel | None = None
    month: Annotated[str, written_as(r"\d{4}-(0[1-9]|1[0-2])", 'a month written "2025-03"')]
    count: Annotated[int, Field(ge=0)]
    source: Name | None = None


class Guess(Section):
    """`[[guesses]]`: the share of contacts people believed a reason has, before seeing the figures."""

    who: Name
    reason: Name
    share: Share


class Answer(Section):
    """`[[answers]]`: a signal the data can't show, asked once."""

    signal: Name
    value: bool | int | float | str
    asked_on: dt.date


class Fix(Section):
    """`[[fixes]]`: a repair of a process, done on a day or planned for one.

    effect: the share of the process's contacts it takes away.
    """

    name: Name
    process: Name
    on: dt.date | None = None
    planned: dt.date | None = None
    cost: Money | None = None
    owner: Name | None = None
    effect: EffectSpread | None = None

    @model_validator(mode="after")
    def _done_or_planned(self) -> Fix:
        if (self.on is None) == (self.planned is None):
            raise fault("expected either on (the day it was done) or planned (the day it is to be done).")
        return self
