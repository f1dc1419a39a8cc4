"""How long cases get when the latest can't be followed to their end: shares by length, and where cases go step by step.

Leaving out the cases that are not over would leave out long ones more often than short ones. Instead each step is told
by itself: of the contacts in their k-th place after which a whole window can be seen, how many had another behind them?
The steps multiply to the share of cases that get so far (the product-limit idea of Kaplan and Meier 1958, JASA 53: 457,
with places in the case for time). Where every case is over it all comes to plain counting.
"""

from __future__ import annotations

import numpy as np

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats

LENGTHS = 5
"""Lengths told apart: 1 to 4, and this many or more."""


def length_shares(sums: Floats) -> Floats:
    """Shares of cases and of their contacts by length, from `watched` and `went_on` at places 1 to 4 and from 5 on.

    sums: watched (5) then went_on (5) along the last axis. Gives along the last axis the shares of cases of length 1,
    2, 3, 4 and 5 or more, that of 3 or more, then the same six for contacts. From the fifth place on the chance of
    going on is taken to be the same, which gives the contacts of long cases by count where all are over. NaN from where
    nothing could be watched.
    """
    if sums.shape[-1] != 2 * LENGTHS:
        raise DataError(f"Lengths need {2 * LENGTHS} sums, not {sums.shape[-1]}.")
    watched, went_on = sums[..., :LENGTHS], sums[..., LENGTHS:]
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = went_on / watched
    reached = [np.where(watched[..., 0] > 0, 1.0, np.nan)]
    for place in range(LENGTHS - 1):
        # Where no case gets so far there is nothing left to be unknown.
        step = np.where(reached[-1] == 0, 0.0, chance[..., place])
        reached.append(reached[-1] * step)
    cases = [reached[place] - reached[place + 1] for place in range(LENGTHS - 1)] + [reached[-1]]
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = np.where(reached[-1] == 0, 0.0, reached[-1] * (LENGTHS - 1 + 1 / (1 - chance[..., -1])))
    contacts = [(place + 1) * cases[place] for place in range(LENGTHS - 1)] + [tail]
    whole = sum(contacts)
    volumes = [part / whole for part in contacts]
    columns = [*cases, reached[2], *volumes, volumes[2] + volumes[3] + volumes[4]]
    return np.stack([np.clip(column, 0.0, 1.0) for column in columns], axis=-1)


def step_shares(sums: Floats, *, channels: int) -> Floats:
    """Shares of all cases that go from a channel to another, or end there, at their first and at their second step.

    sums: along the last axis the first step's counts (channels by channels + 1, the last column: ended), then the
    second's, both only where the next contact could be seen. Gives the same shape; a case counts in full at the first
    step, at the second only as far as it got there. What reaches a channel at the first step leaves it at the second.
    """
    size = channels * (channels + 1)
    if sums.shape[-1] != 2 * size:
        raise DataError(f"Steps between {channels} channels need {2 * size} sums, not {sums.shape[-1]}.")
    shape = (*sums.shape[:-1], channels, channels + 1)
    first, second = sums[..., :size].reshape(shape), sums[..., size:].reshape(shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        started = first / first.sum(axis=(-2, -1), keepdims=True)
        reached = started[..., :, :-1].sum(axis=-2)[..., :, None]
        onward = np.where(reached == 0, 0.0, reached * second / second.sum(axis=-1, keepdims=True))
    return np.concatenate([part.reshape(*sums.shape[:-1], size) for part in (started, onward)], axis=-1)


def same_mix_log_ratio(sums: Floats, *, strata: int) -> Floats:
    """Logarithm of a mean at one place over the mean at the first place, over the mix of the former.

    sums: along the last axis contacts and amounts at the place (strata each), then at the first place. Strata that
    have none at either are left out; NaN where none is left.
    """
    contacts, amount, first_contacts, first_amount = (
        sums[..., number * strata : (number + 1) * strata] for number in range(4)
    )
    both = (contacts > 0) & (first_contacts > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ours = np.where(both, amount, 0.0).sum(axis=-1)
        theirs = np.where(both, contacts * first_amount / np.where(both, first_contacts, 1.0), 0.0).sum(axis=-1)
        ratio = np.where((ours > 0) & (theirs > 0), ours / theirs, np.nan)
        return np.asarray(np.log(ratio)[..., None])
