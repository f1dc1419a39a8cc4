"""The public frames of every analysis: what a row is, and what each column means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution import dictionary as channel_resolution
from rootcause_lib.analyses.churn_risk import dictionary as churn_risk
from rootcause_lib.analyses.frame import Frame, estimates_frame
from rootcause_lib.analyses.root_cause import dictionary as root_cause

_EXPLAINED = tuple(f"explained_by_{name}" for name in ("abandoned", "direction", "legs", "rejects"))


FRAMES: Mapping[str, Mapping[str, Frame]] = MappingProxyType(
    {
        "data_health": MappingProxyType(
            {
                "sources": Frame(
                    "One file or table that was read.",
                    (
                        "table", "source", "rows_read", "rows_accepted", "rows_rejected", "rows_merged",
                        "rows_repaired", "first", "last",
                    ),
                ),
                "rejects": Frame("One broken rule of a rejected row.", ("table", "source", "row", "column", "rule")),
                "repairs": Frame("One kind of repair in one column.", ("table", "source", "column", "repair", "rows")),
                "unmapped": Frame("One column of a source that is not used.", ("table", "source", "column")),
                "orphans": Frame("One reference and its rows that find nothing.", ("table", "column", "rows")),
                "filled": Frame("One canonical column and its filled share.", ("table", "column", "filled", "rows")),
                "readiness": Frame(
                    "One analysis and what these data allow it.",
                    ("analysis", "status", "method_used", "best_grade", "missing", "what_it_would_add"),
                ),
                "coverage": estimates_frame("Share of inbound contacts with a known customer, by channel", "channel"),
                "code_health": estimates_frame("Share of coded contacts whose code says nothing, by team", "team"),
                "reconciliation": Frame(
                    "One control total against the data.",
                    ("name", "month", "theirs", "ours", "difference", *_EXPLAINED, "unexplained"),
                ),
                "volume": Frame(
                    "Inbound contacts of one week and channel.", ("week", "channel", "contacts", "suppressed")
                ),
                "naive": Frame(
                    "What counting the rows of a file says.", ("name", "table", "value", "denominator", "why")
                ),
                "key_numbers": estimates_frame("Numbers the next run compares with", "channel"),
            }
        ),
        "root_cause": root_cause.FRAMES,
        "channel_resolution": channel_resolution.FRAMES,
        "churn_risk": churn_risk.FRAMES,
    }
)  # fmt: skip
"""analysis -> frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    dict(root_cause.COLUMN_MEANINGS)
    | dict(channel_resolution.COLUMN_MEANINGS)
    | dict(churn_risk.COLUMN_MEANINGS)
    | {
        "analysis": "The analysis, by its public name.",
        "at_risk": "Contacts watched to the last day of the share.",
        "best_grade": "The best grade the analysis can reach with these data.",
        "cases": "Cases.",
        "channel": "Channel of the contact that counts; `all`: not split.",
        "claim": "descriptive, association, no_sign_against (every guard passed; of contacts and leaving) or causal.",
        "column": "Canonical column.",
        "contacts": "Contacts.",
        "customers": "Different customers behind the number; a contact without one counts by itself.",
        "day": "Days after the end of the contact, counted in whole 24 hours.",
        "denominator": "What the value is a share or mean of.",
        "difference": "Theirs less ours; a channel less the baseline; a team less what was expected, pulled to 0.",
        "events": "Events behind the value.",
        "expected_by_chance": "Share a customer's own rate of contact would bring back anyway.",
        "explained_by_abandoned": "Abandoned attempts their figure seems to hold.",
        "explained_by_direction": "Contacts the company began that their figure seems to hold.",
        "explained_by_legs": "Legs of one contact that their figure seems to count singly.",
        "explained_by_rejects": "Rejected rows their figure seems to hold.",
        "filled": "Share of rows with a value, 0-1.",
        "first": "Earliest local day.",
        "from_channel": "Channel of a contact.",
        "grade": "What the number may be used for: A, B, C or D.",
        "grade_reasons": "What pulls the grade below A, worst first, joined by ;.",
        "high": "Upper limit of the interval.",
        "last": "Latest local day.",
        "level": "Confidence level of the interval, 0-1; in `dose`: the kind or number of contacts.",
        "low": "Lower limit of the interval.",
        "match": "Matching rule: any, reason or case.",
        "method": "How the interval was made.",
        "method_used": "The method these data allow.",
        "metric": "Metric, by its key.",
        "missing": "What is missing, joined by ;; `none`.",
        "month": "Calendar month, 2025-03.",
        "name": "Name of the computation or control total.",
        "numerator": "Sum over the units counted.",
        "opened_in": "Channel of the first contact of a case.",
        "ours": "What the data give.",
        "outcome": "quiet, came_back or left, which sum to 1; or what is compared: resolved (the client's own mark) or "
        "first_contact_resolution.",
        "reason": "Reason as coded; `all`: not split; empty: no reason.",
        "repair": "What was put right.",
        "repeat_share": "Share with a further contact by that day.",
        "row": "Row number in the source.",
        "rows": "Rows.",
        "rows_accepted": "Rows used, merged ones included.",
        "rows_merged": "Accepted rows that became part of another row.",
        "rows_read": "Rows read; accepted plus rejected.",
        "rows_rejected": "Rows that can't be used.",
        "rows_repaired": "Accepted rows in which something was put right.",
        "rule": "The rule that was broken.",
        "settled_in": "Channel of the last contact of a case.",
        "share": "Share of the denominator, 0-1.",
        "source": "File or table.",
        "statistic": "share, mean or rate.",
        "status": "ready, partial or blocked; of a measure: measured, proxy (a stand-in), asked or not_in_data.",
        "suppressed": "Whether the number is left out: too few customers, or it would give such a number back.",
        "table": "Canonical table.",
        "team": "Team; `all`: not split.",
        "theirs": "The client's own figure.",
        "threshold": "The target, where one is set.",
        "to_channel": "Channel of the next contact about the matter within the window.",
        "unexplained": "Share of the client's figure that nothing explains, 0-1.",
        "unobserved": "Units asked whose answer is not known.",
        "value": "The estimate, in the metric's own unit; shares 0-1.",
        "verdict": "above, below or undecided against the threshold.",
        "week": "Monday of the week.",
        "what_it_would_add": "What each missing thing would add, joined by ;.",
        "why": "Why the usual computation differs, or why a cell is not compared.",
        "window_days": "Days in which a further contact counts.",
    }
)
"""One meaning per column name, whichever frame it stands in."""
