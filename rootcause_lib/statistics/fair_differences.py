"""Groups held to one mix of matters, their differences to one of them, the crude figures beside, clustered by customer.

Group and matter together are one factor, so that nothing is assumed of how groups differ from matter to matter; what
else is known of a contact (`beside`) has main effects. A group is compared over the matters that both it and the
baseline have enough of. Customers come in buckets: what differs between buckets is what would differ between clients
(random groups, Wolter 2007, Introduction to Variance Estimation, chapter 2); with as many buckets as customers this is
the usual cluster-robust variance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.statistics.clustering import small_sample_factor
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.marginal import Mix, Target, fit_cells

_JOINED = "\x1f"
"""Between a group and a matter; in no label, since labels are printable."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: `groups`, one of them the `baseline`, each over the matters in `over`.

    beside: further columns of the cells that are held alike. none: for a column of those, the groups that it says
    nothing of (a machine has no tenure) and the value that stands for that; such a group is compared as it is, the
    others over their own mix of that column.
    """

    groups: tuple[str, ...]
    baseline: str
    over: Mapping[str, frozenset[str]]
    beside: tuple[str, ...] = ()
    none: Mapping[str, tuple[frozenset[str], str]] | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one comparison. Entries: each group's mean, the baseline's over the same mix, their difference.

    value: groups by three. slopes: the same flattened, by rows of the fitted cells; means: what is expected there.
    overlap: part of all contacts that the group's mix stands for.
    """

    value: Floats
    slopes: Floats
    means: Floats
    overlap: Floats


def compare(cells: pd.DataFrame, asked: Comparison) -> Figures:
    """Figures from cells: columns group, matter, `beside`, weight (contacts in the mix), n (of them known) and total.

    A matter of which a group or the baseline knows nothing is left out of what the group is compared over. What cannot
    be told from the cells is NaN. A column of `beside` goes, last first, where the figures could not be told with it.
    """
    over = _known_matters(cells, asked)
    possible = np.array([bool(over[group]) for group in asked.groups])
    for kept in range(len(asked.beside), -1, -1):
        found = _compared(cells, replace(asked, over=over, beside=asked.beside[:kept]))
        if not np.isnan(found.value[possible]).any():
            break
    return found


def _known_matters(cells: pd.DataFrame, asked: Comparison) -> Mapping[str, frozenset[str]]:
    """What each group is compared over, as far as something is known of it there and in the baseline."""
    known = cells[cells["n"] > 0].groupby("group")["matter"].agg(frozenset).to_dict()
    base = known.get(asked.baseline, frozenset())
    return {
        group: asked.over[group] & known.get(group, frozenset()) & (base or asked.over[group]) for group in asked.groups
    }


def _compared(cells: pd.DataFrame, asked: Comparison) -> Figures:
    told = [name for name in asked.beside if cells[name].nunique() > 1]
    keyed = cells.assign(**{name: cells[name].astype("category") for name in ("matter", *told)})
    places = pd.Index(sorted(set(_places(cells["group"], cells["matter"]))))
    fit = fit_cells(
        keyed.assign(place=_place(cells["group"], cells["matter"], places)), factors=["place", *told], link="logit"
    )
    crowds: dict[frozenset[str], Mix] = {}
    mixes = {}
    for group in {*asked.groups, asked.baseline}:
        lacks = frozenset(name for name, (without, _) in (asked.none or {}).items() if group in without)
        if lacks not in crowds:
            crowds[lacks] = _everybody(keyed, asked, told, lacks=lacks)
        mixes[group] = _all_of(crowds[lacks], group, places)
    whole = float(cells["weight"].sum())
    targets, overlap = [], []
    for group in asked.groups:
        own, base = (_over(mixes[one], asked.over[group]) for one in (group, asked.baseline))
        targets += [Target(own), Target(base), Target(own, less=base)]
        overlap.append(float(own.weights.sum()) / whole if whole else np.nan)
    found = fit.marginal(targets)
    return Figures(found.value.reshape(len(asked.groups), 3), found.slopes, fit.means, np.array(overlap))


def _everybody(cells: pd.DataFrame, asked: Comparison, told: Sequence[str], *, lacks: frozenset[str]) -> Mix:
    """The mix of all contacts, were they all of a group that `lacks` some columns of those that not all groups have."""
    fixed = {name: given for name, given in (asked.none or {}).items() if name in told}
    kept = ["matter", *(name for name in told if name not in fixed)]
    rows = cells.groupby(kept, sort=True, observed=True)["weight"].sum().reset_index()
    weights = rows.pop("weight").to_numpy(dtype=float)
    for name, (without, value) in fixed.items():
        shares = pd.Series({value: 1.0}) if name in lacks else _shares(cells, name, without)
        weights = np.concatenate([weights * share for share in shares])
        spread = np.repeat(shares.index.to_numpy(), len(rows))
        rows = pd.concat([rows] * len(shares), ignore_index=True).assign(**{name: pd.Categorical(spread)})
    return Mix(rows, weights)


def _all_of(crowd: Mix, group: str, places: pd.Index) -> Mix:
    """The crowd as contacts of one group; matters that it never has weigh nothing."""
    matter = crowd.rows["matter"].cat
    place = places.get_indexer(group + _JOINED + matter.categories.astype(str))[matter.codes.to_numpy()]
    weights = np.where(place >= 0, crowd.weights, 0.0)
    return Mix(crowd.rows.assign(place=pd.Categorical.from_codes(np.maximum(place, 0), categories=places)), weights)


def _over(mix: Mix, matters: frozenset[str]) -> Mix:
    """The mix over some matters only."""
    return Mix(mix.rows, np.where(mix.rows["matter"].isin(matters), mix.weights, 0.0))


def _shares(cells: pd.DataFrame, name: str, without: frozenset[str]) -> pd.Series:
    """A column's values as they are in the groups that have any."""
    own = cells[~cells["group"].isin(without)].groupby(cells[name].astype(str), sort=True)["weight"].sum()
    return own / own.sum()


def _places(group: pd.Series, matter: pd.Series) -> pd.Series:
    return group.astype(str) + _JOINED + matter.astype(str)


def _place(group: pd.Series, matter: pd.Series, places: pd.Index) -> pd.Categorical:
    return pd.Categorical(_places(group, matter), categories=places)


def clustered_variance(sums: Floats) -> Floats:
    """Variance of figures from influences summed by bucket of customers (rows); buckets of nobody are left out."""
    return np.asarray(small_sample_factor(len(sums)) * (sums**2).sum(axis=0))


def bucket_sums(
    slopes: Floats,
    means: Floats,
    *,
    row: npt.NDArray[np.int64],
    bucket: npt.NDArray[np.int64],
    n: Floats,
    total: Floats,
) -> Floats:
    """Influences of contacts summed by bucket: each entry has its `row` among the fitted cells, n and total."""
    kept, place = np.unique(bucket, return_inverse=True)
    left = np.zeros((len(kept), len(means)))
    np.add.at(left, (place, row), total - means[row] * n)
    return np.asarray(left @ slopes.T)
