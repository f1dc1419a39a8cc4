"""Labels as enumerations: a byte or two per row from the reader to the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.session import Session

FEW_LABELS = 50_000
"""More different labels than this are no labels and stay text."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A stored column's labels: how its text is enumerated, and the canonical values it becomes.

    labels: what the column holds, sorted. values: the canonical value of each. missing: what stands for none.
    """

    labels: tuple[str, ...]
    values: tuple[str, ...]
    missing: str | None = None

    @property
    def type_sql(self) -> str:
        """The type of the labels as they come."""
        return enum_sql(self.labels)

    @property
    def stored_type_sql(self) -> str:
        """The type of their canonical values."""
        return enum_sql(sorted({*self.values, *([self.missing] if self.missing is not None else [])}))

    def cast_sql(self, value: str) -> str:
        return f"{value}::{self.type_sql}"

    def canonical_sql(self, value: str) -> str:
        """The canonical text of a label of this type."""
        if self.values != self.labels:
            value = f"list_extract([{', '.join(literal(text) for text in self.values)}], enum_code({value}) + 1)"
        return value if self.missing is None else f"coalesce({value}, {literal(self.missing)})"

    def stored_sql(self, value: str) -> str:
        """The canonical value of a label of this type, enumerated itself."""
        return f"{self.canonical_sql(value)}::{self.stored_type_sql}"


def enum_sql(labels: Iterable[str]) -> str:
    """The type of a column that holds these labels; their order is their text's where they come sorted."""
    return f"enum({', '.join(literal(label) for label in labels)})"


def labels_sql(rows: str, column: str) -> str:
    """A query for the different labels of a column, as the text `label`; `rows` stands after `from`."""
    # Not `distinct`: the engine would test every row's label, made text, for what is asked of the different ones.
    return f"select any_value({quoted(column)})::varchar as label from {rows} group by {quoted(column)}"


def extend_labels(session: Session, table: str, column: str, known: Sequence[str], *, late: str) -> None:
    """Give an enumerated column what `late` holds, a text that is null where the column has its label."""
    about = f"listing the labels of {column}"
    unset = f"from {table} where {quoted(column)} is null and {late} is not null"
    found = [label for (label,) in session.rows(f"select distinct {late} {unset} limit {FEW_LABELS + 1}", about=about)]
    if found:
        kind = "varchar" if len(found) > FEW_LABELS else enum_sql(sorted({*known, *found}))
        session.run(
            f"alter table {table} alter column {quoted(column)} set data type {kind} "
            f"using coalesce({quoted(column)}::varchar, {late})::{kind}",
            about=about,
        )


def enumerate_labels(
    session: Session, rows: str, column: str, canonical: Mapping[str, str] | None, *, missing: str | None = None
) -> Enumeration | None:
    """The enumeration of a column's labels; None when there is none or too many to be labels.

    rows: what stands after `from`, its condition included. canonical: what each label becomes, None: itself.
    missing: what stands for none.
    """
    listed = labels_sql(f"{rows} and {quoted(column)} is not null", column)
    found = session.rows(f"{listed} order by 1 limit {FEW_LABELS + 1}", about=f"listing the labels of {column}")
    labels = tuple(label for (label,) in found)
    if not labels or (len(labels) > FEW_LABELS and canonical is None):
        return None
    return Enumeration(labels, tuple((canonical or {}).get(label, label) for label in labels), missing)
