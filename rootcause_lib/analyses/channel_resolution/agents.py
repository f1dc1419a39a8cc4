"""Do teams, or agents, resolve more or less than the matters they were given would lead to expect?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.agents_compared import compared
from rootcause_lib.analyses.channel_resolution.agents_counted import AGENTS, TEAMS, Counted, counted
from rootcause_lib.analyses.channel_resolution.agents_findings import (
    agents_cannot_tell,
    agents_headline,
    agents_readings,
)
from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.grades import FEW_UNLIKE, unlike_channels
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import Counts, unsafe_cells, without_numbers
from rootcause_lib.analyses.small_teams import team_sizes
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.vocabulary import ALL

COLUMNS = (
    "team", "agent_id", "outcome", "contacts", "unobserved", "compared_share", "customers", "observed", "expected",
    "difference", "low", "high", "level", "raw_difference", "raw_low", "raw_high", "funnel_low_95", "funnel_high_95",
    "funnel_low_998", "funnel_high_998", "probability_best", "probability_worst", "standing", "method", "claim",
    "grade", "grade_reasons",
)  # fmt: skip
"""Of the frame `agents`; `agent_id` is `all` on the row of a team."""

_RESTS_ON = ("contact_id", "started_at", "team", "channel", "reason")
_FOLLOWS = ("customer_id", "ended_at", "direction", "abandoned")


def agents(asked: Asked) -> Part:
    """The part on teams and agents, as far as `[privacy] agents` lets them be shown.

    Rows stand in the order of names, never of figures: the probability of being the best or the worst says what a
    place in a list would be worth.
    """
    view = asked.store.engagement.privacy.agents
    sizes = team_sizes(asked.store, asked.period)
    tables = []
    for units in {"none": (), "team": (TEAMS,), "pseudonym": (TEAMS, AGENTS)}[view]:
        tables += [_graded(asked, each, units) for each in counted(asked, units)]
    frame = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))
    shown = _protected(frame, minimum=asked.smallest, small=sizes.small)
    shown = _ordered(shown)
    return Part(
        frames={"agents": shown},
        readings={"agents": agents_readings(shown)},
        headline=agents_headline(shown),
        cannot_tell=agents_cannot_tell(asked, shown, sizes),
    )


def _graded(asked: Asked, counts: Counted, units: tuple[str, ...]) -> pd.DataFrame:
    """One outcome's rows with their grades."""
    store, limits = asked.store, asked.store.engagement.grades
    level = store.engagement.definitions.level
    table = compared(counts, level=level).rename(columns={"weight": "contacts"})
    table = table.assign(level=level, claim="association")
    table["method"] = np.where(table["difference"].notna(), "shrunken_mix", "none")
    followed = counts.outcome == "first_contact_resolution"
    grading = Grading(limits, len(table)).precision(width_letters((table["high"] - table["low"]) / 2, limits))
    grading.customers(table["customers"])
    unknown = table["unobserved"] / (table["contacts"] + table["unobserved"])
    grading.unobserved(unknown, reason="immature" if followed else "low_response")
    grading.default_codes(store.default_code_share)
    grading.capped("D", where=table["difference"].isna(), reason="too_few")
    grading.capped("B", where=not followed, reason="proxy")
    if followed:
        grading.identified(store.identified_share)
        gap = store.extent.coverage_gap > limits.coverage_gap
        grading.capped("C", where=gap, reason="unidentified")
    columns = {*_RESTS_ON, *(_FOLLOWS if followed else ("resolved",)), *(() if units == TEAMS else ("agent_id",))}
    grading.capped("C", where=store.is_guessed(columns), reason="guessed_mapping")
    grading.capped("C", where=_unlike(asked, counts, table), reason="unlike_rows")
    return pd.concat([table, grading.result()], axis=1)


def _unlike(asked: Asked, counts: Counted, table: pd.DataFrame) -> np.ndarray:
    """Which units have many of their contacts in channels whose rows are not all of one kind."""
    cells = counts.cells.assign(unlike=counts.cells["channel"].isin(unlike_channels(asked.store)))
    own = cells["weight"].where(cells["unlike"], 0.0).groupby([cells[key] for key in AGENTS]).sum()
    whole = cells.groupby(list(AGENTS))["weight"].sum()
    return np.asarray((own / whole).reindex(pd.MultiIndex.from_frame(table[list(AGENTS)])) > FEW_UNLIKE)


def _protected(frame: pd.DataFrame, *, minimum: int, small: frozenset[str]) -> pd.DataFrame:
    """The frame without the numbers of small units, of small teams, and of those who would give them back."""
    counts = []
    for _, rows in frame.groupby("outcome", sort=False):
        levels = [rows]
        # Differences of all units sum to 0, so the whole is known whether it has a row or not.
        for kind, part in rows.groupby(rows["agent_id"] != ALL):
            levels += [_summed(part, TEAMS), _summed(part, ())] if kind else [_summed(part, ())]
        every = pd.concat(levels, ignore_index=True).drop_duplicates(list(AGENTS))
        known = every["contacts"]
        every = every.assign(group=known + every["unobserved"], known=known.where(known > 0, every["unobserved"]))
        every["others"] = every["contacts"] - every["value"]
        counts.append(Counts(every, "group", ("value", "others"), known="known"))
    cells = unsafe_cells(counts, by=AGENTS, minimum=minimum, seeds=small)
    # Whoever answers in a team that is left out is left out as well.
    gone = set(cells.loc[cells["agent_id"] == ALL, "team"]) | small
    people = frame.loc[frame["team"].isin(gone), list(AGENTS)]
    return without_numbers(frame[list(COLUMNS)], pd.concat([cells, people]).drop_duplicates(ignore_index=True))


def _summed(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Totals of rows: of each team, or of everything; customers of several units are counted with each."""
    keys = {key: rows[key] if key in by else ALL for key in AGENTS}
    return rows.assign(**keys).groupby(list(AGENTS), as_index=False)[list(_COUNTS)].sum()


_COUNTS = ("contacts", "unobserved", "value", "customers")


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """What customers did before what the client's system says, teams before agents, by name."""
    ranked = frame.assign(_own=frame["outcome"] == "resolved", _person=frame["agent_id"] != ALL)
    ranked = ranked.sort_values(["_own", "_person", *AGENTS], kind="stable")
    return ranked[list(COLUMNS)].reset_index(drop=True)
