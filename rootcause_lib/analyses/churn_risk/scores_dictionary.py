"""The frames on risk scores."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.churn_risk import score_frames, score_list, score_profit
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "scores": Frame(
            "One customer of those most at risk at the end of the data, as many as `customer_list` asks for.",
            score_list.SCORES_COLUMNS,
        ),
        "validation": Frame(
            "How well scores learnt from earlier weeks did on later ones: one measure of one model.",
            score_frames.VALIDATION_COLUMNS,
        ),
        "calibration": Frame(
            "Customers of about the same risk: how many were to leave, and how many did.",
            score_frames.CALIBRATION_COLUMNS,
        ),
        "lift": Frame("Leavers among the given share of customers, those most at risk.", score_frames.LIFT_COLUMNS),
        "profit_curve": Frame(
            "What asking the given share of today's customers, those most at risk, to stay would earn.",
            score_profit.PROFIT_COLUMNS,
        ),
        "score_drivers": Frame(
            "One level of one feature: odds of giving notice against the feature's commonest level, all else alike.",
            score_frames.DRIVER_COLUMNS,
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "accepted_share": "Share of those about to leave who are taken to accept an offer to stay, 0-1.",
        "against": "The feature's commonest level, as feature=level.",
        "best": "Whether no other share shown earns more.",
        "bin": "From 1, of lowest risk.",
        "captured_high": "Upper limit of `captured_share`.",
        "captured_low": "Lower limit of `captured_share`.",
        "captured_share": "Share of all leavers who are among these customers, 0-1.",
        "contact_cost": "What asking one customer costs, in the engagement's currency.",
        "snapshots_share": "Share of snapshots at this level, 0-1.",
        "driver": "A feature and its level, as feature=level.",
        "drivers": "Up to three levels that put the risk above the average one, strongest first, joined by ;.",
        "learnt_events": "Leavers among the snapshots that were learnt from.",
        "customer_id": "The customer's pseudonym.",
        "margins_unknown": "Today's customers whose margin is not known; they are in no sum of money.",
        "model": "logit (penalised) or boosting (boosted trees).",
        "monthly_margin": "Margin per month, in the engagement's currency.",
        "offer_cost": "What an offer to stay costs where it is taken, in the engagement's currency.",
        "place": "From 1, the highest risk.",
        "predicted": "Mean predicted chance of giving notice within the horizon, 0-1.",
        "profit": "Margin kept less what asking and offers cost, over today's customers, in the engagement's currency.",
        "risk": "Chance of giving notice within the horizon, which begins two weeks after the data end, 0-1.",
        "share_contacted": "Share of customers asked, highest risk first, 0-1.",
        "snapshots": "Customers as they stood at the beginning of a week; one may be there at several.",
        "value_at_stake": "Risk times the margin that staying would bring, discounted; empty: margin unknown.",
        "value_of_staying": "Mean discounted margin of a customer who stays, in the engagement's currency.",
    }
)
"""Columns that no other analysis has."""
