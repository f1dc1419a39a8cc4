"""The tables that analyses keep beside a store while they work, each made by the statement of its name or from values.

As in `stored_tables`: plain lower-case columns with SQL types.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Columns = Mapping[str, str]
"""Column -> SQL type."""

_SCORED: Columns = {
    "contact_key": "bigint",
    "customer_key": "bigint",
    "cluster_key": "bigint",
    "metric": "varchar",
    "score": "double",
    "value": "double",
    "channel": "varchar",
    "reason": "varchar",
    "segment": "varchar",
    "problem": "varchar",
    "outcome": "varchar",
    "case_key": "bigint",
    "judged": "boolean",
}

_SESSIONS: Columns = {
    "channel": "varchar",
    "contact_key": "bigint",
    "customer_key": "bigint",
    "started_day": "bigint",
    **{f"{name}_seconds": "bigint" for name in ("ended", "window", "follow_up", "left", "human", "matched")},
    **dict.fromkeys(
        (
            "matchable",
            "contained",
            "gave_up",
            "people_any",
            "people_matched",
            "resolved_any",
            "resolved_matched",
            "gone",
        ),
        "boolean",
    ),
}

WORKING_TABLES: Mapping[str, Columns] = MappingProxyType(
    {
        "contact_paces": {
            "rule": "varchar",
            "customer_key": "bigint",
            "matter": "varchar",
            "contacts": "bigint",
            "cases": "bigint",
            "days": "bigint",
        },
        "recontact_ways": {
            "customer_key": "bigint",
            "channel": "varchar",
            "reason": "varchar",
            "own_days": "bigint",
            "way": "bigint",
            "other_contacts": "bigint",
            "open_days": "bigint",
        },
        "window_ways": {
            "customer_key": "bigint",
            "channel": "varchar",
            "segment": "varchar",
            "reason": "varchar",
            "opens_days": "bigint",
            "way": "bigint",
            "other_contacts": "bigint",
            "other_cases": "bigint",
            "watched_days": "bigint",
            "open_days": "bigint",
            "contact_pace": "bigint",
            "case_pace": "bigint",
        },
        "drawn_customers": {"channel": "varchar", "segment": "varchar", "reason": "varchar", "last_customer": "bigint"},
        "self_service_sessions": _SESSIONS,
        "process_bands": {
            "process": "varchar",
            "clock": "varchar",
            "from_seconds": "bigint",
            "until_seconds": "bigint",
            "late_seconds": "bigint",
            "weight": "bigint",
        },
        "seasons": {"from_seconds": "bigint"},
        "public_holidays": {"day": "bigint"},
        "clock_changes": {"from_hour": "bigint", "until_hour": "bigint", "ahead_hours": "bigint"},
        "day_demand": {"kind_of_day": "bigint", "hour": "bigint", "demand": "double"},
        "hourly_demand": {"hour_number": "bigint", "day": "bigint", "demand": "double", "demand_before": "double"},
        "contact_topics": {"contact_key": "bigint", "reason": "varchar", "weight": "double"},
        "process_windows": {
            "process": "varchar",
            "clock": "varchar",
            "from_seconds": "bigint",
            "until_seconds": "bigint",
        },
        "reason_processes": {"process": "varchar", "reason": "varchar", "opened_by_contact": "boolean"},
        "normal_processes": {"process": "varchar"},
        "drawn_places": {"place": "bigint"},
        "customer_time": {"customer_key": "bigint", "days": "double"},
        "reason_groups": {
            "group_key": "bigint",
            "reason": "varchar",
            "contacts": "double",
            "known_contacts": "double",
            "listed_contacts": "double",
            "cost": "double",
            "costed": "double",
            "revenue": "double",
            "sold": "double",
            "score_sum": "double",
            "promoted": "double",
            "scores": "double",
            "waited": "double",
            "asked": "double",
        },
        "asked_contacts": {
            "contact_key": "bigint",
            "customer_key": "bigint",
            "cluster_key": "bigint",
            "metric": "varchar",
            "scale_low": "double",
            "scale_high": "double",
            "direction": "varchar",
            "named": "boolean",
            "score": "double",
            **{f"item_{number}": "double" for number in range(1, 7)},
            "started_seconds": "bigint",
            "channel": "varchar",
            "reason": "varchar",
            "segment": "varchar",
            "case_key": "bigint",
            "judged": "boolean",
            "outcome": "varchar",
        },
        "score_versions": {"metric": "varchar", "scale_low": "double", "scale_high": "double", "direction": "varchar"},
        "scored_contacts": _SCORED,
        "case_outcomes": _SCORED,
        "mix_effects": {
            "metric": "varchar",
            "factor": "varchar",
            "label": "varchar",
            "expected": "double",
            **{f"slope_{number}": "double" for number in range(10)},
        },
        "person_time": {
            "customer_key": "bigint",
            "season": "bigint",
            "state": "bigint",
            "seconds": "bigint",
            "demand_seconds": "double",
            "contacts": "bigint",
            "cost": "double",
            "costless": "bigint",
            "openers": "bigint",
            "opener_cost": "double",
            "opener_costless": "bigint",
        },
    }
)
"""Name -> column -> SQL type."""
