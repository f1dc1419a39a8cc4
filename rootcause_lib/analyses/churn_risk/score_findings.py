"""What is said of risk scores: how well they rank, whether they keep what they promise, what is at stake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from rootcause_lib.analyses.checks import checked
from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.score_list import Today
from rootcause_lib.analyses.churn_risk.score_models import Learnt
from rootcause_lib.analyses.churn_risk.score_profit import Earned
from rootcause_lib.analyses.churn_risk.score_snapshots import EMBARGO_WEEKS
from rootcause_lib.analyses.rows import known, records
from rootcause_lib.findings import Check, Field, Finding, Quantity, QuantityKind

_AREA = "churn_scores"
_DRIVERS_SAID = 3


def scores_headline(found: Learnt, now: Today, frames: Mapping[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """How well leavers are told from others, and how many are expected."""
    validation = frames["validation"]
    return (*_ranking(found, validation), *_expected(found, now, validation))


def scores_readings(
    found: Learnt, now: Today, earned: Earned, frames: Mapping[str, pd.DataFrame]
) -> Mapping[str, tuple[Finding, ...]]:
    """What stands beside each frame."""
    validation = frames["validation"]
    listed = (Finding(f"{_AREA}.pseudonyms", {}),) if len(frames["scores"]) else (Finding(f"{_AREA}.no_list", {}),)
    return {
        "scores": (*_expected(found, now, validation), *listed),
        "validation": (*_ranking(found, validation), *_compared(found, validation)),
        "calibration": tuple(_kept(found, validation)),
        "lift": tuple(_caught(found, frames["lift"])),
        "profit_curve": tuple(_earns(earned)),
        "score_drivers": (*_said_drivers(frames["score_drivers"]), Finding(f"{_AREA}.no_cause", {})),
    }


def scores_checks(found: Learnt) -> tuple[Check, ...]:
    """Does a feature know what it can't have known, and do predictions hold?"""
    refused, flagged = ([one for one in found.suspects if one.suspicion == kind] for kind in ("refused", "flagged"))
    table = pd.DataFrame(
        [(one.feature, one.auc, one.worst, one.suspicion) for one in found.suspects],
        columns=["feature", "auc", "value", "suspicion"],
    )
    told = refused or flagged
    given: dict[str, Field] = {"features": tuple(f"{one.feature}={one.worst}" for one in told)}
    name = "known_too_late" if refused or not flagged else "suspicious_feature"
    return (checked(name, not told, given, table=table if told else None),)


def scores_cannot_tell(asked: Asked, now: Today, earned: Earned) -> tuple[Finding, ...]:
    """What scores leave open."""
    found = [Finding(f"{_AREA}.whom_to_save", {})]
    if earned.campaign is None:
        found.append(Finding(f"{_AREA}.no_margin", {}))
    elif now.known_margins < now.customers:
        lacking = Quantity("share", 1 - now.known_margins / now.customers, denominator=round(now.customers))
        found.append(Finding(f"{_AREA}.margins_lacking", {"lacking": lacking}))
    if not asked.clock.notice_known:
        found.append(Finding(f"{_AREA}.notice_unknown", {}))
    return tuple(found)


def _row(frame: pd.DataFrame, **where: str) -> dict[str, object] | None:
    for name, value in where.items():
        frame = frame[frame[name] == value]
    return {str(key): value for key, value in records(frame)[0].items()} if len(frame) else None


def _quantity(row: Mapping[str, object], kind: QuantityKind, *, value: str = "value") -> Quantity:
    numbers = [known(row[name]) for name in (value, "low", "high", "customers")]
    return Quantity(kind, numbers[0], numbers[1], numbers[2], numbers[3], str(row["grade"]))


def _finding(key: str, given: Mapping[str, Field], row: Mapping[str, object]) -> Finding:
    reasons = tuple(one for one in str(row["grade_reasons"]).split(";") if one)
    return Finding(f"{_AREA}.{key}", dict(given), str(row["grade"]), reasons)


def _ranking(found: Learnt, validation: pd.DataFrame) -> Iterator[Finding]:
    row = _row(validation, model=found.chosen.model.name, measure="auc")
    if row is None or known(row["value"]) is None:
        return
    low = known(row["low"])
    key = "no_better_than_guessing" if low is not None and low <= 0.5 else "ranks"
    given: dict[str, Field] = {
        "auc": _quantity(row, "share"),
        "leavers": int(found.chosen.judged.left.sum()),
        "weeks": found.plan.horizon_weeks,
    }
    yield _finding(key, given, row)


