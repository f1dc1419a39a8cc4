"""How many mappings of a draft a person still has to change, against an engagement made by hand."""

from __future__ import annotations

from rootcause_lib import Engagement
from rootcause_lib.engagement import Constant, TableSource


def changes(drafted: Engagement, by_hand: Engagement) -> set[str]:
    """`table.column` of every mapping that is missing, different or too many, with its unit and value map."""
    found: set[str] = set()
    for name in sorted({*drafted.tables, *by_hand.tables}):
        found |= {f"{name}.{part}" for part in _table(drafted.tables.get(name), by_hand.tables.get(name))}
    return found


def _table(ours: TableSource | None, theirs: TableSource | None) -> set[str]:
    if ours is None or theirs is None:
        return {"source"}
    names = {*ours.columns, *theirs.columns, *ours.counts, *theirs.counts}
    found = {name for name in names if _column(ours, name) != _column(theirs, name)}
    found |= {name for name in ours.values if name in theirs.values and _labels(ours, name) != _labels(theirs, name)}
    found |= {key for key in ("rows", "row_is") if getattr(ours, key) != getattr(theirs, key)}
    for name in {*ours.units, *theirs.units}:
        units = {source.units.get(name, "seconds") for source in (ours, theirs)}
        # Durations written h:mm:ss are read as such whatever the unit.
        if len(units) > 1 and "hh:mm:ss" not in units:
            found.add(name)
    return found


def _column(source: TableSource, name: str) -> object:
    given = source.columns.get(name, source.counts.get(name))
    return given.value if isinstance(given, Constant) else given


def _labels(source: TableSource, name: str) -> dict[str, str]:
    return {label.casefold(): value for label, value in source.values[name].items()}
