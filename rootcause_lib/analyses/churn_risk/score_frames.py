"""How good scores are, in frames: measures on later snapshots, calibration, lift, and what goes with leaving."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.score_models import Learnt
from rootcause_lib.grades import Grading, spread_letters, width_letters
from rootcause_lib.statistics.discrimination import MEASURES, Judged, captured, percentiles, resampled
from rootcause_lib.statistics.intervals import normal_critical, wilson
from rootcause_lib.statistics.risk_models import drivers

_COUNTS = ("level", "customers", "snapshots", "events", "unobserved")
_TAIL = ("method", "claim", "grade", "grade_reasons")
VALIDATION_COLUMNS = ("model", "measure", "value", "low", "high", *_COUNTS, "learnt_events", *_TAIL)
CALIBRATION_COLUMNS = ("model", "bin", "predicted", "observed", "low", "high", *_COUNTS, *_TAIL)
LIFT_COLUMNS = (
    "model", "share_contacted", "lift", "low", "high", "captured_share", "captured_low", "captured_high", *_COUNTS,
    *_TAIL,
)  # fmt: skip
DRIVER_COLUMNS = (
    "driver", "against", "odds_ratio", "low", "high", "snapshots_share", *_COUNTS, *_TAIL,
)  # fmt: skip

RATIOS = ("calibration_slope", "observed_expected", "lift_10")
SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MOST_BINS = 10
LEAVERS_OF_A_BIN = 8
"""As many leavers a bin holds on average: fewer would say nothing."""

_RESTS_ON = ("customer_id", "started_at", "contact_id", "direction", "abandoned")


def validation(asked: Asked, found: Learnt) -> pd.DataFrame:
    """Every measure of every model."""
    events = float(found.train.rows["leaves"].sum())
    rows = []
    for each in found.validated:
        for place, measure in enumerate(MEASURES):
            numbers = {"value": each.values[place], "low": each.low[place], "high": each.high[place]}
            rows.append({"model": each.model.name, "measure": measure, **numbers, "learnt_events": events})
    table = counted(asked, pd.DataFrame(rows), found).assign(method="out_of_time")
    limits = asked.store.engagement.grades
    ratio = table["measure"].isin(RATIOS)
    width = width_letters((table["high"] - table["low"]) / 2, limits)
    letters = np.where(ratio, spread_letters(table["low"], table["high"], limits), width)
    return graded(asked, found, table, letters)[list(VALIDATION_COLUMNS)]


def calibration(asked: Asked, found: Learnt) -> pd.DataFrame:
    """Customers in bins of rising risk: how many were to leave, and how many did."""
    judged = found.chosen.judged
    bins = bins_of(judged, fewest=asked.smallest)
    table = pd.DataFrame({"bin": bins, "p": judged.predicted, "left": judged.left, "who": judged.customer})
    table["cut"] = found.test.rows["cut_short"].to_numpy(dtype=float)
    grouped = table.groupby("bin")
    frame = grouped.agg(
        predicted=("p", "mean"), observed=("left", "mean"), customers=("who", "nunique"), snapshots=("p", "size"),
        events=("left", "sum"), unobserved=("cut", "sum"),
    ).reset_index()  # fmt: skip
    limits = wilson(frame["events"], frame["snapshots"], level=asked.level)
    frame = frame.assign(low=limits.low, high=limits.high, level=asked.level, method="out_of_time")
    frame["model"] = found.chosen.model.name
    half = (frame["high"] - frame["low"]) / 2
    return graded(asked, found, frame, width_letters(half, asked.store.engagement.grades))[list(CALIBRATION_COLUMNS)]


def bins_of(judged: Judged, *, fewest: int) -> pd.Series:
    """The bin of each snapshot, from 1: about equally many, none of fewer than `fewest` customers, equals together."""
    wanted = int(np.clip(judged.left.sum() // LEAVERS_OF_A_BIN, 1, MOST_BINS))
    wanted = max(min(wanted, judged.customers // max(fewest, 1)), 1)
    edges = np.unique(np.quantile(judged.predicted, np.arange(1, wanted) / wanted, method="higher"))
    bins = np.searchsorted(edges, judged.predicted, side="right")
    while True:
        sizes = pd.Series(judged.customer).groupby(bins).nunique()
        small = sizes.index[sizes < fewest]
        if not len(small) or len(sizes) == 1:
            return pd.Series(pd.factorize(bins, sort=True)[0] + 1)
        place = list(sizes.index).index(small[0])
        bins = np.where(bins == small[0], sizes.index[place - 1 if place else 1], bins)


def lift(asked: Asked, found: Learnt) -> pd.DataFrame:
    """How many leavers the customers most at risk hold, share by share."""
    judged = found.chosen.judged
    shares = shares_shown(judged, fewest=asked.smallest)
    value = captured(judged, shares)
    draws = resampled(judged, lambda weights: captured(judged, shares, weights=weights))
    low, high = percentiles(draws, level=asked.level)
    low, high = np.fmin(low, value), np.fmax(high, value)
    table = pd.DataFrame(
        {"share_contacted": shares, "captured_share": value, "captured_low": low, "captured_high": high}
    )
    table = table.assign(lift=value / shares, low=low / shares, high=high / shares, model=found.chosen.model.name)
    table = counted(asked, table, found).assign(method="out_of_time")
    letters = spread_letters(table["low"], table["high"], asked.store.engagement.grades)
    return graded(asked, found, table, letters)[list(LIFT_COLUMNS)]


def shares_shown(judged: Judged, *, fewest: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Shares of customers between any two of which stand enough of them; all of them last."""
    kept = [1.0]
    for share in SHARES[-2::-1]:
        if (kept[0] - share) * judged.customers >= fewest and share * judged.customers >= fewest:
            kept.insert(0, share)
    return np.array(kept)


