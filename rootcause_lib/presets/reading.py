"""The preset files, read once."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from rootcause_lib.engagement import TableSource, preset_names, preset_text
from rootcause_lib.errors import EngagementError, unknown_choice
from rootcause_lib.presets.form import Preset, PresetTable


@cache
def read_preset(name: str) -> Preset:
    """The preset of that name; EngagementError when there is none."""
    if name not in preset_names():
        raise EngagementError(unknown_choice("preset", name, preset_names()))
    # JSON is the form in which strict validation reads arrays as tuples.
    return Preset.model_validate_json(json.dumps(tomllib.loads(preset_text(name))))


@cache
def all_presets() -> Mapping[str, Preset]:
    """Every preset by name, in order of name."""
    return MappingProxyType({name: read_preset(name) for name in preset_names()})


def preset_for(table: str, source: TableSource) -> tuple[Preset, PresetTable] | None:
    """What the source's preset says of the table; None without a preset.

    Raises EngagementError when the preset does not know that table.
    """
    if source.preset is None:
        return None
    preset = read_preset(source.preset)
    if table not in preset.tables:
        known = ", ".join(preset.tables)
        raise EngagementError(
            f"tables.{table}.preset: '{source.preset}' describes {known}, not {table}. "
            "Leave preset out and map the columns."
        )
    return preset, preset.tables[table]
