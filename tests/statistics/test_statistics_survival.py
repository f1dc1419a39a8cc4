"""Survival curves: hand counts, figures in print, identities of counting, attained coverage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.grouped_clusters import sums_by_group
from rootcause_lib.statistics.grouped_quantiles import quantile_of_counts
from rootcause_lib.statistics.intervals import Interval, wilson
from rootcause_lib.statistics.limits_as_tests import p_value_from_limits
from rootcause_lib.statistics.survival import SCALES, kaplan_meier


@pytest.fixture
def lung(real_data: Path) -> pd.DataFrame:
    path = real_data / "published_figures" / "lung.csv"
    if not path.exists():
        pytest.skip("lung.csv is not among the data")
    return pd.read_csv(path)


def test_lung_by_published_figure(lung):
    """R's survfit(Surv(time, status) ~ 1, lung), on its log scale: median 310 (285-363); a year .4092 (.3447-.4858)."""
    curve = kaplan_meier(lung["time"], lung["status"] == 2, scale="log")
    year = curve.at([365.25])
    found = [round(float(column[0]), 4) for column in (year.value, year.low, year.high, year.standard_error)]
    assert found == [0.4092, 0.3447, 0.4858, 0.0358]
    assert (year.at_risk[0], year.events[0]) == (65, 121)
    median = curve.quantile()
    assert (median.value, median.low, median.high) == (310, 285, 363)


def test_lung_on_the_log_log_scale_by_published_figure(lung):
    """The same data as lifelines' documentation prints them: median 310 (284-361)."""
    median = kaplan_meier(lung["time"], lung["status"] == 2).quantile()
    assert (median.value, median.low, median.high) == (310, 284, 361)


def test_six_waits_by_hand_count():
    """Gave up at 2 and 5; answered at 2, 3, 8, 8. Those answered at 2 are still at risk in the giving up at 2."""
    curve = kaplan_meier([2, 2, 3, 5, 8, 8], [True, False, False, True, False, False])
    assert curve.time.tolist() == [2, 3, 5, 8]
    assert curve.at_risk.tolist() == [6, 4, 3, 2]
    assert curve.events.tolist() == [1, 0, 1, 0]
    assert curve.value == pytest.approx([5 / 6, 5 / 6, 5 / 9, 5 / 9])
    greenwood = 1 / (6 * 5) + 1 / (3 * 2)
    assert curve.standard_error[-1] == pytest.approx(5 / 9 * greenwood**0.5)
    reach = 1.959964 * greenwood**0.5 / abs(np.log(5 / 9))
    assert curve.low[-1] == pytest.approx((5 / 9) ** np.exp(reach), rel=1e-6)
    assert curve.high[-1] == pytest.approx((5 / 9) ** np.exp(-reach), rel=1e-6)


def test_the_mean_wait_of_those_who_gave_up_is_not_their_patience_by_hand_count():
    """Nine in ten are answered at once: the tenth waits two minutes, and half of those who wait that long give up."""
    curve = kaplan_meier([1.0] * 18 + [120, 120], [False] * 18 + [True, False])
    assert curve.at([60]).value[0] == 1
    assert curve.at([120]).value[0] == 0.5
    assert curve.quantile(0.4).value == 120


def test_reading_between_before_and_beyond_by_hand_count():
    curve = kaplan_meier([2, 4, 6], [True, False, False])
    read = curve.at([0, 2, 3.9, 6, 7])
    assert read.value[:4] == pytest.approx([1, 2 / 3, 2 / 3, 2 / 3])
    assert np.isnan(read.value[4])
    assert np.isnan(read.low[4])
    assert read.at_risk.tolist() == [3, 3, 2, 1, 0]
    assert read.events.tolist() == [0, 1, 1, 1, 1]
    assert read.low[0] == pytest.approx(float(wilson(3, 3).low))
    ended = kaplan_meier([2, 4], [True, True])
    assert ended.at([9]).value[0] == 0


def test_nothing_has_happened_yet_by_published_figure():
    """Wilson's lower limit of ten in ten, 1 - .2775."""
    curve = kaplan_meier([5.0] * 10, [False] * 10)
    assert curve.value.tolist() == [1]
    assert round(1 - curve.low[0], 4) == 0.2775
    assert curve.high[0] == 1
    assert np.isnan(curve.quantile().value)


