"""After against before: exact tails by hand, odds by identity, the ratio to be expected by counting every pair."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from rootcause_lib.statistics.intervals import wilson
from rootcause_lib.statistics.sequence_symmetry import expected_ratio, lifts, sign_test


def test_the_sign_test_is_twice_the_smaller_tail_by_hand():
    assert sign_test(more=8, less=1) == pytest.approx(2 * (1 + 9) / 2**9)
    assert sign_test(more=1, less=8) == pytest.approx(2 * (1 + 9) / 2**9)
    assert sign_test(more=5, less=5) == 1
    assert np.isnan(sign_test(more=0, less=0))
    chance = 2 / 3
    upper = sum(comb(10, k) * chance**k * (1 - chance) ** (10 - k) for k in range(9, 11))
    lower = sum(comb(10, k) * chance**k * (1 - chance) ** (10 - k) for k in range(10))
    assert sign_test(more=9, less=1, expected=2.0) == pytest.approx(2 * min(upper, lower))


def test_lifts_are_odds_of_customers_who_count_once_by_identity():
    """30 customers with one after, 10 with one before: the share of after is 30 of 40, with Wilson's interval."""
    found = lifts(after=30, before=10, after_after=30, after_before=0, before_before=10, customers=40)
    theirs = wilson(30, 40)
    assert found.lift == pytest.approx(3)
    assert found.low == pytest.approx(theirs.low / (1 - theirs.low))
    assert found.high == pytest.approx(theirs.high / (1 - theirs.high))
    twice = lifts(after=30, before=10, after_after=30, after_before=0, before_before=10, customers=40, expected=1.5)
    assert twice.lift == pytest.approx(2)


def test_where_nothing_came_before_there_is_a_lower_limit_only_by_identity():
    found = lifts(after=20, before=0, after_after=20, after_before=0, before_before=0, customers=20)
    assert np.isnan(found.lift)
    assert np.isnan(found.high)
    assert found.low == pytest.approx(wilson(20, 20).low / (1 - wilson(20, 20).low))


def test_the_expected_ratio_counts_every_pair_of_days_by_hand():
    rng = np.random.default_rng(4)
    first, then = rng.poisson(2, 60), rng.poisson(np.linspace(1, 5, 60))
    window = 5
    ahead = sum(first[d] * then[d + k] for d in range(5, 55) for k in range(1, 6))
    behind = sum(first[d] * then[d - k] for d in range(5, 55) for k in range(1, 6))
    assert expected_ratio(first, then, window=window) == pytest.approx([ahead / behind])
    assert expected_ratio(first, then, window=window)[0] > 1
    assert np.isnan(expected_ratio(first[:10], then[:10], window=window)).all()
