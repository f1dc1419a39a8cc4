"""What a retention campaign earns: the measure's published example, by hand, and by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from rootcause_lib.errors import ParameterError
from rootcause_lib.statistics.profit import Campaign, expected_maximum_profit, months_worth, reached

PAPER = Campaign(value=200, offer=10, contact=1)
"""Verbraken, Verbeke and Baesens 2013: a customer worth 200 euros, an offer of 10, a contact of 1."""


def test_expected_maximum_profit_by_published_figure():
    """The example of empulse's documentation of the measure: 23.8756 a customer, 87.4371 % of customers chosen."""
    left = [0, 1, 0, 1, 0, 1, 0, 1]
    scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
    found = expected_maximum_profit(scores, left, PAPER)
    assert found.profit == pytest.approx(23.875593418348124, rel=1e-12)
    assert found.share == pytest.approx(0.8743700763487141, rel=1e-12)
    order = np.argsort([4, 1, 3, 5, 0, 2, 7, 6])
    again = expected_maximum_profit(np.array(scores)[order], np.array(left)[order], PAPER)
    assert again == found


def test_profit_of_a_share_by_hand():
    """Of 100 customers 5 leavers and 15 stayers are asked: 5 x (.3 x 190 - 1) - 15 x 11 = 115."""
    assert PAPER.accepted == pytest.approx(0.3)
    assert PAPER.profit(leavers=0.05, stayers=0.15) == pytest.approx(1.15)
    assert PAPER.profit(leavers=0, stayers=0) == 0


@pytest.mark.parametrize("seed", range(6))
def test_expected_maximum_profit_by_second_implementation(seed):
    """For each probability of taking the offer the best of all cuts, over a fine grid of probabilities."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 12, 60) / 12 if seed % 2 else rng.random(60)
    left = (rng.random(60) < 0.1 + 0.4 * scores).astype(float)
    weights = rng.integers(0, 4, 60).astype(float) if seed > 2 else None
    leavers, stayers = reached(scores, left, weights=weights)
    accepted = (np.arange(40_000) + 0.5) / 40_000
    profit = PAPER.profit(leavers=leavers, stayers=stayers, accepted=accepted[:, None])
    weight = beta.pdf(accepted, 6, 14) / 40_000
    found = expected_maximum_profit(scores, left, PAPER, weights=weights)
    assert found.profit == pytest.approx((profit.max(axis=1) * weight).sum(), rel=1e-4)
    share = (leavers + stayers)[profit.argmax(axis=1)]
    assert found.share == pytest.approx((share * weight).sum(), rel=1e-3)


def test_useless_scores_choose_nobody_or_everybody():
    left = np.array([1.0] + [0.0] * 99)
    assert expected_maximum_profit(np.full(100, 0.5), left, PAPER).profit == pytest.approx(0, abs=1e-6)
    rare = Campaign(value=5, offer=10, contact=1)
    assert expected_maximum_profit(left, left, rare).profit == 0
    with pytest.raises(ParameterError, match="value above 0"):
        Campaign(value=0, offer=1, contact=1)


def test_months_of_margin_by_hand():
    assert months_worth(weekly_hazard=0.0, yearly_discount=0.0, years=3) == pytest.approx(36)
    assert months_worth(weekly_hazard=0.0, yearly_discount=0.08, years=1) == pytest.approx(
        sum(1.08 ** (-month / 12) for month in range(12))
    )
    halved = np.log(2) / 52.1775
    two = months_worth(weekly_hazard=[halved, 0.0], yearly_discount=0.0, years=2)
    assert two[0] == pytest.approx(sum(0.5 ** (month / 12) for month in range(24)))
    assert two[1] == 24
