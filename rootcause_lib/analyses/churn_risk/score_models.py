"""Scores learnt from earlier snapshots, judged on later ones, and what keeps them from being made at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.score_snapshots import Plan, Sizes, Snapshots, planned, snapshots
from rootcause_lib.statistics.discrimination import MEASURES, Judged, measures, percentiles, resampled
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.leakage import Alone, alone
from rootcause_lib.statistics.risk_models import PenalisedLogit, RiskModel, fit_boosting, fit_logit

FEWEST_LEAVERS = 20
"""Leavers to learn from, and half as many to judge by, without whom there are no scores."""

MODELS: Mapping[str, Callable[..., RiskModel]] = MappingProxyType({"logit": fit_logit, "boosting": fit_boosting})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there are no scores: too_short, too_few_leavers or nothing_known, and the numbers of its sentence."""

    why: str
    fields: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Validated:
    """How one model did on later snapshots; `values`, `low`, `high` in the order of MEASURES.

    cut_short: snapshots that ended otherwise than by notice before the horizon was over; they count as not leaving.
    """

    model: RiskModel
    judged: Judged
    cut_short: float
    values: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Learnt:
    """Everything behind the frames of scores.

    validated: the logit, and the boosted trees where they were asked for. chosen: which of them the scores are by.
    final: fitted on all snapshots, `logit` likewise. suspects: features that know too much; the refused are left out.
    """

    plan: Plan
    sizes: Sizes
    train: Snapshots
    test: Snapshots
    validated: tuple[Validated, ...]
    chosen: Validated
    final: RiskModel
    logit: PenalisedLogit
    suspects: tuple[Alone, ...]


def learnt(asked: Asked) -> Learnt | Refused:
    """The models, or why there are none."""
    plan, sizes = planned(asked)
    made = snapshots(asked, plan, (*plan.train, *plan.test), divisor=plan.divisor)
    if not plan.test:
        return Refused("too_short", {"weeks": asked.clock.judged_weeks, "needed": plan.weeks_needed})
    train, test = made.at(plan.train), made.at(plan.test)
    counts = [_leavers(train), _leavers(test)]
    if counts[0] < FEWEST_LEAVERS or counts[1] < FEWEST_LEAVERS / 2:
        return Refused("too_few_leavers", {"learnt": counts[0], "judged": counts[1], "needed": FEWEST_LEAVERS})
    if min(_stayers(train), _stayers(test)) < FEWEST_LEAVERS:
        return Refused("too_few_stayers", {"learnt": _stayers(train), "judged": _stayers(test)})
    judged_alone = alone(train.features, train.rows["leaves"], ever=train.rows["ends_ever"])
    suspects = tuple(one for one in judged_alone if one.suspicion != "none")
    refused = [one.feature for one in suspects if one.suspicion == "refused"]
    train, test, made = (_without(each, refused) for each in (train, test, made))
    names = ("logit",) if asked.score_model == "logit" else ("logit", asked.score_model)
    validated = tuple(_validated(asked, name, train, test) for name in names)
    logit = fit_logit(made.features, made.rows["leaves"], made.rows["customer_key"])
    if not logit.design.columns:
        return Refused("nothing_known", {"customers": float(made.rows["customer_key"].nunique())})
    final: RiskModel = logit
    if asked.score_model != "logit":
        final = MODELS[asked.score_model](made.features, made.rows["leaves"], made.rows["customer_key"])
    return Learnt(plan, sizes, train, test, validated, validated[-1], final, logit, suspects)


def _validated(asked: Asked, name: str, train: Snapshots, test: Snapshots) -> Validated:
    model = MODELS[name](train.features, train.rows["leaves"], train.rows["customer_key"])
    judged = Judged.of(model.predict(test.features), test.rows["leaves"], test.rows["customer_key"])
    draws = resampled(judged, lambda weights: measures(judged, weights=weights))
    low, high = percentiles(draws, level=asked.level)
    values = measures(judged)
    low, high = np.fmin(low, values), np.fmax(high, values)
    return Validated(model, judged, float(test.rows["cut_short"].sum()), values, low, high)


def measured(of: Validated, measure: str) -> tuple[float, float, float]:
    """One of MEASURES with its limits."""
    place = MEASURES.index(measure)
    return float(of.values[place]), float(of.low[place]), float(of.high[place])


def without_refused(given: Snapshots, found: Learnt) -> Snapshots:
    """Snapshots with the features that the models know."""
    return Snapshots(given.features[list(found.train.features.columns)], given.rows)


def _without(given: Snapshots, features: list[str]) -> Snapshots:
    return Snapshots(given.features.drop(columns=features), given.rows)


def _leavers(given: Snapshots) -> int:
    """Different customers who left."""
    return int(given.rows.loc[given.rows["leaves"].astype(bool), "customer_key"].nunique())


def _stayers(given: Snapshots) -> int:
    return int(given.rows.loc[~given.rows["leaves"].astype(bool), "customer_key"].nunique())
