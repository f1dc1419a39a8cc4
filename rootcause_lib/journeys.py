"""Rows become contacts, contacts find their neighbours: the one expensive pass, made once per store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import pandas as pd
from sqlglot import exp

from rootcause_lib.engagement import Engagement
from rootcause_lib.engine import Engine
from rootcause_lib.errors import DataError, ParameterError, unknown_choice
from rootcause_lib.periods import DAY_SECONDS, Period, end_second, first_second
from rootcause_lib.statements import Statement, Value, limited, statement, template
from rootcause_lib.stored_tables import STORED_TABLES
from rootcause_lib.vocabulary import CHANNELS, MATCHING_CHOICES, MATCHING_RULES

MESSAGE_GAP_SECONDS = 3 * DAY_SECONDS
"""An answered exchange of messages is over once the customer has been silent for three days."""

EPOCH = dt.date(1970, 1, 1)

ENOUGH_CASES, ENOUGH_CODED, MOST_DEFAULT = 0.8, 0.8, 0.2
"""Shares of contacts with a case id, with a reason, and of reasons that are a default code."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What the stitched contacts cover: counts of inbound contacts, and local days, both included.

    `identified_by_channel`: share of a channel's contacts with a known customer.
    """

    contacts: int
    identified: int
    with_case: int
    coded: int
    default_coded: int
    identified_by_channel: Mapping[str, float]
    observed_from: dt.date
    observed_until: dt.date

    @property
    def coverage_gap(self) -> float:
        """Highest less lowest identified share over the channels; 0 for fewer than two."""
        shares = self.identified_by_channel.values()
        return max(shares) - min(shares) if len(shares) > 1 else 0.0

    @property
    def usable_reasons(self) -> bool:
        """Whether most contacts have a reason and few reasons are a default code."""
        coded_well = self.contacts > 0 and self.coded >= ENOUGH_CODED * self.contacts
        return coded_well and self.default_coded <= MOST_DEFAULT * self.coded

    def matching(self) -> str:
        """The matching rule `auto` stands for (design, section 5)."""
        if self.contacts and self.with_case >= ENOUGH_CASES * self.contacts:
            return "case"
        return "reason" if self.usable_reasons else "any"


@dataclass(frozen=True, slots=True)
class Following:
    """What counts as a further contact about a matter: rule and window, open to the reader.

    `own_windows`: matters with a window of their own in the engagement keep it.
    """

    matching: str
    window_days: int
    own_windows: bool

    def __post_init__(self) -> None:
        if self.matching not in MATCHING_RULES:
            raise ParameterError(unknown_choice("matching rule", self.matching, MATCHING_CHOICES))
        if not 1 <= self.window_days <= 365:
            raise ParameterError(f"'window_days' must lie from 1 to 365, not {self.window_days}.")

    @property
    def values(self) -> Mapping[str, Value]:
        """As statements and metrics name them."""
        return MappingProxyType(
            {"matching": self.matching, "window_days": self.window_days, "own_windows": self.own_windows}
        )


def following(engagement: Engagement, covered: Extent, *, matching: str | None, window_days: int | None) -> Following:
    """The rule and window asked for, else the engagement's; `auto` is settled by what the data hold."""
    rules = engagement.definitions
    asked = matching or rules.matching
    rule = covered.matching() if asked == "auto" else asked
    if window_days is not None:
        return Following(rule, window_days, own_windows=False)
    return Following(rule, rules.window_days, own_windows=bool(rules.windows))


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01, as statements count them."""
    return (day - EPOCH).days


def day_of(number: int) -> dt.date:
    """The day a statement counted."""
    return EPOCH + dt.timedelta(days=int(number))


def settle(engine: Engine, engagement: Engagement) -> None:
    """Keep what the engagement says of reasons and costs as tables beside the contacts."""
    default, windows = engagement.reasons.default, engagement.definitions.windows
    reasons = [
        {"reason": reason, "window_days": windows.get(reason), "default_code": reason in default}
        for reason in dict.fromkeys([*default, *windows])
    ]
    engine.materialise("reason_settings", constant_rows("reason_settings", reasons))
    engine.materialise("channel_costs", constant_rows("channel_costs", _costs(engagement)))


def observed_days(engine: Engine, engagement: Engagement) -> Period:
    """The days the exports cover; DataError when the stated end lies before the first contact."""
    row = engine.run(statement("observed_days")).iloc[0]
    until = engagement.observed_until
    first = _day(row["first_day"]) or until or EPOCH
    last = until or _day(row["last_day"]) or first
    if last < first:
        raise DataError(
            f"[engagement] observed_until = {last} lies before the first contact ({first}). "
            "Set it to the last day the exports cover, or leave it out."
        )
    return Period(first, last)


def extent(engine: Engine, engagement: Engagement) -> Extent:
    """What the stitched contacts cover."""
    table = engine.run(statement("extent")).sort_values("channel")
    counts = {name: int(table[name].sum()) for name in _COUNTS}
    shares = dict(zip(table["channel"].astype(str), table["identified"] / table["contacts"], strict=True))
    days = observed_days(engine, engagement)
    return Extent(
        **counts, identified_by_channel=MappingProxyType(shares), observed_from=days.start, observed_until=days.end
    )


_COUNTS = ("contacts", "identified", "with_case", "coded", "default_coded")


def stitch(engine: Engine, engagement: Engagement) -> None:
    """Make `stitched_contacts` from the loaded tables; see the statements for what their rows are."""
    rules, zone = engagement.definitions, engagement.engagement.time_zone
    days = observed_days(engine, engagement)
    legs: dict[str, Value] = {
        "message_gap_seconds": MESSAGE_GAP_SECONDS,
        "leg_gap_seconds": int(rules.leg_gap_seconds),
    }
    stitched: dict[str, Value] = {
        "observed_from_day": day_number(days.start),
        "observed_from_seconds": first_second(days.start, time_zone=zone),
        "observed_until_seconds": end_second(days.end, time_zone=zone),
    }
    cap: dict[str, Value] = {"shared_id_daily_cap": rules.shared_id_daily_cap}
    engine.materialise("shared_customers", statement("shared_customers", values=cap))
    engine.materialise("leg_groups", statement("leg_groups", values=legs))
    engine.materialise("merged_contacts", statement("merged_contacts"))
    engine.materialise("spells", statement("spells"))
    few: dict[str, Value] = {"smallest_cell": rules.smallest_cell}
    engine.materialise("rare_labels", statement("rare_labels", values=few))
    engine.materialise("stitched_contacts", *_in_parts(engine, stitched))


def _in_parts(engine: Engine, values: Mapping[str, Value]) -> list[Statement]:
    """`stitched_contacts` in one statement, or by ranges of customers where memory can't take all of them at once."""
    held = engine.run(statement("identified")).iloc[0]
    count = int(held["contacts"]) // engine.contacts_at_once + 1
    if count == 1:
        return [statement("stitched_contacts", values=values)]
    edges = [int(held["last_customer"]) * number // count for number in range(count + 1)]
    ranges = [{**values, "first_customer": low + 1, "last_customer": high} for low, high in pairwise(edges)]
    # Contacts of nobody known need no memory, however many: they have no neighbours.
    return [_of_customers("is null", values), *(_of_customers(_IN_RANGE, limits) for limits in ranges)]


_IN_RANGE = "between $first_customer and $last_customer"
_BY_CUSTOMER = ("contacts", "leg_groups", "merged_contacts", "spells")


def _of_customers(condition: str, values: Mapping[str, Value]) -> Statement:
    tree = limited(template("stitched_contacts"), _BY_CUSTOMER, f"customer_key {condition}")
    return Statement("stitched_contacts", tree, MappingProxyType(dict(values)))


def find_cases(engine: Engine, followed: Following) -> None:
    """Make `cases` for a window and a matching rule."""
    engine.materialise("cases", statement("cases", values=followed.values))


def _costs(engagement: Engagement) -> list[dict[str, Value]]:
    """What a contact costs by channel; an agent in several chats at once spreads a minute's cost."""
    costs = engagement.costs
    rows: list[dict[str, Value]] = []
    for channel in CHANNELS:
        per_minute = costs.per_minute.get(channel)
        shared = costs.chat_concurrency if channel == "chat" else 1
        per_second = None if per_minute is None else per_minute / 60 / shared
        per_contact = costs.per_contact.get(channel)
        if per_contact is not None or per_second is not None:
            rows.append({"channel": channel, "per_contact": per_contact, "per_handle_second": per_second})
    return rows


def constant_rows(table: str, rows: Sequence[Mapping[str, Value]]) -> Statement:
    """A statement that gives a small declared table's rows, every value bound."""
    kinds = STORED_TABLES[table]
    given = rows or [dict.fromkeys(kinds)]
    values: dict[str, Value] = {}
    selects = []
    for number, row in enumerate(given):
        columns = []
        for name, kind in kinds.items():
            values[f"{name}_{number}"] = row[name]
            columns.append(exp.alias_(exp.cast(exp.Placeholder(this=f"{name}_{number}"), kind), name))
        selects.append(exp.select(*columns))
    tree: exp.Query = selects[0] if len(selects) == 1 else exp.union(*selects, distinct=False)
    if not rows:
        assert isinstance(tree, exp.Select)
        tree = tree.where(exp.false())
    return Statement(table, tree, MappingProxyType(values))


def _day(value: object) -> dt.date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[arg-type,call-overload]
