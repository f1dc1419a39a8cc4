"""Ratios of sums: against least squares on rows, jackknife, hand counts, and worlds whose truth is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.clustering import ClusterSums, stable_design_effect
from rootcause_lib.statistics.intervals import normal_critical, poisson_exact, student_critical, wilson, wilson_of_share
from rootcause_lib.statistics.ratios import METHODS, rate_from_sums, rate_of_counts, ratio_from_sums, share_from_sums


def contacts(seed: int, *, customers: int = 40, correlation: float = 0.4) -> pd.DataFrame:
    """Rows of contacts: whose, resolved or not, seconds, weight."""
    rng = np.random.default_rng(seed)
    whose = np.repeat(np.arange(customers), rng.geometric(0.4, size=customers))
    own = rng.beta(0.6 * (1 / correlation - 1), 0.4 * (1 / correlation - 1), size=customers)
    seconds = rng.lognormal(5, 0.7, size=len(whose)) * (1 + own[whose])
    return pd.DataFrame(
        {
            "customer": whose,
            "resolved": (rng.random(len(whose)) < own[whose]) * 1.0,
            "seconds": seconds,
            "weight": rng.choice([0.25, 0.5, 1.0], size=len(whose)),
        }
    )


def sums_of(rows: pd.DataFrame, value: str, weight: str | None = None) -> ClusterSums:
    weights = rows[weight] if weight else pd.Series(1.0, index=rows.index)
    per_customer = pd.DataFrame({"y": rows[value] * weights, "n": weights}).groupby(rows["customer"]).sum()
    return ClusterSums.from_clusters(per_customer["y"], per_customer["n"])


def likeness(rng: np.random.Generator, share: float, correlation: float, shape: tuple[int, int]) -> np.ndarray:
    if not correlation:
        return np.full(shape, share)
    strength = 1 / correlation - 1
    return rng.beta(share * strength, (1 - share) * strength, size=shape)


def covered(result, truth: float) -> float:
    return float(np.mean((result.low <= truth) & (truth <= result.high)))


@pytest.mark.parametrize("value", ["resolved", "seconds"])
@pytest.mark.parametrize("weight", [None, "weight"])
def test_standard_error_equals_clustered_least_squares_by_identity(value: str, weight: str | None) -> None:
    """Weighted least squares on a constant, clustered; its small-sample factor is G/(G-1) * (N-1)/(N-1) = G/(G-1)."""
    import statsmodels.api as sm

    rows = contacts(1)
    weights = rows[weight] if weight else np.ones(len(rows))
    fit = sm.WLS(rows[value], np.ones(len(rows)), weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": rows["customer"].to_numpy()}
    )
    found = ratio_from_sums(sums_of(rows, value, weight))
    assert float(found.value) == pytest.approx(float(fit.params.iloc[0]), rel=1e-12)
    assert float(found.standard_error) == pytest.approx(float(fit.bse.iloc[0]), rel=1e-10)


def test_share_and_ratio_have_one_standard_error_by_identity() -> None:
    sums = sums_of(contacts(2), "resolved")
    assert share_from_sums(sums).standard_error == ratio_from_sums(sums, support="any").standard_error


def test_share_is_plain_wilson_where_nobody_counts_twice_by_published_figure() -> None:
    values = np.array([1.0] * 7 + [0.0] * 3)
    found = share_from_sums(ClusterSums.from_clusters(values, np.ones(10)))
    assert (round(float(found.low), 3), round(float(found.high), 3)) == (0.397, 0.892)
    assert found.method == "wilson"


def test_share_of_identical_customers_counts_customers_by_hand_count() -> None:
    """20 customers with 5 contacts each, all resolved (12) or none (8): worth 20 contacts, whose own variance is
    p(1-p)/20 * 20/19; the design effect of 40 unresolved contacts weighs (40 * 100/19 + 2 * 5) / 42."""
    found = share_from_sums(ClusterSums.from_clusters([5.0] * 12 + [0.0] * 8, [5.0] * 20))
    effective = 100 / ((40 * 100 / 19 + 2 * 5) / 42)
    z = float(student_critical(0.95, degrees=19))
    reach = z * np.sqrt(0.6 * 0.4 / effective + z**2 / (4 * effective**2)) / (1 + z**2 / effective)
    centre = (0.6 + z**2 / (2 * effective)) / (1 + z**2 / effective)
    assert float(found.low) == pytest.approx(centre - reach, abs=1e-12)
    assert float(found.high) == pytest.approx(centre + reach, abs=1e-12)
    assert found.method == "wilson_cluster"


def test_topic_weights_below_one_do_not_lose_customers_by_hand_count() -> None:
    """40 customers of one contact, each half about this matter, 20 resolved: 40 customers, not 20 contacts."""
    found = share_from_sums(ClusterSums.from_clusters([0.5] * 20 + [0.0] * 20, [0.5] * 40))
    effective = 40 / ((20 * 40 / 39 + 2 * 1) / 22)
    expected = wilson_of_share(0.5, effective, critical=student_critical(0.95, degrees=39))
    assert float(found.low) == pytest.approx(float(expected.low), abs=1e-12)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_unanimous_share_is_as_sure_as_its_customers_by_hand_count(share: float) -> None:
    """4 customers with 4, 4, 4 and 8 contacts: 20^2 / (3 * 16 + 64) = 3.571 effective ones, t with 2.571 degrees."""
    weights = np.array([4.0, 4.0, 4.0, 8.0])
    found = share_from_sums(ClusterSums.from_clusters(weights * share, weights))
    z2 = float(student_critical(0.95, degrees=400 / 112 - 1)) ** 2
    open_end = z2 / (400 / 112 + z2)
    limits = (0.0, open_end) if share == 0 else (1 - open_end, 1.0)
    assert (float(found.low), float(found.high)) == pytest.approx(limits, abs=1e-12)


def test_one_customer_or_none_is_not_knowledge_by_identity() -> None:
    sums = ClusterSums.of(
        value=[3, 0], weight=[4, 0], clusters=[1, 0], value_value=[9, 0], value_weight=[12, 0], weight_weight=[16, 0]
    )
    share = share_from_sums(sums)
    assert (share.low[0], share.high[0]) == (0, 1)
    assert list(share.method) == ["wilson_cluster", "none"]
    for found in (share, ratio_from_sums(sums), ratio_from_sums(sums, support="any"), rate_from_sums(sums)):
        assert np.isnan([found.value[1], found.low[1], found.high[1]]).all()
        assert found.method[1] == "none"
    for found in (ratio_from_sums(sums), ratio_from_sums(sums, support="any"), rate_from_sums(sums)):
        assert found.value[0] == 0.75
        assert np.isnan([found.low[0], found.high[0]]).all()


def test_missing_sums_of_an_empty_cell_are_nothing_observed_by_identity() -> None:
    frame = pd.DataFrame({"m0_value": [2.0, None], "m0_weight": [4.0, None], "m0_clusters": pd.array([3, 0], "Int64")})
    frame[["m0_value_value", "m0_value_weight", "m0_weight_weight"]] = [[2.0, 3.0, 6.0], [None, None, None]]
    found = share_from_sums(ClusterSums.from_frame(frame, prefix="m0_"))
    assert found.value[0] == 0.5
    assert np.isnan(found.value[1])
    with pytest.raises(DataError, match="m1_value"):
        ClusterSums.from_frame(frame, prefix="m1_")


def test_a_mean_given_as_a_share_is_refused_by_identity() -> None:
    sums = ClusterSums.from_clusters([300.0, 20.0], [1.0, 1.0])
    with pytest.raises(ParameterError, match="ratio_from_sums"):
        share_from_sums(sums)
    with pytest.raises(ParameterError, match="Did you mean 'positive'"):
        ratio_from_sums(sums, support="positiv")  # type: ignore[arg-type]


def test_positive_ratio_stays_positive_by_hand_count() -> None:
    """Two customers of one contact, 1 and 99 seconds: mean 50, variance 2/1 * 2 * 49^2 / 4, t(1) = 12.706."""
    found = ratio_from_sums(ClusterSums.from_clusters([1.0, 99.0], [1.0, 1.0]))
    assert float(found.standard_error) == pytest.approx(49.0)
    assert float(found.low) == pytest.approx(50 * np.exp(-12.7062047 * 49 / 50), rel=1e-6)
    assert float(found.high) == pytest.approx(50 * np.exp(12.7062047 * 49 / 50), rel=1e-6)


def test_positive_ratio_of_zero_has_no_upper_limit_by_identity() -> None:
    found = ratio_from_sums(ClusterSums.from_clusters([0.0, 0.0], [1.0, 2.0]))
    assert (float(found.value), float(found.low)) == (0, 0)
    assert np.isnan(found.high)


def test_fieller_interval_by_published_figure() -> None:
    """Fieller's limits for paired means: the roots of (a - r b)^2 = t^2 (v11 - 2 r v12 + r^2 v22)."""
    rng = np.random.default_rng(5)
    n = rng.integers(1, 6, size=12) * 1.0
    y = n * rng.normal(2, 1.5, size=12)
    found = ratio_from_sums(ClusterSums.from_clusters(y, n), support="any")
    critical = float(student_critical(0.95, degrees=n.sum() ** 2 / (n**2).sum() - 1))
    covariance = np.cov(y, n) / 12
    for limit in (float(found.low), float(found.high)):
        spread = covariance[0, 0] - 2 * limit * covariance[0, 1] + limit**2 * covariance[1, 1]
        assert abs(y.mean() - limit * n.mean()) == pytest.approx(critical * np.sqrt(spread), rel=1e-9)
    assert found.low < found.value < found.high


