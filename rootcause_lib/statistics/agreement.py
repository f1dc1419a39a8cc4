"""How far two or more codings of the same contacts agree beyond chance, overall and code by code.

A unit is one contact coded by several raters (an agent, an auditor, a text model). A coding is either one label per
unit or a table of units by codes whose weights sum to 1 per unit, where a contact is about several things.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import DataError, ParameterError, unknown_choice
from rootcause_lib.statistics.intervals import Floats, Interval, student_critical, wilson, wilson_of_share

Distance = Literal["nominal", "ordinal", "interval", "ratio"]

KAPPA_COLUMNS = ("code", "value", "low", "high", "standard_error", "units", "first", "second", "both")
CONFUSION_COLUMNS = ("given", "found", "contacts", "of", "value", "low", "high")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha: 1 is perfect, 0 is chance, below 0 is worse than chance; NaN is unknown.

    `units` and `ratings` count what could be paired: units with two ratings or more. `disagreement` and `by_chance` are
    the mean distances within units and between all ratings.
    """

    value: float
    low: float
    high: float
    standard_error: float
    units: int
    ratings: int
    disagreement: float
    by_chance: float


def krippendorff_alpha(ratings: Any, *, distance: Distance = "nominal", level: float = 0.95) -> Agreement:
    """Krippendorff's alpha of units by raters (a table or two-dimensional array; None, NaN and pandas NA are missing).

    Labels may be anything for "nominal" and are numbers otherwise. Krippendorff 2011, "Computing Krippendorff's
    alpha-reliability". Standard error: jackknife over units. Interval: Wilson's on the share of disagreement over
    chance, so that five units that agree are not proof of perfection; for numbers on the logarithm of disagreement over
    chance. With no variation at all (every rating the same) nothing is known and all is NaN; one unit has no limits.
    Raises DataError where ratings are not numbers, or below 0 ("ratio").
    """
    if distance not in get_args(Distance):
        raise ParameterError(unknown_choice("distance", distance, get_args(Distance)))
    table = pd.DataFrame(ratings)
    present = table.notna().to_numpy()
    where, _ = np.nonzero(present)
    places, labels = pd.factorize(table.to_numpy(dtype=object)[present], sort=distance != "nominal")
    counts = np.zeros((len(table), len(labels)))
    np.add.at(counts, (where, places), 1.0)
    return _alpha(counts, _values(labels, distance), distance=distance, level=level)


def topic_alpha(codings: Sequence[pd.DataFrame], *, level: float = 0.95) -> Agreement:
    """Krippendorff's alpha where a unit may have several topics: one table of units by topics for each rater.

    Rows are matched by index and columns by name; weights are at least 0 and sum to 1 in each row (`topic_weights`
    makes such tables). The distance between two ratings is half the sum of absolute differences of their weights: 0
    for the same topics, 1 for none in common; single topics give the nominal alpha. Other weights raise DataError.
    """
    topics = sorted({topic for coding in codings for topic in coding.columns}, key=str)
    stacked = pd.concat([_checked(coding).reindex(columns=topics, fill_value=0.0) for coding in codings])
    units, _ = pd.factorize(stacked.index)
    weights, places = np.unique(np.round(stacked.to_numpy(dtype=float), 9), axis=0, return_inverse=True)
    counts = np.zeros((len(np.unique(units)), len(weights)))
    np.add.at(counts, (units, places.ravel()), 1.0)
    between = np.array([np.abs(weights - one).sum(axis=1) / 2 for one in weights]).reshape(len(weights), len(weights))
    return _alpha(counts, between, distance="nominal", level=level)


def topic_weights(rows: pd.DataFrame) -> pd.DataFrame:
    """From rows (unit, topic and, if present, weight) to a table of units by topics whose rows sum to 1.

    Without weights a unit's topics count alike. Raises DataError for missing columns and weights that are not above 0.
    """
    if missing := [column for column in ("unit", "topic") if column not in rows.columns]:
        raise DataError(f"The rows of topics lack {', '.join(missing)}; they have {', '.join(map(str, rows.columns))}.")
    known = rows[rows["topic"].notna()].assign(weight=rows["weight"] if "weight" in rows.columns else 1.0)
    if not (known["weight"] > 0).all():
        raise DataError("A weight of a topic is missing or not above 0; leave the row out or give it a weight.")
    table = known.pivot_table(index="unit", columns="topic", values="weight", aggfunc="sum", fill_value=0.0)
    return table.div(table.sum(axis=1), axis=0)


