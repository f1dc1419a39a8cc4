"""Counts behind the comparison of teams and agents: by the matters they were given, and by customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.errors import TooManyRowsError
from rootcause_lib.estimates import for_metrics, metric_values
from rootcause_lib.journeys import day_number
from rootcause_lib.metrics import Metric, metric
from rootcause_lib.metrics.naive import own_flag
from rootcause_lib.statements import Statement, Value, placeholders, split_by, template
from rootcause_lib.statistics.clustering import SUMS
from rootcause_lib.vocabulary import ALL, RESOLUTIONS

ENOUGH_FLAGS = 0.5
"""Share of contacts that carry the client's own mark before it is an outcome."""

TEAMS, AGENTS = ("team",), ("team", "agent_id")
"""What is compared: teams among themselves, agents among themselves."""

MATTERS = ("channel", "reason", "segment", "follows")
"""What a contact brings along: its channel, what it is about, whose it is, whether the customer was in touch before."""

_FEWER = (MATTERS, ("channel", "reason"), ("channel",))
"""What of it is asked for, until there are few enough combinations to be statistics."""
# Of thousands of agents nobody has enough contacts to tell segments apart.
_SPLITS = {TEAMS: _FEWER, AGENTS: _FEWER[1:]}


@dataclass(frozen=True, slots=True)
class Counted:
    """One outcome of teams, or of agents.

    cells: team, agent_id, `MATTERS`, value (resolved), weight (known) and unobserved. sums: team, agent_id and the sums
    over customers that an interval needs.
    """

    outcome: str
    cells: pd.DataFrame
    sums: pd.DataFrame


def counted(asked: Asked, units: tuple[str, ...]) -> list[Counted]:
    """The outcomes these data have for teams or agents: what customers did first, then the client's own mark."""
    metrics = _outcomes(asked)
    cells = _cells(asked, units, metrics)
    sums = _run(asked, "agent_sums", units, metrics)
    found = []
    for number, outcome in enumerate(RESOLUTIONS):
        own = _of(cells, number, ("value", "weight", "unobserved"))
        own = own[(own["weight"] + own["unobserved"]) > 0].reset_index(drop=True)
        known = own["weight"].sum()
        if known and (outcome != "resolved" or known >= ENOUGH_FLAGS * (known + own["unobserved"].sum())):
            found.append(Counted(outcome, own, _of(sums, number, SUMS)))
    return found


def _cells(asked: Asked, units: tuple[str, ...], metrics: Sequence[Metric]) -> pd.DataFrame:
    """Contacts by unit and as much of what they bring along as can leave the engine."""
    *splits, last = _SPLITS[units]
    for split in splits:
        try:
            return _run(asked, "agent_cells", (*units, *split), metrics)
        except TooManyRowsError:
            continue
    return _run(asked, "agent_cells", (*units, *last), metrics)


def _outcomes(asked: Asked) -> tuple[Metric, Metric]:
    return metric("first_contact_resolution").at(asked.followed.values), own_flag()


def _run(asked: Asked, name: str, by: Sequence[str], metrics: Sequence[Metric]) -> pd.DataFrame:
    """The rows of a statement, with every column that tells rows apart as text; what is not split by is `all`."""
    tree = for_metrics(split_by(template(name), by), metrics)
    values: dict[str, Value] = {
        **metric_values(metrics),
        "window_days": asked.followed.window_days,
        "start_day": day_number(asked.period.start),
        "end_day": day_number(asked.period.end),
    }
    named = placeholders(tree)
    bound = MappingProxyType({key: value for key, value in values.items() if key in named})
    table = asked.store.engine.run(Statement(name, tree, bound))
    if "agent_id" in by:
        table = table[table["agent_id"].notna()].reset_index(drop=True)
    keys = {key: table[key].fillna("").astype("str") if key in by else ALL for key in (*AGENTS, *MATTERS)}
    return table.assign(**keys)


def _of(table: pd.DataFrame, number: int, names: Sequence[str]) -> pd.DataFrame:
    """One metric's columns, by their plain names."""
    keys = [*AGENTS, *MATTERS]
    plain = {f"m{number}_{name}": name for name in names}
    return table[[*keys, *plain]].rename(columns=plain).fillna(dict.fromkeys(names, 0.0))
