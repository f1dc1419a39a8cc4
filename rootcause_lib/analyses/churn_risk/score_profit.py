"""What asking those most at risk to stay would earn, by how many are asked; what is at stake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.score_frames import counted, graded, shares_shown
from rootcause_lib.analyses.churn_risk.score_list import Today
from rootcause_lib.analyses.churn_risk.score_models import Learnt
from rootcause_lib.grades import capped, spread_letters
from rootcause_lib.statistics.discrimination import Judged, captured, percentiles, resampled
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.profit import (
    ACCEPTED_ALPHA,
    ACCEPTED_BETA,
    Campaign,
    ExpectedProfit,
    expected_maximum_profit,
)

PROFIT_COLUMNS = (
    "model", "share_contacted", "profit", "low", "high", "best", "level", "customers", "snapshots", "events",
    "unobserved", "margins_unknown", "value_of_staying", "offer_cost", "contact_cost", "accepted_share", "basis",
    "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

ASSUMED_OFFER, ASSUMED_CONTACT = 0.05, 0.005
"""Parts of a customer's value that the offer and the contact cost in the study the measure comes from."""


@dataclass(frozen=True, slots=True)
class Earned:
    """The curve, what the campaign is taken to be, and the expected maximum profit per customer with its limits."""

    frame: pd.DataFrame
    campaign: Campaign | None
    expected: ExpectedProfit
    low: float
    high: float


def profit_curve(asked: Asked, found: Learnt, today: Today) -> Earned:
    """Profit over today's customers; no rows where no margin is known."""
    campaign, basis = _campaign(asked, today)
    if campaign is None:
        nothing = ExpectedProfit(float("nan"), float("nan"))
        return Earned(pd.DataFrame(columns=list(PROFIT_COLUMNS)), None, nothing, float("nan"), float("nan"))
    judged = found.chosen.judged
    shares = shares_shown(judged, fewest=asked.smallest)
    profit = _profits(judged, shares, campaign) * today.customers
    draws = today.customers * resampled(judged, lambda weights: _profits(judged, shares, campaign, weights))
    low, high = percentiles(draws, level=asked.level)
    table = pd.DataFrame({"share_contacted": shares, "profit": profit, "low": low, "high": high})
    table["best"] = table["profit"] == max(table["profit"].max(), 0.0)
    table = table.assign(
        model=found.chosen.model.name, margins_unknown=today.customers - today.known_margins,
        value_of_staying=campaign.value, offer_cost=campaign.offer, contact_cost=campaign.contact,
        accepted_share=campaign.accepted, basis=basis, method="out_of_time",
    )  # fmt: skip
    # Profit may be nothing or a loss: its precision is that of the number of leavers reached.
    reach = resampled(judged, lambda weights: captured(judged, shares, weights=weights))
    letters = spread_letters(*percentiles(reach, level=asked.level), asked.store.engagement.grades)
    frame = graded(asked, found, counted(asked, table, found), letters)
    frame = capped(frame, "C", where=basis == "assumed", reason="proxy")
    expected = expected_maximum_profit(judged.predicted, judged.left, campaign)
    again = resampled(judged, lambda weights: np.array([_expected(judged, campaign, weights)]), resamples=100)
    ends = percentiles(again, level=asked.level)
    return Earned(frame[list(PROFIT_COLUMNS)], campaign, expected, float(ends[0][0]), float(ends[1][0]))


def _profits(judged: Judged, shares: Floats, campaign: Campaign, weights: Floats | None = None) -> Floats:
    weight = np.ones_like(judged.left) if weights is None else weights
    rate = (weight * judged.left).sum() / weight.sum()
    leavers = captured(judged, shares, weights=weight) * rate
    return campaign.profit(leavers=leavers, stayers=shares - leavers)


def _expected(judged: Judged, campaign: Campaign, weights: Floats) -> float:
    return expected_maximum_profit(judged.predicted, judged.left, campaign, weights=weights).profit


def _campaign(asked: Asked, today: Today) -> tuple[Campaign | None, str]:
    """What a customer is worth and what asking costs: by the engagement, or assumed as parts of that worth."""
    value = today.mean_value
    if not value > 0:
        return None, "none"
    costs = asked.store.engagement.costs
    offer, contact = costs.retention_offer, costs.per_contact.get(asked.store.engagement.definitions.baseline_channel)
    accepted, weight = costs.retention_accepted, ACCEPTED_ALPHA + ACCEPTED_BETA
    shape = (ACCEPTED_ALPHA, ACCEPTED_BETA) if accepted is None else (weight * accepted, weight * (1 - accepted))
    known = offer is not None and contact is not None and accepted is not None
    made = Campaign(
        value, ASSUMED_OFFER * value if offer is None else float(offer),
        ASSUMED_CONTACT * value if contact is None else float(contact), *shape,
    )  # fmt: skip
    return made, "given" if known else "assumed"
