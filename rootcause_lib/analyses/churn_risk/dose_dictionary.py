"""The frames on kinds of contacts, on problems, and on how far they are to be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.churn_risk.dose import DOSE_COLUMNS, PROBLEM_COLUMNS
from rootcause_lib.analyses.churn_risk.guards import PLACEBO_COLUMNS
from rootcause_lib.analyses.churn_risk.trust import SENSITIVITY_COLUMNS
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "dose": Frame(
            "Weeks after contacts of one kind against weeks without (`split` says which kinds are told apart; of "
            "channel and reason against weeks without that kind).",
            DOSE_COLUMNS,
        ),
        "placebos": Frame(
            "A comparison in which contact can do nothing to leaving, with its verdict beside the adjusted ratio.",
            PLACEBO_COLUMNS,
        ),
        "sensitivity": Frame(
            "How strong something unmeasured would have to be to explain a ratio away.", SENSITIVITY_COLUMNS
        ),
        "problem_effect": Frame(
            "Weeks after a problem of one process, by what had become of it, against weeks without; not adjusted for "
            "contacts.",
            PROBLEM_COLUMNS,
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "allowed_high": "Where half the logarithm of the adjusted ratio ends, upwards: a placebo's interval must lie "
        "within.",
        "allowed_low": "The same, downwards.",
        "confidence": "Confidence level of the interval, 0-1, where `level` means something else.",
        "conversion": "rare_outcome (few leave in a year: hazard ratio taken as risk ratio) or common_outcome.",
        "e_value": "Risk ratio that something unmeasured would need with contact and with leaving to explain the ratio "
        "away.",
        "e_value_limit": "The same for the limit of the interval nearer 1; 1 where it holds 1.",
        "handling": "What had become of the problem by then: never_contacted, resolved (a contact since was marked "
        "so), unresolved, unknown (contact without a mark); `all`.",
        "leaving_in_a_year": "Share that would give notice within a year at the hazard of these weeks, 0-1.",
        "per_1000": "How many more of 1,000 customers give notice within `within_weeks`; below 0: fewer.",
        "per_1000_high": "Upper limit of per_1000.",
        "per_1000_low": "Lower limit of per_1000.",
        "placebo": "distant_lag (contacts 9 to 26 weeks back), neutral_reasons or pre_contact_trend (whether a low "
        "score came before contacts: a ratio of making contact).",
        "risk_difference": "Difference of the chance to give notice within `within_weeks`, -1 to 1.",
        "risk_difference_high": "Upper limit of risk_difference.",
        "risk_difference_low": "Lower limit of risk_difference.",
        "risk_high": "Upper limit of risk_ratio.",
        "risk_low": "Lower limit of risk_ratio.",
        "risk_ratio": "The ratio of risks the hazard ratio stands for.",
        "split": "What contacts are told apart by: contacts (how many), each_contact (what each adds), resolution, "
        "repeat, channel, reason_group or reason, wait, agent.",
        "strongest": "Of what is adjusted for, the factor that goes most surely with leaving; empty: none does.",
        "strongest_high": "Upper limit of strongest_ratio.",
        "strongest_low": "Lower limit of strongest_ratio.",
        "strongest_ratio": "Its hazard ratio.",
        "within_weeks": "Weeks over which risks are compared: as long as the contact, or the problem, counts.",
    }
)
"""Columns that no other analysis has."""
