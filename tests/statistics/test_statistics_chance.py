"""What customers' own rates alone would give, against hand counts and worlds without any repeat effect."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.chance import expected_by_chance


def test_chance_by_hand_count() -> None:
    """3 contacts of customers with none besides, 2 with one besides, 1 with two; all watched 28 days; within 14."""
    counts = pd.DataFrame({"other_contacts": [0, 1, 2], "observed_days": 28, "contacts": [3, 2, 1]})
    found = expected_by_chance(counts, within_days=[14, 7])
    assert found["value"].tolist() == pytest.approx([(2 * 0.5 + 0.75) / 6, (2 * 0.25 + 1 - 0.75**2) / 6])
    assert found["contacts"].tolist() == [6, 6]
    assert found["unobserved"].tolist() == [0, 0]


def test_customers_watched_too_briefly_are_left_out_and_counted_by_hand_count() -> None:
    counts = pd.DataFrame({"other_contacts": [1, 1], "observed_days": [7, 28], "contacts": [5, 2]})
    found = expected_by_chance(counts, within_days=[14, 60]).set_index("within_days")
    assert found.loc[14, "value"] == pytest.approx(0.5)
    assert found.loc[14, ["contacts", "unobserved"]].tolist() == [2, 5]
    assert np.isnan(found.loc[60, "value"])


def test_long_watching_gives_the_exponential_by_identity() -> None:
    counts = pd.DataFrame({"other_contacts": [36_500], "observed_days": [1_000_000], "contacts": [1]})
    found = expected_by_chance(counts, within_days=[14])
    assert found["value"].iloc[0] == pytest.approx(1 - np.exp(-14 * 0.0365), rel=1e-4)


def test_chance_is_unbiased_by_planted_truth_where_the_exponential_is_not() -> None:
    """Steady random contacts, 28 days watched: one every 20 days."""
    others = np.random.default_rng(3).poisson(28 / 20, size=200_000)
    numbers, contacts = np.unique(others, return_counts=True)
    counts = pd.DataFrame({"other_contacts": numbers, "observed_days": 28, "contacts": contacts})
    found = expected_by_chance(counts, within_days=[14])["value"].iloc[0]
    truth = 1 - np.exp(-14 / 20)
    assert found == pytest.approx(truth, abs=0.004)
    plug_in = np.average(1 - np.exp(-14 * numbers / 28), weights=contacts)
    assert round(truth, 2) == 0.50
    assert round(plug_in, 2) == 0.42


def test_chance_equals_repeats_seen_where_contacts_are_random_by_planted_truth() -> None:
    """Customers of unlike rates, 365 days: of contacts 14 days before the end or earlier, how many are followed."""
    rng = np.random.default_rng(4)
    followed, rows = [], []
    for rate in rng.gamma(0.8, 0.02, size=3000):
        times = np.sort(rng.uniform(0, 365, size=rng.poisson(rate * 365)))
        gaps = np.append(np.diff(times), np.inf)
        followed += list(gaps[times <= 351] <= 14)
        rows += [(len(times) - 1, 365)] * int((times <= 351).sum())
    counts = pd.DataFrame(rows, columns=["other_contacts", "observed_days"]).value_counts().rename("contacts")
    found = expected_by_chance(counts.reset_index(), within_days=[14])["value"].iloc[0]
    assert found == pytest.approx(np.mean(followed), abs=0.01)


def test_chance_for_contacts_that_open_a_case_leaves_out_the_quiet_window_by_planted_truth() -> None:
    """Steady random contacts over 56 days; index contacts have 14 quiet days before them, in which none could be."""
    rng = np.random.default_rng(6)
    others: list[int] = []
    for number in rng.poisson(56 / 20, size=40_000):
        times = np.sort(rng.uniform(0, 56, size=number))
        opens = (np.diff(times, prepend=-np.inf) > 14) & (times >= 14)
        others += [number - 1] * int(opens.sum())
    numbers, contacts = np.unique(others, return_counts=True)
    counts = pd.DataFrame({"other_contacts": numbers, "contacts": contacts})
    truth = 1 - np.exp(-14 / 20)
    found = [expected_by_chance(counts.assign(observed_days=days), within_days=[14]) for days in (56 - 14, 56)]
    assert found[0]["value"].iloc[0] == pytest.approx(truth, abs=0.01)
    assert found[1]["value"].iloc[0] < truth - 0.08


def test_wrong_counts_are_refused_by_identity() -> None:
    good = pd.DataFrame({"other_contacts": [1], "observed_days": [28], "contacts": [1]})
    with pytest.raises(DataError, match="lack observed_days"):
        expected_by_chance(good.drop(columns="observed_days"), within_days=[14])
    with pytest.raises(DataError, match="above 0"):
        expected_by_chance(good.assign(observed_days=0), within_days=[14])
