"""Why a number changed between two periods, split so that parts add up exactly and no order of factors is favoured."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.intervals import Floats, Numbers, floats, normal_critical
from rootcause_lib.vocabulary import ALL

EFFECTS = ("volume", "mix", "rate")
CHANGE_COLUMNS = ("item", "effect", "value", "low", "high", "standard_error")
ITEM_COLUMNS = ("item", "exposure_before", "contacts_before", "exposure_after", "contacts_after")
MOST_FACTORS = 8


def product_effects(before: Numbers, after: Numbers) -> Floats:
    """What each factor adds to the change of a product, averaged over all orders in which factors could have changed.

    `before` and `after`: factors along the first axis, any shape behind it (items of a sum); the result has that shape,
    and summed over factors it is prod(after) - prod(before). Das Gupta 1993, Standardization and decomposition of rates
    (Current Population Reports P23-186), which is Shapley's value. Raises ParameterError above `MOST_FACTORS` factors.
    """
    old, new = np.broadcast_arrays(floats(before), floats(after))
    number = len(old)
    if number > MOST_FACTORS:
        raise ParameterError(f"{number} factors have too many orders; join some, at most {MOST_FACTORS} can be split.")
    effects = np.zeros(old.shape)
    for factor in range(number):
        others = [other for other in range(number) if other != factor]
        for size in range(number):
            weight = math.factorial(size) * math.factorial(number - 1 - size) / math.factorial(number)
            for changed in itertools.combinations(others, size):
                held = [new[other] if other in changed else old[other] for other in others]
                effects[factor] += weight * (new[factor] - old[factor]) * np.prod(held, axis=0)
    return effects


def decompose_change(items: pd.DataFrame, *, covariance: Numbers | None = None, level: float = 0.95) -> pd.DataFrame:
    """The change of contacts from one period to the next as volume, mix and rate, for each item and in all.

    `items`: `ITEM_COLUMNS`, one row per item (segment, process, product): exposure (customers, customer-days or process
    events; of one unit, so that it can be summed) and contacts of both periods. Contacts of an item = all exposure x
    the item's share of it x contacts per exposure; the three effects are `product_effects` of these. An item without
    exposure in one period has no rate there and is taken at that of the other: its coming or going is mix.

    One row per item and effect with `CHANGE_COLUMNS` (and "total"), `ALL` first: effects sum to the total, items to
    `ALL`. Exposures are taken as known; effects are then linear in contacts, and the variance is exact for given
    `covariance` of the counts (items before, then items after; from sums per customer where they come more than once).
    By default contacts are independent and Poisson, a count of 0 having the variance of 1. Raises DataError for missing
    columns, impossible numbers, contacts without exposure, or items that are not unique.
    """
    table = _checked(items)
    exposure = np.array([floats(table["exposure_before"]), floats(table["exposure_after"])])
    contacts = np.array([floats(table["contacts_before"]), floats(table["contacts_after"])])
    spread = _covariance(contacts, covariance)
    weights = _linear(exposure)
    weights = np.concatenate([weights, weights.sum(axis=0, keepdims=True)])
    weights = np.concatenate([weights.sum(axis=1, keepdims=True), weights], axis=1)
    counts = contacts.ravel()
    value = weights @ counts
    error = np.sqrt(np.maximum(np.einsum("eic,cd,eid->ei", weights, spread, weights), 0))
    reach = normal_critical(level) * error
    names = [ALL, *table["item"]]
    columns = (
        np.repeat(np.array(names, dtype=object), len(EFFECTS) + 1),
        np.tile(np.array([*EFFECTS, "total"], dtype=object), len(names)),
        *(part.T.ravel() for part in (value, value - reach, value + reach, error)),
    )
    return pd.DataFrame(dict(zip(CHANGE_COLUMNS, columns, strict=True)))


def _linear(exposure: Floats) -> Floats:
    """What one contact of each count adds to each effect of each item: effects by items by counts."""
    volume = exposure.sum(axis=1, keepdims=True)
    share = np.divide(exposure, volume, out=np.zeros_like(exposure), where=volume > 0)
    before = [np.broadcast_to(volume[0], share[0].shape), share[0]]
    after = [np.broadcast_to(volume[1], share[1].shape), share[1]]
    none, one = np.zeros(share.shape[1]), np.ones(share.shape[1])
    # Each effect is linear in both rates: its value at the rates (1, 0) and (0, 1) is all there is to know.
    by_rate = [
        product_effects(np.array([*before, rates[0]]), np.array([*after, rates[1]]))
        for rates in ((one, none), (none, one))
    ]
    here = exposure > 0
    own = [by_rate[0] + np.where(here[1], 0.0, by_rate[1]), by_rate[1] + np.where(here[0], 0.0, by_rate[0])]
    per = [np.divide(own[when], exposure[when], out=np.zeros_like(own[when]), where=here[when]) for when in (0, 1)]
    return np.concatenate([np.einsum("ei,ij->eij", part, np.eye(share.shape[1])) for part in per], axis=2)


def _covariance(contacts: Floats, covariance: Numbers | None) -> Floats:
    if covariance is None:
        return np.diag(np.maximum(contacts.ravel(), 1.0))
    given = floats(covariance)
    if given.shape != (contacts.size, contacts.size) or not np.allclose(given, given.T):
        raise DataError(
            f"'covariance' must be symmetric and of {contacts.size} counts: the items before, then the items after."
        )
    return given


def _checked(items: pd.DataFrame) -> pd.DataFrame:
    if missing := [column for column in ITEM_COLUMNS if column not in items.columns]:
        raise DataError(f"The items lack {', '.join(missing)}; they have {', '.join(map(str, items.columns))}.")
    numbers = items[list(ITEM_COLUMNS[1:])].to_numpy(dtype=float)
    if not (np.isfinite(numbers).all() and (numbers >= 0).all()):
        raise DataError("Exposure and contacts of items must be numbers from 0; leave out items that are not known.")
    if ((numbers[:, [0, 2]] == 0) & (numbers[:, [1, 3]] > 0)).any():
        raise DataError("An item has contacts in a period without exposure: it has no rate. Give it its exposure.")
    if items["item"].duplicated().any() or (items["item"] == ALL).any():
        raise DataError(f"Each item must have one row, and none may be called '{ALL}'.")
    return items
