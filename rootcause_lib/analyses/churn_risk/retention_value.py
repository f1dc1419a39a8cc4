"""What customers are worth while they stay, and what keeping one point more of them would be.

A customer's value is the margin still to come: chance of still being there x margin, later years discounted, up to the
engagement's horizon. Whoever has stayed long leaves less (`statistics.retention`), so the chance depends on how long
each has been there. Nobody's margin is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.retention_counts import NO_SEGMENT, Group
from rootcause_lib.grades import Grading, spread_letters, width_letters
from rootcause_lib.statistics.intervals import Floats, floats, poisson_exact, student_critical
from rootcause_lib.statistics.ratios import rate_from_sums
from rootcause_lib.statistics.retention import METHOD, RetentionFit, fit_retention, limits
from rootcause_lib.vocabulary import ALL

VALUE_COLUMNS = (
    "segment", "measure", "counted_in", "value", "low", "high", "level", "denominator", "unobserved", "customers",
    "events", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

YEAR_WEEKS = 365.25 / 7
A_POINT = 0.01
CONSTANT = "constant_hazard"
"""Where it is not known how long customers have been there."""

_MOST_UNDATED = 0.5


@dataclass(frozen=True, slots=True)
class Valued:
    """A number with its limits, what it is over and how it was found."""

    value: float
    low: float
    high: float
    denominator: float
    unobserved: float
    method: str


@dataclass(frozen=True, slots=True)
class Base:
    """The customers of a group that are here, by weeks stayed, and the fit of how they leave.

    here: how many; margin: their margins a month, summed; both by `stayed`. unobserved: those here of whom the margin,
    or how long they have been here, is not known.
    """

    group: Group
    fit: RetentionFit
    stayed: Floats
    here: Floats
    margin: Floats
    unobserved: float
    method: str

    @property
    def valued(self) -> float:
        """Customers here whose value can be told."""
        return float(self.here.sum())


def retention_value(asked: Asked, counted: tuple[Group, ...]) -> pd.DataFrame:
    """By segment: yearly retention, margin, value of a customer and of all, and of one point; `VALUE_COLUMNS`.

    Everybody first, whose sums are those of the segments, each with a fit of its own. What winning customers costs
    instead stands with everybody. Has `leavers` beside.
    """
    rows = [row for group in counted for row in _kept(asked, group)]
    parts = [_base(group) for group in counted[1:] if group.sums.weight > 0]
    if any(base.valued for base in parts):
        rows += list(_money(asked, ALL, counted[0], parts))
        for base in parts:
            if base.group.segment != NO_SEGMENT:
                rows += list(_money(asked, base.group.segment, base.group, [base]))
    if not rows:
        return pd.DataFrame(columns=[*VALUE_COLUMNS, "leavers"])
    order = {group.segment: place for place, group in enumerate(counted)}
    table = pd.DataFrame(rows).assign(level=asked.level)
    table = table.sort_values("segment", key=lambda names: names.map(order), kind="stable").reset_index(drop=True)
    return _graded(asked, table)


def _graded(asked: Asked, table: pd.DataFrame) -> pd.DataFrame:
    limits_of = asked.store.engagement.grades
    share = (table["counted_in"] == "share").to_numpy()
    widths = width_letters((table["high"] - table["low"]) / 2, limits_of)
    grading = Grading(limits_of, len(table))
    grading.precision(np.where(share, widths, spread_letters(table["low"], table["high"], limits_of)))
    grading.customers(table["customers"]).events(table["events"].where(table["measure"] != "monthly_margin"))
    grading.unobserved(table["unobserved"] / (table["denominator"] + table["unobserved"]), reason="low_response")
    # What one point would bring takes it that those kept leave like the others from then on.
    grading.capped("B", where=table["measure"].isin(_SUPPOSED), reason="proxy")
    grading.capped("B", where=not asked.clock.notice_known, reason="notice_unknown")
    return pd.concat([table, grading.result()], axis=1)[[*VALUE_COLUMNS, "leavers"]]


_SUPPOSED = ("point_value", "point_value_per_customer", "replacement_cost")


def _kept(asked: Asked, group: Group) -> Iterator[dict[str, object]]:
    """The share still there after a year at the pace of the weeks judged, and the margin of those here."""
    if group.segment == NO_SEGMENT or not group.sums.weight > 0:
        return
    rate = rate_from_sums(group.sums, level=asked.level)
    kept = [float(np.exp(-YEAR_WEEKS * float(one))) for one in (rate.value, rate.high, rate.low)]
    told = Valued(kept[0], kept[1], kept[2], float(group.sums.weight), 0.0, str(rate.method))
    yield _row(group, "yearly_retention", "share", told)
    margin = _mean_margin(group, asked.level)
    if margin is not None:
        yield _row(group, "monthly_margin", "money", margin)


def _mean_margin(group: Group, level: float) -> Valued | None:
    every = group.by_week.sum() + group.undated.reindex(group.by_week.columns, fill_value=0.0)
    known, total = float(every["with_margin"]), float(every["margin"])
    if not known > 0:
        return None
    mean = total / known
    spread = max(float(every["margin_squares"]) / known - mean**2, 0.0) / max(known - 1, 1)
    half = float(student_critical(level, degrees=max(known - 1, 1))) * np.sqrt(spread) if known > 1 else np.nan
    return Valued(mean, mean - half, mean + half, known, float(every["here"]) - known, "student_mean")


def _base(group: Group) -> Base:
    """Those here and how their group leaves: by weeks stayed, or at one pace where these are mostly not known."""
    undated = float(group.undated["ended"])
    if undated > _MOST_UNDATED * (group.spells + undated):
        fit = fit_retention([1], group.sums.weight.reshape(1), group.sums.value.reshape(1))
        every = group.by_week.drop(columns="stayed").sum() + group.undated
        here, method = every.to_frame().T.assign(stayed=0.0), CONSTANT
    else:
        weeks, there, left = group.at_risk()
        fit = fit_retention(weeks + 1, there, left)
        here, method = group.by_week, METHOD
    known = here[here["with_margin"] > 0]
    whole = float(group.by_week["here"].sum() + group.undated["here"])
    unobserved = whole - float(known["with_margin"].sum())
    stayed, valued, margin = (floats(known[name]) for name in ("stayed", "with_margin", "margin"))
    return Base(group, fit, stayed, valued, margin, unobserved, method)


def _money(asked: Asked, segment: str, group: Group, bases: list[Base]) -> Iterator[dict[str, object]]:
    """What those here are worth, each and together, and what one point more kept a year would add."""
    told = [base for base in bases if base.valued]
    here = sum(base.valued for base in told)
    if not here:
        return
    unobserved = sum(base.unobserved for base in bases)
    method = METHOD if any(base.method == METHOD for base in told) else CONSTANT
    measures: dict[str, Callable[[Base, RetentionFit], float]] = {
        "base_value": lambda base, fit: _worth(asked, base, fit),
        "point_value": lambda base, fit: _worth(asked, base, fit, factor=_one_point(base)) - _worth(asked, base, fit),
    }
    for measure, each in (("base_value", "customer_value"), ("point_value", "point_value_per_customer")):
        # Where nobody leaves there is no point left to be kept.
        able = told if measure == "base_value" else [base for base in told if np.isfinite(_one_point(base))]
        if not able:
            continue
        whole = _summed(asked, able, measures[measure])
        for name, over in ((each, here), (measure, 1.0)):
            value, low, high = (one / over for one in whole)
            yield _row(group, name, "money", Valued(value, low, high, here, unobserved, method), segment)
    if segment == ALL and asked.store.engagement.costs.acquisition_per_customer is not None:
        yield from _acquisition(asked, group, told, Valued(0, 0, 0, here, unobserved, method))


def _acquisition(asked: Asked, group: Group, told: list[Base], of: Valued) -> Iterator[dict[str, object]]:
    """A customer just won against what winning one costs, and one point kept against winning as many."""
    cost = float(asked.store.engagement.costs.acquisition_per_customer or 0.0)
    whole = _summed(asked, told, lambda base, fit: _worth(asked, base, fit, stayed=np.zeros(len(base.stayed))))
    value, low, high = (one / of.denominator for one in whole)
    new = Valued(value, low, high, of.denominator, of.unobserved, of.method)
    yield _row(group, "new_customer_value", "money", new)
    if cost > 0:
        ratio = Valued(value / cost, low / cost, high / cost, of.denominator, of.unobserved, of.method)
        yield _row(group, "value_over_acquisition", "ratio", ratio)
    here = float(group.by_week["here"].sum() + group.undated["here"])
    replaced = A_POINT * here * cost
    given = Valued(replaced, replaced, replaced, here, 0.0, "as_given")
    yield _row(group, "replacement_cost", "money", given)


def _worth(asked: Asked, base: Base, fit: RetentionFit, *, stayed: Floats | None = None, factor: float = 1.0) -> float:
    """Margin still to come of those here; `stayed`: as if they had stayed so long."""
    costs = asked.store.engagement.costs
    periods = max(round(costs.horizon_years * YEAR_WEEKS), 1)
    weekly = (1 + costs.discount_rate) ** (1 / YEAR_WEEKS) - 1
    weeks = fit.stay(base.stayed if stayed is None else stayed, periods=periods, discount=weekly, factor=factor)
    return float((base.margin * 12 / YEAR_WEEKS * weeks).sum())


def _one_point(base: Base) -> float:
    """What the pace of leaving would be multiplied by for one point more kept a year; NaN where no point is left."""
    kept = float(np.exp(-YEAR_WEEKS * base.group.events / float(base.group.sums.weight)))
    return float(np.log(kept + A_POINT) / np.log(kept)) if 0 < kept < 1 - A_POINT else float("nan")


def _summed(
    asked: Asked, bases: list[Base], measure: Callable[[Base, RetentionFit], float]
) -> tuple[float, float, float]:
    """A sum over groups with limits; groups leave independently of each other."""
    found = [(measure(base, base.fit), *_limits(asked, base, measure)) for base in bases]
    value = sum(one for one, _low, _high in found)
    down = np.sqrt(sum((one - low) ** 2 for one, low, _high in found))
    up = np.sqrt(sum((high - one) ** 2 for one, _low, high in found))
    return value, float(value - down), float(value + up)


def _limits(asked: Asked, base: Base, measure: Callable[[Base, RetentionFit], float]) -> tuple[float, float]:
    if base.group.events > 0:
        found = limits(base.fit, lambda fit: measure(base, fit), design_effect=base.group.effect, level=asked.level)
        return float(found.low), float(found.high)
    # Nobody left: as many may leave as chance would hide.
    most = float(poisson_exact(0.0, float(base.group.sums.weight), level=asked.level).high)
    ends = (measure(base, RetentionFit(risk, 0.0, base.fit.covariance, 0.0)) for risk in (0.0, min(most, 1.0)))
    low, high = sorted(ends)
    return low, high


def _row(group: Group, measure: str, unit: str, told: Valued, segment: str | None = None) -> dict[str, object]:
    return {
        "segment": segment or group.segment, "measure": measure, "counted_in": unit, "value": told.value,
        "low": told.low,
        "high": told.high, "denominator": told.denominator, "unobserved": told.unobserved,
        "customers": group.customers, "events": group.events, "method": told.method, "claim": "descriptive",
        "leavers": group.leavers,
    }  # fmt: skip
