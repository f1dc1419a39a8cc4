"""True reasons drawn from an audit: what must hold of every draw, and shares and differences as planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rootcause_lib.statistics.true_reasons import Coded, drawn_reasons, expected_reasons

ERRORS = np.array([[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])
"""P(code | reason) of three reasons."""


def world(rng: np.random.Generator, *, contacts: int = 20_000, audited: int = 600) -> tuple[Coded, np.ndarray]:
    """Two channels by settled or not: the first channel has the hard reason. Also the true shares by cell."""
    mix = np.array([[0.6, 0.25, 0.15], [0.1, 0.3, 0.6]])
    settled = np.array([0.3, 0.6, 0.9])
    truth = np.stack([mix * (1 - settled), mix * settled], axis=1).reshape(4, 3) / 2
    cells = rng.multinomial(contacts, truth.ravel()).reshape(4, 3)
    by_code = np.array([[rng.multinomial(n, ERRORS[reason]) for reason, n in enumerate(row)] for row in cells])
    pool = np.repeat(np.arange(36), by_code.ravel())
    drawn = np.bincount(rng.choice(pool, audited, replace=False), minlength=36).reshape(4, 3, 3)
    counts = (by_code - drawn).sum(axis=1).astype(float)
    coded = Coded(
        counts=counts,
        known=drawn.sum(axis=2).astype(float),
        factors=(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])),
        right=np.zeros(4, dtype=bool),
        audit=drawn.sum(axis=0).T.astype(float),
        sizes=by_code.sum(axis=(0, 1)).astype(float),
        own=np.array([0, 1, 2]),
    )
    return coded, cells.astype(float)


def test_every_contact_gets_one_reason_by_identity() -> None:
    coded, _truth = world(np.random.default_rng(1))
    for draw in drawn_reasons(coded, draws=3, seed=5):
        assert (draw.sum(axis=2) == coded.counts).all()
        assert (draw == np.round(draw)).all()
        assert (draw >= 0).all()
    again = [next(drawn_reasons(coded, draws=1, seed=seed)) for seed in (5, 5, 6)]
    assert (again[0] == again[1]).all()
    assert (again[0] != again[2]).any()
    expected = expected_reasons(coded)
    assert expected.sum(axis=1) == pytest.approx(coded.counts.sum(axis=1) + coded.known.sum(axis=1))


def test_codes_that_nobody_chose_are_taken_at_their_word_by_identity() -> None:
    coded, _truth = world(np.random.default_rng(2))
    taken = replace(coded, right=np.array([False, False, True, True]))
    draw = next(drawn_reasons(taken, draws=1, seed=1))
    for cell in (2, 3):
        assert (draw[cell] == np.diag(taken.counts[cell])).all()
    nothing = replace(coded, counts=np.zeros_like(coded.counts))
    assert (next(drawn_reasons(nothing, draws=1, seed=1)) == 0).all()
    assert expected_reasons(nothing) == pytest.approx(nothing.known)


@pytest.mark.parametrize("here", [True, False])
def test_differences_over_one_mix_by_planted_truth(here: bool) -> None:
    """Settled alike in both channels, matter by matter: codes leave 6 points of the 18 between them, draws nothing."""
    gaps: dict[str, list[float]] = {"codes": [], "drawn": []}

    def gap(cells: np.ndarray) -> float:
        n, yes = cells[0::2] + cells[1::2], cells[1::2]
        mix = n.sum(axis=0) / n.sum()
        return float(mix @ (yes[1] / n[1] - yes[0] / n[0]))

    for seed in range(12):
        coded, _truth = world(np.random.default_rng(seed))
        coded = coded if here else replace(coded, sizes=None)
        gaps["codes"].append(gap(coded.counts))
        draws = [gap(draw.sum(axis=1) + coded.known) for draw in drawn_reasons(coded, draws=5, seed=seed)]
        gaps["drawn"].append(float(np.mean(draws)))
    assert np.mean(gaps["codes"]) > 0.05
    assert abs(np.mean(gaps["drawn"])) < 0.012


def test_draws_of_one_audit_differ_as_audits_of_one_client_do_by_planted_truth() -> None:
    """The share of the first reason: its spread over draws is its spread over audits drawn anew, within a quarter."""

    def share(coded: Coded, draw: np.ndarray) -> float:
        return float((draw.sum(axis=(0, 1)) + coded.known.sum(axis=0))[0] / 20_000)

    within, centres = [], []
    for seed in range(60):
        coded, truth = world(np.random.default_rng([9, seed]), audited=300)
        draws = [share(coded, draw) for draw in drawn_reasons(coded, draws=12, seed=seed)]
        within.append(np.var(draws, ddof=1))
        centres.append(np.mean(draws) - truth.sum(axis=0)[0] / 20_000)
    assert np.sqrt(np.mean(within)) == pytest.approx(np.std(centres), rel=0.25)
    assert abs(np.mean(centres)) < 0.01
