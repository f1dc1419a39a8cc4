"""Labels as enumerations on their way into the store: a byte or two per row, canonical by their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.session import Session, scratch

FEW_LABELS = 50_000
"""More different labels than this are no labels and stay text."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An enumeration type of the scratch database and what its labels become."""

    type_name: str
    values: tuple[str, ...]
    changed: bool

    def cast_sql(self, value: str) -> str:
        return f"{value}::{self.type_name}"

    def canonical_sql(self, value: str) -> str:
        """Canonical text of an enumerated value."""
        if not self.changed:
            return f"{value}::varchar"
        return f"list_extract([{', '.join(literal(text) for text in self.values)}], enum_code({value}) + 1)"


def enumerate_labels(
    session: Session, rows: str, column: str, canonical: Mapping[str, str] | None
) -> Enumeration | None:
    """The enumeration of a column's labels; None when there is none or too many to be labels.

    rows: what stands after `from`, its condition included. canonical: what each label becomes, None: itself.
    """
    about = f"listing the labels of {column}"
    found = session.rows(
        f"select distinct {quoted(column)} from {rows} and {quoted(column)} is not null "
        f"order by 1 limit {FEW_LABELS + 1}",
        about=about,
    )
    labels = [label for (label,) in found]
    if not labels or (len(labels) > FEW_LABELS and canonical is None):
        return None
    made = scratch(session.new_name("labels"))
    session.run(f"create type {made} as enum ({', '.join(literal(label) for label in labels)})", about=about)
    values = tuple((canonical or {}).get(label, label) for label in labels)
    return Enumeration(made, values, canonical is not None)
