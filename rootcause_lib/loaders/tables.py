"""The store's tables, made of the scratch ones: canonical labels, keys instead of ids, days beside seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rootcause_lib.loaders.clock import Clock
from rootcause_lib.loaders.judging import Labels
from rootcause_lib.loaders.labels import Enumeration, enumerate_labels
from rootcause_lib.loaders.masking import masked_sql
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.schemas import TABLES
from rootcause_lib.stored_tables import STORED_TABLES

CUSTOMERS, AGENTS, CODERS, IDENTITIES = (
    "customer_pseudonyms",
    "agent_pseudonyms",
    "coder_pseudonyms",
    "identity_pseudonyms",
)

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

Enumerations = Mapping[str, Enumeration]


@dataclass(frozen=True, slots=True)
class Ready:
    """A table ready to be stored.

    name: its scratch table; where: the condition rows must meet; columns: of the scratch table;
    further: columns beyond the canonical ones, with SQL types; labels: what mapped labels become;
    agents: how they may be shown.
    """

    table: str
    name: str
    where: str
    columns: tuple[str, ...]
    further: Mapping[str, str]
    labels: Labels
    agents: str
    clock: Clock
    row_is: str = "interaction"

    @property
    def rows(self) -> str:
        """What stands after `from` and before a further condition."""
        return f"{scratch(self.name)} as rows where {self.where}"

    @property
    def stored(self) -> dict[str, str]:
        """The columns of the stored table with SQL types."""
        return {**STORED_TABLES[self.table], **self.further}

    def shows(self, name: str) -> bool:
        """Whether the table has the column and the engagement's view of agents lets it in."""
        is_agent = PERSONS.get((self.table, name)) == AGENTS
        hidden = (is_agent and self.agents != "pseudonym") or (name == "team" and self.agents == "none")
        return name in self.columns and not hidden


def store_table(session: Session, ready: Ready) -> None:
    """A canonical table other than contacts, in the order of its sources."""
    enumerations = {
        name: found
        for name, canonical in ready.labels.items()
        if ready.shows(name) and (found := enumerate_labels(session, ready.rows, name, canonical)) is not None
    }
    columns = [stored_sql(ready, name, kind, enumerations) for name, kind in ready.stored.items()]
    about = f"storing {ready.table}"
    session.run(f"create table {quoted(ready.table)} ({declared_sql(ready, ready.stored)})", about=about)
    session.run(
        f"insert into {quoted(ready.table)} select {', '.join(columns)} from {scratch(ready.name)} as rows "
        f"{joins_sql(ready, enumerations)} where {ready.where}",
        about=about,
    )


def declared_sql(ready: Ready, kinds: Mapping[str, str]) -> str:
    """The stored table's columns; ids of rows hardly compress, and trying to costs more than writing them."""
    columns = TABLES[ready.table]
    own = {each.name for each in columns if each.type == "id"} - {name for _, name in PERSONS}
    return ", ".join(
        f"{quoted(name)} {kind}{' using compression uncompressed' if name in own else ''}"
        for name, kind in kinds.items()
    )


def store_customer_ids(session: Session) -> None:
    """`customer_ids`: the key and the pseudonym of every customer of any table."""
    about = "storing the customers' pseudonyms"
    # Pseudonyms don't compress either; they lie in the order of their numbers.
    session.run(
        "create table customer_ids (customer_key bigint, customer_id varchar using compression uncompressed)",
        about=about,
    )
    session.run(f"insert into customer_ids select number, pseudonym from {scratch(CUSTOMERS)}", about=about)


def store_empty(session: Session, tables: Sequence[str]) -> None:
    """Tables the client does not have, empty with all their columns, so that every statement runs."""
    for table in tables:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in STORED_TABLES[table].items())
        session.run(f"create table {quoted(table)} ({columns})", about=f"preparing {table}")


def stored_sql(ready: Ready, name: str, kind: str, enumerations: Enumerations) -> str:
    """A stored column out of the scratch table `rows` and the joins of `joins_sql`."""
    column = f"rows.{quoted(name)}"
    stem = name.removesuffix("_on")
    if name == "customer_key":
        return "customers.number" if "customer_id" in ready.columns else "null::bigint"
    if name != stem and name not in ready.columns and f"{stem}_seconds" in ready.columns:
        return ready.clock.day_sql(f"rows.{quoted(stem + '_seconds')}")
    if not ready.shows(name):
        return f"null::{kind}"
    if name in enumerations:
        return enumerations[name].canonical_sql(enumerations[name].cast_sql(column))
    if pseudonyms := PERSONS.get((ready.table, name)):
        own = f"{quoted('of_' + name)}.pseudonym"
        return f"coalesce({own}, lower({column}))" if pseudonyms == CODERS else own
    is_text = name in TABLES[ready.table].column_names and TABLES[ready.table][name].type == "text"
    return masked_sql(column) if is_text else column


def joins_sql(ready: Ready, enumerations: Enumerations) -> str:
    """The joins from `rows` to the pseudonyms its columns need."""
    joins = []
    if "customer_id" in ready.columns:
        joins.append(f"left join {scratch(CUSTOMERS)} as customers on rows.customer_id = customers.id")
    for (table, name), pseudonyms in PERSONS.items():
        if table == ready.table and ready.shows(name) and name not in enumerations:
            alias = quoted("of_" + name)
            joins.append(f"left join {scratch(pseudonyms)} as {alias} on rows.{quoted(name)} = {alias}.id")
    return " ".join(joins)