def test_fieller_without_bound_where_the_denominator_may_be_nothing_by_identity() -> None:
    found = ratio_from_sums(ClusterSums.from_clusters([1.0, 2.0, 50.0], [1.0, 1.0, 60.0]), support="any")
    assert (float(found.low), float(found.high)) == (-np.inf, np.inf)


def test_rate_is_exact_poisson_where_counts_do_not_cluster_by_identity() -> None:
    """400 customers of equal exposure, every fourth with one event: variance below Poisson's, so its exact interval."""
    values = np.tile([1.0, 0.0, 0.0, 0.0], 100)
    found = rate_from_sums(ClusterSums.from_clusters(values, np.full(400, 30.0)))
    shrink = (normal_critical(0.95) / float(student_critical(0.95, degrees=399))) ** 2
    exact = poisson_exact(100 * shrink, 12_000 * shrink)
    assert float(found.low) == pytest.approx(float(exact.low), rel=1e-12)
    assert float(found.high) == pytest.approx(float(exact.high), rel=1e-12)


def test_rate_of_no_events_has_an_upper_limit_by_published_figure() -> None:
    """The rule of three, exactly: 3.689 over the exposure."""
    found = rate_from_sums(ClusterSums.from_clusters(np.zeros(50), np.full(50, 2.0)))
    assert (float(found.value), float(found.low)) == (0, 0)
    assert float(found.high) == pytest.approx(0.03689, abs=5e-6)
    counted = rate_of_counts([30, 3], [1.0, 0.0])
    assert [round(float(limit), 1) for limit in (counted.low[0], counted.high[0])] == [20.2, 42.8]
    assert list(counted.method) == ["poisson_exact", "none"]


