"""Lengths of cases, steps between channels and the jackknife: by hand, by identity, by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.chains import LENGTHS, length_shares, same_mix_log_ratio, step_shares
from rootcause_lib.statistics.intervals import wilson
from rootcause_lib.statistics.jackknife import Jackknifed, jackknifed, ratio_interval, share_interval


def sums_of(lengths, watched):
    """watched and went_on at places 1 to 4 and from 5 on, of cases given by length and contacts followed."""
    at_risk, went_on = np.zeros(LENGTHS), np.zeros(LENGTHS)
    for length, followed in zip(lengths, watched, strict=True):
        for place in range(1, followed + 1):
            at_risk[min(place, LENGTHS) - 1] += 1
            went_on[min(place, LENGTHS) - 1] += place < length
    return np.concatenate([at_risk, went_on])


def test_finished_cases_come_to_plain_counting_by_identity():
    lengths = [1] * 40 + [2] * 10 + [3] * 5 + [4] * 2 + [5, 7, 9]
    shares = length_shares(sums_of(lengths, lengths))
    counts = np.array([40, 10, 5, 2, 3, 10]) / 60
    volumes = np.array([40, 20, 15, 8, 21, 44]) / 104
    assert shares == pytest.approx(np.concatenate([counts, volumes]))


def test_cases_that_are_not_over_count_as_far_as_they_are_seen_by_hand_count():
    """8 first contacts followed, 4 went on; 3 second ones followed, 1 went on; that one ended."""
    lengths, watched = [3, 1, 2, 1, 2, 1, 1, 2], [3, 1, 2, 1, 2, 1, 1, 1]
    shares = length_shares(sums_of(lengths, watched))
    assert shares[:6] == pytest.approx([1 / 2, 1 / 3, 1 / 6, 0, 0, 1 / 6])
    assert shares[6:] == pytest.approx([0.3, 0.4, 0.3, 0, 0, 0.3])


def test_what_nobody_could_watch_is_not_known_by_hand():
    shares = length_shares(sums_of([2, 2], [1, 1]))
    assert shares[0] == 0
    assert np.isnan(shares[1:5]).all()
    assert np.isnan(length_shares(np.zeros(2 * LENGTHS))).all()
    with pytest.raises(DataError, match="10 sums"):
        length_shares(np.zeros(4))


def test_what_reaches_a_channel_leaves_it_by_identity():
    rng = np.random.default_rng(1)
    first, second = rng.integers(1, 50, (3, 4)).astype(float), rng.integers(1, 50, (3, 4)).astype(float)
    shares = step_shares(np.concatenate([first.ravel(), second.ravel()]), channels=3)
    started, onward = shares[:12].reshape(3, 4), shares[12:].reshape(3, 4)
    assert started.sum() == pytest.approx(1)
    assert onward.sum(axis=1) == pytest.approx(started[:, :3].sum(axis=0))
    assert started == pytest.approx(first / first.sum())
    with pytest.raises(DataError, match="24 sums"):
        step_shares(np.zeros(5), channels=3)


def test_a_ratio_over_the_same_mix_by_hand():
    """Matter a: 100 at first, 200 later; b, only ever first, takes 1000 and does not count."""
    later, first = [2.0, 0.0, 400.0, 0.0], [4.0, 9.0, 400.0, 9000.0]
    assert np.exp(same_mix_log_ratio(np.array(later + first), strata=2)) == pytest.approx([2.0])
    assert np.isnan(same_mix_log_ratio(np.zeros(8), strata=2)).all()


def test_the_jackknife_of_a_mean_is_its_textbook_error_by_identity():
    values = np.random.default_rng(2).normal(5, 2, 40)
    found = jackknifed(np.column_stack([values, np.ones(40)]), lambda sums: sums[..., :1] / sums[..., 1:])
    assert found.value == pytest.approx([values.mean()])
    assert found.standard_error == pytest.approx([values.std(ddof=1) / np.sqrt(40)])
    assert found.degrees == 39
    assert jackknifed([[3.0, 1.0], [0.0, 0.0]], lambda sums: sums[..., :1]).groups == 1
    with pytest.raises(DataError, match="groups by sums"):
        jackknifed([1.0, 2.0], lambda sums: sums)


def test_a_share_of_single_cases_is_near_wilsons_interval_by_identity():
    seen = (np.random.default_rng(3).random(400) < 0.3).astype(float)
    found = jackknifed(np.column_stack([seen, np.ones(400)]), lambda sums: sums[..., :1] / sums[..., 1:])
    ours, theirs = share_interval(found, units=400.0, customers=400.0), wilson(seen.sum(), 400)
    assert ours.low[0] == pytest.approx(theirs.low, abs=0.002)
    assert ours.high[0] == pytest.approx(theirs.high, abs=0.002)


def test_one_customer_alone_tells_no_limits_by_hand():
    found = jackknifed([[2.0, 4.0]], lambda sums: sums[..., :1] / sums[..., 1:])
    interval = share_interval(found, units=4.0, customers=1.0)
    assert (interval.low[0], interval.high[0]) == (0, 1)
    assert np.isnan(ratio_interval(Jackknifed(np.zeros(1), np.full(1, np.nan), 1)).low).all()
