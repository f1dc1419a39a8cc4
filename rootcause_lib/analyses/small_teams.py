"""Teams so small that a figure of theirs would be somebody's."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from rootcause_lib.journeys import day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import statement
from rootcause_lib.store import Store


@dataclass(frozen=True, slots=True)
class TeamSizes:
    """People by team, where agents on contacts or the list of agents tell; `smallest` are needed."""

    people: pd.Series
    smallest: int

    @property
    def small(self) -> frozenset[str]:
        """Teams known to have fewer people than are needed."""
        return frozenset(map(str, self.people.index[self.people < self.smallest]))

    def unknown(self, teams: pd.Series) -> frozenset[str]:
        """Teams of which nobody can say how many people they are."""
        return frozenset(map(str, teams)) - frozenset(map(str, self.people.index))


def team_sizes(store: Store, period: Period) -> TeamSizes:
    """How many people answer in each team; where ids of agents are kept out of the store, their list still has rows."""
    values = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    counted = store.engine.run(statement("team_agents", values=values))
    people = counted.groupby(counted["team"].astype("str"))["agents"].max()
    return TeamSizes(people, store.engagement.definitions.smallest_team)
