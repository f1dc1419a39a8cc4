"""Teams, or agents, compared over the matters they were given: who can be, and what comes of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.agents_counted import AGENTS, MATTERS, Counted
from rootcause_lib.statistics.case_mix import CLOSE, Codes, Trait, fit_mix
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.intervals import floats
from rootcause_lib.statistics.ratios import effective_contacts
from rootcause_lib.statistics.unit_effects import UnitEffects, unit_effects

FEW = 20
"""Contacts that others must have by a channel, and about a matter, before a unit is compared there."""

_EFFECTS = (
    "observed", "expected", "difference", "low", "high", "raw_difference", "raw_low", "raw_high", "funnel_low_95",
    "funnel_high_95", "funnel_low_998", "funnel_high_998", "probability_best", "probability_worst",
)  # fmt: skip

STANDINGS = ("above_expected", "below_expected", "within_chance")
"""What may be said of a unit: more or fewer resolved than its matters explain, or no more apart than chance allows."""


def compared(counted: Counted, *, level: float) -> pd.DataFrame:
    """One row per team or agent, ordered by name: what was counted, compared where others do the same.

    A unit is called above or below what is expected only outside the limits of the funnel at 99.8 % and with its
    shrunken interval clear of 0: the first guards against many units, the second against overlarge samples.
    """
    cells = counted.cells
    keys = list(AGENTS)
    table = cells.groupby(keys, sort=True)[["value", "weight", "unobserved"]].sum()
    sums = counted.sums.set_index(keys).reindex(table.index)
    table["customers"] = sums["clusters"]
    # Nothing known of anybody: those not known are somebody.
    table["customers"] = table["customers"].where(table["weight"] > 0, table["unobserved"])
    shared = cells[comparable(cells)]
    own = shared.groupby(keys)[["value", "weight"]].sum().reindex(table.index).fillna(0.0)
    table["compared_share"] = (own["weight"] / table["weight"]).where(table["weight"] > 0)
    units = own.index[own["weight"] > 0]
    found = pd.DataFrame(np.nan, index=table.index, columns=list(_EFFECTS))
    if len(units) > 1:
        found.loc[units] = _columns(_effects(shared, sums.loc[units], level=level))
        table.loc[units, ["value", "weight"]] = own.loc[units]
    found["observed"] = (table["value"] / table["weight"]).where(table["weight"] > 0)
    table = pd.concat([table, found], axis=1)
    return table.assign(standing=_standing(table), outcome=counted.outcome).reset_index()


def comparable(cells: pd.DataFrame) -> pd.Series:
    """Which cells lie where others work too: by channel, by reason, and tied to one another through channels."""
    counts = cells["weight"]
    kept = counts > 0
    for trait in ("channel", "reason"):
        own = counts.groupby([cells[key] for key in (*AGENTS, trait)]).transform("sum")
        kept &= counts.groupby(cells[trait]).transform("sum") - own >= FEW
    return kept & _largest_group(cells, kept)


def _largest_group(cells: pd.DataFrame, kept: pd.Series) -> pd.Series:
    """Whether a cell's unit is of the largest group of units that share channels, directly or through others."""
    unit = cells["team"].str.cat(cells["agent_id"], sep="\0")
    pairs = pd.DataFrame({"unit": unit, "channel": cells["channel"], "weight": cells["weight"]})[kept]
    group = {channel: channel for channel in pairs["channel"].unique()}
    for _, channels in pairs.drop_duplicates(["unit", "channel"]).groupby("unit")["channel"]:
        joined = {group[channel] for channel in channels}
        group = {channel: min(joined) if own in joined else own for channel, own in group.items()}
    if not group:
        return kept
    sizes = pairs.groupby(pairs["channel"].map(group))["weight"].sum()
    return cells["channel"].map(group) == sizes.idxmax()


def _effects(cells: pd.DataFrame, sums: pd.DataFrame, *, level: float) -> UnitEffects:
    """The effects of the units in `sums`, in its order."""
    place = pd.Series(range(len(sums)), index=sums.index)
    unit: Codes = np.asarray(place.loc[pd.MultiIndex.from_frame(cells[list(AGENTS)])], dtype=np.int64)
    matters = cells[list(MATTERS)]
    mix, mixes = _numbered(matters), matters.drop_duplicates()
    traits = [Trait(_numbered(mixes[[name]])) for name in MATTERS]
    traits.append(Trait(_numbered(mixes[["channel", "reason"]]), CLOSE))
    value, weight = (floats(cells[name]) for name in ("value", "weight"))
    fit = fit_mix(unit, mix, value, weight, traits, units=len(sums))
    events, n = np.zeros((2, len(sums), len(mixes)))
    np.add.at(events, (unit, mix), value)
    np.add.at(n, (unit, mix), weight)
    return unit_effects(events, n, fit, design_effect=_design_effect(sums), level=level)


def _numbered(table: pd.DataFrame) -> Codes:
    """Rows that are alike under one number, in order of appearance."""
    return np.asarray(table.groupby(list(table.columns), sort=False).ngroup(), dtype=np.int64)


def _design_effect(sums: pd.DataFrame) -> np.ndarray:
    """What it costs each unit that customers come to it more than once."""
    clusters = ClusterSums.from_frame(sums)
    return np.asarray(np.nan_to_num(clusters.weight / effective_contacts(clusters), nan=1.0))


def _columns(effects: UnitEffects) -> np.ndarray:
    inner, outer = effects.funnel
    return np.column_stack(
        [
            effects.observed, effects.expected, effects.difference, effects.low, effects.high,
            effects.raw_difference, effects.raw_low, effects.raw_high, -inner, inner, -outer, outer,
            effects.best, effects.worst,
        ]
    )  # fmt: skip


def _standing(table: pd.DataFrame) -> pd.Series:
    above = (table["raw_difference"] > table["funnel_high_998"]) & (table["low"] > 0)
    below = (table["raw_difference"] < table["funnel_low_998"]) & (table["high"] < 0)
    said = np.select([table["difference"].isna(), above, below], ["", *STANDINGS[:2]], STANDINGS[2])
    return pd.Series(said, index=table.index, dtype="object").replace("", None)
