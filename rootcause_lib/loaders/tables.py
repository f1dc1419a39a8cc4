"""The store's tables, made of the scratch ones: canonical labels, keys instead of ids, sorted contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rootcause_lib.loaders.judging import Labels
from rootcause_lib.loaders.masking import masked_sql
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.schemas import TABLES
from rootcause_lib.stored_tables import STORED_TABLES

CUSTOMERS, AGENTS, CODERS, IDENTITIES = "customer_pseudonyms", "agent_pseudonyms", "coder_pseudonyms", "identity_pseudonyms"

PERSONS: Mapping[tuple[str, str], str] = {
    ("contacts", "agent_id"): AGENTS,
    ("surveys", "agent_id"): AGENTS,
    ("agents", "agent_id"): AGENTS,
    ("agents", "lead"): AGENTS,
    ("audits", "coder"): CODERS,
    ("reason_values", "rater"): CODERS,
    ("identities", "value"): IDENTITIES,
}
"""Columns that name a person or reach one, and the pseudonyms that stand instead."""

ADJUDICATED = "adjudicated"
"""The coder that is no person but a verdict."""

_FEW_LABELS = 50_000

Enums = Mapping[str, tuple[str, list[str]]]
"""Column to the name of its enumeration type and the labels in it."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A table ready to be stored: its scratch table, the condition rows must meet, its columns, its labels."""

    table: str
    name: str
    where: str
    columns: tuple[str, ...]
    further: Mapping[str, str]
    labels: Labels
    row_is: str = "interaction"


def store_contacts(session: Session, ready: Ready, *, agents: str) -> None:
    """`contacts`, sorted by customer, start and id with keys from 1 in that order, and `contact_texts`."""
    ready = _with_agents_as_labels(session, ready, agents)
    enums = _label_types(session, ready)
    stored = {**STORED_TABLES["contacts"], **ready.further}
    sorted_ = [name for name in stored if _is_sorted(ready, name, agents)]
    inner = [f"{_inner(ready, name, stored[name], enums, agents)} as {quoted(name)}" for name in sorted_]
    outer = []
    for name, kind in stored.items():
        value = _outer(ready, name, enums) if name in sorted_ else _fixed(ready, name, kind)
        outer.append(f"{value} as {quoted(name)}")
    session.run(
        f"create table contacts as select {', '.join(outer)} from (select {', '.join(inner)} "
        f"from {scratch(ready.name)} as rows {_joins(ready, agents, enums)} where {ready.where} "
        "order by customer_key nulls last, started_seconds, contact_id)",
        about="sorting the contacts",
    )
    _store_texts(session, ready)


def store_table(session: Session, ready: Ready, *, agents: str) -> None:
    """Any other canonical table, in the order of its sources."""
    enums = _label_types(session, ready)
    stored = {**STORED_TABLES[ready.table], **ready.further}
    columns = [f"{_plain(ready, name, kind, enums, agents)} as {quoted(name)}" for name, kind in stored.items()]
    session.run(
        f"create table {quoted(ready.table)} as select {', '.join(columns)} from {scratch(ready.name)} as rows "
        f"{_joins(ready, agents, enums)} where {ready.where}",
        about=f"storing {ready.table}",
    )


def store_customer_ids(session: Session) -> None:
    """`customer_ids`: the key and the pseudonym of every customer of any table."""
    session.run(
        f"create table customer_ids as select number as customer_key, pseudonym as customer_id from {scratch(CUSTOMERS)} order by number",
        about="storing the customers' pseudonyms",
    )


def store_empty(session: Session, tables: Sequence[str]) -> None:
    """Tables the client does not have, empty with all their columns, so that every statement runs."""
    for table in tables:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in STORED_TABLES[table].items())
        session.run(f"create table {quoted(table)} ({columns})", about=f"preparing {table}")


def _label_types(session: Session, ready: Ready) -> dict[str, tuple[str, list[str]]]:
    """An enumeration type per label column, which sorts at a byte or two per row: its name and its labels."""
    found = {}
    for column in (*TABLES[ready.table].columns, *(name for name in ready.further)):
        name = column if isinstance(column, str) else column.name
        is_label = isinstance(column, str) or column.type == "label" or name in ready.labels
        if name not in ready.columns or not is_label or (ready.table != "contacts" and name not in ready.labels):
            continue
        about = f"listing the labels of {ready.table}.{name}"
        labels = session.rows(
            f"select distinct {quoted(name)} from {scratch(ready.name)} as rows where {ready.where} "
            f"and {quoted(name)} is not null order by 1 limit {_FEW_LABELS + 1}",
            about=about,
        )
        if not labels or (len(labels) > _FEW_LABELS and name not in ready.labels) or ready.further.get(name) == "double":
            continue
        made = session.new_name("labels")
        listed = ", ".join(literal(label) for (label,) in labels)
        session.run(f"create type {scratch(made)} as enum ({listed})", about=about)
        found[name] = (scratch(made), [label for (label,) in labels])
    return found


