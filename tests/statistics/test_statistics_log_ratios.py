"""Ratios of ratios: textbook intervals where contacts are independent, customers' own scores where they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.group_sums import covariance_of_sums, student_p_value
from rootcause_lib.statistics.log_ratios import QUANTITIES, RatioSums, compared_ratios

SHARE, OWN_SHARE = [[1, -1, 1, -1]], [[1, -1, 0, 0]]


def sums_of(table: np.ndarray) -> RatioSums:
    """From customers by the four quantities, through the row an engine would give."""
    row: dict[str, float] = {"clusters": len(table), "m0_customers": (table[:, 0] > 0).sum(), "m0_customers_base": 0}
    for i, one in enumerate(QUANTITIES):
        row[f"m0_{one}"] = table[:, i].sum()
        row |= {f"m0_{one}_{other}": table[:, i] @ table[:, j] for j, other in enumerate(QUANTITIES) if j >= i}
    return RatioSums.from_row(pd.Series(row), number=1)


def independent_contacts() -> np.ndarray:
    """One contact each: 30 of 100 in the segment are about the reason, 40 of 400 elsewhere."""
    kinds = [(1, 1, 0, 0)] * 30 + [(0, 1, 0, 0)] * 70 + [(0, 0, 1, 1)] * 40 + [(0, 0, 0, 1)] * 360
    return np.array(kinds, dtype=float)


def test_a_ratio_of_shares_has_the_interval_of_katz_by_identity() -> None:
    """Katz, Baptista, Azen and Pike 1978 (Biometrics 34: 469): variance (1 - p) / (n p) on the logarithm, summed."""
    found = compared_ratios(sums_of(independent_contacts()), independent=SHARE, independent_value=OWN_SHARE)
    variance = 0.7 / 30 + 0.9 / 40
    assert found.ratio[0] == pytest.approx(3.0)
    assert found.value[0] == pytest.approx(0.3)
    assert found.baseline[0] == pytest.approx(0.1)
    reach = np.log(found.high[0] / found.ratio[0])
    # 500 customers against infinitely many: the robust variance has a factor of 500/499.
    assert reach == pytest.approx(student.ppf(0.975, 29) * np.sqrt(variance), rel=2e-3)
    assert np.log(found.ratio[0] / found.low[0]) == pytest.approx(reach)
    assert np.log(found.value_high[0] / 0.3) == pytest.approx(student.ppf(0.975, 29) * np.sqrt(0.7 / 30), rel=2e-3)


def test_customers_who_come_often_widen_it_by_identity() -> None:
    rng = np.random.default_rng(1)
    table = rng.poisson(rng.gamma(0.4, 5, (300, 1)) * np.array([0.3, 1.0, 0.5, 2.0])).astype(float)
    found = compared_ratios(sums_of(table), independent=[[1, 1, 1, 1]], independent_value=[[1, 1, 0, 0]])
    total = table.sum(axis=0)
    scores = (table / total) @ np.array([1, -1, -1, 1])
    error = np.sqrt((scores**2).sum() * 300 / 299)
    least = np.sqrt((1 / total).sum())
    reach = student.ppf(0.975, (table[:, 0] > 0).sum() - 1)
    assert np.log(found.high[0] / found.ratio[0]) == pytest.approx(reach * max(error, least))
    log_ratio = np.log(found.ratio[0])
    assert found.p_value[0] == pytest.approx(
        2 * student.sf(abs(log_ratio) / max(error, least), (table[:, 0] > 0).sum() - 1)
    )


def test_known_exposure_divides_the_ratio_and_widens_nothing_by_identity() -> None:
    given = sums_of(independent_contacts())
    one = compared_ratios(given, independent=SHARE, independent_value=OWN_SHARE)
    two = compared_ratios(given, independent=SHARE, independent_value=OWN_SHARE, scale=[1.5])
    assert two.ratio[0] == pytest.approx(one.ratio[0] / 1.5)
    assert two.high[0] / two.low[0] == pytest.approx(one.high[0] / one.low[0])


@pytest.mark.parametrize("empty", range(4))
def test_what_cannot_be_divided_is_not_told(empty) -> None:
    table = independent_contacts()
    table[:, empty] = 0
    found = compared_ratios(sums_of(table), independent=SHARE, independent_value=OWN_SHARE)
    for name in ("ratio", "low", "high", "p_value"):
        assert np.isnan(getattr(found, name)[0])


def test_one_customer_tells_nothing() -> None:
    found = compared_ratios(sums_of(np.array([[3.0, 5, 2, 9]])), independent=SHARE, independent_value=OWN_SHARE)
    assert np.isnan(found.p_value[0])
    assert np.isnan(found.low[0])


def test_covariance_of_sums_is_that_of_independent_groups_by_identity() -> None:
    rng = np.random.default_rng(0)
    groups = rng.normal(size=(50, 3))
    assert covariance_of_sums(groups) == pytest.approx(50 * np.cov(groups.T))
    assert np.isnan(covariance_of_sums(groups[:1])).all()
    with pytest.raises(DataError, match="groups by counts"):
        covariance_of_sums(groups[0])


def test_p_values_are_students_by_published_figure() -> None:
    """Student's table: 2.086 standard errors with 20 degrees of freedom leave 5 %, 4.303 with 2 as well."""
    assert student_p_value([2.086, -4.303], 1.0, degrees=[20, 2]) == pytest.approx([0.05, 0.05], abs=2e-5)
    assert np.isnan(student_p_value([1.0, 1.0, 1.0], [0.0, np.nan, 1.0], degrees=[5, 5, 0])).all()