def test_all_gave_up_at_once_by_hand_count():
    curve = kaplan_meier([3, 3], [True, True])
    assert (curve.value[0], curve.low[0], curve.high[0]) == (0, 0, 1)
    assert curve.quantile().value == 3


def test_a_level_stretch_at_one_half_has_its_middle_as_median_by_hand_count():
    assert kaplan_meier([1, 2, 5, 6], [True, True, True, True]).quantile().value == 3.5
    assert kaplan_meier([1, 2, 5], [True, True, True]).quantile().value == 2


def test_late_comers_are_at_risk_from_the_moment_after_they_came_by_hand_count():
    """At 4: the first (0-4) and the third (2-6) are at risk; the second came at 4 exactly and is not yet."""
    curve = kaplan_meier([4, 9, 6], [True, True, False], entry_time=[0, 4, 2])
    assert curve.time.tolist() == [4, 6, 9]
    assert curve.at_risk.tolist() == [2, 2, 1]
    assert curve.value == pytest.approx([0.5, 0.5, 0])


def test_a_wait_cut_in_two_is_the_same_wait_by_identity(real_data):
    """Each is watched to a moment in between, then comes into view again at that moment."""
    rng = np.random.default_rng(4)
    out, happened = rng.integers(2, 60, 400).astype(float), rng.random(400) < 0.4
    cut = np.maximum(np.floor(out * rng.random(400)), 0.5)
    whole = kaplan_meier(out, happened, entry_time=np.zeros(400))
    pieces = kaplan_meier(
        np.concatenate([cut, out]),
        np.concatenate([np.zeros(400, dtype=bool), happened]),
        entry_time=np.concatenate([np.zeros(400), cut]),
    )
    times = np.arange(1, 59)
    for name in ("value", "low", "high", "standard_error"):
        one, other = getattr(whole.at(times), name), getattr(pieces.at(times), name)
        then = whole.at(times).events > 0
        assert one[then] == pytest.approx(other[then], nan_ok=True), name


def test_rows_that_were_counted_give_what_single_rows_give_by_identity():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"wait": rng.integers(0, 20, 500), "gone": rng.random(500) < 0.3})
    counted = rows.groupby(["wait", "gone"]).size().reset_index(name="n")
    one = kaplan_meier(rows["wait"], rows["gone"])
    other = kaplan_meier(counted["wait"], counted["gone"], weights=counted["n"])
    for name in ("time", "value", "low", "high", "standard_error", "at_risk", "events"):
        assert getattr(one, name) == pytest.approx(getattr(other, name)), name


def test_a_design_effect_is_as_many_fewer_people_by_identity():
    """Four alike copies of everybody with a design effect of four say what everybody says once."""
    wait, gone = [2, 3, 3, 5, 9], [True, False, True, True, False]
    once = kaplan_meier(wait, gone)
    copies = kaplan_meier(wait, gone, weights=[4] * 5, design_effect=4)
    for name in ("value", "low", "high", "standard_error"):
        assert getattr(once, name) == pytest.approx(getattr(copies, name)), name


def test_without_censoring_it_is_the_plain_share_by_identity():
    waits = np.array([1, 1, 4, 6, 6, 6, 9, 12])
    curve = kaplan_meier(waits, np.ones(8, dtype=bool))
    assert curve.value == pytest.approx([(waits > each).mean() for each in curve.time])


def test_nobody_is_an_empty_curve_of_unknown_value():
    curve = kaplan_meier([], [])
    assert len(curve.time) == 0
    assert np.isnan(curve.at([0, 5]).value).all()
    assert np.isnan(curve.quantile().value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"exit_time": [1, np.nan], "happened": [True, True]}, "needs the times of everybody"),
        ({"exit_time": [1], "happened": [True], "weights": [-1]}, "negative"),
        ({"exit_time": [1], "happened": [True], "entry_time": [1]}, "before being watched"),
    ],
)
def test_what_can_not_be_is_refused(given, message):
    out, happened = given.pop("exit_time"), given.pop("happened")
    with pytest.raises(DataError, match=message):
        kaplan_meier(out, happened, **given)


