"""How every column of a table's sources is written, weighed on a sample of each and settled over all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rootcause_lib.engagement import TableSource
from rootcause_lib.loaders.mapping import MappedColumn, cleaned_sql
from rootcause_lib.loaders.number_formats import Mark, NumberFormat, is_clock, settle_marks, weigh_marks
from rootcause_lib.loaders.parsing import NUMBER_TYPES, TIME_TYPES, Reading
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.reading import Opened
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.time_evidence import Values, settle_times, stated_time_format, weigh_times

SAMPLED_ROWS = 20_000

_MANY_LABELS = 2_000
"""A sample with more different values than this shows no labels."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """A source with its mapping and the scratch table that holds the first values of every column."""

    opened: Opened
    mapped: tuple[MappedColumn, ...]
    table: str

    def values(self, mapped: MappedColumn, *, key: str) -> Values:
        text = f"({mapped.sql})::varchar"
        return Values(
            where=f"{self.opened.name}, column {' + '.join(literal(header) for header in mapped.headers)}",
            key=key,
            sample=f"(select {quoted(mapped.name)} as value from {scratch(self.table)})",
            whole=f"(select {text} as value from {self.opened.sample})",
        )


def sample(session: Session, opened: Opened, mapped: tuple[MappedColumn, ...]) -> Sampled:
    """Keep the first values of each column that has something to settle, and of labels."""
    table = session.new_name("sample")
    columns = ", ".join(
        f"({each.sql})::varchar as {quoted(each.name)}"
        for each in mapped
        if (each.column.type in (*TIME_TYPES, *NUMBER_TYPES) and each.kind in ("text", "number"))
        or (each.column.type == "label" and each.raw)
    )
    session.run(
        f"create table {scratch(table)} as select source_row{', ' if columns else ''}{columns} "
        f"from {opened.sample} limit {SAMPLED_ROWS}",
        about=f"reading {opened.name}",
    )
    return Sampled(opened, mapped, table)


def expected_labels(session: Session, sampled: Sequence[Sampled], source: TableSource) -> dict[str, tuple[str, ...]]:
    """The labels that samples show, that the engagement maps or that are a column's choices: sorted, by column.

    Without columns that hold too many to be labels.
    """
    columns = {each.name: each for one in sampled for each in one.mapped if each.column.type == "label"}
    found = {}
    for name in columns:
        places = [(one, each) for one in sampled for each in one.mapped if each.name == name]
        if not all(each.raw for _, each in places):
            continue
        values = " union all ".join(f"select {quoted(name)} as label from {scratch(one.table)}" for one, _ in places)
        _, each = places[0]
        may_follow = [*each.column.choices, *source.values.get(each.column.meaning, source.values.get(name, {}))]
        cleaned = cleaned_sql("label", each.nulls, kept=each.kept)
        rows = session.rows(
            f"select distinct label from ({values} union all select {cleaned} from (select unnest(?) as label)) "
            f"where label is not null order by 1 limit {_MANY_LABELS}",
            values=[may_follow],
            about=f"listing the labels of {name}",
        )
        if 0 < len(rows) < _MANY_LABELS:
            found[name] = tuple(label for (label,) in rows)
    return found


def settle(session: Session, sampled: Sequence[Sampled], source: TableSource) -> list[dict[str, Reading]]:
    """Per source, the reading of each column by name; what one source leaves open another may tell."""
    readings: list[dict[str, Reading]] = [{} for _ in sampled]
    names = {each.name: each for one in sampled for each in one.mapped}
    for name, column in names.items():
        if column.column.type in TIME_TYPES:
            settler: Callable[..., Mapping[int, Reading]] = _times
        elif column.column.type in NUMBER_TYPES:
            settler = _numbers
        else:
            continue
        open_ = {
            place: (one, each)
            for place, one in enumerate(sampled)
            for each in one.mapped
            if each.name == name and each.headers and _has_something_to_settle(each)
        }
        for place, reading in settler(session, open_, source, name).items():
            readings[place][name] = reading
    return readings


def _has_something_to_settle(mapped: MappedColumn) -> bool:
    return mapped.kind == "text" or (mapped.kind == "number" and mapped.column.type in TIME_TYPES)


Open = Mapping[int, tuple[Sampled, MappedColumn]]


def _times(session: Session, open_: Open, source: TableSource, name: str) -> Mapping[int, Reading]:
    keys = {place: f"{each.key.replace('.columns.', '.formats.')}" for place, (_, each) in open_.items()}
    if stated := source.formats.get(name):
        return {
            place: stated_time_format(session, stated, key=keys[place]) if each.kind in ("text", "number") else None
            for place, (_, each) in open_.items()
        }
    evidence = [weigh_times(session, one.values(each, key=keys[place])) for place, (one, each) in open_.items()]
    return dict(zip(open_, settle_times(evidence), strict=True))


def _numbers(session: Session, open_: Open, source: TableSource, name: str) -> Mapping[int, Reading]:
    clocks = {}
    if any(each.column.type == "seconds" for _, each in open_.values()):
        unit = source.units.get(name)
        for place, (one, each) in open_.items():
            values = one.values(each, key=each.key.replace(".columns.", ".units."))
            clocks[place] = is_clock(session, values, unit=unit)
    if stated := source.formats.get("decimal"):
        marks: list[Mark] = ["," if stated == "," else "."] * len(open_)
    else:
        evidence = []
        for one, each in open_.values():
            key = each.key.partition(".columns.")[0] + ".formats.decimal"
            evidence.append(weigh_marks(session, one.values(each, key=key)))
        marks = settle_marks(evidence)
    return {place: NumberFormat(mark, clocks.get(place, False)) for place, mark in zip(open_, marks, strict=True)}
