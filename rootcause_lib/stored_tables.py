"""The store's tables as an engine sees them: plain lower-case columns with SQL types.

Loaded tables follow from the canonical ones by one rule: `X_at` becomes `X_seconds` (UTC epoch) and
`X_on` (local date), `customer_id` becomes `customer_key`. The others are made by the statements
named in `journeys`, and by analyses for themselves (`working_tables`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.schemas import TABLES, Column, ColumnType, Table
from rootcause_lib.working_tables import WORKING_TABLES, Columns

_SQL_TYPES: Mapping[ColumnType, str] = MappingProxyType(
    {
        "id": "varchar",
        "text": "varchar",
        "label": "varchar",
        "date": "date",
        "seconds": "double",
        "number": "double",
        "money": "double",
        "count": "bigint",
        "flag": "boolean",
    }
)


def _stored(column: Column) -> Columns:
    """A canonical column as it is stored."""
    if column.type == "timestamp":
        stem = column.name.removesuffix("_at")
        return {f"{stem}_seconds": "bigint", f"{stem}_on": "date"}
    if column.name == "customer_id":
        return {"customer_key": "bigint"}
    return {column.name: _SQL_TYPES[column.type]}


def stored_columns(table: Table) -> Columns:
    """Columns and SQL types of a canonical table in the store, in its own order."""
    return {name: kind for column in table for name, kind in _stored(column).items()}


_CONTACTS: Columns = {
    "contact_key": "bigint",
    "contact_id": "varchar",
    "customer_key": "bigint",
    "row_is": "varchar",
    "started_seconds": "bigint",
    "ended_seconds": "bigint",
    "started_on": "date",
    "started_hour": "integer",
    "channel": "varchar",
    "channel_label": "varchar",
    **{
        column.name: _SQL_TYPES[column.type]
        for column in TABLES["contacts"].columns[5:]
        if column.name not in ("text",)
    },
}

_MERGED: Columns = {
    name: kind for name, kind in _CONTACTS.items() if name not in ("contact_id", "channel_label", "conversation_id")
} | {"legs": "bigint"}

_NEIGHBOURS: Columns = {
    f"{name}": kind
    for rule in ("any", "reason", "case")
    for name, kind in (
        (f"previous_{rule}_seconds", "bigint"),
        (f"next_{rule}_seconds", "bigint"),
        (f"next_{rule}_answered_seconds", "bigint"),
        (f"next_{rule}_channel", "varchar"),
    )
}

_STITCHED: Columns = {
    **{name: kind for name, kind in _MERGED.items() if name not in ("case_id", "cost")},
    "case_key": "bigint",
    "segment": "varchar",
    "started_day": "bigint",
    "started_week": "bigint",
    "started_month": "bigint",
    "identified": "boolean",
    "judged": "boolean",
    "default_code": "boolean",
    "window_days": "bigint",
    "full_cost": "double",
    "history_seconds": "bigint",
    "follow_up_seconds": "bigint",
    "left_seconds": "bigint",
    **_NEIGHBOURS,
}

_CASES: Columns = {
    "contact_key": "bigint",
    "customer_key": "bigint",
    "channel": "varchar",
    "second_channel": "varchar",
    "third_channel": "varchar",
    "settled_in": "varchar",
    "reason": "varchar",
    "reason_group": "varchar",
    "segment": "varchar",
    "team": "varchar",
    "started_day": "bigint",
    "started_week": "bigint",
    "started_month": "bigint",
    "started_hour": "integer",
    "contacts": "bigint",
    "switches": "bigint",
    "transfers": "bigint",
    "handle_seconds": "double",
    "first_handle_seconds": "double",
    "second_handle_seconds": "double",
    "third_handle_seconds": "double",
    "handled": "bigint",
    "full_cost": "double",
    "opening_known": "boolean",
    "complete": "boolean",
    "watched": "bigint",
}

_SPELLS: Columns = {
    "customer_key": "bigint",
    "segment": "varchar",
    "joined_day": "bigint",
    "first_day": "bigint",
    "last_day": "bigint",
    "left_day": "bigint",
    "left_by_choice": "boolean",
}

_OWN: Mapping[str, Columns] = {
    "contacts": _CONTACTS,
    "customer_ids": {"customer_key": "bigint", "customer_id": "varchar"},
    "contact_texts": {"contact_key": "bigint", "text": "varchar"},
    "reason_settings": {"reason": "varchar", "window_days": "bigint", "default_code": "boolean"},
    "rare_labels": {"kind": "varchar", "label": "varchar"},
    "channel_costs": {"channel": "varchar", "per_contact": "double", "per_handle_second": "double"},
    "leg_groups": {"contact_key": "bigint", "customer_key": "bigint", "first_key": "bigint"},
    "merged_contacts": _MERGED,
    "shared_customers": {"customer_key": "bigint"},
    "spells": _SPELLS,
    "stitched_contacts": _STITCHED,
    "cases": _CASES,
}

STORED_TABLES: Mapping[str, Columns] = MappingProxyType(
    {name: stored_columns(table) for name, table in TABLES.items() if name not in _OWN}
    | dict(_OWN)
    | dict(WORKING_TABLES)
)
"""Every table a statement may read: name -> column -> SQL type."""

DIMENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "channel": "channel",
        "reason": "reason",
        "reason_group": "reason_group",
        "segment": "segment",
        "team": "team",
        "week": "started_week",
        "month": "started_month",
        "hour": "started_hour",
    }
)
"""What estimates may be split by: public name -> column of `stitched_contacts` and of `cases`."""
