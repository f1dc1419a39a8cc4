"""Shrunken shares: the baseball players of 1970, limits that are known, and units whose truth is planted."""

from __future__ import annotations

import numpy as np
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import wilson
from rootcause_lib.statistics.shrinkage import shrunken_shares

# Efron and Morris 1975, JASA 70: 311, table 1: hits of the first 45 at bats, and the average of the rest of the season.
HITS = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
SEASON = [
    0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269, 0.230, 0.264, 0.256, 0.303, 0.264, 0.226, 0.285,
    0.316, 0.200,
]  # fmt: skip


def test_baseball_is_foretold_better_than_by_averages_by_published_figure() -> None:
    """Stein's estimator was 3.5 times better than the averages as they were."""
    found = shrunken_shares(HITS, [45] * 18)
    assert ((found.raw - SEASON) ** 2).sum() / ((found.value - SEASON) ** 2).sum() > 3.2
    assert found.centre == pytest.approx(0.265, abs=0.005)
    assert ((found.low < SEASON) & (np.array(SEASON) < found.high)).all()


@pytest.mark.parametrize(("correlation", "each"), [(0.0, 10), (0.05, 10), (0.2, 30), (0.05, 200)])
def test_units_are_covered_and_nearer_than_raw_shares_by_planted_truth(correlation: float, each: int) -> None:
    rng = np.random.default_rng([round(100 * correlation), each])
    held, near, raw = [], [], []
    for _run in range(60):
        strength = 1 / correlation - 1 if correlation else np.inf
        own = rng.beta(0.8 * strength, 0.2 * strength, size=40) if correlation else np.full(40, 0.8)
        found = shrunken_shares(rng.binomial(each, own), np.full(40, each))
        held.append(np.mean((found.low <= own) & (own <= found.high)))
        near.append(np.mean((found.value - own) ** 2))
        raw.append(np.mean((found.raw - own) ** 2))
    assert np.mean(held) > 0.93
    assert np.mean(near) < np.mean(raw)


def test_best_of_many_alike_is_luck_by_planted_truth() -> None:
    """Sixty agents, all 80 % accurate, ten contacts each: the raw best has 10 of 10, the shrunken one stays near .8."""
    right = np.random.default_rng(8).binomial(10, 0.8, size=60)
    found = shrunken_shares(right, np.full(60, 10))
    assert found.raw.max() == 1
    assert 0.8 < found.value.max() < 0.87
    assert found.value.min() > 0.7


def test_much_data_speaks_for_itself_by_identity() -> None:
    n = np.array([20_000, 20_000, 20_000, 20_000])
    x = np.array([10_000, 14_000, 17_000, 19_000])
    found, limits = shrunken_shares(x, n), wilson(x, n)
    assert found.value == pytest.approx(x / n, abs=0.001)
    assert found.low == pytest.approx(limits.low, abs=0.001)
    assert found.high == pytest.approx(limits.high, abs=0.001)


def test_unit_without_contacts_is_like_any_other_by_identity() -> None:
    found = shrunken_shares([9, 5, 8, 3, 0], [10, 10, 10, 10, 0])
    assert np.isnan(found.raw[4])
    assert found.value[4] == pytest.approx(found.centre)
    assert found.high[4] - found.low[4] > (found.high - found.low)[:4].max()
    nothing = shrunken_shares([0, 0], [0, 0])
    assert np.isnan([*nothing.value, *nothing.low, nothing.centre]).all()


def test_extremes_and_one_unit_stay_within_limits() -> None:
    for x, n in (([0] * 5, [9] * 5), ([9] * 5, [9] * 5), ([3], [4]), ([0], [1])):
        found = shrunken_shares(x, n)
        assert ((found.low >= 0) & (found.low < found.value) & (found.value < found.high) & (found.high <= 1)).all()


def test_impossible_counts_are_refused() -> None:
    for x, n in (([3], [2]), ([-1], [2]), ([np.nan], [2]), ([[1]], [[2]])):
        with pytest.raises(DataError, match="successes"):
            shrunken_shares(x, n)
