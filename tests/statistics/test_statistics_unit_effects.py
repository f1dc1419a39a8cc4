"""Units compared over their own mix: identities, a second fit, and worlds whose truth is planted."""

from __future__ import annotations

import numpy as np
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.case_mix import CLOSE, Trait, fit_mix, logistic
from rootcause_lib.statistics.intervals import wilson
from rootcause_lib.statistics.unit_effects import UnitEffects, unit_effects

CHANNELS, REASONS = 4, 8
CHANNEL, REASON = np.divmod(np.arange(CHANNELS * REASONS), REASONS)
BASE = np.clip(np.linspace(0.45, 0.9, REASONS)[REASON] + np.array([-0.05, 0, 0.03, -0.1])[CHANNEL], 0.05, 0.97)


def compared(events: np.ndarray, n: np.ndarray, *, level: float = 0.95) -> UnitEffects:
    """Units by mixes, of channels by reasons, every contact of a customer of its own."""
    unit, mix = np.nonzero(n)
    traits = [Trait(CHANNEL), Trait(REASON), Trait(CHANNEL * REASONS + REASON, CLOSE)]
    fit = fit_mix(unit, mix, events[unit, mix].astype(float), n[unit, mix].astype(float), traits, units=len(n))
    return unit_effects(events.astype(float), n.astype(float), fit, design_effect=np.ones(len(n)), level=level)


def world(rng: np.random.Generator, *, units: int, each: int, skill_sd: float) -> tuple[np.ndarray, ...]:
    """Contacts, resolved ones and each unit's true difference; the better a unit, the harder its matters."""
    skill = np.clip(rng.normal(0, 1, units), -2, 2) * skill_sd
    n, events = np.zeros((2, units, len(BASE)), dtype=np.int64)
    for unit in range(units):
        share = rng.dirichlet(np.full(len(BASE), 2.0)) * np.exp(-30 * skill[unit] * (BASE - 0.7))
        n[unit] = rng.multinomial(round(each * np.exp(rng.normal(0, 0.6))) + 5, share / share.sum())
        events[unit] = rng.binomial(n[unit], np.clip(BASE + skill[unit], 0, 1))
    average = n.sum(axis=1) @ skill / n.sum()
    apart = np.clip(BASE + skill[:, None], 0, 1) - np.clip(BASE + average, 0, 1)
    return n, events, (n * apart).sum(axis=1) / n.sum(axis=1)


def one_mix(events: list[int], n: list[int]) -> UnitEffects:
    """Units that all do the same one matter."""
    traits = [Trait(np.zeros(1, dtype=np.int64))]
    units, mix = np.arange(len(n)), np.zeros(len(n), dtype=np.int64)
    fit = fit_mix(units, mix, np.array(events, float), np.array(n, float), traits, units=len(n))
    counts = (np.array(column, float)[:, None] for column in (events, n))
    return unit_effects(*counts, fit, design_effect=np.ones(len(n)))


def test_observed_less_expected_by_hand_count() -> None:
    """Of one matter all units together resolved 150 of 200: the average resolves .75 of it."""
    found = one_mix([80, 70], [100, 100])
    assert found.observed == pytest.approx([0.8, 0.7])
    assert found.expected == pytest.approx([0.75, 0.75])
    assert found.raw_difference == pytest.approx([0.05, -0.05])
    # Each is half of the average: the variance is half of p(1-p)/n.
    half = 1.959964 * np.sqrt(0.75 * 0.25 / 100 / 2)
    assert found.funnel[0] == pytest.approx([half, half], rel=1e-4)
    assert found.funnel[1] / found.funnel[0] == pytest.approx(3.090232 / 1.959964, rel=1e-4)


def test_what_is_resolved_and_what_is_expected_add_up_by_identity() -> None:
    n, events, _ = world(np.random.default_rng(3), units=9, each=400, skill_sd=0.05)
    found, size = compared(events, n), n.sum(axis=1)
    assert size @ found.expected == pytest.approx(events.sum())
    assert size @ found.raw_difference == pytest.approx(0, abs=1e-6)
    assert found.best.sum() == pytest.approx(1)
    assert found.worst.sum() == pytest.approx(1)
    assert ((found.low <= found.difference) & (found.difference <= found.high)).all()
    assert (np.abs(found.difference) <= np.abs(found.raw_difference) + 0.01).all()


