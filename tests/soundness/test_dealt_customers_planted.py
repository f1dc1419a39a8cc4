"""Whether intervals made of random groups of customers hold the truth as often as those made of customers one by one.

World: customers differ in how often they call and in what about, so that contacts of one customer resemble each other.
One reason is common, one so rare that hardly two of its customers fall into one group.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.analyses.root_cause.customers import Dealt
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import share_from_sums

CUSTOMERS, GROUPS, WORLDS = 5_000, 1_000, 600
LEVEL = 0.95


def drawn(rng: np.random.Generator, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Contacts about the reason and all contacts of every customer."""
    calls = rng.poisson(rng.gamma(0.7, 2.0 / 0.7, CUSTOMERS))
    favour = rng.beta(share * 2, (1 - share) * 2, CUSTOMERS)
    return rng.binomial(calls, favour).astype(float), calls.astype(float)


def in_groups(hits: np.ndarray, calls: np.ndarray) -> ClusterSums:
    """Sums over groups by the remainder of customers' numbers, their products brought to customers."""
    own = np.arange(CUSTOMERS) % GROUPS
    value, weight = (np.bincount(own, each, minlength=GROUPS) for each in (hits, calls))
    sums = pd.DataFrame(
        {
            "value": [value.sum()], "weight": [weight.sum()], "clusters": [(weight > 0).sum()],
            "value_value": [value @ value], "value_weight": [value @ weight], "weight_weight": [weight @ weight],
        }
    )  # fmt: skip
    return ClusterSums.from_frame(Dealt(GROUPS, CUSTOMERS).by_customer(sums))


@pytest.mark.parametrize("share", [0.3, 0.004])
def test_groups_hold_the_truth_as_often_as_customers_by_planted_truth(share: float) -> None:
    rng = np.random.default_rng(47)
    held, widths = [], []
    for _ in range(WORLDS):
        hits, calls = drawn(rng, share)
        found = [share_from_sums(ClusterSums.from_clusters(hits[None], calls[None]), level=LEVEL)]
        found.append(share_from_sums(in_groups(hits, calls), level=LEVEL))
        held.append([bool(one.low[0] <= share <= one.high[0]) for one in found])
        widths.append([float(one.half_width[0]) for one in found])
    attained, width = np.mean(held, axis=0), np.array(widths)
    # Six hundred worlds tell a coverage of .95 to .018, two standard errors.
    assert attained.min() >= 0.93
    assert abs(attained[0] - attained[1]) <= 0.02
    ratio = width[:, 1] / width[:, 0]
    assert ratio.mean() == pytest.approx(1, abs=0.02)
    assert ratio.std() < 0.06
