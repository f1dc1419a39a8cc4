"""Who leaves week by week: a complementary log-log hazard on grouped person-weeks.

A row is not a person-week but a cell: all weeks in which everything the model asks about is the same, with how many
of them there are and in how many somebody left. The fit equals that on single weeks. Parts of weeks (who joined or was
last seen in the middle of one) count by their length. With proportional hazards in continuous time the ratios are those
of Cox's model, whatever the length of the periods (Prentice and Gloeckler 1978, Biometrics 34: 57).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.errors import DataError, ParameterError, unknown_choice
from rootcause_lib.statistics.intervals import Floats, Interval, floats, normal_critical

PERIODS, EVENTS, LENGTH = "periods", "events", "length"
"""Columns of cells: person-periods at risk, how many of them ended in an event, and how long each was (1: whole)."""

STEPS = 100
"""Steps at most."""

_DEPENDENT = 1e-9
_STILL = 1e-10


@dataclass(frozen=True, slots=True)
class Risk:
    """The chance of an event within some periods, were everybody at a level and were they at the reference."""

    exposed: float
    reference: float
    difference: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class HazardFit:
    """Log hazard ratios of every level against its factor's reference, and what they rest on.

    terms: (factor, level), the intercept first as ("", ""). log_ratio and covariance in that order; a level without
    events, or one that can't be told apart from others, is NaN. design: cells x terms as fitted; periods: their weight.
    """

    terms: tuple[tuple[str, str], ...]
    log_ratio: Floats
    covariance: Floats
    design: Floats
    periods: Floats
    level: float

    def ratio(self, factor: str, level: str) -> tuple[float, Interval]:
        """The hazard ratio of a level against the reference, with its interval."""
        place = self._place(factor, level)
        value, error = self.log_ratio[place], np.sqrt(self.covariance[place, place])
        half = normal_critical(self.level) * error
        return float(np.exp(value)), Interval(np.exp(np.asarray(value - half)), np.exp(np.asarray(value + half)))

    def risk(self, factor: str, level: str, *, within: float) -> Risk:
        """Chances within so many whole periods of one state, over the mix of all cells; limits by the delta method."""
        place = self._place(factor, level)
        if not np.isfinite(self.log_ratio[place]):
            return Risk(np.nan, np.nan, np.nan, Interval(np.asarray(np.nan), np.asarray(np.nan)))
        own = [n for n, (name, _level) in enumerate(self.terms) if name == factor]
        without = self.design.copy()
        without[:, own] = 0.0
        exposed = without.copy()
        exposed[:, place] = 1.0
        (one, one_slope), (other, other_slope) = (self._chance(each, within) for each in (exposed, without))
        slope = one_slope - other_slope
        kept = np.isfinite(self.log_ratio)
        error = np.sqrt(slope[kept] @ self.covariance[np.ix_(kept, kept)] @ slope[kept])
        half = normal_critical(self.level) * error
        gap = one - other
        return Risk(one, other, gap, Interval(np.asarray(gap - half), np.asarray(gap + half)))

    def _chance(self, design: Floats, within: float) -> tuple[float, Floats]:
        hazard = within * np.exp(design @ np.nan_to_num(self.log_ratio))
        share = self.periods / self.periods.sum()
        return float(share @ -np.expm1(-hazard)), design.T @ (share * np.exp(-hazard) * hazard)

    def _place(self, factor: str, level: str) -> int:
        if (factor, level) not in self.terms:
            names = [f"{name} {each}" for name, each in self.terms[1:]]
            raise ParameterError(unknown_choice("term", f"{factor} {level}", names))
        return self.terms.index((factor, level))


def fit_hazard(cells: pd.DataFrame, factors: Mapping[str, str], *, level: float = 0.95) -> HazardFit:
    """The hazard by the levels of some factors, each against its reference.

    `cells`: one row per combination, columns of the factors (text), `periods`, `events` and, where some are parts of a
    period, `length` (above 0, at most 1). `factors`: name of a column -> its reference level, which must have events.
    A level in which nobody left has no ratio; leaving its cells out changes no other. Raises DataError for cells that
    can't be, ParameterError for a reference nobody is at.
    """
    kept, told = _cells_with_events(_checked(cells, factors), factors)
    terms, design = _design(kept, factors, told)
    usable = _independent(design, floats(kept[PERIODS]))
    leavers, periods = floats(kept[EVENTS]), floats(kept[PERIODS])
    length = floats(kept[LENGTH]) if LENGTH in kept.columns else np.ones(len(kept))
    found, spread = _climbed(design[:, usable], leavers, periods, np.log(length))
    log_ratio = np.full(len(terms), np.nan)
    covariance = np.full((len(terms), len(terms)), np.nan)
    log_ratio[usable], covariance[np.ix_(usable, usable)] = found, spread
    return HazardFit(terms, log_ratio, covariance, design, periods, level)


def _climbed(design: Floats, events: Floats, periods: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """Most likely coefficients and their covariance, by Fisher's scores with steps halved until each one climbs.

    The likelihood is concave, so a halved step always climbs. Library fits of this link take whole steps and end at
    infinity where many levels hold few events.
    """
    found = np.zeros(design.shape[1])
    found[0] = np.log(events.sum() / (periods * np.exp(offset)).sum())
    reached = _likelihood(design @ found + offset, events, periods)
    for _ in range(STEPS):
        hazard = np.exp(design @ found + offset)
        with np.errstate(over="ignore"):
            odds = hazard / np.expm1(hazard)
        information = (design.T * (periods * hazard * odds)) @ design
        step = np.linalg.solve(information, design.T @ (events * (odds + hazard) - periods * hazard))
        height = -np.inf
        while not height >= reached and np.abs(step).max() > _STILL:
            height = _likelihood(design @ (found + step) + offset, events, periods)
            step = step if height >= reached else step / 2
        if np.abs(step).max() <= _STILL:
            return found, np.asarray(np.linalg.inv(information), dtype=float)
        found, reached = found + step, height
    raise DataError("The hazards of these cells can't be told apart: too many levels for their events.")


def _likelihood(log_hazard: Floats, events: Floats, periods: Floats) -> float:
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        hazard = np.exp(log_hazard)
        left = np.where(events > 0, events * np.log(-np.expm1(-hazard)), 0.0)
        return float((left - (periods - events) * hazard).sum())


def _checked(cells: pd.DataFrame, factors: Mapping[str, str]) -> pd.DataFrame:
    if missing := [name for name in (*factors, PERIODS, EVENTS) if name not in cells.columns]:
        raise DataError(f"The cells lack {', '.join(missing)}.")
    periods, events = floats(cells[PERIODS]), floats(cells[EVENTS])
    if not ((periods >= events) & (events >= 0)).all():
        raise DataError("Every cell needs events from 0 to its periods.")
    if LENGTH in cells.columns and not floats(cells[LENGTH]).min(initial=1.0) > 0:
        raise DataError("Every cell needs a length above 0.")
    if not events.sum() > 0:
        raise DataError("Nobody left in these cells: there is no hazard to compare.")
    return cells[periods > 0]


def _cells_with_events(
    cells: pd.DataFrame, factors: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """The cells of levels in which somebody left, and by factor those levels without the reference.

    Where nobody left the hazard is 0 and the ratios of other levels do not depend on it.
    """
    kept, settled = cells, False
    while not settled:
        before = len(kept)
        for name in factors:
            left = kept.groupby(name, observed=True)[EVENTS].sum()
            kept = kept[kept[name].isin(left.index[left > 0])]
        settled = len(kept) == before
    told = {}
    for name, reference in factors.items():
        present = list(dict.fromkeys(kept[name].astype(str)))
        if reference not in present:
            raise ParameterError(f"Nobody left at the reference '{reference}' of '{name}': choose another level.")
        told[name] = tuple(sorted(each for each in present if each != reference))
    return kept, told


def _design(
    kept: pd.DataFrame, factors: Mapping[str, str], told: Mapping[str, Sequence[str]]
) -> tuple[tuple[tuple[str, str], ...], Floats]:
    terms: list[tuple[str, str]] = [("", "")]
    columns = [np.ones(len(kept))]
    for name in factors:
        values = kept[name].astype(str).to_numpy()
        for each in told[name]:
            terms.append((name, each))
            columns.append((values == each).astype(float))
    return tuple(terms), np.column_stack(columns)


def _independent(design: Floats, weights: Floats) -> np.ndarray:
    """Which terms the cells can tell apart; of those that always go together the first stays."""
    usable = np.ones(design.shape[1], dtype=bool)
    scaled = design * np.sqrt(weights / weights.sum())[:, None]
    basis = np.empty((len(design), 0))
    for place in range(design.shape[1]):
        rest = scaled[:, place] - basis @ (basis.T @ scaled[:, place])
        size = np.linalg.norm(rest)
        usable[place] = size > _DEPENDENT
        if usable[place]:
            basis = np.column_stack([basis, rest / size])
    return usable
