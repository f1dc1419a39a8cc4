"""False discovery rates: the example of 1995, statsmodels as oracle, and worlds where the truth is planted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.false_discovery import adjusted_p_values, discoveries

# Benjamini and Hochberg 1995, section 3.2: fifteen comparisons of two treatments of heart attacks.
OF_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_four_of_fifteen_stand_out_by_published_figure() -> None:
    """Bonferroni's 0.05/15 finds three, nine are below 0.05 by themselves."""
    assert discoveries(OF_1995, rate=0.05).tolist() == [True] * 4 + [False] * 11
    assert sum(p <= 0.05 / 15 for p in OF_1995) == 3
    assert sum(p <= 0.05 for p in OF_1995) == 9


@pytest.mark.parametrize(("dependence", "name"), [("positive", "fdr_bh"), ("any", "fdr_by")])
def test_adjusted_values_equal_statsmodels_by_identity(dependence, name: str) -> None:
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(1)
    for p in (np.array(OF_1995), rng.random(40) ** 3, np.array([0.02, 0.02, 0.02, 0.9])):
        shuffled = rng.permutation(p)
        found = adjusted_p_values(shuffled, dependence=dependence)
        assert found == pytest.approx(multipletests(shuffled, method=name)[1], abs=1e-14)


def test_tests_that_were_not_made_do_not_count_by_identity() -> None:
    for dependence in ("positive", "any"):
        found = adjusted_p_values([0.04, np.nan, 0.001, np.nan], dependence=dependence)
        assert found[[0, 2]] == pytest.approx(adjusted_p_values([0.04, 0.001], dependence=dependence))
        assert np.isnan(found[[1, 3]]).all()
    assert not discoveries([np.nan, np.nan]).any()
    assert adjusted_p_values([]).size == 0


def test_rows_are_families_of_their_own_by_identity() -> None:
    families = np.random.default_rng(2).random((3, 8))
    families[1, 4] = np.nan
    apart = [adjusted_p_values(row, dependence="any") for row in families]
    assert adjusted_p_values(families, dependence="any") == pytest.approx(np.array(apart), nan_ok=True)


def test_null_world_is_quiet_by_planted_truth() -> None:
    """Forty reasons and no change: raw p-values mark something in 87 % of months, 1 - .95^40."""
    p = np.random.default_rng(3).random((4000, 40))
    noise = 3 * np.sqrt(0.05 * 0.95 / 4000)
    assert discoveries(p).any(axis=1).mean() < 0.05 + noise
    assert (p <= 0.05).any(axis=1).mean() == pytest.approx(1 - 0.95**40, abs=0.02)


@pytest.mark.parametrize("dependence", ["positive", "any"])
def test_rate_is_held_where_ten_of_forty_changed_by_planted_truth(dependence) -> None:
    rng = np.random.default_rng(4)
    moved = np.arange(40) < 10
    together = 0.6 * rng.normal(size=(4000, 1)) + 0.8 * rng.normal(size=(4000, 40))
    found = discoveries(2 * norm.sf(np.abs(together + 3.5 * moved)), dependence=dependence)
    false, marked = (found & ~moved).sum(axis=1), found.sum(axis=1)
    rate = false / np.maximum(marked, 1)
    assert rate.mean() < 0.05 * 30 / 40 + 3 * rate.std() / np.sqrt(4000)
    assert found[:, moved].mean() > (0.5 if dependence == "any" else 0.7)


def test_wrong_values_are_refused() -> None:
    with pytest.raises(DataError, match="outside 0 to 1"):
        adjusted_p_values([0.2, 1.2])
    with pytest.raises(ParameterError, match="Did you mean 'any'"):
        adjusted_p_values([0.2], dependence="anny")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="rate"):
        discoveries([0.2], rate=5)