def test_a_wrong_scale_or_quantile_is_one_clear_error():
    with pytest.raises(ParameterError, match="Did you mean 'log_log'"):
        kaplan_meier([1], [True], scale="loglog")
    with pytest.raises(ParameterError, match="between 0 and 1"):
        kaplan_meier([1], [True]).quantile(1)
    with pytest.raises(ParameterError, match="between 0 and 1"):
        quantile_of_counts([1], [1], share=0)


@pytest.mark.parametrize("scale", SCALES)
def test_intervals_cover_by_planted_truth(scale):
    """Exponential patience (mean 100) censored by exponential answers (mean 60): the truth at 50 is exp(-.5)."""
    rng, hits, runs = np.random.default_rng(7), 0, 400
    for _ in range(runs):
        patience, answer = rng.exponential(100, 150), rng.exponential(60, 150)
        read = kaplan_meier(np.minimum(patience, answer), patience < answer, scale=scale).at([50.0])
        hits += bool(read.low[0] <= np.exp(-0.5) <= read.high[0])
    assert 0.92 <= hits / runs <= 0.98


def test_quantiles_of_counts_by_hand_count():
    """1, 1, 2, 5, 5, 5, 9, 9, 9, 30: the fifth of ten is 5, the ninth 9."""
    values, counts = [5, 1, 30, 2, 9], [3, 2, 1, 1, 3]
    assert quantile_of_counts(values, counts, share=0.5).value == 5
    assert quantile_of_counts(values, counts, share=0.9).value == 9
    assert quantile_of_counts(values, counts, share=0.91).value == 30
    half = quantile_of_counts(values, counts, share=0.5)
    # Wilson's limits of five in ten are .237 and .763: the third and the eighth.
    assert (half.low, half.high) == (2, 9)
    assert np.isnan(quantile_of_counts([], [], share=0.5).value)
    assert np.isnan(quantile_of_counts([3], [0], share=0.5).value)


def test_quantile_limits_cover_by_planted_truth():
    rng, hits, runs = np.random.default_rng(3), 0, 400
    for _ in range(runs):
        drawn = np.floor(rng.exponential(70, 300))
        found = quantile_of_counts(drawn, np.ones(300), share=0.9)
        hits += bool(found.low <= np.floor(70 * np.log(10)) <= found.high)
    assert hits / runs >= 0.93


def test_hours_of_a_day_are_added_up_before_days_are_squared_by_identity():
    rows = pd.DataFrame(
        {
            "channel": ["a", "a", "a", "b"], "day": [1, 1, 2, 1], "hour": [8, 9, 8, 8],
            "gone": [1, 2, 0, np.nan], "offered": [10, 10, 5, 0],
        }
    )  # fmt: skip
    groups, sums = sums_by_group(rows, by=["channel"], cluster="day", value="gone", weight="offered")
    assert groups["channel"].tolist() == ["a", "b"]
    own = ClusterSums.from_clusters([3, 0], [20, 5])
    for name in ("value", "weight", "clusters", "value_value", "value_weight", "weight_weight"):
        assert getattr(sums, name)[0] == getattr(own, name), name
    assert (sums.weight[1], sums.clusters[1]) == (0, 0)


def test_p_values_from_limits_by_published_figure():
    """The tables of the normal distribution: 1.960, 2.576 and 3.291 errors away are .05, .01 and .001."""
    value = np.array([1.960, 2.576, -3.291])
    found = p_value_from_limits(value, Interval(value - 1.959964, value + 1.959964), against=0.0)
    assert found == pytest.approx([0.05, 0.01, 0.001], rel=2e-3)


def test_a_value_on_its_limit_is_at_one_less_level_by_identity():
    interval = Interval(np.array([1.0, 1.0, np.nan]), np.array([4.0, 4.0, 4.0]))
    found = p_value_from_limits([2.0, 1.5, 2.0], interval, against=[1.0, 4.0, 1.0], level=0.9)
    assert found[:2] == pytest.approx([0.1, 0.1])
    assert np.isnan(found[2])
    assert p_value_from_limits([2.0], Interval(np.array([2.0]), np.array([2.0])), against=2.0)[0] == 1
