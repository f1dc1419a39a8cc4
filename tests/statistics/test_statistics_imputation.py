"""Rubin's rules: by hand, against statsmodels' own where it has them, and their level where data are truly missing."""

from __future__ import annotations

import numpy as np
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.imputation import pooled


def test_rubins_rules_by_hand_count() -> None:
    """Three data sets: 1, 2, 3 with variances .5, .7, .6. Between 1, within .6, total .6 + 4/3 x 1."""
    found = pooled([[1.0], [2.0], [3.0]], [[0.5], [0.7], [0.6]])
    assert found.value == pytest.approx([2.0])
    assert found.variance == pytest.approx([0.6 + 4 / 3])
    missing = (4 / 3) / (0.6 + 4 / 3)
    assert found.missing == pytest.approx([missing])
    assert found.degrees == pytest.approx([2 / missing**2])
    few = pooled([[1.0], [2.0], [3.0]], [[0.5], [0.7], [0.6]], degrees=10.0)
    seen = 11 / 13 * 10 * (1 - missing)
    assert few.degrees == pytest.approx([1 / (missing**2 / 2 + 1 / seen)])
    limits = found.limits(level=0.95)
    assert limits.low < 2 < limits.high


def test_data_sets_that_agree_leave_the_complete_datas_own_by_identity() -> None:
    found = pooled([[1.0, 5.0]] * 4, [[0.25, 0.0]] * 4, degrees=99.0)
    assert found.value.tolist() == [1.0, 5.0]
    assert found.variance.tolist() == [0.25, 0.0]
    assert found.missing.tolist() == [0.0, 0.0]
    assert found.degrees == pytest.approx(100 / 102 * 99)


def test_what_one_data_set_cannot_tell_is_not_known_and_one_is_none() -> None:
    found = pooled([[1.0], [np.nan]], [[0.1], [np.nan]])
    assert np.isnan(found.value).all()
    assert np.isnan(found.variance).all()
    with pytest.raises(DataError, match="at least two"):
        pooled([[1.0]], [[0.1]])
    with pytest.raises(DataError, match="one shape"):
        pooled([[1.0], [2.0]], [[0.1, 0.1], [0.1, 0.1]])


def test_limits_hold_their_level_where_half_is_missing_by_planted_truth() -> None:
    """A normal mean of 60, half of them missing at random, drawn properly (mean and variance from their posterior)."""
    rng, held, runs = np.random.default_rng(4), 0, 800
    for _run in range(runs):
        seen = rng.normal(0, 1, 30)
        values, variances = [], []
        for _draw in range(20):
            variance = 29 * seen.var(ddof=1) / rng.chisquare(29)
            drawn = rng.normal(rng.normal(seen.mean(), np.sqrt(variance / 30)), np.sqrt(variance), 30)
            both = np.concatenate([seen, drawn])
            values.append([both.mean()])
            variances.append([both.var(ddof=1) / 60])
        limits = pooled(values, variances, degrees=59.0).limits(level=0.95)
        held += limits.low[0] <= 0 <= limits.high[0]
    assert abs(held / runs - 0.95) < 3 * np.sqrt(0.95 * 0.05 / runs)
