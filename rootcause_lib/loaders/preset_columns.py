"""What a preset adds to an engagement's mapping; what the engagement says itself stands above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rootcause_lib.engagement import Constant, TableSource
from rootcause_lib.errors import DataError
from rootcause_lib.loaders.reading import Opened
from rootcause_lib.presets import Header, PresetTable, preset_for


@dataclass(frozen=True, slots=True)
class PresetColumns:
    """A preset's columns for one table. `stated`: columns whose unit the engagement says itself."""

    name: str
    table: str
    form: PresetTable
    suffixes: tuple[str, ...]
    stated: frozenset[str]


def with_preset(table: str, source: TableSource) -> tuple[TableSource, PresetColumns | None]:
    """The source with the preset's kind of rows, units, words for nothing, value maps and constants.

    Labels the engagement maps keep its value; columns that need a look at their labels (drafted) are left out.
    """
    found = preset_for(table, source)
    if found is None:
        return source, None
    preset, form = found
    values = {name: labels for name, labels in form.values.items() if name not in form.drafted}
    constants = {name: given for name, given in form.columns.items() if isinstance(given, Constant)}
    merged: dict[str, Any] = {
        "columns": {**constants, **source.columns},
        "units": {**form.units, **source.units},
        "nulls": {**form.nulls, **source.nulls},
        "values": {
            name: {**values.get(name, {}), **source.values.get(name, {})} for name in {**values, **source.values}
        },
    }
    if source.rows is None:
        merged["rows"] = form.rows
    if "row_is" not in source.model_fields_set:
        merged["row_is"] = form.row_is
    columns = PresetColumns(str(source.preset), table, form, preset.suffixes, frozenset(source.units))
    return source.model_copy(update=merged), columns


def known_preset_headers(preset: PresetColumns | None) -> frozenset[str]:
    """Every header the preset knows, so that the header row is found below title rows."""
    if preset is None:
        return frozenset()
    return frozenset(header.header for name in preset.form.columns for header in preset.form.headers(name))


def preset_header(opened: Opened, preset: PresetColumns, column: str, *, units: Mapping[str, str]) -> str | None:
    """The source's header for a canonical column by the preset; None where the preset or the source has none.

    Raises DataError where the header found tells another unit than the column would be read in.
    """
    if column in preset.form.drafted:
        return None
    for header in preset.form.headers(column):
        found = present_header(opened, header, preset.suffixes)
        if found is None:
            continue
        unit = preset.form.unit(column, header)
        if column not in preset.stated and unit != units.get(column):
            raise DataError(
                f"{opened.name}: '{found}' is in {unit or 'seconds'}, but the preset {preset.name} reads "
                f"{preset.table}.{column} in {units.get(column) or 'seconds'}. "
                f'State it: [tables.{preset.table}] units = {{ {column} = "{unit}" }}.'
            )
        return found
    return None


def present_header(opened: Opened, header: Header, suffixes: tuple[str, ...]) -> str | None:
    """How the source writes a preset's header, with one of the suffixes or without; None when it has no such column."""
    for name in (header.header, *(f"{header.header}{suffix}" for suffix in suffixes)):
        found = opened.find(name)
        if found is not None:
            return found.header
    return None