def code_kappas(
    first: pd.Series | pd.DataFrame, second: pd.Series | pd.DataFrame, *, level: float = 0.95
) -> pd.DataFrame:
    """Cohen's kappa of each code against all others (Cohen 1960, Educ. Psychol. Meas. 20: 37), two codings.

    Codings are labels or weights by unit, matched by index; units missing in either are left out. One row per code with
    `KAPPA_COLUMNS`; `first`, `second` and `both` are the shares of units each has given the code. Standard error: delta
    method (Fleiss, Cohen and Everitt 1969, for labels). A code nobody used, or everybody always, has NaN.
    """
    one, two = _paired(first, second)
    rows = []
    for code in one.columns:
        a, b = one[code].to_numpy(), two[code].to_numpy()
        shares = (a.mean(), b.mean(), np.minimum(a, b).mean()) if len(a) else (np.nan,) * 3
        rows.append((code, *_kappa(a, b, level=level), len(a), *shares))
    return pd.DataFrame(rows, columns=list(KAPPA_COLUMNS))


def confusion(given: pd.Series | pd.DataFrame, found: pd.Series | pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """What contacts with a given code were found to be: one row per pair of codes, with `CONFUSION_COLUMNS`.

    `value` is the share `contacts` / `of` of those with the given code that were found so, with Wilson's interval.
    Where a contact has several topics, what both codings agree on is counted on the diagonal and the rest is spread in
    proportion, so that margins are kept. Codes that were never given have no share.
    """
    one, two = _paired(given, found)
    agreed = np.minimum(one.to_numpy(), two.to_numpy())
    rest = 1 - agreed.sum(axis=1)
    apart = np.where(rest > 1e-9, 1 / np.where(rest > 1e-9, rest, 1.0), 0.0)
    matrix = np.diag(agreed.sum(axis=0)) + ((one.to_numpy() - agreed) * apart[:, None]).T @ (two.to_numpy() - agreed)
    contacts, of = matrix.ravel(), np.repeat(matrix.sum(axis=1), len(one.columns))
    interval = wilson(contacts, of, level=level)
    shares = np.divide(contacts, of, out=np.full_like(of, np.nan), where=of > 0)
    names = np.array(one.columns, dtype=object)
    columns = (
        np.repeat(names, len(names)),
        np.tile(names, len(names)),
        contacts,
        of,
        shares,
        interval.low,
        interval.high,
    )
    return pd.DataFrame(dict(zip(CONFUSION_COLUMNS, columns, strict=True)))


def _values(labels: npt.NDArray[Any], distance: Distance) -> Floats:
    """Squared distances between labels; for "ordinal" the labels in their order, since ranks hang on the counts."""
    if distance == "nominal":
        return 1.0 - np.eye(len(labels))
    try:
        numbers = np.asarray(labels, dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"Ratings must be numbers for the distance '{distance}'; labels have 'nominal'.") from None
    if distance == "interval":
        return (numbers[:, None] - numbers) ** 2
    if distance == "ratio" and (numbers < 0).any():
        raise DataError("Ratings must not be below 0 for the distance 'ratio'; take 'interval'.")
    total = numbers[:, None] + numbers
    return np.where(total > 0, (numbers[:, None] - numbers) / np.where(total > 0, total, 1.0), 0.0) ** 2


def _ranked(totals: Floats) -> Floats:
    """Squared ordinal distances: the ratings from one rank to the other, half of those at both ends."""
    middle = np.cumsum(totals) - totals / 2
    return (middle[:, None] - middle) ** 2


def _alpha(counts: Floats, between: Floats, *, distance: Distance, level: float) -> Agreement:
    """From how often each unit got each rating and the squared distances between ratings."""
    paired = counts[counts.sum(axis=1) >= 2]
    units, ratings = len(paired), int(paired.sum())
    disagreement, chance = _distances(paired, between, distance=distance)
    if units == 0 or not chance > 0:
        return Agreement(*(np.nan,) * 4, units, ratings, disagreement, chance)
    value = 1 - disagreement / chance
    left_out = _left_out(paired, between, distance=distance)
    told = left_out[~np.isnan(left_out)]
    spread = float(np.sqrt((units - 1) / units * ((told - told.mean()) ** 2).sum())) if len(told) > 1 else np.nan
    limits = _limits(disagreement, chance, spread, units=units, level=level)
    if distance != "nominal" and disagreement > 0:
        limits = _log_limits(disagreement / chance, spread, units=units, level=level)
    return Agreement(value, float(limits.low), float(limits.high), spread, units, ratings, disagreement, chance)


def _left_out(paired: Floats, between: Floats, *, distance: Distance) -> Floats:
    """Alpha without each unit in turn."""
    if distance == "ordinal":
        fewer = (np.delete(paired, unit, axis=0) for unit in range(len(paired)))
        both = [_distances(rest, between, distance=distance) for rest in fewer]
        disagreement, chance = np.array(both).reshape(-1, 2).T
    else:
        each, totals = paired.sum(axis=1), paired.sum(axis=0)
        apart = paired @ between
        own = (apart * paired).sum(axis=1)
        within, left = own / (each - 1), each.sum() - each
        with np.errstate(divide="ignore", invalid="ignore"):
            disagreement = (within.sum() - within) / left
            chance = (totals @ between @ totals - 2 * apart @ totals + own) / (left * (left - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance > 1e-12, 1 - disagreement / chance, np.nan)


def _distances(paired: Floats, between: Floats, *, distance: Distance) -> tuple[float, float]:
    """Mean squared distance within units and between all ratings."""
    each = paired.sum(axis=1)
    totals, number = paired.sum(axis=0), each.sum()
    if number < 2:
        return np.nan, np.nan
    apart = _ranked(totals) if distance == "ordinal" else between
    within = ((paired @ apart) * paired).sum(axis=1) / (each - 1)
    return float(within.sum() / number), float(totals @ apart @ totals / (number * (number - 1)))


def _kappa(a: Floats, b: Floats, *, level: float) -> tuple[float, float, float, float]:
    """Kappa, limits and standard error from each unit's weights of one code in both codings."""
    if not len(a):
        return (np.nan,) * 4
    apart = np.abs(a - b)
    to_second, to_first = _mean_distance(a, b), _mean_distance(b, a)
    disagreement, chance = float(apart.mean()), float(to_second.mean())
    if not chance > 0:
        return (np.nan,) * 4
    ratio = disagreement / chance
    moved = (apart - disagreement - ratio * (to_second + to_first - 2 * chance)) / chance
    spread = float(np.sqrt((moved**2).sum()) / len(a))
    limits = _limits(disagreement, chance, spread, units=len(a), level=level)
    return 1 - ratio, float(limits.low), float(limits.high), spread


def _mean_distance(values: Floats, others: Floats) -> Floats:
    """Each value's mean distance to all of the others."""
    distinct, number = np.unique(others, return_counts=True)
    return np.asarray(np.abs(values[:, None] - distinct) @ number / len(others))


def _limits(disagreement: float, chance: float, spread: float, *, units: int, level: float) -> Interval:
    """1 - disagreement / chance, with Wilson's interval of disagreement on the units that its spread amounts to.

    Where all units agree, or all differ, nothing spreads and each counts as one.
    """
    if units < 2:
        return Interval(np.asarray(np.nan), np.asarray(np.nan))
    plain = disagreement * (1 - disagreement)
    effective = plain / (spread * chance) ** 2 if plain > 0 and spread > 0 else units
    found = wilson_of_share(disagreement, effective, critical=student_critical(level, degrees=units - 1))
    return Interval(1 - found.high / chance, 1 - found.low / chance)


def _log_limits(ratio: float, spread: float, *, units: int, level: float) -> Interval:
    """For distances without a natural largest one: the interval of disagreement over chance on the logarithm."""
    reach = float(student_critical(level, degrees=units - 1)) * spread / ratio
    return Interval(1 - ratio * np.exp(np.asarray(min(reach, 700.0))), 1 - ratio * np.exp(np.asarray(-reach)))


def _paired(first: pd.Series | pd.DataFrame, second: pd.Series | pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both codings as weights over the same units and codes."""
    one, two = _weights(first), _weights(second)
    units = one.index[one.index.isin(two.index)]
    codes = sorted(set(one.columns) | set(two.columns), key=str)
    return one.loc[units].reindex(columns=codes, fill_value=0.0), two.loc[units].reindex(columns=codes, fill_value=0.0)


def _weights(coding: pd.Series | pd.DataFrame) -> pd.DataFrame:
    if isinstance(coding, pd.DataFrame):
        return _checked(coding)
    known = coding[coding.notna()]
    if known.index.has_duplicates:
        raise DataError("A unit has several labels: give weights by topic (topic_weights), or one row per unit.")
    return pd.get_dummies(known.astype(object), dtype=float)


def _checked(coding: pd.DataFrame) -> pd.DataFrame:
    known = coding.dropna(how="all")
    values = known.to_numpy(dtype=float)
    if known.index.has_duplicates:
        raise DataError("A unit has several rows of weights; there must be one.")
    if np.isnan(values).any() or (values < 0).any() or not np.allclose(values.sum(axis=1), 1.0, atol=1e-6):
        raise DataError("Weights of topics must be at least 0 and sum to 1 for each unit; see topic_weights.")
    return known
