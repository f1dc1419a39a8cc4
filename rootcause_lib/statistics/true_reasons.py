"""What contacts were truly about, drawn again and again where codes err: proper imputations from an audit of some.

The model. A contact's true reason depends on what is known of it (channel, outcome, segment ...) by main effects; its
code depends on the true reason alone, in the same way everywhere. How codes err is learnt from the audit only, so that
millions of contacts cannot bend it; what the true reasons are, by channel and outcome, from all contacts.
Each draw is of all that is unknown: how codes err (a posterior of the audit), the reasons' shares (contacts resampled),
then each contact's reason. Rubin 1987, chapter 4; Molitor and others 2009, Am. J. Epidemiol. 169 on cut models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rootcause_lib.statistics.intervals import Floats

Places = npt.NDArray[np.int64]

PRIOR = 2.0
"""Audited contacts that each code is given beside its own: half right, half as all others."""

MOST_STEPS = 400
CLOSE = 2e-5
"""Largest change of a share that counts as none."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Contacts by cell (what is known of them) and code, and an audit of some.

    counts: cells by codes, contacts whose true reason is not known. known: cells by reasons, the audited ones.
    factors: for each factor the level of every cell. right: cells whose codes nobody chose, so none is wrong.
    audit: codes by reasons, what audited contacts were about. sizes: contacts by code that the audit was drawn from, or
    None where it was drawn elsewhere. own: for each code the reason of its name, -1 where there is none.
    """

    counts: Floats
    known: Floats
    factors: tuple[Places, ...]
    right: npt.NDArray[np.bool_]
    audit: Floats
    sizes: Floats | None
    own: Places


def expected_reasons(coded: Coded) -> Floats:
    """Contacts expected by cell and reason, the audited ones among them."""
    errors, by_hand = _posterior_mean(coded), _by_hand(coded)
    shares = _expected(coded, coded.counts, errors, by_hand, None)
    return np.asarray((coded.counts[:, :, None] * _chances(coded, shares, errors, by_hand)).sum(axis=1) + coded.known)


def drawn_reasons(coded: Coded, *, draws: int, seed: int) -> Iterator[Floats]:
    """Completed data sets: cells by codes by reasons, whole contacts that sum to `counts` over the reasons."""
    rng, by_hand = np.random.default_rng(seed), _by_hand(coded)
    start = _expected(coded, coded.counts, _posterior_mean(coded), by_hand, None)
    for _draw in range(draws):
        errors = _drawn_errors(coded, rng)
        again = rng.poisson(coded.counts).astype(float)
        shares = _expected(coded, again, errors, by_hand, start)
        chances = _chances(coded, shares, errors, by_hand)
        yield np.asarray(rng.multinomial(coded.counts.astype(np.int64), chances), dtype=float)


def _by_hand(coded: Coded) -> Floats:
    """Codes by reasons: each code taken at its word."""
    table = np.zeros((len(coded.own), coded.audit.shape[1]))
    named = coded.own >= 0
    table[np.flatnonzero(named), coded.own[named]] = 1.0
    return table


def _prior(coded: Coded) -> Floats:
    """Codes by reasons: what each code is given beside its audited contacts."""
    whole = coded.audit.sum(axis=0) + 0.5
    usual = np.tile(whole / whole.sum(), (len(coded.own), 1))
    right = np.flatnonzero(coded.own >= 0)
    usual[right] /= 2
    usual[right, coded.own[right]] += 0.5
    return PRIOR * usual


def _posterior_mean(coded: Coded) -> Floats:
    return _errors(coded, coded.audit + _prior(coded))


def _drawn_errors(coded: Coded, rng: np.random.Generator) -> Floats:
    return _errors(coded, rng.gamma(coded.audit + _prior(coded)))


def _errors(coded: Coded, table: Floats) -> Floats:
    """P(code | reason) as reasons by codes, from what contacts of each code were about."""
    if coded.sizes is not None:
        table = table / table.sum(axis=1, keepdims=True) * coded.sizes[:, None]
    whole = table.sum(axis=0)
    return np.asarray((table / np.where(whole > 0, whole, 1.0)).T)


def _expected(coded: Coded, counts: Floats, errors: Floats, by_hand: Floats, start: Floats | None) -> Floats:
    """P(reason | cell) by main effects of the factors, by expectation and conditional maximisation.

    Meng and Rubin 1993, Biometrika 80: 267. Each step fits the expected contacts by reason in every level of every
    factor: iterative proportional fitting.
    """
    fixed = coded.known + np.where(coded.right[:, None], counts @ by_hand, 0.0)
    open_counts = np.where(coded.right[:, None], 0.0, counts)
    size = fixed.sum(axis=1) + open_counts.sum(axis=1)
    shares = start
    if shares is None:
        whole = fixed.sum(axis=0) + open_counts.sum(axis=0) @ by_hand + 1.0
        shares = np.tile(whole / whole.sum(), (len(counts), 1))
    groups = [_indicator(levels) for levels in coded.factors]
    for _step in range(MOST_STEPS):
        expected = fixed + shares * (_over(open_counts, shares @ errors) @ errors.T)
        before = shares
        for group in groups:
            seen, fitted = group @ expected, group @ (shares * size[:, None])
            shares = shares * (group.T @ np.divide(seen, fitted, out=np.ones_like(seen), where=fitted > 0))
            shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
        if np.abs(shares - before).max(initial=0.0) < CLOSE:
            break
    return shares


def _indicator(levels: Places) -> Floats:
    return np.asarray((levels[None, :] == np.unique(levels)[:, None]).astype(float))


def _over(counts: Floats, chances: Floats) -> Floats:
    return np.divide(counts, chances, out=np.zeros_like(counts), where=chances > 0)


def _chances(coded: Coded, shares: Floats, errors: Floats, by_hand: Floats) -> Floats:
    """P(reason | cell, code) as cells by codes by reasons."""
    chances = shares[:, None, :] * errors.T[None, :, :]
    chances = np.where(coded.right[:, None, None], by_hand[None, :, :], chances)
    whole = chances.sum(axis=2, keepdims=True)
    even = np.broadcast_to(shares[:, None, :], chances.shape)
    return np.asarray(np.where(whole > 0, chances / np.where(whole > 0, whole, 1.0), even))
