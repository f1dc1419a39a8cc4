"""Today's customers: how likely each is to give notice, what goes with that, and what is at stake.

Customers leave the engine a part at a time and only as many rows stay as are asked for, by pseudonym.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.score_frames import counted, graded
from rootcause_lib.analyses.churn_risk.score_models import Learnt, measured, without_refused
from rootcause_lib.analyses.churn_risk.score_snapshots import Plan, Snapshots, snapshots
from rootcause_lib.grades import width_letters
from rootcause_lib.journeys import constant_rows
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.intervals import Floats, normal_critical
from rootcause_lib.statistics.profit import months_worth
from rootcause_lib.statistics.risk_models import PenalisedLogit

SCORES_COLUMNS = (
    "place", "customer_id", "risk", "low", "high", "value_at_stake", "monthly_margin", "drivers", "segment", "level",
    "customers", "snapshots", "events", "unobserved", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

MOST_DRIVERS = 3
LEAST_PUSH = 0.1
"""What a feature must add to the log-odds, beyond the average customer's, to be named."""


@dataclass(frozen=True, slots=True)
class Today:
    """Customers still there at the end of the data.

    leavers: how many of them are expected to give notice within the horizon, with limits from how predictions held;
    at_stake: their value, of those whose margin is known; mean_value: of one who stays. listed: those most at risk.
    """

    customers: float
    known_margins: float
    leavers: tuple[float, float, float]
    at_stake: tuple[float, float, float]
    mean_value: float
    listed: pd.DataFrame


def today(asked: Asked, found: Learnt) -> Today:
    """Everybody where a list is asked for, else a part drawn by hashed ids that stands for all."""
    first = _scored(asked, found, remainder=0, divisor=1) if _few(found.plan) else None
    divisor = 1 if first is not None else found.plan.divisor
    parts = [first] if first is not None else [_scored(asked, found, remainder=0, divisor=divisor)]
    if asked.customer_list and divisor > 1:
        parts += [_scored(asked, found, remainder=rest, divisor=divisor) for rest in range(1, divisor)]
    every = pd.concat([_summed(part) for part in parts], ignore_index=True).sum()
    factor = float(divisor) / len(parts)
    listed = pd.concat([_top(part, asked.customer_list) for part in parts], ignore_index=True)
    listed = _top(listed, asked.customer_list)
    limits = _off(found)
    known = float(every["known"])
    return Today(
        customers=float(every["customers"]) * factor,
        known_margins=known * factor,
        leavers=_spread(float(every["risk"]) * factor, limits),
        at_stake=_spread(float(every["at_stake"]) * factor if known else float("nan"), limits),
        mean_value=float(every["value"]) / known if known else float("nan"),
        listed=_named(asked, listed),
    )


def nobody(asked: Asked) -> pd.DataFrame:
    """The frame of scores where there are none; asks the engine for nobody's pseudonym."""
    _named(asked, pd.DataFrame({"customer_key": pd.Series(dtype="int64")}))
    return pd.DataFrame(columns=list(SCORES_COLUMNS))


def scores_frame(asked: Asked, found: Learnt, now: Today) -> pd.DataFrame:
    """The customers most at risk, as many as were asked for."""
    if now.listed.empty:
        return pd.DataFrame(columns=list(SCORES_COLUMNS))
    place = np.arange(1, len(now.listed) + 1)
    table = counted(asked, now.listed.assign(place=place, method=f"scored_{found.final.name}"), found)
    letters = width_letters((table["high"] - table["low"]) / 2, asked.store.engagement.grades)
    return graded(asked, found, table, letters, claim="descriptive")[list(SCORES_COLUMNS)]


def _few(plan: Plan) -> bool:
    return plan.divisor == 1


