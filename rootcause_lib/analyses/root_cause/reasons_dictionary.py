"""What the frames about reasons and trust in codes hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.frame import Frame
from rootcause_lib.analyses.root_cause import reason_agreement, reasons, trust

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "reasons": Frame("Inbound contacts of one coded reason; `all` first, no code last.", reasons.COLUMNS),
        "agreement": Frame(
            "One measure of how far codes and audit, or coders among themselves, agree.", reason_agreement.COLUMNS
        ),
        "confusion": Frame("Audited contacts with one code that were found to be about one reason.", trust.CONFUSION),
        "code_accuracy": Frame("How often the codes of a team or agent are right.", trust.ACCURACY),
        "audit_plan": Frame("Contacts to audit to know a reason's share so precisely.", trust.PLAN),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "agent_id": "Pseudonym of the agent; `all`: not split.",
        "audited": "Audited contacts.",
        "between": "Who is compared: codes or texts with the audit, texts with codes, coders among themselves.",
        "coded": "Code the contacts carry.",
        "coded_high": "Upper limit of coded_share.",
        "coded_low": "Lower limit of coded_share.",
        "coded_share": "Share of the contacts that carry a code, 0-1; of `all`: the share of contacts that carry one.",
        "corrected_high": "Upper limit of corrected_share.",
        "corrected_low": "Lower limit of corrected_share.",
        "corrected_share": "Share of contacts truly about the reason, by an audit, 0-1.",
        "correct_share": "Share coded right, pulled towards the others as far as luck explains it, 0-1.",
        "cost": "What the contacts cost, of those whose cost is known.",
        "cost_unknown": "Contacts whose cost is not known.",
        "default_code": "Whether the code says nothing, such as `other`.",
        "explained": "Part of the variance of a reason that its codes explain, 0-1.",
        "found": "Reason found by the audit; `(small)`: several, each of too few customers.",
        "further": "Contacts still to audit.",
        "half_width": "How far the interval reaches either side, 0-1.",
        "measure": "What is measured; of agreement: alpha (Krippendorff), kappa (of one code against all others) or "
        "accuracy.",
        "needed": "Contacts to audit at random in all.",
        "of": "Audited contacts with that code.",
        "per_100_customers": "Contacts per 100 customers over the whole period.",
        "per_100_events": "Contacts per 100 events of the processes said to cause the reason, both in the period.",
        "per_100_events_high": "Upper limit of per_100_events.",
        "per_100_events_low": "Lower limit of per_100_events.",
        "per_100_high": "Upper limit of per_100_customers.",
        "per_100_low": "Lower limit of per_100_customers.",
        "raw_share": "Share coded right as counted, 0-1.",
        "reason_untold": "Why a number is not told; empty where it is.",
        "score_difference": "Mean score of the reason's contacts less that of all others; more is better.",
        "score_difference_high": "Upper limit of score_difference.",
        "score_difference_low": "Lower limit of score_difference.",
        "score_metric": "The score compared: csat, ces, or nps in points.",
        "status_share": "Share of contacts made while something was open for the customer, 0-1.",
        "status_share_high": "Upper limit of status_share.",
        "status_share_low": "Lower limit of status_share.",
        "upsell_difference": "Mean revenue of the reason's contacts less that of all others.",
        "upsell_difference_high": "Upper limit of upsell_difference.",
        "upsell_difference_low": "Lower limit of upsell_difference.",
    }
)
"""One meaning per column name, beside those of the dictionary."""
