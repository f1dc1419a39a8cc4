"""What a preset file may say: the form every file in this folder is checked against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from rootcause_lib import vocabulary
from rootcause_lib.engagement import UNITS, Attributes, Constant, TableSource
from rootcause_lib.engagement.relations import table_faults
from rootcause_lib.engagement.shapes import ByTable, Name, ReadOnly, Section, Words, Written, fault, nothing, one_of

ANY = "*"
"""In the value map of a drafted column: every label the map does not name."""

Unit = Annotated[str, one_of("unit", UNITS)]


class Header(Section):
    """One way an export heads a column; `unit` where this header tells another unit than the table's."""

    header: Name
    unit: Unit | None = None


class Whole(Section):
    """The column in which an export says of itself whether it is whole, and the words that say so."""

    column: Name
    is_: Words = Field(alias="is", min_length=1)


def _headers(given: Any) -> Any:
    if isinstance(given, dict) and "value" in given:
        return given
    several = given if isinstance(given, list) else [given]
    return tuple({"header": each} if isinstance(each, str) else each for each in several)


Headers = Annotated[Constant | tuple[Header, ...], BeforeValidator(_headers)]


class PresetTable(Section):
    """What one canonical table is made of.

    columns: canonical name to the headers it may have, the best first, or to a constant. units: of the
    headers that name none themselves. drafted: columns that need a look at the export's own labels first;
    they are proposed in a draft, not read by the preset alone.
    """

    row_is: Annotated[str, one_of("kind of row", vocabulary.ROW_KINDS)] = "interaction"
    rows: Annotated[str, one_of("choice", ("last", "first"))] | None = None
    columns: ReadOnly[Headers]
    units: ReadOnly[Unit] = Field(default_factory=nothing)
    nulls: ReadOnly[Words] = Field(default_factory=nothing)
    values: ReadOnly[ReadOnly[Written]] = Field(default_factory=nothing)
    drafted: tuple[Name, ...] = ()

    def headers(self, column: str) -> tuple[Header, ...]:
        """The headers a canonical column may have; none for constants and columns the preset does not know."""
        given = self.columns.get(column, ())
        return () if isinstance(given, Constant) else given

    def unit(self, column: str, header: Header) -> str | None:
        """The unit of a duration under this header; None is seconds."""
        return header.unit or self.units.get(column)


class Preset(Section):
    """One known export. `signature`: headers that tell it from other exports. `suffixes` may stand behind any header.

    traps: what goes wrong with this export, in words. facts: where its headers and codes are documented.
    default_reasons: codes that say nothing about why the customer made contact.
    """

    system: Name
    export: Name
    facts: tuple[Name, ...] = Field(min_length=1)
    traps: tuple[Name, ...] = Field(min_length=1)
    signature: tuple[Name, ...] = Field(min_length=2)
    suffixes: tuple[Name, ...] = ()
    whole: Whole | None = None
    default_reasons: tuple[Name, ...] = ()
    tables: ByTable[PresetTable]

    @model_validator(mode="after")
    def _fits_the_tables(self) -> Preset:
        sources = {name: _as_source(name, table) for name, table in self.tables.items()}
        faults = [f"{'.'.join(map(str, each.key))}: {each.text}" for each in table_faults(sources, Attributes())]
        for name, table in self.tables.items():
            faults += [
                f"tables.{name}.drafted: '{each}' has no headers." for each in table.drafted if not table.headers(each)
            ]
            faults += [
                f"tables.{name}.values.{column}: '{ANY}' is for drafted columns."
                for column, labels in table.values.items()
                if ANY in labels and column not in table.drafted
            ]
        if faults:
            raise fault(" ".join(faults))
        return self


def _as_source(name: str, table: PresetTable) -> TableSource:
    """The same as an engagement would say it, so that the same rules check it."""
    columns: Mapping[str, Any] = {
        column: given if isinstance(given, Constant) else given[0].header for column, given in table.columns.items()
    }
    said: dict[str, Any] = {"row_is": table.row_is} if name == "contacts" else {}
    return TableSource(
        source=("export.csv",), columns=columns, units=dict(table.units), nulls=dict(table.nulls),
        values={column: dict(labels) for column, labels in table.values.items()}, rows=table.rows, **said,
    )  # fmt: skip
