"""The metrics there are. Names are the field's nouns; share, mean and rate are said by the unit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.metrics.definition import Definition, Metric
from rootcause_lib.statements import Value

_WINDOW = "case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400"
_MATCHABLE = (
    "case $matching when 'any' then true when 'reason' then reason is not null "
    "when 'case' then case_key is not null end"
)
_PREVIOUS = "case $matching when 'any' then previous_any_seconds when 'reason' then previous_reason_seconds end"
_NEXT_SEEN = (
    "case $matching when 'any' then next_any_seconds when 'reason' then next_reason_seconds "
    "when 'case' then next_case_seconds end"
)
_NEXT_ANSWERED = (
    "case $matching when 'any' then next_any_answered_seconds when 'reason' then next_reason_answered_seconds "
    "when 'case' then next_case_answered_seconds end"
)
_NEXT = f"case $view when 'workload' then {_NEXT_ANSWERED} else {_NEXT_SEEN} end"
_OPENS = (
    f"case when $matching = 'case' then previous_case_seconds is null else coalesce({_PREVIOUS} > {_WINDOW}, true) end"
)
_OPENING_KNOWN = f"({_PREVIOUS} is not null or coalesce(history_seconds >= {_WINDOW}, true))"
_ENDS = (
    f"case when $matching = 'case' then next_case_answered_seconds is null "
    f"else coalesce({_NEXT_ANSWERED} > {_WINDOW}, true) end"
)
_ANSWERED = "direction = 'inbound' and not coalesce(abandoned, false)"

_FOLLOWED: Mapping[str, Value] = MappingProxyType(
    {"window_days": 14, "own_windows": False, "matching": "any", "view": "customer"}
)

_CASES: Mapping[str, Value] = MappingProxyType({"window_days": 14, "own_windows": False, "matching": "any"})
"""What finds the cases; their expressions name none of it."""

_METRICS = (
    Metric(
        key="first_contact_resolution",
        label="First-contact resolution",
        unit="share",
        grain="case",
        better="higher",
        asked=f"judged and {_OPENS}",
        known=f"{_MATCHABLE} and {_OPENING_KNOWN} and follow_up_seconds >= {_WINDOW}",
        measure=f"coalesce({_NEXT} > {_WINDOW}, true) and coalesce(left_seconds > {_WINDOW}, true)",
        values=_FOLLOWED,
        definition=Definition(
            says="Share of cases whose first contact was followed by no further contact about the matter within the "
            "window, by a customer who stayed.",
            counted="Contacts that open a case, credited to the channel that opened it, once their window is over. "
            "A later contact counts whatever channel it came by. Leaving by choice within the window is not resolved.",
            unknown="The window reaches past the end of the extract, or an earlier contact may lie before its start; "
            "no reason or case where matching needs one.",
            does_not_tell="That the matter was settled: a customer may stay silent unresolved.",
            source="Forward-looking repeat-contact definition of the contact-centre field; DECISIONS.md.",
        ),
    ),
    Metric(
        key="repeat_contact",
        label="Repeat contact",
        unit="share",
        grain="contact",
        better="lower",
        asked="judged",
        known=f"{_MATCHABLE} and follow_up_seconds >= {_WINDOW}",
        measure=f"coalesce({_NEXT} <= {_WINDOW}, false)",
        values=_FOLLOWED,
        definition=Definition(
            says="Share of contacts followed by another contact about the matter within the window.",
            counted="Every answered contact of an identified customer, not only those that open a case.",
            unknown="The window reaches past the end of the extract; no reason or case where matching needs one.",
            does_not_tell="Why the customer came back; some would have made contact by chance.",
            source="Repeat-contact rate as used in the field; DECISIONS.md.",
        ),
    ),
    Metric(
        key="contacts_per_case",
        label="Contacts per case",
        unit="contacts",
        grain="case",
        better="lower",
        asked="true",
        known="opening_known and complete",
        measure="contacts",
        units="cases",
        values=_CASES,
        definition=Definition(
            says="Answered contacts it took per case, credited to the channel that opened the case.",
            counted="Cases seen from their opening to the end of the window after their last contact.",
            unknown="An earlier contact may lie before the extract, or a later one after it; no reason or case where "
            "matching needs one.",
            does_not_tell="Whether the last contact settled the matter.",
            source="Contacts per resolution as used in the field; DECISIONS.md.",
        ),
    ),
    Metric(
        key="one_and_done",
        label="One and done",
        unit="share",
        grain="contact",
        better="higher",
        asked="judged",
        known=f"{_MATCHABLE} and coalesce(history_seconds >= {_WINDOW}, true) and follow_up_seconds >= {_WINDOW}",
        measure=f"{_OPENS} and {_ENDS}",
        values=_CASES,
        definition=Definition(
            says="Share of contacts that were the only one about their matter: no other within the window before or "
            "after.",
            counted="Every answered contact of an identified customer: a share of the volume, not of the cases, and so "
            "lower than first-contact resolution.",
            unknown="The window reaches past either end of the extract; no reason or case where matching needs one.",
            does_not_tell="That the matter was settled, or that it took one attempt: abandoned attempts do not count.",
            source="Contacts in episodes of one contact over all contacts, as used in the field; DECISIONS.md.",
        ),
    ),
    Metric(
        key="transfer",
        label="Transfer",
        unit="share",
        grain="contact",
        better="lower",
        asked=_ANSWERED,
        known="transfers is not null",
        measure="transfers > 0",
        definition=Definition(
            says="Share of answered contacts that the company passed on to another agent or team.",
            counted="Inbound answered contacts, legs of one contact counted once.",
            unknown="The export does not say how often the contact was passed on.",
            does_not_tell="Whether passing it on was right.",
            source="Transfer rate as used in the field.",
        ),
    ),
    Metric(
        key="reopen",
        label="Reopen",
        unit="share",
        grain="contact",
        better="lower",
        asked=_ANSWERED,
        known="reopened is not null",
        measure="reopened",
        definition=Definition(
            says="Share of answered contacts that the client's system set back to open after they were settled.",
            counted="Inbound answered contacts.",
            unknown="The export does not say whether the contact was reopened.",
            does_not_tell="Repeat contact: a customer who writes anew reopens nothing.",
            source="Ticket reopen rate of help-desk systems.",
        ),
    ),
    Metric(
        key="abandonment",
        label="Abandonment",
        unit="share",
        grain="contact",
        better="lower",
        asked="direction = 'inbound'",
        known="abandoned is not null",
        measure="abandoned",
        definition=Definition(
            says="Share of attempts the customer gave up before an answer.",
            counted="Inbound attempts, answered or not.",
            unknown="The export does not say whether the attempt was abandoned.",
            does_not_tell="How long customers are ready to wait; the answered hide that.",
            source="Abandonment rate as used in the field: abandoned over offered.",
        ),
    ),
    Metric(
        key="handle_time",
        label="Handle time",
        unit="seconds",
        grain="contact",
        better="neither",
        asked=_ANSWERED,
        known="handle_seconds is not null",
        measure="handle_seconds",
        definition=Definition(
            says="Mean time agents worked on an answered contact.",
            counted="Inbound answered contacts, legs of one contact added up.",
            unknown="No handle time in the export.",
            does_not_tell="The work of the whole case.",
            source="Average handle time (AHT) as used in the field.",
        ),
    ),
    Metric(
        key="wait_time",
        label="Wait",
        unit="seconds",
        grain="contact",
        better="lower",
        asked=_ANSWERED,
        known="wait_seconds is not null",
        measure="wait_seconds",
        definition=Definition(
            says="Mean time from arrival to the first answer, of answered contacts.",
            counted="Inbound answered contacts; the wait before the first leg.",
            unknown="No wait in the export.",
            does_not_tell="How long those waited who gave up.",
            source="Average speed of answer as used in the field.",
        ),
    ),
    Metric(
        key="contact_cost",
        label="Cost per contact",
        unit="money",
        grain="contact",
        better="lower",
        asked=_ANSWERED,
        known="full_cost is not null",
        measure="full_cost",
        definition=Definition(
            says="Mean cost of an answered contact.",
            counted="Inbound answered contacts: the export's own cost, else the agreed cost per contact or per minute.",
            unknown="No cost in the export or the engagement for this channel.",
            does_not_tell="What a contact less would save in cash.",
            source="Cost per contact as used in the field; DECISIONS.md.",
        ),
    ),
    Metric(
        key="contact_rate",
        label="Contact rate",
        unit="contacts_per_day",
        grain="customer",
        better="lower",
        asked="direction = 'inbound'",
        known="customer_key is not null",
        measure="1",
        definition=Definition(
            says="Contacts per customer and day as a customer.",
            counted="Inbound contacts over the days customers were customers, silent customers included.",
            unknown="Contacts of nobody known, or of somebody outside the customer list.",
            does_not_tell="Which contacts had a cause upstream.",
            source="Contact rate as used in the field: contacts over exposure.",
        ),
    ),
)

CATALOGUE: Mapping[str, Metric] = MappingProxyType({metric.key: metric for metric in _METRICS})
"""Every metric by key."""


def metric(key: str) -> Metric:
    """The metric of that name; ParameterError with the nearest one otherwise."""
    if key not in CATALOGUE:
        raise ParameterError(unknown_choice("metric", key, CATALOGUE))
    return CATALOGUE[key]
