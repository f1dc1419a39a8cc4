"""Control charts on a published series, run lengths in print, and what they do where only chance moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.control_charts import (
    average_run_length,
    cumulative_sums,
    laney_rate_chart,
    laney_share_chart,
    likely_start,
    limit_for,
    mean_chart,
    moving_average,
    share_chart,
    sums_run_length,
)


def juice(real_data: Path) -> pd.DataFrame:
    path = real_data / "published_figures" / "orangejuice.csv"
    if not path.exists():
        pytest.skip("no published_figures/orangejuice.csv among the real data")
    return pd.read_csv(path)


def test_orange_juice_cans_by_published_figure(real_data: Path) -> None:
    """Montgomery, Introduction to Statistical Quality Control: centre .2313, limits .0524-.4102, samples 15 and 23."""
    cans = juice(real_data)
    chart = share_chart(cans["D"], cans["size"], baseline=cans["trial"])
    assert chart.centre == pytest.approx(0.2313, abs=5e-5)
    assert (chart.low[0], chart.high[0]) == pytest.approx((0.0524, 0.4102), abs=5e-5)
    assert cans["sample"][chart.signal & cans["trial"]].tolist() == [15, 23]


def test_run_lengths_by_published_figure() -> None:
    """Lucas and Saccucci 1990, Technometrics 32: 1 (lambda .2, L 2.962: 500; shift 1: 10.5); cumulative sums with
    k .5, h 5: 465, shift 1: 10.4 (Montgomery)."""
    assert average_run_length() == pytest.approx(500, rel=0.005)
    assert average_run_length(shift=1.0) == pytest.approx(10.5, abs=0.05)
    assert sums_run_length() == pytest.approx(465, abs=1)
    assert sums_run_length(shift=1.0) == pytest.approx(10.4, abs=0.05)


def test_limits_for_a_rate_of_false_alarms_by_identity() -> None:
    assert average_run_length(limit=limit_for(1000)) == pytest.approx(1000, rel=1e-6)
    assert limit_for(500) == pytest.approx(2.962, abs=0.002)
    with pytest.raises(DataError, match="can't be planned"):
        limit_for(1)


def test_run_lengths_by_simulation() -> None:
    """Steady series of 60 weeks: the share that alarms is 1 less that of none, by the run length's near-exponential."""
    rng = np.random.default_rng(20260105)
    runs = rng.standard_normal((2000, 60))
    alarmed = np.mean([(moving_average(run).above | moving_average(run).below).any() for run in runs])
    assert alarmed == pytest.approx(1 - np.exp(-60 / 500), abs=0.025)


def test_a_moving_average_by_hand_count() -> None:
    watch = moving_average([1.0, np.nan, 2.0], smoothing=0.2, limit=3.0)
    assert watch.value.tolist() == pytest.approx([0.2, 0.2, 0.56])
    assert watch.limit[0] == pytest.approx(1.0)
    assert not watch.above.any()
    assert moving_average([20.0]).above.all()
    assert moving_average([-20.0]).below.all()


def test_cumulative_sums_by_hand_count() -> None:
    up, down = cumulative_sums([1.0, 2.0, -3.0, np.nan])
    assert up.tolist() == pytest.approx([0.5, 2.0, 0.0, 0.0])
    assert down.tolist() == pytest.approx([0.0, 0.0, 2.5, 2.0])


def test_the_start_of_a_change_by_hand_count() -> None:
    assert likely_start([0.1, -0.1, 0.2, 0.5, 1.4], 4) == 2
    assert likely_start([0.1, 0.5, 1.4], 2) == 0
    assert likely_start([0.1, -0.3, -1.4], 2) == 1


def test_weeks_that_differ_anyway_raise_few_alarms_by_planted_truth() -> None:
    """800 answers a week, weeks' own level .25 apart on the logit scale: a p-chart alarms in 30 weeks of 100 or more,
    Laney's limits and its moving average rarely."""
    rng = np.random.default_rng(7)
    weeks = 400
    shares = 1 / (1 + np.exp(-(0.4 + 0.25 * rng.standard_normal(weeks))))
    events, trials = rng.binomial(800, shares), np.full(weeks, 800)
    everything = np.ones(weeks, dtype=bool)
    naive = share_chart(events, trials, baseline=everything)
    ours = laney_share_chart(events, trials, baseline=everything)
    watch = moving_average(ours.standardised)
    assert naive.signal.mean() >= 0.30
    assert ours.signal.mean() <= 0.02
    assert (watch.above | watch.below).mean() <= 0.02
    assert 3 < ours.spread < 4.5


def test_rates_and_means_have_the_same_limits_where_chance_is_all_by_planted_truth() -> None:
    rng = np.random.default_rng(11)
    calm = np.ones(500, dtype=bool)
    rate = laney_rate_chart(rng.poisson(40.0, 500), np.full(500, 10.0), baseline=calm)
    mean = mean_chart(rng.normal(5.0, 0.5, 500), np.full(500, 0.5), baseline=calm)
    for chart, centre in ((rate, 4.0), (mean, 5.0)):
        # Four standard errors of the rate's 20,000 events.
        assert chart.centre == pytest.approx(centre, rel=4 / np.sqrt(20_000))
        assert chart.spread == pytest.approx(1.0, abs=0.07)
        assert chart.signal.mean() < 0.012


def test_a_week_without_a_denominator_is_no_signal() -> None:
    chart = laney_share_chart([5, 0, 6, 4], [10, 0, 10, 10], baseline=[True] * 4)
    assert np.isnan(chart.value[1])
    assert not chart.signal.any()
    with pytest.raises(DataError, match="two weeks"):
        share_chart([1, 2], [0, 4], baseline=[True, True])
    with pytest.raises(DataError, match="two weeks"):
        mean_chart([1.0, np.nan], [1.0, 1.0], baseline=[True, True])


def test_where_nothing_ever_happens_nothing_is_signalled() -> None:
    chart = laney_share_chart([0, 0, 0], [10, 20, 30], baseline=[True] * 3)
    assert chart.centre == 0
    assert not chart.signal.any()
