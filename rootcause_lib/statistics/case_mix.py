"""What mix of matters each unit (team, agent, store) was given, held apart from what the unit made of it.

A logit with a level of its own for every unit and for every trait of the matters, fitted on grouped cells. Units' own
levels stand in the fit because a good team that is given the hard matters would otherwise make those look easy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats

Codes = npt.NDArray[np.int64]
"""Levels as whole numbers from 0."""

LOOSE, CLOSE = 3.0, 0.5
"""How far levels lie apart before seeing them, in logits: those of units and single traits, and those of pairs of
traits beside them. LOOSE only keeps a unit with all resolved finite; CLOSE lets a pair with many contacts differ."""

_STEPS, _ENOUGH = 60, 1e-7


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait of the mixes: its level in each mix, and how far levels may lie from 0 before they are seen."""

    levels: Codes
    spread: float = LOOSE


@dataclass(frozen=True, slots=True)
class MixFit:
    """offset: each mix's logit at a unit level of 0. level: each unit's. variance: of each unit's distance from the
    average over contacts, contacts being independent and mixes known no better than they are. alone: the same were
    mixes known for sure."""

    offset: Floats
    level: Floats
    variance: Floats
    alone: Floats


def fit_mix(unit: Codes, mix: Codes, events: Floats, n: Floats, traits: Sequence[Trait], *, units: int) -> MixFit:
    """Logit of `events` of `n` on unit and the traits of the mix; one row per unit and mix that occur.

    `traits`: one entry per mix in each, at least one of them. Newton's method on the whole penalised likelihood, which
    has one maximum; units, of which there may be thousands, are eliminated first. Raises DataError for counts that
    can't be, or where nothing was counted.
    """
    if not (n.sum() > 0 and (n >= 0).all() and (events >= 0).all() and (events <= n).all()):
        raise DataError("A mix needs events from 0 to its contacts, and some contacts.")
    cells = _Cells.of(unit, mix, events, n, traits, units)
    share = (events.sum() + 0.5) / (n.sum() + 1)
    beta, level, best = np.zeros(len(cells.held)), np.zeros(units), -np.inf
    beta[0] = np.log(share / (1 - share))
    for _ in range(_STEPS):
        by_trait, by_unit = cells.information(beta, level).solve(*cells.score(beta, level))
        size = 1.0
        # Near the top, rounding alone may seem to lose something.
        least = best - 1e-9 * abs(best)
        while (found := cells.log_likelihood(beta + size * by_trait, level + size * by_unit)) < least and size > 1e-6:
            size /= 2
        beta, level, best = beta + size * by_trait, level + size * by_unit, max(found, best)
        if size * max(np.abs(by_trait).max(), np.abs(by_unit).max()) < _ENOUGH:
            break
    own = np.bincount(unit, n, minlength=units) / n.sum()
    return MixFit(cells.offset(beta, traits), level, *cells.information(beta, level).distances(own))


@dataclass(frozen=True, slots=True)
class _Information:
    """Second derivatives: among traits, between traits and units, of units (each alone)."""

    traits: Floats
    both: Floats
    units: Floats

    def solve(self, traits: Floats, units: Floats) -> tuple[Floats, Floats]:
        gain = self.both / self.units
        by_trait = np.asarray(np.linalg.solve(self.traits - gain @ self.both.T, traits - gain @ units))
        return by_trait, (units - self.both.T @ by_trait) / self.units

    def distances(self, part: Floats) -> tuple[Floats, Floats]:
        """Variance of each unit's level less the mean of all by `part`, as it is and with traits known for sure."""
        gain = self.both / self.units
        inverse = np.linalg.inv(self.traits - gain @ self.both.T)
        mean = gain @ part
        alone = (1 - 2 * part) / self.units + (part**2 / self.units).sum()
        through = np.einsum("iu,ij,ju->u", gain, inverse, gain, optimize=True) - 2 * (gain.T @ inverse @ mean)
        return np.asarray(alone + through + mean @ inverse @ mean), np.asarray(alone)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows of unit and mix with the places of their levels among the traits' parameters."""

    unit: Codes
    rows: Codes
    edges: Codes
    held: Floats
    events: Floats
    n: Floats
    units: int

    @classmethod
    def of(cls, unit: Codes, mix: Codes, events: Floats, n: Floats, traits: Sequence[Trait], units: int) -> _Cells:
        columns = [np.zeros(len(mix), dtype=np.int64), *(trait.levels[mix] for trait in traits)]
        sizes = [1, *(int(trait.levels.max()) + 1 for trait in traits)]
        edges = np.concatenate([[0], np.cumsum(sizes)])
        spreads = [1e3, *(trait.spread for trait in traits)]
        held = np.concatenate([np.full(size, 1 / spread**2) for size, spread in zip(sizes, spreads, strict=True)])
        rows = np.stack([column + edge for column, edge in zip(columns, edges[:-1], strict=True)])
        return cls(unit, rows, edges, held, events, n, units)

    def offset(self, beta: Floats, traits: Sequence[Trait]) -> Floats:
        found = np.full(len(traits[0].levels), beta[0])
        for trait, (low, high) in zip(traits, pairwise(self.edges[1:]), strict=True):
            found += beta[low:high][trait.levels]
        return found

    def log_likelihood(self, beta: Floats, level: Floats) -> float:
        logit = self._logit(beta, level)
        penalty = (self.held * beta**2).sum() + (level**2).sum() / LOOSE**2
        return float(self.events @ logit - self.n @ log_odds_sum(logit) - penalty / 2)

    def score(self, beta: Floats, level: Floats) -> tuple[Floats, Floats]:
        residual = self.events - self.n * logistic(self._logit(beta, level))
        by_trait = np.bincount(self.rows.ravel(), np.tile(residual, len(self.rows)), minlength=len(beta))
        by_unit = np.bincount(self.unit, residual, minlength=self.units)
        return by_trait - self.held * beta, by_unit - level / LOOSE**2

    def information(self, beta: Floats, level: Floats) -> _Information:
        share = logistic(self._logit(beta, level))
        weight = self.n * share * (1 - share)
        size = len(beta)
        traits = np.zeros(size * size)
        for place, one in enumerate(self.rows):
            for other in self.rows[place + 1 :]:
                traits += np.bincount(one * size + other, weight, minlength=size * size)
        both = sum(np.bincount(one * self.units + self.unit, weight, minlength=size * self.units) for one in self.rows)
        own = np.asarray(np.bincount(self.unit, weight, minlength=self.units) + 1 / LOOSE**2)
        single = np.bincount(self.rows.ravel(), np.tile(weight, len(self.rows)), minlength=size)
        square = traits.reshape(size, size)
        return _Information(square + square.T + np.diag(single + self.held), np.reshape(both, (size, -1)), own)

    def _logit(self, beta: Floats, level: Floats) -> Floats:
        return np.asarray(beta[self.rows].sum(axis=0) + level[self.unit])


def logistic(logit: Floats) -> Floats:
    """The share of a logit."""
    return np.asarray(0.5 * (1 + np.tanh(logit / 2)))


def log_odds_sum(logit: Floats) -> Floats:
    """log(1 + exp(logit)), safe for large ones."""
    return np.asarray(np.logaddexp(0, logit))
