"""What offering a reason to stay to those most at risk earns, by how many of them are offered it.

Verbraken, Verbeke and Baesens 2013, IEEE Trans. Knowledge and Data Engineering 25: 961. Everybody chosen costs a
contact. Who would have left takes the offer with some probability, and then stays and is worth `value` less the offer;
who would have stayed takes the offer and was worth that anyhow. How often the offer is taken nobody knows beforehand:
the expected maximum profit weighs the best choice for every probability by how likely it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootcause_lib.errors import ParameterError
from rootcause_lib.statistics.intervals import Floats, Numbers, floats

ACCEPTED_ALPHA, ACCEPTED_BETA = 6.0, 14.0
"""How often who would leave takes the offer: Beta(6, 14), three in ten on average (Verbraken et al., section 5)."""

MONTHS_PER_WEEK = 12 / 52.1775
WORTH_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Campaign:
    """Money per customer: what staying is worth, what the offer costs where it is taken, and what asking costs."""

    value: float
    offer: float
    contact: float
    alpha: float = ACCEPTED_ALPHA
    beta: float = ACCEPTED_BETA

    def __post_init__(self) -> None:
        if not (self.value > 0 and self.offer >= 0 and self.contact >= 0 and self.alpha > 0 and self.beta > 0):
            raise ParameterError("A campaign needs a value above 0, costs of 0 or more, and positive shape parameters.")

    @property
    def accepted(self) -> float:
        """The mean probability that who would leave takes the offer."""
        return self.alpha / (self.alpha + self.beta)

    def profit(self, *, leavers: Numbers, stayers: Numbers, accepted: Numbers | None = None) -> Floats:
        """Profit per customer there is, where so many leavers and stayers, as shares of all customers, are chosen."""
        taken = floats(self.accepted if accepted is None else accepted)
        gained = taken * (self.value - self.offer) - self.contact
        return np.asarray(gained * floats(leavers) - (self.offer + self.contact) * floats(stayers))


@dataclass(frozen=True, slots=True)
class ExpectedProfit:
    """The expected maximum profit per customer there is, and the share of customers chosen on average to reach it."""

    profit: float
    share: float


def reached(scores: Numbers, left: Numbers, *, weights: Numbers | None = None) -> tuple[Floats, Floats]:
    """Leavers and stayers among the highest scores, as shares of all, one entry per distinct score and 0 first."""
    score, happened = floats(scores), floats(left)
    weight = np.ones_like(score) if weights is None else floats(weights)
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.diff(score[order], append=-np.inf))
    total = weight.sum()
    leavers = np.cumsum((weight * happened)[order])[last] / total
    stayers = np.cumsum((weight * (1 - happened))[order])[last] / total
    return np.append(0.0, leavers), np.append(0.0, stayers)


def expected_maximum_profit(
    scores: Numbers, left: Numbers, campaign: Campaign, *, weights: Numbers | None = None
) -> ExpectedProfit:
    """The measure of Verbraken et al.; `left` is 1 where the customer left.

    For each probability of taking the offer the best cut is a corner of the convex hull of (stayers, leavers); between
    two corners it changes at the probability at which both earn the same.
    """
    from scipy.special import betainc

    leavers, stayers = _hull(*reached(scores, left, weights=weights))
    slope = (campaign.value - campaign.offer) * leavers
    cost = campaign.contact * leavers + (campaign.offer + campaign.contact) * stayers
    if campaign.value <= campaign.offer:
        return ExpectedProfit(0.0, 0.0)
    edges = np.clip(np.diff(cost) / np.maximum(np.diff(slope), WORTH_NOTHING), 0.0, 1.0)
    edges = np.maximum.accumulate(np.concatenate([[0.0], edges, [1.0]]))
    a, b = campaign.alpha, campaign.beta
    mass, moment = np.diff(betainc(a, b, edges)), campaign.accepted * np.diff(betainc(a + 1, b, edges))
    return ExpectedProfit(float((slope * moment - cost * mass).sum()), float(((leavers + stayers) * mass).sum()))


def months_worth(*, weekly_hazard: Numbers, yearly_discount: float, years: float) -> Floats:
    """How many of today's monthly margins a customer who stays now is worth over so many years.

    A month counts as far as the customer is still there (leaving at a constant pace) and as money later is worth less.
    """
    months = np.arange(round(12 * years))
    pace = floats(weekly_hazard)[..., None] / MONTHS_PER_WEEK
    return np.asarray((np.exp(-pace * months) * (1 + yearly_discount) ** (-months / 12)).sum(axis=-1))


def _hull(leavers: Floats, stayers: Floats) -> tuple[Floats, Floats]:
    """The corners of the upper convex hull, from nobody to everybody; steeper first."""
    kept: list[int] = []
    for place in range(len(leavers)):
        while len(kept) >= 2 and _turns_up(leavers, stayers, kept[-2], kept[-1], place):
            kept.pop()
        kept.append(place)
    return leavers[kept], stayers[kept]


def _turns_up(leavers: Floats, stayers: Floats, first: int, middle: int, last: int) -> bool:
    rise, run = leavers[middle] - leavers[first], stayers[middle] - stayers[first]
    further_rise, further_run = leavers[last] - leavers[first], stayers[last] - stayers[first]
    return bool(rise * further_run <= further_rise * run)