def _compared(found: Learnt, validation: pd.DataFrame) -> Iterator[Finding]:
    """The boosted trees beside the logit."""
    if len(found.validated) < 2:
        return
    rows = [_row(validation, model=each.model.name, measure="auc") for each in found.validated]
    if rows[0] is None or rows[1] is None:
        return
    yield _finding("boosting", {"logit": _quantity(rows[0], "share"), "boosting": _quantity(rows[1], "share")}, rows[1])


def _expected(found: Learnt, now: Today, validation: pd.DataFrame) -> Iterator[Finding]:
    row = _row(validation, model=found.chosen.model.name, measure="observed_expected")
    if row is None or not now.customers or not np.isfinite(now.leavers[0]):
        return
    customers = round(now.customers)
    leavers = [known(round(each, 1)) for each in now.leavers]
    given: dict[str, Field] = {
        "leavers": Quantity("count", leavers[0], leavers[1], leavers[2], customers),
        "weeks": found.plan.horizon_weeks,
        "embargo": EMBARGO_WEEKS,
    }
    if not np.isfinite(now.at_stake[0]):
        yield _finding("expected", given, row)
        return
    stake = [known(each) for each in now.at_stake]
    given["at_stake"] = Quantity("money", stake[0], stake[1], stake[2], round(now.known_margins))
    yield _finding("expected_money", given, row)


def _kept(found: Learnt, validation: pd.DataFrame) -> Iterator[Finding]:
    slope = _row(validation, model=found.chosen.model.name, measure="calibration_slope")
    ratio = _row(validation, model=found.chosen.model.name, measure="observed_expected")
    if ratio is None or known(ratio["value"]) is None:
        return
    yield _finding("level_kept", {"ratio": _quantity(ratio, "ratio")}, ratio)
    if slope is None or known(slope["value"]) is None:
        return
    low, high = known(slope["low"]) or 0.0, known(slope["high"]) or 0.0
    key = "too_extreme" if high < 1 else "too_timid" if low > 1 else "spread_kept"
    yield _finding(key, {"slope": _quantity(slope, "ratio")}, slope)


def _caught(found: Learnt, frame: pd.DataFrame) -> Iterator[Finding]:
    rows = frame[frame["share_contacted"] <= 0.2].tail(1) if len(frame) else frame
    for row in records(rows):
        named = {str(key): value for key, value in row.items()}
        caught = Quantity(
            "share", known(row["captured_share"]), known(row["captured_low"]), known(row["captured_high"]),
            float(found.chosen.judged.left.sum()),
        )  # fmt: skip
        given: dict[str, Field] = {
            "share": Quantity("share", known(row["share_contacted"]), denominator=known(row["customers"])),
            "captured": caught,
            "lift": _quantity(named, "ratio", value="lift"),
        }
        yield _finding("caught", given, named)


def _earns(earned: Earned) -> Iterator[Finding]:
    if earned.campaign is None or earned.frame.empty:
        yield Finding(f"{_AREA}.no_margin", {})
        return
    best = earned.frame[earned.frame["best"]]
    row = {str(key): value for key, value in records(best if len(best) else earned.frame)[0].items()}
    customers = known(row["customers"])
    given: dict[str, Field] = {
        "share": Quantity("share", known(row["share_contacted"]), denominator=customers),
        "profit": _quantity(row, "money", value="profit"),
        "leavers": Quantity("share", earned.campaign.accepted, denominator=customers),
    }
    yield _finding("earns" if len(best) else "earns_nothing", given, row)
    terms: dict[str, Field] = {
        name: Quantity("money", known(row[name]), denominator=customers)
        for name in ("value_of_staying", "offer_cost", "contact_cost")
    }
    yield _finding(f"terms_{row['basis']}", terms, row)
    expected = Quantity("money", 1000 * earned.expected.profit, 1000 * earned.low, 1000 * earned.high, customers)
    share = Quantity("share", earned.expected.share, denominator=customers)
    yield _finding("expected_profit", {"profit": expected, "share": share}, row)


def _said_drivers(frame: pd.DataFrame) -> Iterator[Finding]:
    """What goes with leaving most, of what is sure: whose interval leaves out 1."""
    sure = frame[(frame["low"] > 1) | (frame["high"] < 1)] if len(frame) else frame
    for row in records(sure.head(_DRIVERS_SAID)):
        named = {str(key): value for key, value in row.items()}
        given: dict[str, Field] = {
            "driver": str(row["driver"]),
            "against": str(row["against"]),
            "odds": _quantity(named, "ratio", value="odds_ratio"),
        }
        yield _finding("driver", given, named)
    if sure.empty:
        yield Finding(f"{_AREA}.no_sure_driver", {})
