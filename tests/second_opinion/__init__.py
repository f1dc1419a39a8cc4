"""Journeys worked out row by row in plain Python from the design's words: what the engine's SQL is held to.

Nothing here is fast and nothing is shared with the library; dates and times go through `zoneinfo`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

HOUR = 3_600
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Rules:
    """What an engagement says that journeys depend on."""

    time_zone: str
    observed_from: dt.date
    observed_until: dt.date
    leg_gap_seconds: int = 60
    message_gap_seconds: int = 3 * DAY
    shared_id_daily_cap: int = 20
    default_codes: tuple[str, ...] = ()
    windows: Mapping[str, int] | None = None
    per_contact: Mapping[str, float] | None = None
    per_minute: Mapping[str, float] | None = None
    chat_concurrency: float = 1

    def midnight_after(self, day: dt.date) -> int:
        """The second at which a local day is over."""
        after = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(self.time_zone))
        return int(after.timestamp())

    @property
    def first_second(self) -> int:
        return self.midnight_after(self.observed_from - dt.timedelta(days=1))

    @property
    def end_second(self) -> int:
        return self.midnight_after(self.observed_until)

    def window(self, reason: str | None, days: int, own: bool) -> int:
        return ((self.windows or {}).get(reason or "", days) if own else days) * DAY


def in_time(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["started_seconds"], row["contact_id"]))


def merged_contacts(rows: Sequence[Row], rules: Rules) -> list[Row]:
    """One row per contact: groups of rows that belong together, merged."""
    shared = _shared(rows, rules)
    own = [row for row in rows if row["customer_key"] not in shared]
    groups = [*_exchanges(own, rules), *_conversations(rows), *_legs(own, rules)]
    together = {row["contact_id"] for group in groups for row in group}
    alone = [[row] for row in rows if row["contact_id"] not in together]
    return in_time(_merged(group) for group in [*alone, *groups])


def _exchanges(rows: Sequence[Row], rules: Rules) -> list[list[Row]]:
    """Messages of a customer on a channel until answered and then silent for three days."""
    threads: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in in_time(rows):
        if row["row_is"] == "message" and row["direction"] != "internal" and row["customer_key"] is not None:
            threads[row["customer_key"], row["channel"], row["conversation_id"]].append(row)
    found = []
    for thread in threads.values():
        current: list[Row] = []
        asked = answered = None
        for row in thread:
            if row["direction"] == "inbound":
                over = (
                    asked is not None
                    and answered is not None
                    and answered >= asked
                    and row["started_seconds"] - asked > rules.message_gap_seconds
                )
                if asked is None or over:
                    current = []
                    found.append(current)
                asked = row["started_seconds"]
            else:
                answered = row["started_seconds"]
            # What we wrote before the customer ever did is no part of an exchange.
            if asked is not None:
                current.append(row)
    return [group for group in found if len(group) > 1]


def _conversations(rows: Sequence[Row]) -> list[list[Row]]:
    talks: dict[str, list[Row]] = defaultdict(list)
    for row in in_time(rows):
        if row["row_is"] != "message" and row["conversation_id"] is not None:
            talks[row["conversation_id"]].append(row)
    return [group for group in talks.values() if len(group) > 1]


def _legs(rows: Sequence[Row], rules: Rules) -> list[list[Row]]:
    """A transferred contact and what the same customer did next by the same channel, at once."""
    by_customer: dict[int, list[Row]] = defaultdict(list)
    for row in in_time(rows):
        if row["customer_key"] is not None and row["direction"] == "inbound":
            by_customer[row["customer_key"]].append(row)
    found = []
    for own in by_customer.values():
        group = own[:1]
        for earlier, later in pairwise(own):
            if _is_leg(earlier, later, rules):
                group.append(later)
            else:
                found.append(group)
                group = [later]
        found.append(group)
    return [group for group in found if len(group) > 1]


def _is_leg(earlier: Row, later: Row, rules: Rules) -> bool:
    gap = later["started_seconds"] - earlier["ended_seconds"]
    alike = earlier["channel"] == later["channel"] and earlier["row_is"] == later["row_is"] == "interaction"
    own = any(row[name] is not None for row in (earlier, later) for name in ("case_id", "conversation_id"))
    passed_on = (earlier["transfers"] or 0) > 0
    return rules.leg_gap_seconds > 0 and alike and not own and passed_on and 0 <= gap <= rules.leg_gap_seconds


def _merged(group: Sequence[Row]) -> Row:
    first, last = group[0], group[-1]
    if len(group) == 1:
        return {**first, "legs": 1}
    merged = {**first, "legs": len(group), "started_seconds": first["started_seconds"]}
    merged["ended_seconds"] = max(row["ended_seconds"] for row in group)
    known = [row["customer_key"] for row in group if row["customer_key"] is not None]
    if first["customer_key"] is None and known:
        merged["customer_key"] = min(known)
    for name in ("reason", "reason_group", "agent_id", "team"):
        told = [row[name] for row in group if row[name] is not None]
        merged[name] = last[name] if last[name] is not None else max(told, default=None)
    for name in ("handle_seconds", "wrap_up_seconds", "cost", "revenue"):
        # What one leg took is not what all of them took; only revenue is nothing where none is given.
        whole = name == "revenue" or all(row[name] is not None for row in group)
        merged[name] = _total(group, name) if whole else None
    merged["resolved"] = last["resolved"]
    for name, over in (("abandoned", all), ("reopened", any), ("repeated_information", any)):
        flags = [row[name] for row in group if row[name] is not None]
        merged[name] = over(flags) if flags else None
    transfers = _total(group, "transfers")
    merged["transfers"] = transfers if first["row_is"] == "message" else max(transfers or 0, len(group) - 1)
    return merged


def _total(group: Sequence[Row], name: str) -> Any:
    told = [row[name] for row in group if row[name] is not None]
    return sum(told) if told else None


def stitched_contacts(rows: Sequence[Row], customers: Sequence[Row], rules: Rules) -> dict[str, Row]:
    """Contacts by id with everything a metric may ask of them."""
    contacts = merged_contacts(rows, rules)
    shared, spells = _shared(rows, rules), _spells(customers)
    for row in contacts:
        if row["customer_key"] in shared:
            row["customer_key"] = None
        inbound = row["direction"] == "inbound"
        row["identified"] = row["customer_key"] is not None
        row["judged"] = row["identified"] and inbound and not row["abandoned"]
        row["default_code"] = None if row["reason"] is None else row["reason"] in rules.default_codes
        row["full_cost"] = _cost(row, rules)
        _set_edges(row, spells.get(row["customer_key"], []), rules)
    for rule, matter in (("any", lambda _row: ""), ("reason", _of("reason")), ("case", _of("case_id"))):
        _set_neighbours(contacts, rule, matter)
    return {row["contact_id"]: row for row in contacts}


def _of(name: str) -> Any:
    return lambda row: row[name]


def _shared(rows: Sequence[Row], rules: Rules) -> set[int]:
    """Customers with too many rows on one day: an id of many people. Messages are no sign of that."""
    days: dict[tuple[int, dt.date], int] = defaultdict(int)
    for row in rows:
        if row["customer_key"] is not None and row["direction"] == "inbound" and row["row_is"] != "message":
            days[row["customer_key"], row["started_on"]] += 1
    return {customer for (customer, _day), count in days.items() if count > rules.shared_id_daily_cap}


def _spells(customers: Sequence[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in customers:
        found[row["customer_key"]].append(row)
    for spells in found.values():
        spells.sort(key=lambda row: (row["joined_on"] or dt.date.min, row["left_on"] or dt.date.max))
    return found


def _set_edges(row: Row, spells: Sequence[Row], rules: Rules) -> None:
    """How far back and forward the extract shows, and when the customer left."""
    begun = [
        spell for spell in spells[1:] if spell["joined_on"] is not None and spell["joined_on"] <= row["started_on"]
    ]
    spell: Row = begun[-1] if begun else (spells[0] if spells else {})
    joined, left, why = spell.get("joined_on"), spell.get("left_on"), spell.get("leave_reason") or "choice"
    row["segment"] = spell.get("segment")
    fresh = joined is not None and joined >= rules.observed_from
    row["history_seconds"] = None if fresh else row["started_seconds"] - rules.first_second
    row["follow_up_seconds"] = max(rules.end_second - row["ended_seconds"], 0)
    row["left_seconds"] = None
    if left is None or why == "moved_within":
        return
    until = rules.midnight_after(left) - row["ended_seconds"]
    # Leaving cannot follow from a contact made after it.
    if why == "choice" and rules.midnight_after(left) > row["started_seconds"]:
        row["left_seconds"] = max(until, 0)
    elif until > 0:
        row["follow_up_seconds"] = min(row["follow_up_seconds"], until)


def _cost(row: Row, rules: Rules) -> float | None:
    if row["cost"] is not None:
        return row["cost"]
    if row["channel"] in (rules.per_contact or {}):
        return (rules.per_contact or {})[row["channel"]]
    per_minute = (rules.per_minute or {}).get(row["channel"])
    if per_minute is None or row["handle_seconds"] is None:
        return None
    return per_minute / 60 / (rules.chat_concurrency if row["channel"] == "chat" else 1) * row["handle_seconds"]


def _set_neighbours(contacts: Sequence[Row], rule: str, matter: Any) -> None:
    """Seconds to the contacts of the same customer (about the same matter) before and after, and the next channel."""
    threads: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in contacts:
        for name in ("previous_{}_seconds", "next_{}_seconds", "next_{}_channel"):
            row[name.format(rule)] = None
        row[f"next_{rule}_answered_seconds"] = None
        if row["customer_key"] is not None and row["direction"] == "inbound" and matter(row) is not None:
            threads[row["customer_key"], matter(row)].append(row)
    for thread in threads.values():
        for place, row in enumerate(thread):
            before, after = thread[:place], thread[place + 1 :]
            answered_before = [other for other in before if not other["abandoned"]]
            answered_after = [other for other in after if not other["abandoned"]]
            if answered_before:
                ended = max(other["ended_seconds"] for other in answered_before)
                row[f"previous_{rule}_seconds"] = max(row["started_seconds"] - ended, 0)
            if after:
                row[f"next_{rule}_seconds"] = max(after[0]["started_seconds"] - row["ended_seconds"], 0)
                row[f"next_{rule}_channel"] = after[0]["channel"]
            if answered_after:
                start = answered_after[0]["started_seconds"]
                row[f"next_{rule}_answered_seconds"] = max(start - row["ended_seconds"], 0)


def cases(contacts: Iterable[Row], rules: Rules, *, matching: str, window_days: int, own_windows: bool) -> list[Row]:
    """Judged contacts of a customer about one matter, each within its window after the ones before."""
    threads: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in contacts:
        matter = _matter(row, matching)
        if row["judged"]:
            # Of nothing known to be the same matter, each is one of its own.
            threads[row["customer_key"], matter, row["contact_id"] if matter is None else ""].append(row)
    found: list[list[Row]] = []
    for thread in threads.values():
        for row in thread:
            since = row[f"previous_{matching}_seconds"]
            late = (
                matching != "case"
                and since is not None
                and since > rules.window(row["reason"], window_days, own_windows)
            )
            if since is None or late:
                found.append([])
            found[-1].append(row)
    return [_case(case, rules, matching, window_days, own_windows) for case in found]


def _matter(row: Row, matching: str) -> str | None:
    return {"any": "", "reason": row["reason"], "case": row["case_id"]}[matching]


def _case(rows: Sequence[Row], rules: Rules, matching: str, window_days: int, own: bool) -> Row:
    first, last = rows[0], rows[-1]
    since, window = first["history_seconds"], rules.window(first["reason"], window_days, own)
    return {
        **{name: first[name] for name in ("customer_key", "channel", "reason", "segment", "started_seconds")},
        "contact_ids": [row["contact_id"] for row in rows],
        "second_channel": rows[1]["channel"] if len(rows) > 1 else None,
        "third_channel": rows[2]["channel"] if len(rows) > 2 else None,
        "settled_in": last["channel"],
        "contacts": len(rows),
        "switches": sum(a["channel"] != b["channel"] for a, b in pairwise(rows)),
        "transfers": _total(rows, "transfers"),
        "handle_seconds": _total(rows, "handle_seconds"),
        **{
            f"{name}_handle_seconds": rows[place]["handle_seconds"] if len(rows) > place else None
            for place, name in enumerate(("first", "second", "third"))
        },
        "handled": sum(row["handle_seconds"] is not None for row in rows),
        "full_cost": _total(rows, "full_cost"),
        "opening_known": _matter(first, matching) is not None and (since is None or since >= window),
        "complete": last["follow_up_seconds"] >= rules.window(last["reason"], window_days, own),
        "watched": sum(row["follow_up_seconds"] >= rules.window(row["reason"], window_days, own) for row in rows),
    }


class RowTable:
    """A frame read as plain rows, to be compared column by column."""

    def __init__(self, frame: Any, *, key: str) -> None:
        rows = frame.astype("object").where(frame.notna(), None).to_dict("records")
        self.rows: dict[Any, Row] = {row[key]: row for row in rows}
        assert len(self.rows) == len(rows), f"{key} is no key"

    def keys(self) -> set[Any]:
        return set(self.rows)

    def differences(self, column: str, expected: Mapping[Any, Row]) -> list[tuple[Any, Any, Any]]:
        """(key, found, expected) of the first few rows that differ; money and seconds to a billionth."""
        apart = ((key, row[column], expected[key][column]) for key, row in self.rows.items())
        return [(key, ours, theirs) for key, ours, theirs in apart if not _same(ours, theirs)][:5]


def _same(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    if isinstance(theirs, dt.date):
        return str(ours)[:10] == str(theirs)
    if isinstance(theirs, (int, float)):
        return abs(float(ours) - float(theirs)) <= 1e-9 * max(1.0, abs(float(theirs)))
    return bool(ours == theirs)
