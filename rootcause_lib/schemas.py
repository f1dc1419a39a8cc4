"""The canonical tables: every column once, with its type, its limits and its meaning.

Loaders cast and check by these declarations, the data dictionary is written from them, and the
statements are qualified against them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rootcause_lib import vocabulary

ColumnType = Literal["id", "text", "label", "timestamp", "date", "seconds", "number", "money", "count", "flag"]
"""`id`: text that names a thing and is never read as a number. `label`: text with few values.
`seconds`: a duration. `money`: the engagement's currency. `count`: a whole number."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table; limits are inclusive and in the column's own unit."""

    name: str
    type: ColumnType
    meaning: str
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    references: str | None = None
    until: vocabulary.Until | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table; `key` names the columns that tell its rows apart (none: rows have no name)."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()
    """Pairs of columns of which the second may not lie before the first."""
    one_of: tuple[str, ...] = ()
    """Columns of which a row must fill at least one."""

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)


_WEEK = 7 * 86_400.0
_CUSTOMER = "customers.customer_id"
_CONTACT = "contacts.contact_id"


def _duration(name: str, meaning: str, *, maximum: float = _WEEK) -> Column:
    return Column(name, "seconds", meaning, minimum=0, maximum=maximum)


CONTACTS = Table(
    "contacts",
    "One interaction between a customer and the company on one channel.",
    (
        Column("contact_id", "id", "Names the contact in the client's system.", required=True),
        Column("started_at", "timestamp", "When the contact began, local time.", required=True, until="observed"),
        Column("channel", "label", "Where the contact took place.", required=True, choices=vocabulary.CHANNELS),
        Column("customer_id", "id", "Whose contact it is; empty when not identified.", references=_CUSTOMER),
        Column("ended_at", "timestamp", "When the contact ended, local time.", until="loading"),
        Column("direction", "label", "Who began it; empty is read as inbound.", choices=vocabulary.DIRECTIONS),
        Column("reason", "label", "Why the customer made contact, as coded by the client."),
        Column("reason_group", "label", "A coarser level of the reason."),
        Column("agent_id", "id", "Who handled it."),
        Column("team", "label", "The team that handled it."),
        _duration("wait_seconds", "Time from arrival to the first answer.", maximum=90 * 86_400.0),
        _duration("handle_seconds", "Time an agent worked on it, wrap-up included where the client counts it."),
        _duration("wrap_up_seconds", "Time an agent worked on it after the customer was gone."),
        Column("abandoned", "flag", "The customer gave up before an answer."),
        Column("transfers", "count", "How often the company passed it on.", minimum=0, maximum=1000),
        Column("resolved", "flag", "The client's own mark that the matter was settled."),
        Column("reopened", "flag", "The client's system reopened it after it was settled."),
        Column("case_id", "id", "The client's own name for the matter, shared by its contacts."),
        Column("conversation_id", "id", "Shared by the legs of one contact."),
        Column("cost", "money", "What the contact cost.", minimum=0),
        Column("revenue", "money", "What was sold in the contact."),
        Column("complained", "flag", "The contact began with a complaint."),
        Column("repeated_information", "flag", "The customer had to say the same again."),
        Column("text", "text", "What was said or written; masked when read."),
    ),
    key=("contact_id",),
    ordered=(("started_at", "ended_at"),),
)

CONTACT_REASONS = Table(
    "contact_reasons",
    "Several reasons of one contact, with weights that sum to one.",
    (
        Column("contact_id", "id", "The contact.", required=True, references=_CONTACT),
        Column("reason", "label", "One of its reasons.", required=True),
        Column("weight", "number", "This reason's share of the contact; empty: equal shares.", minimum=0, maximum=1),
    ),
    key=("contact_id", "reason"),
)

IDENTITIES = Table(
    "identities",
    "Numbers and addresses by which a contact is linked to a customer.",
    (
        Column("customer_id", "id", "The customer.", required=True, references=_CUSTOMER),
        Column("kind", "label", "What the value is.", required=True, choices=vocabulary.IDENTITY_KINDS),
        Column("value", "id", "The number or address.", required=True),
        Column("valid_from", "timestamp", "From when it was this customer's."),
        Column("valid_to", "timestamp", "Until when it was this customer's."),
    ),
    ordered=(("valid_from", "valid_to"),),
)

CUSTOMERS = Table(
    "customers",
    "One spell of a customer with the company; a customer may have several.",
    (
        Column("customer_id", "id", "Names the customer.", required=True),
        Column("joined_on", "date", "First day as a customer."),
        Column("cancelled_on", "date", "The day notice was given."),
        Column("left_on", "date", "Last day as a customer; empty: still one."),
        Column("leave_reason", "label", "Whether leaving was the customer's choice.", choices=vocabulary.LEAVE_KINDS),
        Column("contract_ends_on", "date", "When the current contract ends."),
        Column("segment", "label", "The client's own customer group."),
        Column("monthly_margin", "money", "Margin per month."),
    ),
    key=("customer_id", "joined_on"),
    ordered=(("joined_on", "left_on"), ("joined_on", "cancelled_on")),
)

SURVEYS = Table(
    "surveys",
    "One question asked of one person, answered or not.",
    (
        Column("survey_id", "id", "Names the asking.", required=True),
        Column("metric", "label", "Which score was asked for.", required=True, choices=vocabulary.SURVEY_METRICS),
        Column("answered_at", "timestamp", "When it was answered.", until="loading"),
        Column("asked_at", "timestamp", "When it was asked.", until="loading"),
        Column("score", "number", "The answer; empty: asked, not answered."),
        Column("scale_low", "number", "The lowest answer that could be given."),
        Column("scale_high", "number", "The highest answer that could be given."),
        Column("direction", "label", "Which end of the scale is good.", choices=vocabulary.SCORE_DIRECTIONS),
        Column("contact_id", "id", "The contact asked about.", references=_CONTACT),
        Column("customer_id", "id", "Who was asked.", references=_CUSTOMER),
        Column("agent_id", "id", "The agent asked about, or the employee who answered."),
        Column("team", "label", "Their team."),
        Column("comment", "text", "Free words; masked when read."),
    ),
    key=("survey_id",),
    one_of=("answered_at", "asked_at"),
)

PROCESS_EVENTS = Table(
    "process_events",
    "Something the company did, or failed to do, to a customer.",
    (
        Column("event_id", "id", "Names the event.", required=True),
        Column("customer_id", "id", "Whom it happened to.", required=True, references=_CUSTOMER),
        Column("process", "label", "Which upstream process.", required=True),
        Column("started_at", "timestamp", "When it began.", required=True),
        Column("due_at", "timestamp", "When it was promised to be over."),
        Column("ended_at", "timestamp", "When it was over."),
        Column("reference", "id", "Order, invoice or claim number."),
        Column("opened_by_contact", "flag", "A contact opened it."),
    ),
    key=("event_id",),
    ordered=(("started_at", "ended_at"),),
)

VISITS = Table(
    "visits",
    "A visit to the web site or app.",
    (
        Column("visit_id", "id", "Names the visit.", required=True),
        Column("started_at", "timestamp", "When it began.", required=True, until="observed"),
        Column("customer_id", "id", "Whose visit, where known.", references=_CUSTOMER),
        Column("ended_at", "timestamp", "When it ended."),
        Column("topic", "label", "What it was about."),
        Column("goal_reached", "flag", "The visitor did what they came for."),
    ),
    key=("visit_id",),
    ordered=(("started_at", "ended_at"),),
)

AGENTS = Table(
    "agents",
    "People who answer contacts.",
    (
        Column("agent_id", "id", "Names the agent.", required=True),
        Column("hired_on", "date", "First day of work.", required=True),
        Column("left_on", "date", "Last day of work; empty: still here."),
        Column("leave_kind", "label", "Whether they left by choice."),
        Column("team", "label", "Their team."),
        Column("lead", "id", "Their team lead."),
    ),
    key=("agent_id", "hired_on"),
    ordered=(("hired_on", "left_on"),),
)

AUDITS = Table(
    "audits",
    "A second look at a contact's reason.",
    (
        Column("contact_id", "id", "The contact.", required=True, references=_CONTACT),
        Column("coder", "id", "Who looked; `adjudicated` settles.", required=True),
        Column("reason", "label", "The reason found.", required=True),
        Column("weight", "number", "This topic's share of the contact.", minimum=0, maximum=1),
        Column("failure_demand", "flag", "Something went wrong earlier, or was not done."),
    ),
    key=("contact_id", "coder", "reason"),
)

VOLUMES = Table(
    "volumes",
    "Counts that are not known per customer.",
    (
        Column("date", "date", "The day.", required=True),
        Column("name", "label", "What was counted: orders, invoices, active customers.", required=True),
        Column("count", "number", "How many.", required=True, minimum=0),
    ),
    key=("date", "name"),
)

REASON_VALUES = Table(
    "reason_values",
    "What contacts for a reason are worth to either side, as rated by people.",
    (
        Column("reason", "label", "The reason.", required=True),
        Column("rater", "id", "Who rated.", required=True),
        Column("customer_value", "number", "From -1 irritates to 1 valued.", required=True, minimum=-1, maximum=1),
        Column("company_value", "number", "From -1 irritates to 1 valued.", required=True, minimum=-1, maximum=1),
    ),
    key=("reason", "rater"),
)

MENTIONS = Table(
    "mentions",
    "Public feedback.",
    (
        Column("date", "date", "The day.", required=True, until="loading"),
        Column("source", "label", "Where it was said.", required=True),
        Column("sentiment", "number", "From -1 bad to 1 good.", minimum=-1, maximum=1),
        Column("topic", "label", "What it was about."),
        Column("count", "number", "How many.", minimum=0),
    ),
)

IDEAS = Table(
    "ideas",
    "Improvements proposed by customers or agents.",
    (
        Column("date", "date", "When it was filed.", required=True, until="loading"),
        Column("source", "label", "Who filed it.", required=True, choices=("customer", "agent")),
        Column("reason", "label", "The reason it is about."),
        Column("text", "text", "The proposal; masked when read."),
        Column("status", "label", "What became of it."),
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            CONTACTS,
            CONTACT_REASONS,
            IDENTITIES,
            CUSTOMERS,
            SURVEYS,
            PROCESS_EVENTS,
            VISITS,
            AGENTS,
            AUDITS,
            VOLUMES,
            REASON_VALUES,
            MENTIONS,
            IDEAS,
        )
    }
)
"""Every canonical table by name, in the order a reader meets them."""
