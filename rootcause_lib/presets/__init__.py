"""Known exports as data: one TOML file each, with header variants, units, value maps and traps."""

from __future__ import annotations

from rootcause_lib.presets.form import Header, Preset, PresetTable, Whole
from rootcause_lib.presets.reading import all_presets, preset_for, read_preset

__all__ = ["Header", "Preset", "PresetTable", "Whole", "all_presets", "preset_for", "read_preset"]
