"""A client's label that reads like the mark of totals is set apart, so that no total can be taken for it."""

from __future__ import annotations

from rootcause_lib.loaders.judging import Labels
from rootcause_lib.loaders.labels import labels_sql
from rootcause_lib.loaders.mapping import STATE, changes_name
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.staged import Staged
from rootcause_lib.vocabulary import ALL

REPAIR = "label_like_totals"
"""The repair by which such a label is listed."""


def set_apart(label: str) -> str:
    """The label as it is stored: one that folds to the mark of totals says what it is, others stay."""
    return f"{label} (label)" if label.strip().casefold() == ALL else label


def set_apart_labels(session: Session, staged: Staged, labels: Labels) -> Labels:
    """The labels with those set apart that are stored as the mark of totals; their rows are marked as repaired.

    A channel counts by the client's own label, which is stored beside the canonical one.
    """
    settled = dict(labels)
    for each in staged.columns:
        if each.column.type != "label" or each.name == STATE or each.name.startswith(changes_name("")):
            continue
        known = labels.get(each.name, {})
        alike = _alike(session, staged, each.name)
        stored = {**{label: label for label in alike}, **known}
        moved = {label: set_apart(value) for label, value in stored.items() if set_apart(value) != value}
        if moved:
            settled[each.name] = {**known, **moved}
        if touched := {*moved, *(alike if each.name == "channel" else ())}:
            _mark(session, staged, each.name, sorted(touched))
    return settled


def _alike(session: Session, staged: Staged, name: str) -> list[str]:
    listed = labels_sql(f"{scratch(staged.name)} where broken = 0", name)
    found = session.rows(
        f"select label from ({listed}) where lower(trim(label)) = {literal(ALL)} order by 1",
        about=f"looking at the labels of {staged.table}.{name}",
    )
    return [label for (label,) in found]


def _mark(session: Session, staged: Staged, name: str, labels: list[str]) -> None:
    session.run(
        f"update {scratch(staged.name)} set repaired = repaired | {staged.repairs.of(name, REPAIR)} "
        f"where broken = 0 and {quoted(name)}::varchar in (select unnest(?))",
        values=[labels],
        about=f"setting labels apart in {staged.table}.{name}",
    )
