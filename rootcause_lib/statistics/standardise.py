"""Groups compared as if each had the same mix: direct standardisation, the crude comparison beside it.

Nine in ten easy matters make a channel look good; held to one mix of matters it may be the worse one.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from rootcause_lib.errors import DataError, ParameterError, listed
from rootcause_lib.statistics.intervals import (
    Floats,
    Interval,
    Numbers,
    difference,
    floats,
    normal_critical,
    wilson,
    wilson_of_share,
)

PRIOR_CONTACTS = 2.0
"""How many contacts of the group's own kind the variance within a stratum is given; one contact is no certainty."""

STANDARDISED_COLUMNS = (
    "group", "value", "low", "high", "standard_error", "difference", "difference_low", "difference_high",
    "crude", "crude_difference", "crude_low", "crude_high", "overlap",
)  # fmt: skip


def standardised_shares(
    events: pd.DataFrame,
    n: pd.DataFrame,
    *,
    baseline: Hashable,
    standard: pd.Series | None = None,
    design_effect: Numbers = 1.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Shares of groups over one mix of strata, and their differences to the group `baseline`.

    `events` of `n`: tables of groups (rows) by strata (columns). `standard`: weight of each stratum, by default the
    contacts all groups have there. `design_effect`: what customers who come more than once cost, one number or one per
    group (at least 1). One row per group with `STANDARDISED_COLUMNS`: value = sum of weight x share, over the strata
    that both the group and the baseline have (`overlap` is their part of the standard's weight, which is no longer one
    mix for all where it falls below 1); `difference` is this group less the baseline over the same strata,
    `crude_difference` the naive one. Nothing in common: NaN.

    Delta-method variance with `PRIOR_CONTACTS` in each stratum; Wilson's interval on the effective number of contacts;
    differences by Newcombe's way. Raises DataError for tables that don't match or counts that can't be, ParameterError
    for a baseline that is no group.
    """
    weights = _checked(events, n, standard)
    if baseline not in events.index:
        raise ParameterError(f"The baseline is not a group. Groups: {listed(map(str, events.index))}.")
    x, size, groups = events.to_numpy(dtype=float), n.to_numpy(dtype=float), list(events.index)
    effects = np.broadcast_to(np.maximum(floats(design_effect), 1.0), len(groups))
    base = groups.index(baseline)
    rows = []
    for place in range(len(groups)):
        common = (size[place] > 0) & (size[base] > 0)
        pair = [_share(x[each], size[each], weights * common, effects[each], level=level) for each in (place, base)]
        gap = difference(pair[0][0], pair[0][1], pair[1][0], pair[1][1])
        same = place == base
        apart = (0.0, 0.0, 0.0) if same else (pair[0][0] - pair[1][0], gap.low, gap.high)
        naive = _crude(x[place], size[place], x[base], size[base], same=same, level=level)
        own = (pair[0][0], pair[0][1].low, pair[0][1].high, pair[0][2])
        rows.append((groups[place], *own, *apart, *naive, weights[common].sum() / weights.sum()))
    frame = pd.DataFrame(rows, columns=list(STANDARDISED_COLUMNS))
    return frame.astype(dict.fromkeys(STANDARDISED_COLUMNS[1:], float))


def _share(x: Floats, n: Floats, weights: Floats, effect: float, *, level: float) -> tuple[float, Interval, float]:
    """One group's share over the strata with weight: value, interval, standard error."""
    used = (weights > 0) & (n > 0)
    if not used.any():
        return np.nan, Interval(np.asarray(np.nan), np.asarray(np.nan)), np.nan
    share, events, contacts = weights[used] / weights[used].sum(), x[used], n[used]
    value = float(share @ (events / contacts))
    held = (events + PRIOR_CONTACTS * value) / (contacts + PRIOR_CONTACTS)
    variance = float(effect * (share**2 * held * (1 - held) / contacts).sum())
    # With nothing or everything alike there is no variance to learn from; strata count as what they weigh.
    alike = 1 / float(effect * (share**2 / contacts).sum())
    effective = value * (1 - value) / variance if variance > 0 else alike
    return value, wilson_of_share(value, effective, critical=normal_critical(level)), float(np.sqrt(variance))


def _crude(
    x: Floats, n: Floats, base_x: Floats, base_n: Floats, *, same: bool, level: float
) -> tuple[float, float, float, float]:
    """The naive share and its difference to the baseline's."""
    if not (n.sum() > 0 and base_n.sum() > 0):
        return float(x.sum() / n.sum()) if n.sum() > 0 else np.nan, np.nan, np.nan, np.nan
    own, other = float(x.sum() / n.sum()), float(base_x.sum() / base_n.sum())
    if same:
        return own, 0.0, 0.0, 0.0
    first, second = (wilson(a.sum(), b.sum(), level=level) for a, b in ((x, n), (base_x, base_n)))
    gap = difference(own, first, other, second)
    return own, own - other, float(gap.low), float(gap.high)


def _checked(events: pd.DataFrame, n: pd.DataFrame, standard: pd.Series | None) -> Floats:
    """Weights of the strata, once the tables are known to be fit."""
    if not (_same(events.index, n.index) and _same(events.columns, n.columns)):
        raise DataError("'events' and 'n' must have the same groups and strata in the same order.")
    x, size = events.to_numpy(dtype=float), n.to_numpy(dtype=float)
    if not (np.isfinite(x) & np.isfinite(size) & (x >= 0) & (x <= size)).all():
        raise DataError("Each cell needs a number of events from 0 to its contacts; an empty cell has 0 of 0.")
    if standard is None:
        weights = size.sum(axis=0)
    else:
        if missing := [stratum for stratum in events.columns if stratum not in standard.index]:
            raise DataError(f"'standard' has no weight for {len(missing)} of {len(events.columns)} strata.")
        weights = floats(standard.reindex(events.columns))
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise DataError("The weights of the strata must be at least 0 and not all 0.")
    return weights


def _same(one: Sequence[Hashable] | pd.Index, two: Sequence[Hashable] | pd.Index) -> bool:
    return list(one) == list(two)
