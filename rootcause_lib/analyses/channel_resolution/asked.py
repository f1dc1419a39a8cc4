"""What every part of the analysis of channels is asked about."""

from __future__ import annotations

from dataclasses import dataclass

from rootcause_lib.analyses.channel_resolution.protection import every_channel
from rootcause_lib.analyses.small_cells import hidden_channels
from rootcause_lib.journeys import Following
from rootcause_lib.periods import Period
from rootcause_lib.store import Store


@dataclass(frozen=True, slots=True)
class Asked:
    """The contacts of `period`, their follow-up by `followed`; `hidden` channels have too few customers to be told."""

    store: Store
    period: Period
    followed: Following
    hidden: frozenset[str]

    @property
    def smallest(self) -> int:
        """Customers a cell needs to be published."""
        return self.store.engagement.definitions.smallest_cell


def asked_about(store: Store, period: Period, followed: Following) -> Asked:
    """The question with the channels that are left out of every frame."""
    smallest = store.engagement.definitions.smallest_cell
    return Asked(store, period, followed, hidden_channels(every_channel(store, period), minimum=smallest))
