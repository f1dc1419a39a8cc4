"""Closed-form intervals against figures in print and against what they must be by definition."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rootcause_lib.errors import ParameterError
from rootcause_lib.statistics.intervals import (
    Interval,
    difference,
    floats,
    net_promoter_adjusted_wald,
    net_promoter_score,
    net_promoter_wald,
    newcombe,
    normal_critical,
    poisson_exact,
    student_critical,
    wilson,
    wilson_of_share,
)

LEVELS = st.floats(0.5, 0.999)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (7, 10, 0.397, 0.892),
        (70, 100, 0.604, 0.781),
        (0, 10, 0.0, 0.2775),
        # Newcombe 1998, Statist. Med. 17: 857, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_by_published_figure(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    digits = 3 if n in (10, 100) and successes else 4
    assert (round(float(interval.low), digits), round(float(interval.high), digits)) == (low, high)


def test_wilson_solves_its_own_equation_by_identity() -> None:
    n, z = 37, normal_critical(0.9)
    for successes in range(1, 37):
        interval = wilson(successes, n, level=0.9)
        for limit in (interval.low, interval.high):
            assert abs(successes / n - limit) == pytest.approx(z * np.sqrt(limit * (1 - limit) / n), abs=1e-12)


@settings(deadline=None)
@given(st.integers(1, 5000), st.data(), LEVELS)
def test_wilson_contains_the_share_and_mirrors_by_identity(n: int, data: st.DataObject, level: float) -> None:
    successes = data.draw(st.integers(0, n))
    interval, mirrored = wilson(successes, n, level=level), wilson(n - successes, n, level=level)
    assert 0 <= interval.low <= successes / n <= interval.high <= 1
    assert interval.low == pytest.approx(1 - mirrored.high, abs=1e-9)


def test_wilson_of_nothing_is_unknown_by_identity() -> None:
    interval = wilson([0, 3], [0, 10])
    assert np.isnan(interval.low[0])
    assert np.isnan(interval.high[0])
    assert not np.isnan(interval.low[1])


def test_wilson_reads_missing_values_of_pandas_by_identity() -> None:
    interval = wilson(pd.array([7, None], dtype="Int64"), pd.Series([10, 10]))
    assert interval.low[0] == wilson(7, 10).low
    assert np.isnan(interval.high[1])
    assert floats(pd.Series([1, None], dtype="Float64")).dtype == float


def test_infinite_critical_value_knows_nothing_by_identity() -> None:
    interval = wilson_of_share([0.0, 0.3, 1.0], 5, critical=np.inf)
    assert list(interval.low) == [0, 0, 0]
    assert list(interval.high) == [1, 1, 1]


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((75, 100, 300, 500), 0.048, 0.236),
        # Newcombe 1998, Statist. Med. 17: 873, table II, method 10.
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 10), -0.2775, 0.2775),
    ],
)
def test_newcombe_difference_by_published_figure(counts: tuple[int, ...], low: float, high: float) -> None:
    interval = newcombe(*counts)
    digits = 3 if counts[0] == 75 else 4
    assert (round(float(interval.low), digits), round(float(interval.high), digits)) == (low, high)


def test_difference_of_even_intervals_adds_variances_by_identity() -> None:
    interval = difference(
        5.0, Interval(np.float64(2.0), np.float64(8.0)), 1.0, Interval(np.float64(-3.0), np.float64(5.0))
    )
    assert (float(interval.low), float(interval.high)) == (4 - 5, 4 + 5)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Garwood 1936 / Ulm 1990, Am. J. Epidemiol. 131: 373; tables in many textbooks.
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.390), (30, 20.241, 42.827), (100, 81.364, 121.627)],
)
def test_poisson_exact_by_published_figure(count: int, low: float, high: float) -> None:
    interval = poisson_exact(count, 1.0)
    assert float(interval.low) == pytest.approx(low, abs=5e-4)
    assert float(interval.high) == pytest.approx(high, abs=5e-4)
    per_thousand = poisson_exact(count, 1000)
    assert float(per_thousand.high) == pytest.approx(high / 1000, abs=5e-7)


@settings(deadline=None)
@given(st.integers(1, 400), LEVELS)
def test_poisson_exact_leaves_the_right_tails_by_identity(count: int, level: float) -> None:
    from scipy.stats import poisson

    interval = poisson_exact(count, 1.0, level=level)
    assert poisson.sf(count - 1, interval.low) == pytest.approx((1 - level) / 2, rel=1e-6)
    assert poisson.cdf(count, interval.high) == pytest.approx((1 - level) / 2, rel=1e-6)


def test_poisson_without_exposure_is_unknown_by_identity() -> None:
    interval = poisson_exact([3, 3, np.nan], [0, 10, 10])
    assert list(np.isnan(interval.low)) == [True, False, True]
    assert list(np.isnan(interval.high)) == [True, False, True]


def test_net_promoter_score_by_published_figure() -> None:
    interval = net_promoter_wald(100, 60, 40)
    assert float(net_promoter_score(100, 60, 40)) == 30.0
    assert round(float(interval.half_width), 1) == 10.8


def test_adjusted_net_promoter_interval_by_hand_count() -> None:
    """10 answers 5 / 3 / 2: with 3/4, 3/2, 3/4 added 5.75 / 4.5 / 2.75 of 13; mean 3/13, variance 8.5/13 - 9/169."""
    interval = net_promoter_adjusted_wald(5, 3, 2)
    reach = 1.959964 * ((8.5 / 13 - 9 / 169) / 13) ** 0.5
    assert float(interval.low) == pytest.approx(100 * (3 / 13 - reach), abs=1e-4)
    assert float(interval.high) == pytest.approx(100 * (3 / 13 + reach), abs=1e-4)


def test_net_promoter_limits_by_identity() -> None:
    unanimous = net_promoter_adjusted_wald(20, 0, 0)
    assert unanimous.low < 90
    assert unanimous.high <= 100
    assert np.isnan(net_promoter_adjusted_wald(0, 0, 0).low)
    assert np.isnan(net_promoter_score(0, 0, 0))


def test_net_promoter_coverage_by_planted_truth() -> None:
    """The adjusted interval keeps its level where the plain one loses it: 20 answers, few detractors."""
    shares = np.array([0.7, 0.25, 0.05])
    truth = 100 * (shares[0] - shares[2])
    answers = np.random.default_rng(11).multinomial(20, shares, size=4000).T
    plain, adjusted = net_promoter_wald(*answers), net_promoter_adjusted_wald(*answers)
    covered = [np.mean((interval.low <= truth) & (truth <= interval.high)) for interval in (plain, adjusted)]
    assert covered[0] < 0.93
    assert covered[1] > 0.94


def test_critical_values_by_published_figure() -> None:
    assert normal_critical(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert normal_critical(0.99) == pytest.approx(2.575829, abs=1e-6)
    students = student_critical(0.95, degrees=[1, 9, 29, 1e9])
    assert list(np.round(students, 3)) == [12.706, 2.262, 2.045, 1.960]
    assert student_critical(0.95, degrees=0) == np.inf


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_level_out_of_range_is_refused_by_identity(level: float) -> None:
    with pytest.raises(ParameterError, match="between 0 and 1"):
        wilson(1, 2, level=level)


def test_scipy_is_not_imported_until_used_by_identity(repository) -> None:
    code = (
        "import sys; from rootcause_lib.statistics import chance, incidence, intervals, ratios;"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('scipy', 'statsmodels')]"
    )
    subprocess.run([sys.executable, "-c", code], cwd=repository, check=True)
