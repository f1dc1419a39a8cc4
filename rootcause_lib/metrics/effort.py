"""What getting a matter settled costs the customer, and what becomes of those who help themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from rootcause_lib.metrics.catalogue import CATALOGUE
from rootcause_lib.metrics.definition import Definition, Metric
from rootcause_lib.statements import Value

_ANSWERED = "direction = 'inbound' and not coalesce(abandoned, false)"
_WINDOW = "case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400"
_MATCHABLE = (
    "case $matching when 'any' then true when 'reason' then reason is not null "
    "when 'case' then case_key is not null end"
)
_PREVIOUS = (
    "case $matching when 'any' then previous_any_seconds when 'reason' then previous_reason_seconds "
    "when 'case' then previous_case_seconds end"
)


def more_than_one_contact() -> Metric:
    """Whether a case took a further contact: the openers of first-contact resolution, the repeats of repeat contact."""
    opened, repeated = CATALOGUE["first_contact_resolution"], CATALOGUE["repeat_contact"]
    return replace(opened, key="more_than_one_contact", better="lower", measure=repeated.measure)


def repeated_information() -> Metric:
    """Whether an answered contact is marked as one in which the customer had to say the same again."""
    return _effort(
        "repeated_information", asked=_ANSWERED, known="repeated_information is not null",
        measure="repeated_information",
    )  # fmt: skip


def told_again() -> Metric:
    """What stands for it where nobody marks it: passed on to somebody else, or back about the same matter."""
    values: Mapping[str, Value] = {"window_days": 14, "own_windows": False, "matching": "reason"}
    again = (
        f"case when $matching = 'case' then {_PREVIOUS} is not null else coalesce({_PREVIOUS} <= {_WINDOW}, false) end"
    )
    return _effort(
        "told_again",
        asked="judged",
        known=f"transfers is not null and {_MATCHABLE} and ({_PREVIOUS} is not null "
        f"or coalesce(history_seconds >= {_WINDOW}, true))",
        measure=f"transfers > 0 or {again}",
        values=values,
    )


SESSION_FACTS = (
    "contained", "gave_up", "resolved_matched", "people_matched", "gone", "resolved_any", "people_any",
)  # fmt: skip
"""The facts of `self_service_sessions`, each a column of it."""


def session_facts() -> Sequence[Metric]:
    """One metric per fact: the share of sessions it is true of."""
    words = Definition("A fact of a session.", "Sessions.", "Not told.", "Why.", "self_service_sessions.sql.")
    return tuple(
        Metric(
            key=fact, label=fact, unit="share", grain="contact", better="neither", asked="true",
            known=f"{fact} is not null", measure=fact, definition=words, units="self_service_sessions",
        )
        for fact in SESSION_FACTS
    )  # fmt: skip


def _effort(key: str, *, asked: str, known: str, measure: str, values: Mapping[str, Value] | None = None) -> Metric:
    words = Definition("A step of the journey.", "Answered contacts.", "Not told.", "How it felt.", "GLOSSARY.md.")
    return Metric(
        key=key, label=key, unit="share", grain="contact", better="lower", asked=asked, known=known, measure=measure,
        definition=words, values=MappingProxyType(dict(values or {})),
    )  # fmt: skip
