"""Decomposition of a change: Das Gupta's published tables, exact sums, and periods whose change is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.decomposition import CHANGE_COLUMNS, decompose_change, product_effects
from rootcause_lib.vocabulary import ALL

SWAPPED = (("before", "after"), ("after", "before"))


def by_effect(found: pd.DataFrame, item: str = ALL) -> pd.DataFrame:
    return found[found["item"] == item].set_index("effect")


def items_of(before: tuple, after: tuple) -> pd.DataFrame:
    (exposure, contacts), (later, later_contacts) = before, after
    return pd.DataFrame(
        {
            "item": [f"item {place}" for place in range(len(exposure))],
            "exposure_before": exposure,
            "contacts_before": contacts,
            "exposure_after": later,
            "contacts_after": later_contacts,
        }
    )


def random_items(seed: int, number: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    exposure = rng.integers(50, 5000, size=(2, number))
    return items_of((exposure[0], rng.poisson(exposure[0] * 0.2)), (exposure[1], rng.poisson(exposure[1] * 0.3)))


@pytest.mark.parametrize(
    ("before", "after", "published"),
    [
        # Das Gupta 1993: mean earnings of black and white men (2.1), births in Austria and Chile (2.2), births outside
        # marriage (2.3), fertility in Korea (2.4).
        ([10930, 0.717892], [16591, 0.825974], [4369.913, 1487.262]),
        ([51.78746, 0.45919, 0.52638], [84.90502, 0.75756, 0.51065], [10.4340333, 10.5608476, -0.6670084]),
        ([25.3, 0.214, 0.279, 0.949], [32.7, 0.290, 0.473, 0.986], [0.6889411, 0.8125381, 1.3829055, 0.1047547]),
        (
            [0.58, 0.76, 0.84, 0.66, 16.573],
            [0.72, 0.97, 0.97, 0.56, 16.158],
            [1.0909785, 1.2298438, 0.7278399, -0.8398707, -0.1290187],
        ),
    ],
)
def test_products_of_two_to_five_factors_by_published_figure(before, after, published) -> None:
    assert product_effects(before, after) == pytest.approx(np.array(published), rel=1e-6)


def test_birth_rates_of_taiwan_by_published_figure() -> None:
    """Das Gupta 1993, table 4.3: births per married woman, share married, share of women by age, 1960 to 1970."""
    before = [
        [393, 407, 369, 274, 184, 90, 16],
        [0.122, 0.622, 0.903, 0.930, 0.916, 0.873, 0.800],
        [0.043, 0.041, 0.036, 0.032, 0.026, 0.020, 0.018],
    ]
    after = [
        [488, 452, 338, 156, 63, 22, 3],
        [0.082, 0.527, 0.866, 0.941, 0.942, 0.923, 0.876],
        [0.058, 0.038, 0.032, 0.030, 0.026, 0.023, 0.019],
    ]
    assert product_effects(before, after).sum(axis=1) == pytest.approx([-7.285632, -2.720633, -1.565181], abs=1e-6)


def test_household_heads_by_published_figure() -> None:
    """Das Gupta 1993, table 5.1 (Kitagawa's case): of 44.73 to 47.69 heads per 100 age is 1.2269, rates are 1.7403."""
    size = [12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9]
    later = [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5]
    rate = [1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8]
    later_rate = [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2]
    heads, later_heads = np.multiply(size, rate) / 100, np.multiply(later, later_rate) / 100
    found = by_effect(decompose_change(items_of((size, heads), (later, later_heads))))["value"]
    expected = {"volume": 0, "mix": 1.2269, "rate": 1.7403, "total": 2.9672}
    assert found.to_dict() == pytest.approx(expected, abs=1e-6)


def test_parts_add_up_exactly_by_identity() -> None:
    items = random_items(1)
    found = decompose_change(items)
    assert tuple(found.columns) == CHANGE_COLUMNS
    wide = found.pivot(index="item", columns="effect", values="value")
    assert (wide["volume"] + wide["mix"] + wide["rate"]).to_numpy() == pytest.approx(wide["total"].to_numpy())
    change = (items["contacts_after"] - items["contacts_before"]).to_numpy()
    assert wide.loc[items["item"], "total"].to_numpy() == pytest.approx(change)
    assert wide.loc[ALL].to_numpy() == pytest.approx(wide.drop(index=ALL).sum().to_numpy())
    assert found["item"].iloc[0] == ALL


def test_going_back_in_time_turns_every_sign_by_identity() -> None:
    items = random_items(2)
    turned = {f"{what}_{one}": f"{what}_{two}" for what in ("exposure", "contacts") for one, two in SWAPPED}
    there, back = decompose_change(items), decompose_change(items.rename(columns=turned))
    assert back["value"].to_numpy() == pytest.approx(-there["value"].to_numpy())
    assert back["standard_error"].to_numpy() == pytest.approx(there["standard_error"].to_numpy())


def test_only_what_changed_has_an_effect_by_hand_count() -> None:
    """Customers double, all alike: volume. Mix stays at 0 in all where rates are equal. A rate rises by half: rate."""
    double = by_effect(decompose_change(items_of(([100, 300], [10, 60]), ([200, 600], [20, 120]))))["value"]
    assert double.to_dict() == pytest.approx({"volume": 70, "mix": 0, "rate": 0, "total": 70})
    moved = decompose_change(items_of(([100, 300], [10, 30]), ([300, 100], [30, 10])))
    assert by_effect(moved)["value"].to_dict() == pytest.approx({"volume": 0, "mix": 0, "rate": 0, "total": 0})
    assert by_effect(moved, "item 0").loc["mix", "value"] == pytest.approx(20)
    dearer = by_effect(decompose_change(items_of(([100, 300], [10, 60]), ([100, 300], [15, 60]))))["value"]
    assert dearer.to_dict() == pytest.approx({"volume": 0, "mix": 0, "rate": 5, "total": 5})


def test_new_and_closed_items_are_mix_by_hand_count() -> None:
    """As many customers as before, but fifty moved to a new product with twice the rate: all of it is mix."""
    found = decompose_change(items_of(([100, 0, 50], [10, 0, 5]), ([100, 50, 0], [10, 10, 0])))
    assert by_effect(found)["value"].to_dict() == pytest.approx({"volume": 0, "mix": 5, "rate": 0, "total": 5})
    assert by_effect(found, "item 1")["value"].to_dict() == pytest.approx(
        {"volume": 0, "mix": 10, "rate": 0, "total": 10}
    )
    assert np.isfinite(found[["low", "high"]].to_numpy()).all()


def test_standard_errors_by_hand_count() -> None:
    """One item, exposure 100 then 200, contacts 20 then 60: the rate's effect is 150 (c1/200 - c0/100), the volume's
    100 (c0/100 + c1/200) / 2; the total's variance is 20 + 60, its covariance with customers in both 2 x 8 less."""
    items = items_of(([100], [20]), ([200], [60]))
    plain = by_effect(decompose_change(items))
    assert plain.loc["rate", "standard_error"] == pytest.approx(np.sqrt(1.5**2 * 20 + 0.75**2 * 60))
    assert plain.loc["volume", "standard_error"] == pytest.approx(np.sqrt(0.5**2 * 20 + 0.25**2 * 60))
    assert plain.loc["total", "standard_error"] == pytest.approx(np.sqrt(80))
    same = by_effect(decompose_change(items, covariance=[[20, 8], [8, 60]]))
    assert same.loc["total", "standard_error"] == pytest.approx(np.sqrt(64))
    assert (plain.loc["rate", ["low", "high"]].mean()) == pytest.approx(plain.loc["rate", "value"])


def test_nothing_counted_is_not_certain() -> None:
    found = by_effect(decompose_change(items_of(([100], [0]), ([100], [0]))))
    assert found.loc["rate", "high"] > 1


@pytest.mark.parametrize("grown", [1.0, 1.3])
def test_effects_are_covered_by_planted_truth(grown: float) -> None:
    """A fifth more customers; the rate of one item of six grows, or none (the null world). Counts alone say that every
    item got worse."""
    rng = np.random.default_rng(round(10 * grown))
    exposure = np.array([400, 800, 1500, 300, 2000, 1000])
    rates = np.array([0.2, 0.1, 0.05, 0.3, 0.02, 0.15])
    later = rates * np.array([grown, 1, 1, 1, 1, 1])
    truth = 1.1 * exposure[0] * (later[0] - rates[0])
    held, alone, values, naive = [], [], [], []
    for _run in range(500):
        before, after = rng.poisson(exposure * rates), rng.poisson(1.2 * exposure * later)
        found = decompose_change(items_of((exposure, before), (1.2 * exposure, after)))
        for item, kept in ((ALL, held), ("item 0", alone)):
            row = by_effect(found, item).loc["rate"]
            kept.append(row["low"] <= truth <= row["high"])
        values.append(row["value"])
        naive.append(after - before)
    noise = 3 * np.sqrt(0.95 * 0.05 / 500)
    assert abs(np.mean(held) - 0.95) < noise
    assert abs(np.mean(alone) - 0.95) < noise
    assert np.mean(values) == pytest.approx(truth, abs=3 * np.std(values) / np.sqrt(500))
    assert (np.mean(naive, axis=0) > 0.15 * exposure * rates).all()


def test_customers_who_come_often_need_their_covariance_by_planted_truth() -> None:
    """Each customer contacts about an item in bursts of four: Poisson limits hold the truth far too seldom."""
    rng = np.random.default_rng(7)
    robust, plain = 0, 0
    for _run in range(300):
        bursts = rng.poisson([[60, 90], [60, 90]])
        items = items_of(([1000, 1000], 4 * bursts[0]), ([1000, 1000], 4 * bursts[1]))
        for covariance in (np.diag(16.0 * bursts.ravel()), None):
            row = by_effect(decompose_change(items, covariance=covariance)).loc["total"]
            inside = row["low"] <= 0 <= row["high"]
            if covariance is None:
                plain += inside
            else:
                robust += inside
    assert robust / 300 > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 300)
    assert plain / 300 < 0.8


def test_unusable_items_are_refused() -> None:
    items = random_items(3, 2)
    with pytest.raises(DataError, match="lack item"):
        decompose_change(items.drop(columns="item"))
    with pytest.raises(DataError, match="without exposure"):
        decompose_change(items.assign(exposure_after=0))
    with pytest.raises(DataError, match="numbers from 0"):
        decompose_change(items.assign(contacts_after=np.nan))
    with pytest.raises(DataError, match="one row"):
        decompose_change(items.assign(item="same"))
    with pytest.raises(DataError, match="one row"):
        decompose_change(items.assign(item=["all", "one"]))
    with pytest.raises(DataError, match="symmetric and of 4 counts"):
        decompose_change(items, covariance=np.eye(3))
    with pytest.raises(ParameterError, match="at most 8"):
        product_effects(np.ones(9), np.ones(9))
