"""Resolution at every window and its end: by hand, by perturbing counts, and against the curve of one window."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.incidence import incidence
from rootcause_lib.statistics.window_curves import Chance, OpenedCounts, chance_of, influences, window_curve
from rootcause_lib.statistics.window_end import WatchedCounts, window_end

DAYS = 6
WAYS = 3 * DAYS + 3
KINDS = ("censored", "came_back", "left")


def drawn(seed: int, *, customers: int = 40) -> pd.DataFrame:
    """Contacts with their customer, longest window, way and class of pace."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"customer": rng.integers(0, customers, 220)})
    rows["opens"] = rng.integers(0, DAYS + 1, len(rows))
    day, kind = rng.integers(1, DAYS + 1, len(rows)), rng.choice(3, len(rows), p=(0.5, 0.4, 0.1))
    rows["way"] = 3 * day + kind
    rows["pace"] = rows["customer"] % 3
    return rows


def counts_of(rows: pd.DataFrame) -> OpenedCounts:
    ways, paces = np.zeros((DAYS + 1, WAYS)), np.zeros((DAYS + 1, 3))
    np.add.at(ways, (rows["opens"], rows["way"]), 1)
    np.add.at(paces, (rows["opens"], rows["pace"]), 1)
    pairs = np.zeros((DAYS + 1, WAYS + 3, WAYS + 3))
    for _, own in rows.groupby("customer"):
        for one in own.itertuples():
            for other in own.itertuples():
                both = min(one.opens, other.opens)
                for feature in (one.way, WAYS + one.pace):
                    for second in (other.way, WAYS + other.pace):
                        pairs[both, feature, second] += 1
    longest = rows.groupby("customer")["opens"].max()
    customers = np.bincount(longest, minlength=DAYS + 1).astype(float)
    return OpenedCounts(ways, paces, pairs, ways.sum(axis=1), customers)