def score_drivers(asked: Asked, found: Learnt) -> pd.DataFrame:
    """Odds of leaving at each level against the commonest one, of the logit on all snapshots, all else alike."""
    rows = pd.concat([found.train.rows, found.test.rows], ignore_index=True)
    features = pd.concat([found.train.features, found.test.features], ignore_index=True)
    left = rows["leaves"].astype(bool)
    made = []
    for one in drivers(found.logit):
        here = features[one.feature] == one.value
        reach = normal_critical(asked.level) * one.error
        made.append(
            {
                "driver": f"{one.feature}={one.value}", "against": f"{one.feature}={one.reference}",
                "odds_ratio": np.exp(one.log_odds), "low": np.exp(one.log_odds - reach),
                "high": np.exp(one.log_odds + reach), "snapshots_share": float(here.mean()),
                "customers": float(rows.loc[here, "customer_key"].nunique()), "snapshots": float(here.sum()),
                "events": float((here & left).sum()), "unobserved": float(rows.loc[here, "cut_short"].sum()),
            }
        )  # fmt: skip
    table = pd.DataFrame(made).assign(level=asked.level, method="ridge_logit")
    table = table[table["customers"] >= asked.smallest].reset_index(drop=True)
    away = -np.log(table["odds_ratio"]).abs().round(12)
    table = table.iloc[np.lexsort([table["driver"], away])].reset_index(drop=True)
    letters = spread_letters(table["low"], table["high"], asked.store.engagement.grades)
    return graded(asked, found, table, letters, claim="association")[list(DRIVER_COLUMNS)]


def graded(
    asked: Asked, found: Learnt, table: pd.DataFrame, letters: Any, *, claim: str = "descriptive"
) -> pd.DataFrame:
    """A frame of scores with its grades: how precise, on how many leavers, how well customers are known."""
    store, limits = asked.store, asked.store.engagement.grades
    grading = Grading(limits, len(table)).precision(letters).customers(table["customers"])
    events = table["events"] if claim == "association" else found.chosen.judged.left.sum()
    grading.events(events).unobserved(table["unobserved"] / table["snapshots"])
    # Who is not known by the contacts looks calmer than they are.
    grading.identified(store.identified_share)
    if len(table):
        flagged = any(one.suspicion == "flagged" for one in found.suspects)
        grading.capped("C", where=flagged, reason="check_failed")
        grading.capped("C", where=store.is_guessed(_RESTS_ON), reason="guessed_mapping")
        grading.capped("D", where=not asked.clock.notice_known, reason="notice_unknown")
    return pd.concat([table.assign(claim=claim), grading.result()], axis=1)


def counted(asked: Asked, table: pd.DataFrame, found: Learnt) -> pd.DataFrame:
    """A frame with what all its rows were judged on."""
    judged = found.chosen.judged
    return table.assign(
        level=asked.level, customers=float(judged.customers), snapshots=float(len(judged.left)),
        events=float(judged.left.sum()), unobserved=found.chosen.cut_short,
    )  # fmt: skip
