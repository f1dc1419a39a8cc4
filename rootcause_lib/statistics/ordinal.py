"""Answers on a scale without a unit: proportional odds on grouped cells (McCullagh 1980, JRSS B 42: 109).

A step from 1 to 2 need not be worth a step from 4 to 5; the model only uses their order. One number per effect says
how much higher the odds of a better answer are, wherever the scale is cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, Numbers, floats

STEPS = 60
CLOSE = 1e-9
ENDLESS = 12.0
"""Log odds beyond which an effect runs away: all answers of a group lie at one end."""


@dataclass(frozen=True, slots=True)
class OrdinalFit:
    """Proportional odds fitted to cells.

    effects: log odds of a higher answer, per column of the design; NaN where the cells cannot tell it. thresholds: log
    odds of an answer up to each category but the last, at a design of 0. model_error: of the effects, for
    independent answers. influence: cells x categories x effects, by how much one answer of a cell in a category moves
    an effect: an error robust to clusters is the root of the squares of these, summed within clusters first.
    """

    effects: Floats
    thresholds: Floats
    model_error: Floats
    influence: Floats

    @property
    def told(self) -> bool:
        """Whether any effect could be told."""
        return bool((~np.isnan(self.effects)).any())


def proportional_odds(counts: Numbers, design: Numbers) -> OrdinalFit:
    """Maximum likelihood by Fisher scoring; `counts`: cells x categories in rising order, `design`: cells x effects.

    P(answer <= k) = 1 / (1 + exp(effects . design - threshold k)). Counts may be weighted. A category nobody chose
    joins its neighbour: its threshold is NaN. An effect that no cell tells apart from the others, or that runs away
    because all its answers lie at one end, is NaN.
    """
    table, columns = floats(counts), floats(design)
    if table.ndim != 2 or columns.ndim != 2 or len(table) != len(columns):
        raise DataError("Ordinal answers need a table of cells by categories and a design with a row for each cell.")
    used = table.sum(axis=0) > 0
    categories, effects = table.shape[1], columns.shape[1]
    if used.sum() < 2:
        empty = np.full(effects, np.nan)
        return OrdinalFit(
            empty, np.full(max(categories - 1, 0), np.nan), empty, np.full((*table.shape, effects), np.nan)
        )
    fitted = _fit(table[:, used], columns)
    if fitted is None:
        empty = np.full(effects, np.nan)
        return OrdinalFit(empty, np.full(categories - 1, np.nan), empty, np.full((*table.shape, effects), np.nan))
    return _laid_out(fitted, table, columns, used)


@dataclass(frozen=True, slots=True)
class _Point:
    """Where the search stands: thresholds first, then effects; and what it takes to go on.

    by_cut, by_design: how the logarithm of an answer's chance moves with each threshold (cells x categories x
    thresholds) and with the effects, per unit of the design (cells x categories).
    """

    parameters: Floats
    likelihood: float
    slope: Floats
    information: Floats
    by_cut: Floats
    by_design: Floats


def _fit(table: Floats, design: Floats) -> _Point | None:
    below = np.cumsum(table.sum(axis=0))[:-1] / table.sum()
    start = np.concatenate([np.log(below / (1 - below)), np.zeros(design.shape[1])])
    point = _at(start, table, design)
    for _ in range(STEPS):
        step = np.linalg.lstsq(point.information, point.slope, rcond=1e-10)[0]
        further = None
        for halving in range(25):
            further = _at(point.parameters + step / 2**halving, table, design)
            if further.likelihood >= point.likelihood - 1e-10 * abs(point.likelihood):
                break
        if further is None or not np.isfinite(further.likelihood):
            return None
        gained, point = further.likelihood - point.likelihood, further
        if (gained < CLOSE and np.abs(step).max() < 1e-6) or np.abs(point.parameters).max() > 4 * ENDLESS:
            break
    return point


def _at(parameters: Floats, table: Floats, design: Floats) -> _Point:
    """Likelihood, its slope and expected information."""
    cells, cuts = len(table), table.shape[1] - 1
    linear = parameters[:cuts] - (design @ parameters[cuts:])[:, None]
    reached = 1 / (1 + np.exp(-np.clip(linear, -700, 700)))
    edges = np.hstack([np.zeros((cells, 1)), reached, np.ones((cells, 1))])
    chance = np.diff(edges, axis=1)
    by_cut, size = np.zeros((*table.shape, cuts)), len(parameters)
    if (chance <= 0).any():
        return _Point(parameters, -np.inf, np.zeros(size), np.eye(size), by_cut, np.zeros(table.shape))
    steep = edges * (1 - edges)
    for cut in range(cuts):
        by_cut[:, cut, cut] = steep[:, cut + 1] / chance[:, cut]
        by_cut[:, cut + 1, cut] = -steep[:, cut + 1] / chance[:, cut + 1]
    by_design = -np.diff(steep, axis=1) / chance
    expected = table.sum(axis=1)[:, None] * chance
    slope = np.concatenate([np.einsum("ck,ckp->p", table, by_cut), (table * by_design).sum(axis=1) @ design])
    own = np.einsum("ck,ckp,ckq->pq", expected, by_cut, by_cut)
    both = np.einsum("ck,ckp,ck->cp", expected, by_cut, by_design).T @ design
    effects = (design * (expected * by_design**2).sum(axis=1)[:, None]).T @ design
    information = np.block([[own, both], [both.T, effects]])
    return _Point(parameters, float((table * np.log(chance)).sum()), slope, information, by_cut, by_design)


def _laid_out(point: _Point, table: Floats, design: Floats, used: Floats) -> OrdinalFit:
    """The fit in the categories and effects asked for."""
    cuts = int(used.sum()) - 1
    inverse = np.linalg.pinv(point.information, rcond=1e-10, hermitian=True)
    told = np.isclose((inverse @ point.information).diagonal(), 1.0, atol=1e-6)[cuts:]
    told &= np.abs(point.parameters[cuts:]) < ENDLESS
    influence = np.full((*table.shape, design.shape[1]), np.nan)
    moved = design @ inverse[cuts:, cuts:]
    influence[:, used, :] = point.by_cut @ inverse[:cuts, cuts:] + point.by_design[:, :, None] * moved[:, None, :]
    thresholds = np.full(table.shape[1] - 1, np.nan)
    thresholds[np.flatnonzero(used)[:-1]] = point.parameters[:cuts]
    spread = np.sqrt(np.maximum(inverse.diagonal()[cuts:], 0))
    return OrdinalFit(
        np.where(told, point.parameters[cuts:], np.nan),
        thresholds,
        np.where(told, spread, np.nan),
        np.where(told, influence, np.nan),
    )