@pytest.mark.parametrize("seed", range(3))
def test_every_window_is_the_curve_of_that_window_alone_by_identity(seed: int) -> None:
    rows = drawn(seed)
    found = window_curve(counts_of(rows), chance=None).set_index(["window_days", "outcome"])
    for window in range(1, DAYS + 1):
        own = rows[rows["opens"] >= window].assign(day=lambda each: each["way"] // 3 - 1)
        own = own.assign(outcome=[KINDS[way % 3] for way in own["way"]])
        ways = own.groupby(["day", "outcome"]).size().rename("contacts").reset_index()
        each = own.groupby(["customer", "day", "outcome"]).size().rename("n").reset_index()
        met = each.merge(each, on="customer", suffixes=("", "_2"))
        met = met.assign(contacts=met["n"] * met["n_2"]).groupby(["day", "outcome", "day_2", "outcome_2"])["contacts"]
        customers = pd.DataFrame({"customers": [own["customer"].nunique()]})
        alone = incidence(ways, met.sum().reset_index(), customers, horizon=window - 1)
        last = alone[alone["day"] == window - 1].set_index("outcome")
        for outcome in last.index:
            for column in ("value", "low", "high", "at_risk", "events", "contacts", "unobserved", "customers"):
                assert found.loc[(window, outcome), column] == pytest.approx(last.loc[outcome, column], abs=1e-12)


def test_influences_are_what_one_more_contact_moves_by_identity() -> None:
    ways = np.cumsum(counts_of(drawn(7)).ways[::-1], axis=0)[::-1][1:]
    found, step = influences(ways), 1e-6
    for way in range(3, WAYS):
        more = ways.copy()
        more[:, way] += step
        moved = influences(more)
        for kind in (0, 1):
            # A contact adds to the whole as well: the influence is the change with the others' weight kept.
            change = (moved.values[kind] - found.values[kind]) / step
            assert change == pytest.approx(found.moved[kind][:, way], abs=1e-5)


def test_chance_is_the_mean_over_those_it_can_be_told_for_by_hand_count() -> None:
    """Ten contacts of a class that returns with .1, thirty with .5 of which half can be told: (1 + 7.5) / 25."""
    chance = Chance(np.array([[0.1, 0.5]]), np.array([[1.0, 0.5]]))
    value, moved = chance_of(np.array([[10.0, 30.0]]), chance)
    assert value[0] == pytest.approx(8.5 / 25)
    assert moved[0].tolist() == pytest.approx([(0.1 - 0.34) / 25, 0.5 * (0.5 - 0.34) / 25])
    assert np.isnan(chance_of(np.zeros((1, 2)), chance)[0][0])


def test_limits_of_the_excess_count_what_a_customers_pace_explains_by_identity() -> None:
    """Where the class of pace alone decides who comes back, the excess varies less than coming back does."""
    rng = np.random.default_rng(5)
    rows = pd.DataFrame({"customer": np.repeat(np.arange(300), 4)})
    rows["pace"] = rows["customer"] % 3
    back = rng.random(len(rows)) < np.array([0.05, 0.3, 0.7])[rows["pace"]]
    rows["way"], rows["opens"] = np.where(back, 4, 3 * DAYS), DAYS
    shares = np.tile([0.05, 0.3, 0.7], (DAYS, 1))
    found = window_curve(counts_of(rows), chance=Chance(shares, np.ones_like(shares)))
    row = found[(found["outcome"] == "came_back") & (found["window_days"] == DAYS)].iloc[0]
    assert row["expected_by_chance"] == pytest.approx(0.35)
    assert row["excess"] == pytest.approx(row["value"] - 0.35)
    assert row["excess_low"] < 0 < row["excess_high"]
    assert row["excess_high"] - row["excess_low"] < 0.8 * (row["high"] - row["low"])


def test_pairs_in_one_order_only_are_refused() -> None:
    counts = counts_of(drawn(1))
    with pytest.raises(DataError, match="both orders"):
        OpenedCounts(counts.ways, counts.paces, np.triu(counts.pairs), counts.drawn, counts.customers)


def watched(ways: dict[int, int], *, customers: int | None = None) -> WatchedCounts:
    """Contacts of a customer each, by way; 0: no class of pace."""
    counted = np.zeros(WAYS)
    for way, number in ways.items():
        counted[way] = number
    pairs = np.zeros((WAYS + 1, WAYS + 1))
    pairs[np.arange(WAYS), np.arange(WAYS)] = counted
    return WatchedCounts(counted, np.zeros(1), pairs, counted.sum(), customers or counted.sum())


def test_the_end_is_the_day_of_the_nineteenth_of_twenty_by_hand_count() -> None:
    """Of 4,000 contacts 760 come back on day 2, 40 on day 5: 19 in 20 have come by day 2."""
    end = window_end(watched({7: 760, 16: 40, 3 * DAYS: 3200}), chance=None)
    assert end.day == 2
    assert end.excess == pytest.approx(0.2)
    assert end.unobserved == 0
    # Eleven more late ones, and it is day 5; both days stay possible.
    later = window_end(watched({7: 749, 16: 51, 3 * DAYS: 3200}), chance=None)
    assert (later.day, later.low, later.high) == (5, 2, 5)


def test_contacts_no_longer_watched_count_for_the_days_seen_by_hand_count() -> None:
    """Of 100, 50 are watched for a day only; of the other 50, 10 come back on day 2: F = .2 all the same."""
    end = window_end(watched({3: 50, 7: 10, 3 * DAYS: 40}), chance=None)
    assert end.excess == pytest.approx(0.2)
    assert end.unobserved == 50


def test_where_chance_explains_everything_there_is_no_end_by_hand_count() -> None:
    counts = watched({4: 100, 3 * DAYS: 900})
    counts = WatchedCounts(counts.ways, np.array([1000.0]), counts.pairs, counts.drawn, counts.customers)
    chance = Chance(np.full((DAYS, 1), 0.1), np.ones((DAYS, 1)))
    end = window_end(counts, chance=chance)
    assert np.isnan([end.day, end.low, end.high]).all()
    assert end.excess == pytest.approx(0.0, abs=1e-12)
    assert end.excess_low < 0 < end.excess_high


def test_nobody_coming_back_leaves_an_upper_limit_and_no_day_by_hand_count() -> None:
    end = window_end(watched({3 * DAYS: 60}), chance=None)
    assert np.isnan(end.day)
    assert end.excess == end.excess_low == 0
    assert 0.02 < end.excess_high < 0.12
