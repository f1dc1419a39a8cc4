"""Interrupted time series on a published one, and on series with a planted effect or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.interrupted_series import Interrupted, Series, interrupted, placebo_ratios
from rootcause_lib.statistics.intervals import Floats


def sicily(real_data: Path) -> pd.DataFrame:
    path = real_data / "published_figures" / "sicily.csv"
    if not path.exists():
        pytest.skip("no published_figures/sicily.csv among the real data")
    return pd.read_csv(path)


def test_the_sicilian_smoking_ban_by_published_figure(real_data: Path) -> None:
    """Bernal et al. 2017: .894 (.864-.925) by Poisson without a season, .885 with two waves a year."""
    rows = sicily(real_data)
    ban = int(rows["smokban"].to_numpy().argmax())
    series = Series.of(rows["aces"], exposure=rows["stdpop"])
    plain = interrupted(series, ban, season=12, waves=0)
    assert plain.ratio == pytest.approx(0.894, abs=5e-4)
    # What we add to Poisson's variance, and Student's factor for the normal one, taken out again.
    error = np.log(plain.high / plain.ratio) / np.sqrt(plain.dispersion * (1 + plain.alike) / (1 - plain.alike))
    error *= 1.959964 / 2.004879  # 55 periods beyond four terms
    assert np.exp(np.log(plain.ratio) + np.array([-error, error])) == pytest.approx([0.864, 0.925], abs=1e-3)
    assert interrupted(series, ban, season=12).ratio == pytest.approx(0.885, abs=5e-4)


def drawn(rng: np.random.Generator, *, effect: float, alike: float, weeks: int = 104, at: int = 60) -> Floats:
    """Weekly counts about 100 with a season and shocks of .15 on the log scale that hang together by `alike`."""
    shocks = np.zeros(weeks + 50)
    new = rng.normal(0, 0.15 * np.sqrt(1 - alike**2), weeks + 50)
    for week in range(1, weeks + 50):
        shocks[week] = alike * shocks[week - 1] + new[week]
    time = np.arange(weeks)
    season = 0.1 * np.sin(2 * np.pi * time / 52)
    return rng.poisson(100 * np.exp(season + shocks[50:]) * np.where(time >= at, effect, 1)).astype(float)


def found(seeds: range, **planted: float) -> list[Interrupted]:
    return [interrupted(Series.of(drawn(np.random.default_rng(seed), **planted)), 60, season=52) for seed in seeds]


def test_a_planted_effect_by_planted_truth() -> None:
    told = found(range(60), effect=0.4, alike=0.0)
    assert np.exp(np.mean([np.log(one.ratio) for one in told])) == pytest.approx(0.40, abs=0.02)
    assert np.mean([one.low <= 0.4 <= one.high for one in told]) >= 0.85
    assert np.mean([one.avoided_low > 0 for one in told]) == 1


def test_no_effect_in_series_that_hang_together_by_planted_truth() -> None:
    """Poisson's own interval would call one series in three changed."""
    told = found(range(100, 220), effect=1.0, alike=0.4)
    naive = []
    for one in told:
        width = np.log(one.high / one.ratio) / np.sqrt(one.dispersion * (1 + one.alike) / (1 - one.alike))
        naive.append(abs(np.log(one.ratio)) > width)
    assert np.mean([not one.low <= 1 <= one.high for one in told]) <= 0.12
    assert np.mean(naive) >= 0.2


def test_a_control_takes_away_what_moved_both_by_planted_truth() -> None:
    """Everything falls to .7 when the fix is made; the fix itself does .5."""
    rng = np.random.default_rng(5)
    control = drawn(rng, effect=0.7, alike=0.0)
    counts = drawn(rng, effect=0.35, alike=0.0)
    alone = interrupted(Series.of(counts), 60, season=52)
    held = interrupted(Series.of(counts, control=control), 60, season=52)
    assert alone.high < 0.5
    assert held.low < 0.5 < held.high
    assert held.ratio == pytest.approx(0.5, abs=0.08)


def test_a_slope_by_identity() -> None:
    """Counts without chance: a step to half, then a hundredth more each week."""
    weeks = np.arange(80)
    counts = 1e6 * np.where(weeks >= 40, 0.5 * 1.01 ** (weeks - 40), 1.0)
    told = interrupted(Series.of(counts), 40, season=52, waves=0, terms="step_and_slope")
    assert (told.ratio, told.slope_ratio) == pytest.approx((0.5, 1.01), abs=1e-6)
    assert told.expected == pytest.approx(np.full(80, 1e6), rel=1e-6)
    assert told.avoided == pytest.approx(1e6 * 40 - counts[40:].sum(), rel=1e-6)


def test_exposure_and_weeks_without_data_by_identity() -> None:
    exposure = np.linspace(1000, 3000, 60)
    counts = exposure * np.where(np.arange(60) >= 30, 0.8, 1.0)
    counts[[3, 45]] = np.nan
    told = interrupted(Series.of(counts, exposure=exposure), 30, season=52, waves=0)
    assert told.ratio == pytest.approx(0.8, abs=1e-6)
    assert (told.periods_before, told.periods_after) == (29, 29)
    assert np.isnan(told.expected[3])


def test_placebo_dates_find_nothing_where_nothing_was_done_by_planted_truth() -> None:
    told = placebo_ratios(Series.of(drawn(np.random.default_rng(3), effect=0.4, alike=0.0)), 60, season=52)
    assert [date for date, _ in told] == list(range(8, 53, 4))
    assert np.mean([not one.low <= 1 <= one.high for _, one in told]) <= 0.25


def test_what_would_be_found_is_stated_beforehand_by_simulation() -> None:
    """At the detectable ratio four of five series are found."""
    usual = np.median([one.detectable for one in found(range(300, 340), effect=1.0, alike=0.0)])
    told = found(range(400, 460), effect=float(usual), alike=0.0)
    assert np.mean([one.high < 1 for one in told]) == pytest.approx(0.8, abs=0.17)


@pytest.mark.parametrize(
    ("counts", "at", "options", "match"),
    [
        ([1.0] * 10, 5, {}, "8 periods before and after it: here 5 and 5"),
        ([0.0] * 40, 20, {}, "8 periods"),
        ([1.0] * 40, 40, {}, "outside the 40 periods"),
        ([1.0] * 40, 20, {"terms": "slope"}, "step or step_and_slope, not 'slope'"),
    ],
)
def test_bad_input_says_what_is_missing(counts: list[float], at: int, options: dict[str, str], match: str) -> None:
    with pytest.raises(DataError, match=match):
        interrupted(Series.of(counts), at, season=52, **options)


def test_a_control_of_another_length_is_refused() -> None:
    with pytest.raises(DataError, match="count for every period"):
        interrupted(Series.of([1.0] * 40, control=[1.0] * 39), 20, season=52)
