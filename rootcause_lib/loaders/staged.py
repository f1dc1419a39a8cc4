"""A table's rows while they are judged: scratch columns typed, labels enumerated, faults as bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rootcause_lib.loaders.labels import enum_sql, extend_labels
from rootcause_lib.loaders.mapping import MappedColumn
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.loaders.rules import Bits
from rootcause_lib.loaders.session import Session, scratch

_SQL_TYPES: Mapping[str, str] = {
    "timestamp": "bigint", "date": "date", "flag": "boolean", "count": "bigint",
    "seconds": "double", "number": "double", "money": "double",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Staged:
    """A table's rows in the scratch database, in the order of their sources.

    Beside the canonical columns (times as X_seconds, ids raw): source_number, source_row, broken
    (bits of rules), repaired (bits of repairs), cells (what a row held as text: its first cell, then every
    column; only of a row that breaks a rule or holds a label beyond `labels`).
    labels: those each enumerated column is read into at first.
    """

    table: str
    name: str
    columns: tuple[MappedColumn, ...]
    rules: Bits
    repairs: Bits
    labels: Mapping[str, tuple[str, ...]]

    def cell_sql(self, name: str) -> str:
        """A column's text among a row's cells."""
        return f"cells[{[each.name for each in self.columns].index(name) + 2}]"

    def label_type(self, name: str) -> str:
        return scratch(f"labels_of_{self.table}_{name}")


def stage_table(
    session: Session,
    table: str,
    sources: Sequence[Sequence[MappedColumn]],
    labels: Mapping[str, tuple[str, ...]],
) -> Staged:
    """An empty scratch table that has every column any source maps; `labels` are those expected."""
    columns = tuple({each.name: each for mapped in sources for each in mapped}.values())
    staged = Staged(table, f"rows_of_{table}", columns, Bits(table), Bits(table), labels)
    for name, known in labels.items():
        session.run(f"create type {staged.label_type(name)} as {enum_sql(known)}", about=f"preparing {table}")
    # Finding how a column packs best takes longer than writing it as it is, and it is soon gone.
    packed = "using compression uncompressed"
    declared = []
    for each in columns:
        kind = staged.label_type(each.name) if each.name in labels else _SQL_TYPES.get(each.column.type, "varchar")
        declared.append(f"{quoted(scratch_name(each))} {kind} {packed}")
    session.run(
        f"create table {scratch(staged.name)} (source_number integer, source_row bigint {packed}, "
        f"{', '.join(declared)}, broken bigint, repaired bigint {packed}, cells varchar[])",
        about=f"preparing {table}",
    )
    return staged


def settle_late_labels(session: Session, staged: Staged) -> None:
    """Labels that were not expected join those of their columns."""
    if not staged.labels:
        return
    late = {name: staged.cell_sql(name) for name in staged.labels}
    counts = ", ".join(f"count({cell}) filter (where {quoted(name)} is null)" for name, cell in late.items())
    rows = session.row(
        f"select {counts} from {scratch(staged.name)} where cells is not null",
        about=f"listing the labels of {staged.table}",
    )
    for (name, cell), unset in zip(late.items(), rows, strict=True):
        if unset:
            extend_labels(session, scratch(staged.name), name, staged.labels[name], late=cell)


def scratch_name(mapped: MappedColumn) -> str:
    """The scratch column of a canonical column."""
    return f"{mapped.name.removesuffix('_at')}_seconds" if mapped.column.type == "timestamp" else mapped.name
