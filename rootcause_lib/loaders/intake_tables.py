"""The intake's frames kept in the store, so that a later opening knows what was loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from rootcause_lib.engine import DuckDB
from rootcause_lib.loaders.intake import Intake

FRAMES = ("sources", "rejects", "repairs", "unmapped", "orphans", "filled", "linked")


_COUNTS = ("rows_read", "rows_accepted", "rows_rejected", "rows_merged", "rows_repaired")
_LINKED = ("contacts", "identified_before", "identified_after", "shared")
_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sources": ("table", "source", *_COUNTS, "first", "last"),
        "rejects": ("table", "source", "row", "column", "rule"),
        "repairs": ("table", "source", "column", "repair", "rows"),
        "unmapped": ("table", "source", "column"),
        "orphans": ("table", "column", "rows"),
        "filled": ("table", "column", "filled", "rows"),
        "linked": ("channel", *_LINKED),
    }
)


def empty_intake(*, present: tuple[str, ...] = ("contacts",)) -> Intake:
    """An intake of nothing, with every column and its type: for statements to be reviewed without data."""
    whole = {"rows", "row", *_COUNTS, *_LINKED}
    frames = {
        name: pd.DataFrame(
            {
                column: pd.Series(dtype="int64" if column in whole else "float64" if column == "filled" else "str")
                for column in columns
            }
        )
        for name, columns in _COLUMNS.items()
    }
    return Intake(**frames, key_source="made", present=present)


def write_intake(engine: DuckDB, intake: Intake) -> None:
    """Keep an intake in the store as tables named intake_*."""
    notes = json.dumps({"key_source": intake.key_source, "present": intake.present})
    for name in FRAMES:
        _keep(engine, f"intake_{name}", getattr(intake, name))
    _keep(engine, "intake_notes", pd.DataFrame({"notes": [notes]}))


def read_intake(engine: DuckDB) -> Intake:
    """The intake of a store, as `write_intake` kept it."""
    frames = {name: _kept(engine, f"intake_{name}") for name in FRAMES}
    notes = json.loads(_kept(engine, "intake_notes")["notes"].iloc[0])
    return Intake(**frames, key_source=notes["key_source"], present=tuple(notes["present"]))


def _keep(engine: DuckDB, name: str, frame: pd.DataFrame) -> None:
    # The place keeps a frame's order, which tables of an engine do not.
    engine.connection.register("kept_frame", frame.assign(place=range(len(frame))))
    engine.connection.execute(f'create or replace table "{name}" as select * from kept_frame')
    engine.connection.unregister("kept_frame")


def _kept(engine: DuckDB, name: str) -> pd.DataFrame:
    return engine.connection.execute(f'select * exclude (place) from "{name}" order by place').df()
