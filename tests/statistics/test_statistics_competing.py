"""Leaving for one reason among others: by hand, by identity, by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.competing import competing_risks
from rootcause_lib.statistics.survival import kaplan_meier, survival_of_counts


def test_two_ways_of_leaving_by_hand_count() -> None:
    """Of 10 one leaves either way, of the 8 left two by choice: .1 + .8 x 2/8 = .3 by choice, .1 otherwise."""
    found = competing_risks([1, 2], [10, 8], {"choice": [1, 2], "not_choice": [1, 0]})
    assert found["choice"].value == pytest.approx([0.1, 0.3])
    assert found["not_choice"].value == pytest.approx([0.1, 0.1])
    read = found["choice"].at([0, 1.5, 2, 3])
    assert read.value == pytest.approx([0.0, 0.1, 0.3, np.nan], nan_ok=True)
    assert read.events.tolist() == [0, 1, 3, 3]


def test_one_way_alone_is_one_less_kaplan_and_meier_by_identity() -> None:
    there, left = np.array([50.0, 40, 31, 20]), np.array([3.0, 0, 5, 2])
    curve = survival_of_counts([1, 2, 3, 4], there, left, design_effect=1.5)
    alone = competing_risks([1, 2, 3, 4], there, {"choice": left}, design_effect=1.5)["choice"]
    assert 1 - alone.value == pytest.approx(curve.value)
    assert 1 - alone.high == pytest.approx(curve.low)
    assert 1 - alone.low == pytest.approx(curve.high)


def test_shares_and_those_who_stay_sum_to_one_by_identity() -> None:
    there, one, other = np.array([90.0, 70, 40]), np.array([9.0, 7, 4]), np.array([3.0, 0, 8])
    found = competing_risks([1, 2, 3], there, {"choice": one, "not_choice": other})
    stayed = survival_of_counts([1, 2, 3], there, one + other).value
    assert sum(each.value for each in found.values()) + stayed == pytest.approx([1.0, 1.0, 1.0])


def test_limits_hold_as_promised_by_planted_truth() -> None:
    """Two constant hazards, everybody watched for ten periods unless gone or, by chance, no longer seen."""
    rng, held, runs = np.random.default_rng(2), 0, 300
    one, other, lost = 0.06, 0.04, 0.05
    truth = one / (one + other) * (1 - (1 - one - other) ** 10)
    for _ in range(runs):
        there, counts, watched = 150, {"choice": [], "not_choice": []}, []
        for _period in range(10):
            watched.append(there)
            by_one, by_other, _rest = rng.multinomial(there, [one, other, 1 - one - other])
            counts["choice"].append(by_one)
            counts["not_choice"].append(by_other)
            there -= by_one + by_other
            there -= rng.binomial(there, lost)
        found = competing_risks(range(1, 11), watched, counts)["choice"]
        held += bool(found.low[-1] <= truth <= found.high[-1])
    assert held / runs >= 0.92


def test_counts_by_time_give_the_curve_of_single_rows_by_identity() -> None:
    rng = np.random.default_rng(1)
    entry, length = rng.integers(0, 5, 200), rng.integers(1, 9, 200)
    out, event = entry + length, rng.random(200) < 0.5
    rows = kaplan_meier(out, event, entry_time=entry)
    times = np.unique(out)
    there = [((entry < time) & (out >= time)).sum() for time in times]
    left = [((out == time) & event).sum() for time in times]
    grouped = survival_of_counts(times, there, left)
    for name in ("value", "low", "high", "standard_error"):
        assert getattr(grouped, name) == pytest.approx(getattr(rows, name)), name


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(DataError, match="no more"):
        competing_risks([1], [2], {"choice": [2], "not_choice": [1]})
    with pytest.raises(DataError, match="rise"):
        survival_of_counts([2, 1], [5, 5], [0, 0])