def _scored(asked: Asked, found: Learnt, *, remainder: int, divisor: int) -> pd.DataFrame:
    """One row per customer with risk, limits, value, margin, segment and what goes with the risk."""
    given = snapshots(asked, found.plan, (found.plan.now,), remainder=remainder, divisor=divisor)
    given = without_refused(given, found)
    # A customer of several spells is there in the last one.
    last = ~given.rows.duplicated("customer_key", keep="last")
    given = Snapshots(given.features[last].reset_index(drop=True), given.rows[last].reset_index(drop=True))
    risk = found.final.predict(given.features)
    low, high = _limits(asked, found, given, risk)
    costs = asked.store.engagement.costs
    pace = found.sizes.paces(given.rows["segment"].astype("object"))
    months = months_worth(weekly_hazard=pace, yearly_discount=costs.discount_rate, years=costs.horizon_years)
    margin = given.rows["monthly_margin"].astype("float64")
    return pd.DataFrame(
        {
            "customer_key": given.rows["customer_key"], "segment": given.rows["segment"].astype("object"),
            "risk": risk, "low": low, "high": high, "monthly_margin": margin, "value": margin * months,
            "value_at_stake": margin * months * risk, "drivers": _drivers(found, given),
        }
    )  # fmt: skip


def _summed(part: pd.DataFrame) -> pd.DataFrame:
    """Sums over a part's customers; those without a margin add to no money."""
    return pd.DataFrame(
        {
            "customers": [float(len(part))], "risk": [part["risk"].sum()],
            "known": [float(part["value"].notna().sum())], "value": [part["value"].sum()],
            "at_stake": [part["value_at_stake"].sum()],
        }
    )  # fmt: skip


def _top(part: pd.DataFrame, most: int) -> pd.DataFrame:
    return part.sort_values(["risk", "customer_key"], ascending=[False, True], kind="stable").head(most)


def _limits(asked: Asked, found: Learnt, given: Snapshots, risk: Floats) -> tuple[Floats, Floats]:
    """Limits of each risk from the logit's covariance; unknown for other models."""
    if not isinstance(found.final, PenalisedLogit):
        unknown = np.full(len(risk), np.nan)
        return unknown, unknown
    made = np.column_stack([np.ones(len(risk)), found.logit.design.coded(given.features)])
    error = np.sqrt(np.maximum(((made @ found.logit.covariance) * made).sum(axis=1), 0.0))
    odds, reach = np.log(risk / (1 - risk)), normal_critical(asked.level) * error
    return 1 / (1 + np.exp(reach - odds)), 1 / (1 + np.exp(-odds - reach))


def _drivers(found: Learnt, given: Snapshots) -> list[str]:
    """The features that raise a customer's risk most, `feature=value`, the strongest first; the logit's."""
    design = found.logit.design
    pushes = found.logit.pushes(given.features, mean=_mean(found))
    order = np.argsort(-pushes, axis=1, kind="stable")[:, :MOST_DRIVERS]
    values = given.features[list(design.features)].to_numpy(dtype=object)
    told = []
    for row, places in enumerate(order):
        named = [place for place in places if pushes[row, place] >= LEAST_PUSH]
        told.append(";".join(f"{design.features[place]}={values[row, place]}" for place in named))
    return told


def _mean(found: Learnt) -> Floats:
    design = found.logit.design
    features = pd.concat([found.train.features, found.test.features], ignore_index=True)
    return np.asarray(design.coded(features).mean(axis=0))


def _off(found: Learnt) -> tuple[float, float]:
    """How far predictions may be off as a whole: the limits of leavers over predicted leavers, about 1."""
    value, low, high = measured(found.chosen, "observed_expected")
    return (low / value, high / value) if value > 0 else (float("nan"), float("nan"))


def _spread(value: float, limits: tuple[float, float]) -> tuple[float, float, float]:
    return value, value * limits[0], value * limits[1]


def _named(asked: Asked, listed: pd.DataFrame) -> pd.DataFrame:
    """Pseudonyms in place of keys."""
    rows: list[Mapping[str, Value]] = [{"customer_key": int(key)} for key in listed["customer_key"]]
    asked.store.engine.materialise("listed_customers", constant_rows("listed_customers", rows))
    ids = asked.store.engine.run(statement("listed_ids"))
    by_key: dict[Any, Any] = dict(zip(ids["customer_key"], ids["customer_id"].astype("object"), strict=True))
    return (
        listed.assign(customer_id=listed["customer_key"].map(by_key))
        .drop(columns="customer_key")
        .reset_index(drop=True)
    )