def test_the_fit_by_a_second_implementation() -> None:
    """A logit with dummies by statsmodels, where nothing needs holding."""
    sm = pytest.importorskip("statsmodels.api")
    n, events, _ = world(np.random.default_rng(4), units=3, each=4000, skill_sd=0.05)
    unit, mix = np.nonzero(n)
    x, size = events[unit, mix].astype(float), n[unit, mix].astype(float)
    found = fit_mix(unit, mix, x, size, [Trait(CHANNEL), Trait(REASON)], units=3)
    dummies = [codes[:, None] == np.arange(1, most) for codes, most in ((unit, 3), (CHANNEL[mix], 4), (REASON[mix], 8))]
    design = np.column_stack([np.ones(len(x)), *dummies]).astype(float)
    other = sm.GLM(np.column_stack([x, size - x]), design, family=sm.families.Binomial()).fit()
    assert found.level[1:] - found.level[0] == pytest.approx(other.params[1:3], abs=2e-3)
    assert logistic(found.offset[mix] + found.level[unit]) == pytest.approx(other.fittedvalues, abs=1e-3)
    part = np.bincount(unit, size) / size.sum()
    covariance = np.zeros((3, 3))
    covariance[1:, 1:] = other.cov_params()[1:3, 1:3]
    contrast = np.eye(3) - part
    assert found.variance == pytest.approx(np.diag(contrast @ covariance @ contrast.T), rel=0.01)


def test_a_unit_with_all_resolved_or_none_stays_within_bounds() -> None:
    found = one_mix([5, 0, 800, 780], [5, 4, 1000, 1000])
    assert np.isfinite(np.concatenate([found.low, found.high, found.best, found.worst])).all()
    assert (found.low + found.expected >= 0).all()
    assert (found.high + found.expected <= 1).all()
    assert abs(found.difference[0]) < 0.5 * found.raw_difference[0]
    assert found.raw_high[0] + found.expected[0] <= wilson(5, 5).high + 1e-9


def test_who_is_best_is_even_where_nothing_tells() -> None:
    found = one_mix([80, 80, 80, 80], [100, 100, 100, 100])
    assert found.best == pytest.approx([0.25] * 4)
    assert found.worst == pytest.approx([0.25] * 4)
    clear = one_mix([900, 500, 510], [1000, 1000, 1000])
    assert clear.best[0] > 0.999
    assert clear.worst[1] == pytest.approx(1 - clear.worst[2], abs=1e-6)
    assert 0.5 < clear.worst[1] < 0.8


def test_the_design_effect_widens_everything() -> None:
    n, events, _ = world(np.random.default_rng(5), units=6, each=300, skill_sd=0.05)
    unit, mix = np.nonzero(n)
    fit = fit_mix(unit, mix, events[unit, mix].astype(float), n[unit, mix].astype(float), [Trait(REASON)], units=6)
    plain, wide = (
        unit_effects(events.astype(float), n.astype(float), fit, design_effect=np.full(6, effect))
        for effect in (1.0, 4.0)
    )
    assert wide.funnel[0] == pytest.approx(2 * plain.funnel[0])
    assert ((wide.raw_high - wide.raw_low) > 1.8 * (plain.raw_high - plain.raw_low)).all()
    assert np.abs(wide.difference).max() < np.abs(plain.difference).max()


def test_one_unit_or_impossible_counts_are_refused() -> None:
    with pytest.raises(DataError, match="two"):
        one_mix([5], [10])
    with pytest.raises(DataError, match="events from 0"):
        one_mix([11, 2], [10, 10])


def test_a_small_sample_of_planted_truths() -> None:
    """Shrunken effects cover the truth and lie nearer to it than counted ones; nobody is called out without reason."""
    rng = np.random.default_rng(11)
    covered, nearer, biased = [], [], []
    for _ in range(30):
        n, events, truth = world(rng, units=12, each=400, skill_sd=0.04)
        found = compared(events, n)
        covered += list((found.low <= truth) & (truth <= found.high))
        nearer.append(((found.difference - truth) ** 2).mean() - ((found.raw_difference - truth) ** 2).mean())
        biased += list((found.raw_difference - truth) * np.sign(truth))
    assert np.mean(covered) > 0.91
    assert np.mean(nearer) < 0
    assert abs(np.mean(biased)) < 0.004
    called = 0
    for _ in range(30):
        n, events, _ = world(rng, units=12, each=400, skill_sd=0.0)
        found = compared(events, n)
        called += ((np.abs(found.raw_difference) > found.funnel[1]) & (found.low * found.high > 0)).sum()
    assert called == 0
