"""Sums over random groups of customers stand for sums over customers."""

from __future__ import annotations

import numpy as np
import pytest

from rootcause_lib.statistics.group_sums import product_by_customer

CUSTOMERS, GROUPS = 20_000, 500


def population(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Contacts of customers, few of whom call very often, and for how many of them there is an answer."""
    calls = rng.poisson(rng.gamma(0.5, 4.0, CUSTOMERS)).astype(float)
    return rng.binomial(calls.astype(int), 0.3).astype(float), calls


def in_groups(values: np.ndarray) -> np.ndarray:
    return np.bincount(np.arange(CUSTOMERS) % GROUPS, values, minlength=GROUPS)


def test_products_over_groups_stand_for_those_over_customers_by_planted_truth() -> None:
    """One dealing is off by the root of two in five hundred; the mean of a hundred by a tenth of that."""
    rng = np.random.default_rng(1)
    value, weight = population(rng)
    for left, right in ((value, value), (value, weight), (weight, weight)):
        ratios = []
        for _ in range(100):
            order = rng.permutation(CUSTOMERS)
            one, other = (in_groups(each[order]) for each in (left, right))
            found = product_by_customer(one @ other, left.sum(), right.sum(), groups=GROUPS, customers=CUSTOMERS)
            ratios.append(float(found) / float(left @ right))
        assert np.mean(ratios) == pytest.approx(1, abs=0.025)
        assert np.std(ratios) < 0.1


def test_the_spread_of_a_ratio_is_that_over_customers_by_planted_truth() -> None:
    """Sum over customers of (value - ratio x weight) squared, made of the three products."""
    rng = np.random.default_rng(2)
    value, weight = population(rng)
    ratio = value.sum() / weight.sum()
    one, other = in_groups(value), in_groups(weight)
    sums = {"vv": (one, one), "vw": (one, other), "ww": (other, other)}
    whole = {"vv": (value, value), "vw": (value, weight), "ww": (weight, weight)}
    products = {
        name: float(product_by_customer(a @ b, whole[name][0].sum(), whole[name][1].sum(), groups=GROUPS,
                                        customers=CUSTOMERS))
        for name, (a, b) in sums.items()
    }  # fmt: skip
    spread = products["vv"] - 2 * ratio * products["vw"] + ratio**2 * products["ww"]
    assert spread == pytest.approx(float(((value - ratio * weight) ** 2).sum()), rel=0.2)


def test_where_every_group_is_a_customer_nothing_changes_by_identity() -> None:
    assert product_by_customer([5.0, 7.0], [3.0, 1.0], [2.0, 4.0], groups=2**62, customers=9.0).tolist() == [5.0, 7.0]
