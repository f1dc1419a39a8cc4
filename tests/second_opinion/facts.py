"""Every metric's fact about one unit, said again in plain Python from its definition's words."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from second_opinion import Row, Rules, cases


class Fact(NamedTuple):
    asked: bool
    known: bool
    measure: float | None


class Tally(NamedTuple):
    numerator: float
    denominator: float
    unobserved: float


def _next(row: Row, values: Mapping[str, Any]) -> float:
    """Seconds to the next contact that counts; infinite where there is none."""
    answered = "_answered" if values["view"] == "workload" else ""
    found = row[f"next_{values['matching']}{answered}_seconds"]
    return float("inf") if found is None else float(found)


def _matchable(row: Row, matching: str) -> bool:
    return {"any": True, "reason": row["reason"] is not None, "case": row["case_id"] is not None}[matching]


def _resolution(row: Row, values: Mapping[str, Any], rules: Rules) -> Fact:
    window, matching = rules.window(row["reason"], values["window_days"], values["own_windows"]), values["matching"]
    before = row[f"previous_{matching}_seconds"]
    opens = before is None or (matching != "case" and before > window)
    history = row["history_seconds"]
    # Only a window of silence within the extract shows that nothing came before.
    seen_back = before is not None or history is None or history >= window
    seen_on = row["follow_up_seconds"] >= window
    stayed = row["left_seconds"] is None or row["left_seconds"] > window
    quiet = _next(row, values) > window
    return Fact(row["judged"] and opens, _matchable(row, matching) and seen_back and seen_on, float(quiet and stayed))


def _repeat(row: Row, values: Mapping[str, Any], rules: Rules) -> Fact:
    window = rules.window(row["reason"], values["window_days"], values["own_windows"])
    known = _matchable(row, values["matching"]) and row["follow_up_seconds"] >= window
    return Fact(row["judged"], known, float(_next(row, values) <= window))


def _answered(row: Row) -> bool:
    return row["direction"] == "inbound" and not row["abandoned"]


def _of_answered(name: str, measure: Callable[[Any], float] = float) -> Callable[..., Fact]:
    def fact(row: Row, _values: Mapping[str, Any], _rules: Rules) -> Fact:
        told = row[name] is not None
        return Fact(_answered(row), told, measure(row[name]) if told else None)

    return fact


def _abandonment(row: Row, _values: Mapping[str, Any], _rules: Rules) -> Fact:
    told = row["abandoned"] is not None
    return Fact(row["direction"] == "inbound", told, float(row["abandoned"]) if told else None)


def _contacts_per_case(row: Row, _values: Mapping[str, Any], _rules: Rules) -> Fact:
    return Fact(True, row["opening_known"] and row["complete"], float(row["contacts"]))


def _one_and_done(row: Row, values: Mapping[str, Any], rules: Rules) -> Fact:
    """The only contact of its matter: nothing answered within a window on either side, both sides seen."""
    window, matching = rules.window(row["reason"], values["window_days"], values["own_windows"]), values["matching"]
    before, after = row[f"previous_{matching}_seconds"], row[f"next_{matching}_answered_seconds"]
    far = float("inf") if matching == "case" else window
    seen = row["history_seconds"] is None or row["history_seconds"] >= window
    known = _matchable(row, matching) and seen and row["follow_up_seconds"] >= window
    alone = all(other is None or other > far for other in (before, after))
    return Fact(row["judged"], known, float(alone))


FACTS: Mapping[str, Callable[..., Fact]] = {
    "first_contact_resolution": _resolution,
    "repeat_contact": _repeat,
    "contacts_per_case": _contacts_per_case,
    "one_and_done": _one_and_done,
    "transfer": _of_answered("transfers", lambda count: float(count > 0)),
    "reopen": _of_answered("reopened"),
    "abandonment": _abandonment,
    "handle_time": _of_answered("handle_seconds"),
    "wait_time": _of_answered("wait_seconds"),
    "contact_cost": _of_answered("full_cost"),
}
"""By metric key; `contact_rate` is not a sum over contacts and stands below."""


def tallies(
    key: str, contacts: Sequence[Row], rules: Rules, *, values: Mapping[str, Any], by: Sequence[str]
) -> dict[tuple[Any, ...], Tally]:
    """numerator, denominator and unobserved of each cell in which anybody was asked."""
    units = contacts
    if key == "contacts_per_case":
        rule = {name: values[name] for name in ("matching", "window_days", "own_windows")}
        units = cases(contacts, rules, **rule)
    found: dict[tuple[Any, ...], Tally] = {}
    for row in units:
        fact = FACTS[key](row, values, rules)
        if fact.asked:
            cell = tuple(row[name] for name in by)
            told = fact.known and fact.measure is not None
            one = Tally(fact.measure or 0.0, 1.0, 0.0) if told else Tally(0.0, 0.0, 1.0)
            found[cell] = Tally(*(a + b for a, b in zip(found.get(cell, Tally(0, 0, 0)), one, strict=True)))
    return found


def _customer_on(day: dt.date, spells: Sequence[Row]) -> bool:
    """Whether the spell that began last by that day still lasts; who moved within the company never stopped."""
    begun = [spell for spell in spells if (spell["joined_on"] or dt.date.min) <= day]
    if not begun:
        return False
    last = max(begun, key=lambda spell: (spell["joined_on"] or dt.date.min, spell["left_on"] or dt.date.max))
    return last["leave_reason"] == "moved_within" or last["left_on"] is None or day <= last["left_on"]


def contact_rates(
    contacts: Iterable[Row], customers: Sequence[Row], rules: Rules, *, by: Sequence[str]
) -> dict[tuple[Any, ...], Tally]:
    """Contacts of listed customers over all customers' days as such; the others' contacts are unobserved."""
    spells: dict[int, list[Row]] = defaultdict(list)
    for spell in customers:
        spells[spell["customer_key"]].append(spell)
    span = (rules.observed_until - rules.observed_from) // dt.timedelta(days=1) + 1
    every = [rules.observed_from + dt.timedelta(days=number) for number in range(span)]
    days = {customer: sum(_customer_on(day, own) for day in every) for customer, own in spells.items()}
    found: dict[tuple[Any, ...], Tally] = {}
    for row in contacts:
        if row["direction"] == "inbound":
            cell = tuple(row[name] for name in by)
            told = days.get(row["customer_key"], 0) > 0
            before = found.get(cell, Tally(0, float(sum(days.values())), 0))
            found[cell] = Tally(before.numerator + told, before.denominator, before.unobserved + (not told))
    return found
