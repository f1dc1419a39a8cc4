"""The middle of the times of those who come: by hand, and held to its level in simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rootcause_lib.statistics.time_until import incidence_by_step, middle_time


def test_incidence_without_censoring_is_the_share_so_far_by_identity() -> None:
    curve = incidence_by_step([1, 0, 2, 0], [0, 1, 0, 0], [0, 0, 0, 0, 6])
    assert curve.tolist() == pytest.approx([0.1, 0.1, 0.3, 0.3])


def test_incidence_where_some_are_watched_for_two_steps_only_by_hand_count() -> None:
    """Ten begin; 1 comes in step 1, 4 are seen through step 2 and no further, 1 of the 5 left comes in step 3."""
    curve = incidence_by_step([1, 0, 1], [0, 0, 0], [0, 0, 4, 4])
    assert curve.tolist() == pytest.approx([0.1, 0.1, 0.1 + 0.9 / 5])


def test_incidence_leaves_out_whom_nobody_watched_for_one_step_by_hand_count() -> None:
    assert incidence_by_step([1, 0], [0, 0], [90, 0, 1]).tolist() == pytest.approx([0.5, 0.5])


def test_incidence_is_not_known_where_nobody_is_left_by_hand_count() -> None:
    curve = incidence_by_step([1, 0], [0, 0], [0, 1, 0])
    assert curve[0] == pytest.approx(0.5)
    assert math.isnan(curve[1])


def test_the_middle_is_the_step_by_which_half_have_come_by_hand_count() -> None:
    assert middle_time([0.1, 0.2, 0.3, 0.4], independent=400).value == 2
    assert middle_time([0.1, 0.19, 0.3, 0.4], independent=400).value == 3
    found = middle_time([0.4, 0.4, 0.4], independent=400)
    assert (found.value, found.low, found.high) == (1, 1, 1)


@pytest.mark.parametrize(("curve", "independent"), [([0.0, 0.0], 5), ([np.nan], 5), ([0.1], 0), ([], 5)])
def test_of_nobody_there_is_no_middle_by_hand_count(curve: list[float], independent: float) -> None:
    assert math.isnan(middle_time(curve, independent=independent).value)


def test_limits_hold_their_level_by_simulation() -> None:
    """Customers with one to three sessions each and times of their own; a third are watched for too short a time."""
    rng = np.random.default_rng(12)
    steps, held, runs = 14 * 24, 0, 200
    truth = math.exp(math.log(60) + 0.9 * _half_within(steps))
    for _ in range(runs):
        own = rng.normal(0, 0.6, 150).repeat(rng.integers(1, 4, 150))
        times = np.ceil(np.exp(math.log(60) + own + rng.normal(0, math.sqrt(0.81 - 0.36), len(own))))
        comes = rng.random(len(own)) < 0.4
        watched = np.where(rng.random(len(own)) < 0.33, rng.integers(0, steps, len(own)), steps)
        seen = comes & (times <= watched)
        came = np.bincount(times[seen].astype(int), minlength=steps + 1)[1 : steps + 1]
        stopped = np.bincount(watched[~seen], minlength=steps + 1)
        found = middle_time(
            incidence_by_step(came, np.zeros(steps), stopped), independent=float(len(np.unique(own[seen])))
        )
        held += found.low - 1 <= truth <= found.high
    assert held / runs >= 0.91


def _half_within(steps: int) -> float:
    """Where on the normal scale half of those lie who come within so many steps, at a log spread of 0.9 about 60."""
    from scipy.stats import norm

    within = norm.cdf((math.log(steps) - math.log(60)) / 0.9)
    return float(norm.ppf(within / 2))
