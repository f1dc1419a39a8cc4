"""The contacts, sorted by customer and time, and their texts."""

from __future__ import annotations

from dataclasses import replace

from rootcause_lib.loaders.labels import FEW_LABELS, Enumeration, enum_sql, enumerate_labels
from rootcause_lib.loaders.masking import masked_sql
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.reserved_labels import set_apart
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.tables import AGENTS, Enumerations, Ready, declared_sql, joins_sql, store_empty, stored_sql
from rootcause_lib.schemas import CONTACTS

_INBOUND = "inbound"
"""The direction of a contact whose export does not say."""


def store_contacts(session: Session, ready: Ready) -> None:
    """`contacts`, sorted by customer, start and id with keys from 1 in that order, and `contact_texts`."""
    ready = _with_agents_as_labels(session, ready)
    enumerations = _enumerations(session, ready)
    kinds = _kinds(ready, enumerations)
    sorted_ = [name for name in kinds if name in ("customer_key", "ended_seconds") or ready.shows(name)]
    inner = [f"{_before(ready, name, enumerations)} as {quoted(name)}" for name in sorted_]
    outer = [
        _after(name, enumerations) if name in sorted_ else f"({_derived(ready, name, enumerations)})::{kind}"
        for name, kind in kinds.items()
    ]
    session.run(f"create table contacts ({declared_sql(ready, kinds)})", about="preparing contacts")
    session.run(
        f"insert into contacts select {', '.join(outer)} from (select {', '.join(inner)} "
        f"from {scratch(ready.name)} as rows {joins_sql(ready, enumerations)} where {ready.where} "
        "order by customer_key nulls last, started_seconds, contact_id)",
        about="sorting the contacts",
    )
    _store_texts(session, ready)


def _with_agents_as_labels(session: Session, ready: Ready) -> Ready:
    """Agents are few and repeat, so they travel through the sort as labels do."""
    if not ready.shows("agent_id"):
        return ready
    found = session.rows(
        f"select id, pseudonym from {scratch(AGENTS)} limit {FEW_LABELS + 1}", about="listing the agents' pseudonyms"
    )
    return ready if len(found) > FEW_LABELS else replace(ready, labels={**ready.labels, "agent_id": dict(found)})


def _enumerations(session: Session, ready: Ready) -> dict[str, Enumeration]:
    labels = [column.name for column in CONTACTS if column.type == "label" or column.name in ready.labels]
    found = {}
    for name in (*labels, *(name for name, kind in ready.further.items() if kind == "varchar")):
        if ready.shows(name):
            missing = _INBOUND if name == "direction" else None
            enumeration = enumerate_labels(session, ready.rows, name, ready.labels.get(name), missing=missing)
            if enumeration is not None:
                found[name] = enumeration
    return found


def _kinds(ready: Ready, enumerations: Enumerations) -> dict[str, str]:
    """The stored columns with their types: labels enumerated, which takes a byte and half the time of text."""
    kinds = ready.stored | {name: found.stored_type_sql for name, found in enumerations.items()}
    if "channel" in enumerations:
        kinds["channel_label"] = _as_they_came(enumerations["channel"]).stored_type_sql
    kinds["row_is"] = enum_sql([ready.row_is])
    return kinds if ready.shows("direction") else kinds | {"direction": enum_sql([_INBOUND])}


def _before(ready: Ready, name: str, enumerations: Enumerations) -> str:
    """A column while it is sorted: labels enumerated as they came."""
    if name in enumerations:
        return enumerations[name].cast_sql(f"rows.{quoted(name)}")
    return _ended(ready) if name == "ended_seconds" else stored_sql(ready, name, ready.stored[name], enumerations)


def _after(name: str, enumerations: Enumerations) -> str:
    """A column once sorted: labels canonical."""
    if name in enumerations:
        return enumerations[name].stored_sql(quoted(name))
    return f"coalesce({quoted(name)}, '{_INBOUND}')" if name == "direction" else quoted(name)


def _as_they_came(labels: Enumeration) -> Enumeration:
    """The client's own labels, but for those that read like the mark of totals."""
    return Enumeration(labels.labels, tuple(set_apart(label) for label in labels.labels))


def _derived(ready: Ready, name: str, enumerations: Enumerations) -> str:
    """A column that is the same for all contacts or follows from the sorted ones."""
    channel = _as_they_came(enumerations["channel"]).canonical_sql("channel") if "channel" in enumerations else "null"
    derived = {
        "contact_key": "row_number() over ()",
        "row_is": literal(ready.row_is),
        "channel_label": channel,
        "direction": literal(_INBOUND),
        "started_on": ready.clock.day_sql("started_seconds"),
        "started_hour": ready.clock.hour_sql("started_seconds"),
    }
    return derived.get(name, "null")


def _ended(ready: Ready) -> str:
    """A contact ends when it is said to, else after its handling, else when it starts."""
    ends = ["rows.ended_seconds"] if "ended_seconds" in ready.columns else []
    if "handle_seconds" in ready.columns:
        ends.append("rows.started_seconds + round(rows.handle_seconds)::bigint")
    return f"coalesce({', '.join([*ends, 'rows.started_seconds'])})"


def _store_texts(session: Session, ready: Ready) -> None:
    if "text" not in ready.columns:
        store_empty(session, ["contact_texts"])
        return
    session.run(
        f"create table contact_texts as select contact_key, {masked_sql('own.text')} as text "
        f"from contacts join (select contact_id, text from {ready.rows} and text is not null) as own "
        "on own.contact_id = contacts.contact_id",
        about="masking the texts",
    )
