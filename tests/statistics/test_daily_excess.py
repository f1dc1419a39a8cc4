"""What a day that struck everybody brought: exact where days are alike, and right on average where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from rootcause_lib.errors import ParameterError
from rootcause_lib.statistics.daily_excess import excess_of_windows

WEEK = np.arange(182) % 7


def window(start: int, days: int, of: int = 182) -> np.ndarray:
    return (np.arange(of) >= start) & (np.arange(of) < start + days)


def test_even_days_by_hand_count() -> None:
    """Ten contacts a day, twenty on each of five days: fifty more than expected."""
    struck = window(60, 5)
    (found,) = excess_of_windows(np.where(struck, 20.0, 10.0), WEEK, [struck])
    assert found.contacts == 100
    assert found.expected == pytest.approx(50, rel=1e-6)
    assert found.excess == pytest.approx(50, rel=1e-6)
    assert found.low < 50 < found.high


def test_weekdays_are_expected_by_identity() -> None:
    """A window of one Monday is held against Mondays alone."""
    counts = np.where(WEEK == 0, 70.0, 10.0)
    struck = window(70, 1)
    (found,) = excess_of_windows(counts, WEEK, [struck])
    assert found.expected == pytest.approx(70, rel=1e-3)


def test_coverage_where_nothing_happened_by_planted_truth() -> None:
    rng = np.random.default_rng(1)
    season = 30 * (1 + 0.2 * np.sin(np.arange(364) / 58)) * np.where(np.arange(364) % 7 > 4, 0.4, 1.0)
    held = []
    for _ in range(200):
        counts = rng.poisson(rng.gamma(20, season / 20)).astype(float)
        (found,) = excess_of_windows(counts, np.arange(364) % 7, [window(150, 7, 364)])
        held.append(found.low <= 0 <= found.high)
    assert 0.90 <= np.mean(held) <= 0.99


def test_too_few_days_and_no_contacts_are_not_told() -> None:
    (short,) = excess_of_windows(np.full(20, 5.0), np.arange(20) % 7, [window(3, 5, 20)])
    assert short.contacts == 25
    assert np.isnan([short.expected, short.excess, short.low, short.high]).all()
    (nothing,) = excess_of_windows(np.zeros(182), WEEK, [window(3, 5)])
    assert np.isnan(nothing.expected)
    assert excess_of_windows(np.full(182, 5.0), WEEK, []) == ()


def test_a_kind_of_day_seen_only_in_a_window_is_expected_all_the_same() -> None:
    kinds = np.where(window(60, 1), 7, WEEK)
    (found,) = excess_of_windows(np.full(182, 10.0), kinds, [window(60, 1)])
    assert found.expected == pytest.approx(10, rel=1e-6)


def test_windows_need_a_flag_a_day() -> None:
    with pytest.raises(ParameterError, match="one entry per day"):
        excess_of_windows(np.full(10, 5.0), np.arange(10) % 7, [window(3, 5, 9)])
