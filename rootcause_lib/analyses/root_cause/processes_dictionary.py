"""What the frames about processes hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.frame import Frame
from rootcause_lib.analyses.root_cause import caused, dose, incidence, process_naive, shocks

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "incidence": Frame(
            "How many times the same customers' ordinary contacts come on some days around a process's events.",
            incidence.INCIDENCE,
        ),
        "variants": Frame(
            "The same rate ratio with other contacts counted, or among other customers.", incidence.VARIANTS
        ),
        "attributable": Frame(
            "Contacts of known customers that would not have come without the process, follow-ups included; "
            "processes sum to `all`, the rest is `unexplained`.",
            caused.CAUSED,
        ),
        "eliminable": Frame(
            "Contacts that would not have come had the failure not happened, above what the normal event would have "
            "brought; failures told from events or an audit sum to `all`, the rest is `unexplained`.",
            caused.CAUSED,
        ),
        "dose_response": Frame("One band of days overdue of a process.", dose.BANDS),
        "dose_trends": Frame("The trend over a process's bands of days overdue.", dose.TRENDS),
        "shocks": Frame("One day on which a process struck at least half of the customers.", shocks.COLUMNS),
        "naive": Frame("One usual computation about one process.", process_naive.COLUMNS),
    }
)

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "process": "The engagement's key of the process; `our message`: since our last outbound contact; `all`: their "
        "sum; `unexplained`: all other contacts.",
        "kind": "risk (the process's own bands), placebo (the days before the event, where nothing can be yet), "
        "waiting (open and not yet due), spill_over (days of follow-ups) or our_message; of segments: level or "
        "change; of sessions: self_service, bot or visit.",
        "band": "Days since the event, or past its due date: 0-6, 14+; pre, waiting, spill_over.",
        "from_day": "First day of the band.",
        "until_day": "Day before which the band ends; empty: open. In `shocks` the last day counted.",
        "rate_ratio": "Contacts per day in the band over those of the same customers' ordinary days.",
        "person_days": "Days that customers with a contact spent in the band.",
        "reason_untold": "Why a number is missing: no_events, no_customer_ids, no_contacts, no_variation, collinear, "
        "separated, too_few, not_converged, shock; empty where it is told.",
        "variant": "all contacts, openers (first contacts of cases), quiet (after a quiet spell), stayers (customers "
        "who stayed).",
        "owner": "Who owns the process, as the engagement says.",
        "basis": "incidence (rate ratios), audit (audited failure demand) or ceiling (all contacts with its codes; no "
        "part of `all`); of compared channels audited (true reasons), coded or none (no reasons).",
        "share_low": "Lower limit of share.",
        "share_high": "Upper limit of share.",
        "cost": "What the contacts cost, of those whose cost is known; empty where none is.",
        "cost_low": "Lower limit of cost.",
        "cost_high": "Upper limit of cost.",
        "exposed_contacts": "All contacts made in the process's time.",
        "on_trend": "Rate ratio that the trend gives at this day.",
        "per_day": "By how much a further day overdue multiplies the rate of contact.",
        "q_value": "Least false discovery rate at which the row would still be marked.",
        "departure_p_value": "Of the bands lying on the trend; small: read the bands instead.",
        "customers_share": "Share of the customers struck on that day, 0-1.",
        "expected": "Contacts that weekday, holiday and season let expect; of teams, the share that the average would "
        "resolve of the same matters.",
        "excess": "What came above the expected: contacts, or a share come back beyond chance.",
        "unit": "rate_ratio or contacts.",
        "ours_low": "Lower limit of ours.",
        "ours_high": "Upper limit of ours.",
        "ours_band": "The band that ours is the rate ratio of.",
    }
)
"""Columns that no earlier frame has; day is days overdue in `dose_response` and the local day in `shocks`."""
