"""The knobs of a fictional client: what is true of Lumo Oy before anybody measures it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rootcause_lib.sample_client.matters import (
    BASE_RESOLUTION,
    CHANNEL_CHOICE,
    CHANNEL_EFFECT,
    CHANNELS,
    CODES,
    CONFUSED_WITH,
    MISCODED,
    REASON_MIX,
    REASONS,
    SEGMENT_TASTE,
)

Floats = NDArray[np.float64]


def _resolution() -> Mapping[str, Mapping[str, float]]:
    effects = dict(zip(CHANNELS, CHANNEL_EFFECT, strict=True))
    return {
        reason: {channel: round(min(base + effect, 0.98), 4) for channel, effect in effects.items()}
        for reason, base in zip(REASONS, BASE_RESOLUTION, strict=True)
    }


def even_resolution(share: float) -> Mapping[str, Mapping[str, float]]:
    """A resolution matrix with the same probability for every reason and channel."""
    return {reason: dict.fromkeys(CHANNELS, share) for reason in REASONS}


@dataclass(frozen=True, slots=True)
class World:
    """Every planted truth of a fictional client. Shares and probabilities are 0-1, rates are per customer and year.

    `dataclasses.replace(World(), skill_sd=0.0)` or `World(skill_sd=0.0)` plants another world.
    """

    clock: Literal["hours", "continuous"] = "hours"
    """hours: opening hours, weekdays, season; continuous: every second alike, so closed forms are exact."""
    burn_in_days: int = 45

    cases_per_year: float = 2.4
    """Cases a customer opens by chance, apart from upstream failures."""
    frailty_variance: float = 0.5
    """Variance of customers' own rates around their mean (gamma)."""
    segment_shares: tuple[float, ...] = (0.58, 0.14, 0.20, 0.08)
    segment_rates: tuple[float, ...] = (1.0, 0.9, 1.05, 1.5)
    joiners_per_year: float = 0.12

    reason_mix: tuple[float, ...] = REASON_MIX
    resolution: Mapping[str, Mapping[str, float]] = field(default_factory=_resolution)
    """Probability that one contact settles the matter, by true reason and channel."""
    skill_sd: float = 0.04
    """Spread of agents' resolution around the matrix, on the probability scale, cut at two spreads."""
    comes_back: float = 0.8
    """Probability that an unresolved customer comes back at all; the rest stay silent."""
    delay_median_days: float = 3.0
    delay_sigma: float = 0.9
    """Log-normal delay from the end of the contact to the next one."""
    quick_switch: float = 0.25
    """Of the come-backs after chat and self-service: within minutes, by phone (a failed chat followed by a call)."""
    longest_chain: int = 6

    invoices_per_year: int = 4
    invoice_ratio: float = 1.6
    """Rate ratio of contacts in the seven days after a right invoice."""
    billing_error_share: float = 0.10
    billing_ratios: tuple[float, float] = (15.0, 5.0)
    """Days [0,7) and [7,21) after a wrong invoice."""
    deliveries_per_year: float = 0.5
    late_share: float = 0.4
    days_late_mean: float = 8.0
    delivery_ratios: tuple[float, float, float, float] = (5.0, 10.0, 16.0, 22.0)
    """Days overdue [1,3) [3,7) [7,14) [14,..) while not delivered."""
    outages_per_year: float = 10.0
    outage_reach: float = 0.4
    """Share of a region's customers one outage hits."""
    outage_ratios: tuple[float, float] = (40.0, 6.0)
    """Days [0,1) and [1,3) after an outage began."""
    claim_share: float = 0.8
    """Share of claim contacts that open a claim."""
    claim_ratio: float = 6.0
    """Days [0,28) after a claim was opened."""
    fix_day: int | None = 222
    """Days from the start to the fix of billing; None: no fix."""
    fix_effect: float = 0.5
    """Share of billing errors the fix removes."""

    leaving_per_year: float = 0.14
    leaving_not_by_choice_per_year: float = 0.015
    moved_within_share: float = 0.05
    contact_hazard_resolved: float = 1.0
    contact_hazard_unresolved: float = 1.6
    """Hazard ratio in the eight weeks after a week with a contact; an unresolved one outweighs resolved ones."""
    contact_hazard_three_or_more: float = 1.0
    contact_effect_weeks: int = 8
    problem_hazards: Mapping[str, float] = field(
        default_factory=lambda: {"billing": 1.5, "delivery": 1.3, "outage": 1.0, "claim": 1.3}
    )
    problem_effect_weeks: int = 12
    frailty_hazard: float = 0.0
    """Exponent of the customer's own contact rate in the leaving hazard: an unmeasured common cause."""
    longest_notice_days: int = 42
    calls_to_cancel: float = 0.75

    miscoded: tuple[float, ...] = MISCODED
    """Share of agents' codes that are wrong, by true reason."""
    miscoding_spread: float = 0.6
    """An agent's miscoding is the share times a factor within 1 +- this."""
    coder_accuracy: float = 0.85
    audit_size: int = 400
    audit_coded_twice: int = 120

    transfer_share: float = 0.10
    """Of calls and chats."""
    transfers_as_legs: float = 0.5
    conversation_id_share: float = 0.5
    abandoned_share: float = 0.06
    """Of answered calls: one abandoned attempt minutes before."""
    callback_share: float = 0.04
    internal_share: float = 0.005
    unidentified: Mapping[str, float] = field(
        default_factory=lambda: {
            "phone": 0.06,
            "email": 0.04,
            "chat": 0.05,
            "self_service": 0.0,
            "social": 0.15,
            "store": 0.10,
        }
    )
    orphan_share: float = 0.003
    """Contacts whose customer is not in the customer list."""
    shared_id_days: int = 10
    """Days a year on which many people call under one customer number; fewer below 2,500 customers."""
    shared_id_contacts_per_day: int = 30

    flag_share: float = 0.7
    """Agents' contacts that carry the client's own resolved flag."""
    flag_optimism: float = 0.25
    """Unresolved contacts flagged resolved."""
    flag_pessimism: float = 0.02
    agents_leaving_per_year: float = 0.35
    asked_share: float = 0.5
    answers_resolved: float = 0.22
    answers_unresolved: float = 0.32
    """Probability of answering a survey, by whether the matter was settled: non-response that biases."""
    visit_before_call: float = 0.55
    text_share: float = 0.06

    @classmethod
    def plain(cls) -> World:
        """Chance cases and their come-backs only, on a continuous clock: no upstream failures, no leaving, no
        heterogeneity, every contact identified and one row each, codes right. Closed forms are exact here."""
        return (
            cls(
                clock="continuous",
                frailty_variance=0.0,
                segment_rates=(1.0, 1.0, 1.0, 1.0),
                joiners_per_year=0.0,
                skill_sd=0.0,
                quick_switch=0.0,
                text_share=0.0,
                shared_id_days=0,
                orphan_share=0.0,
                unidentified=dict.fromkeys(CHANNELS, 0.0),
                miscoded=(0.0,) * len(REASONS),
                transfer_share=0.0,
                abandoned_share=0.0,
                callback_share=0.0,
                internal_share=0.0,
            )
            .without_upstream()
            .without_leaving()
        )

    def without_upstream(self) -> World:
        """The same world where nothing fails upstream."""
        return dataclasses.replace(
            self, invoices_per_year=0, deliveries_per_year=0.0, outages_per_year=0.0, claim_share=0.0, fix_day=None
        )

    def without_leaving(self) -> World:
        """The same world where nobody leaves."""
        return dataclasses.replace(self, leaving_per_year=0.0, leaving_not_by_choice_per_year=0.0)

    def without_contact_effect(self) -> World:
        """The same world where contacts do nothing to leaving (problems and calls to cancel stay)."""
        return dataclasses.replace(
            self, contact_hazard_resolved=1.0, contact_hazard_unresolved=1.0, contact_hazard_three_or_more=1.0
        )


LUMO = World()
"""The world of the shipped sample: everything happens that happens to real clients."""


def resolution_matrix(world: World) -> Floats:
    """Resolution probabilities as reasons x channels."""
    return np.array([[world.resolution[reason][channel] for channel in CHANNELS] for reason in REASONS])


def confusion_matrix(world: World) -> Floats:
    """P(code | true reason) over agents' codes, as reasons x codes; rows sum to 1."""
    matrix = np.zeros((len(REASONS), len(CODES)))
    for row, (reason, share) in enumerate(zip(REASONS, world.miscoded, strict=True)):
        matrix[row, row] = 1 - share
        for code, weight in CONFUSED_WITH[reason].items():
            matrix[row, CODES.index(code)] += share * weight
    return matrix


def channel_choice() -> Floats:
    """P(channel | segment, reason) of a case's opening contact, as segments x reasons x channels."""
    weights = np.array(SEGMENT_TASTE)[:, None, :] * np.array(CHANNEL_CHOICE)[None, :, :]
    return np.asarray(weights / weights.sum(axis=2, keepdims=True))
