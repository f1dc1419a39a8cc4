"""Risk bands: which days after (or before) something happened have a rate ratio of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rootcause_lib.engagement import Engagement, Process
from rootcause_lib.errors import ParameterError, unknown_choice

PLACEBO_DAYS = 14
FOR_EVER_DAYS = 36_500
MESSAGE_DAYS = (0, 7, 14, 28)
"""Edges of the bands since our last message."""
OUR_MESSAGE = "our message"
"""What stands for a process in the bands since our last message."""

Clock = Literal["started", "overdue", "waiting", "ended", "message"]
Kind = Literal["risk", "placebo", "spill_over", "waiting", "our_message"]
KINDS: tuple[Kind, ...] = ("risk", "placebo", "spill_over", "waiting", "our_message")
USUAL: tuple[Kind, ...] = ("risk", "placebo", "waiting")


@dataclass(frozen=True, slots=True)
class Band:
    """Days [from_day, until_day) on a process's clock, during which its rate ratio is its own.

    Clocks run from an event's start, from its due date while it has not ended (`overdue`), up to the due date
    (`waiting`), from the end of an event that was overdue long enough for a risk band (`ended`), or from our last
    message to the customer.
    """

    process: str
    kind: Kind
    clock: Clock
    from_day: int
    until_day: int

    @property
    def label(self) -> str:
        """As the band is published: 0-6, 14+, pre, waiting, spill_over."""
        if self.kind == "placebo":
            return "pre"
        if self.kind in ("waiting", "spill_over"):
            return self.kind
        return f"{self.from_day}+" if self.until_day >= FOR_EVER_DAYS else f"{self.from_day}-{self.until_day - 1}"

    @property
    def term(self) -> str:
        """Its name in the model."""
        return f"{self.process} {'due ' if self.clock in ('overdue', 'ended') else ''}{self.label}"


def bands_of(engagement: Engagement, *, kinds: Collection[Kind] = USUAL) -> tuple[Band, ...]:
    """The bands of these kinds: every process's as the engagement says, then those since our last message.

    risk: the process's own bands. placebo: the 14 days before its start, where nothing can be yet; none for a process
    opened by contacts, which the contacts before it opened. waiting: open and not yet due, where overdue bands are
    given. spill_over: `definitions.spill_over_days` after the last band since the start, and after the end of an event
    that was overdue; what a risk band of the same process covers is not counted here. our_message: days since the last
    outbound contact that was no reply.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise ParameterError(unknown_choice("kind of band", kind, KINDS))
    days = engagement.definitions.spill_over_days
    found = [band for name, process in engagement.processes.items() for band in _bands(name, process, days)]
    found += [Band(OUR_MESSAGE, "our_message", "message", a, b) for a, b in pairwise(MESSAGE_DAYS)]
    return tuple(band for band in found if band.kind in kinds)


def _bands(name: str, process: Process, spill_over_days: int) -> list[Band]:
    found: list[Band] = []
    if not process.opened_by_contact:
        found.append(Band(name, "placebo", "started", -PLACEBO_DAYS, 0))
    edges = process.bands
    found += [Band(name, "risk", "started", a, b) for a, b in pairwise(edges)]
    if edges:
        found.append(Band(name, "spill_over", "started", edges[-1], edges[-1] + spill_over_days))
    if process.overdue_bands:
        late = (*process.overdue_bands, FOR_EVER_DAYS)
        found.append(Band(name, "waiting", "waiting", 0, FOR_EVER_DAYS))
        found += [Band(name, "risk", "overdue", a, b) for a, b in pairwise(late)]
        found.append(Band(name, "spill_over", "ended", 0, spill_over_days))
    return found


def yielding(bands: Sequence[Band]) -> Mapping[int, int]:
    """Places of the bands that yield, and the places of those they yield to, as bits of one whole number."""
    return {
        place: sum(2**other for other, risk in enumerate(bands) if risk.kind == "risk" and risk.process == band.process)
        for place, band in enumerate(bands)
        if band.kind == "spill_over"
    }