def _with_agents_as_labels(session: Session, ready: Ready, agents: str) -> Ready:
    """Agents are few and repeat, so they travel through the sort as labels do."""
    if "agent_id" not in ready.columns or _hidden("contacts", "agent_id", agents):
        return ready
    about = "listing the agents' pseudonyms"
    found = session.rows(f"select id, pseudonym from {scratch(AGENTS)} limit {_FEW_LABELS + 1}", about=about)
    return ready if len(found) > _FEW_LABELS else replace(ready, labels={**ready.labels, "agent_id": dict(found)})


def _is_sorted(ready: Ready, name: str, agents: str) -> bool:
    """Whether a column differs between contacts and so has to be sorted with them."""
    if name in ("customer_key", "ended_seconds"):
        return True
    return name in ready.columns and not _hidden("contacts", name, agents)


def _inner(ready: Ready, name: str, kind: str, enums: Enums, agents: str) -> str:
    """A contact's column while it is sorted: labels as enumerations."""
    if name in enums:
        return f"rows.{quoted(name)}::{enums[name][0]}"
    return _ended(ready) if name == "ended_seconds" else _plain(ready, name, kind, {}, agents)


def _outer(ready: Ready, name: str, enums: Enums) -> str:
    """A contact's column once sorted: labels as text, canonical where mapped."""
    value = _canonical(ready, name, enums) if name in enums else quoted(name)
    return f"coalesce({value}, 'inbound')" if name == "direction" else value


def _fixed(ready: Ready, name: str, kind: str) -> str:
    """A column that is the same for all contacts or follows from their order."""
    fixed = {
        "contact_key": "row_number() over ()",
        "row_is": literal(ready.row_is),
        "channel_label": "channel::varchar",
        "direction": "'inbound'",
    }
    return fixed.get(name, f"null::{kind}")


def _canonical(ready: Ready, name: str, enums: Enums) -> str:
    """Canonical text of an enumerated label, by its place in the enumeration."""
    if name not in ready.labels:
        return f"{quoted(name)}::varchar"
    values = ", ".join(literal(ready.labels[name].get(label, label)) for label in enums[name][1])
    return f"list_extract([{values}], enum_code({quoted(name)}) + 1)"


def _ended(ready: Ready) -> str:
    """A contact ends when it is said to, else after its handling, else when it starts."""
    ends = [f"rows.{name}" for name in ("ended_seconds",) if name in ready.columns]
    if "handle_seconds" in ready.columns:
        ends.append("rows.started_seconds + round(rows.handle_seconds)::bigint")
    return f"coalesce({', '.join([*ends, 'rows.started_seconds'])})"


def _plain(ready: Ready, name: str, kind: str, enums: Enums, agents: str) -> str:
    if name == "customer_key":
        return "customers.number" if "customer_id" in ready.columns else "null::bigint"
    if name not in ready.columns or _hidden(ready.table, name, agents):
        return f"null::{kind}"
    if name in enums:
        values = ", ".join(literal(ready.labels[name].get(label, label)) for label in enums[name][1])
        return f"list_extract([{values}], enum_code(rows.{quoted(name)}::{enums[name][0]}) + 1)"
    if (ready.table, name) in PERSONS:
        own = f"{quoted('of_' + name)}.pseudonym"
        return f"coalesce({own}, rows.{quoted(name)})" if PERSONS[ready.table, name] == CODERS else own
    is_text = name in TABLES[ready.table].column_names and TABLES[ready.table][name].type == "text"
    return masked_sql(f"rows.{quoted(name)}") if is_text else f"rows.{quoted(name)}"


def _hidden(table: str, name: str, agents: str) -> bool:
    """Whether the engagement's view of agents leaves a column out."""
    if PERSONS.get((table, name)) == AGENTS:
        return agents != "pseudonym"
    return name == "team" and agents == "none"


def _joins(ready: Ready, agents: str, enums: Enums) -> str:
    joins = []
    if "customer_id" in ready.columns:
        joins.append(f"left join {scratch(CUSTOMERS)} as customers on rows.customer_id = customers.id")
    for (table, name), pseudonyms in PERSONS.items():
        if table == ready.table and name in ready.columns and name not in enums and not _hidden(table, name, agents):
            alias = quoted("of_" + name)
            joins.append(f"left join {scratch(pseudonyms)} as {alias} on rows.{quoted(name)} = {alias}.id")
    return " ".join(joins)


def _store_texts(session: Session, ready: Ready) -> None:
    if "text" not in ready.columns:
        store_empty(session, ["contact_texts"])
        return
    session.run(
        f"create table contact_texts as select contact_key, {masked_sql('rows.text')} as text "
        f"from {scratch(ready.name)} as rows join contacts on rows.contact_id = contacts.contact_id "
        f"where {ready.where.replace('broken', 'rows.broken')} and rows.text is not null",
        about="masking the texts",
    )