def test_many_cells_equal_one_at_a_time_by_identity() -> None:
    cells = [sums_of(contacts(seed), "resolved") for seed in range(5)]
    names = ("value", "weight", "clusters", "value_value", "value_weight", "weight_weight")
    together = ClusterSums.of(**{name: [float(getattr(cell, name)) for cell in cells] for name in names})
    for estimator in (share_from_sums, ratio_from_sums, rate_from_sums):
        many = estimator(together)
        for place, cell in enumerate(cells):
            alone = estimator(cell)
            assert (many.low[place], many.high[place]) == (alone.low, alone.high)
        assert set(many.method) <= set(METHODS)


def test_intervals_widen_with_the_level_by_identity() -> None:
    sums = sums_of(contacts(7), "resolved")
    for estimator in (share_from_sums, ratio_from_sums, rate_from_sums):
        widths = [float(estimator(sums, level=level).half_width) for level in (0.8, 0.95, 0.99)]
        assert widths == sorted(widths)
        assert len(set(widths)) == 3


def test_design_effect_of_few_events_leans_on_the_worst_case_by_hand_count() -> None:
    effects = stable_design_effect([1.0, 1.0, 1.0, np.nan, 0.4], 4.0, events=[0, 2, 98, 50, 98])
    assert list(effects) == pytest.approx([4.0, (2 * 1 + 2 * 4) / 4, (98 + 8) / 100, 4.0, (98 + 8) / 100])


def test_coverage_by_planted_truth_where_plain_wilson_fails() -> None:
    """200 customers, 3 contacts each on average, likeness 0.6: the plain interval misses the truth once in four."""
    rng = np.random.default_rng(21)
    n = rng.geometric(1 / 3, size=(1500, 200))
    y = rng.binomial(n, likeness(rng, 0.3, 0.6, n.shape))
    sums = ClusterSums.from_clusters(y, n)
    assert covered(wilson(sums.value, sums.weight), 0.3) < 0.80
    assert 0.93 < covered(share_from_sums(sums), 0.3) < 0.97


def test_ratio_of_sums_covers_where_mean_of_ratios_is_off_by_planted_truth() -> None:
    """Busy customers take longer per contact: the mean of customers' own means is another number."""
    rng = np.random.default_rng(22)
    n = rng.integers(1, 7, size=(1500, 200)) * 1.0
    y = n * (4 + n) * rng.lognormal(0, 0.4, size=n.shape) / np.exp(0.08)
    mean, square = 21 / 6, 91 / 6
    truth = 4 + square / mean
    sums = ClusterSums.from_clusters(y, n)
    assert 0.93 < covered(ratio_from_sums(sums), truth) < 0.97
    assert 0.93 < covered(ratio_from_sums(sums, support="any"), truth) < 0.97
    assert np.mean(y / n) == pytest.approx(4 + mean, rel=0.01)
    assert np.mean(ratio_from_sums(sums).value) == pytest.approx(truth, rel=0.01)


def test_rate_covers_where_exact_poisson_fails_by_planted_truth() -> None:
    rng = np.random.default_rng(23)
    years = rng.uniform(0.2, 1, size=(1500, 200))
    events = rng.poisson(years * rng.gamma(0.5, 2.0, size=years.shape))
    sums = ClusterSums.from_clusters(events, years)
    assert covered(poisson_exact(sums.value, sums.weight), 1.0) < 0.86
    assert 0.93 < covered(rate_from_sums(sums), 1.0) < 0.97
