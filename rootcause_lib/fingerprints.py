"""What a store was made of: the input files with their hashes, the definitions, and the code that made it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rootcause_lib.engagement import Engagement
from rootcause_lib.engine import ENGINE_VERSION
from rootcause_lib.errors import DataError
from rootcause_lib.loaders import find_key
from rootcause_lib.stored_tables import STORED_TABLES

KNOWN_FILE = "inputs.json"
"""Hashes of files seen before, so that opening a store need not read gigabytes to know that they are the same."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file the store was made from."""

    table: str
    path: Path
    sha256: str
    size: int


def find_inputs(engagement: Engagement, *, known_in: Path) -> tuple[Input, ...]:
    """Every source file with its hash; a file whose size and time did not change is not read again.

    Raises DataError for a file that can't be read. A folder that can't be written costs time, nothing else.
    """
    known, inputs, seen = _read_json(known_in / KNOWN_FILE), [], {}
    for table in engagement.tables:
        for path in engagement.source_paths(table):
            status = path.stat()
            mark = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
            seen[mark] = known.get(mark) or _sha256(path)
            inputs.append(Input(table, path, seen[mark], status.st_size))
    if seen != known:
        with suppress(OSError):
            known_in.mkdir(parents=True, exist_ok=True)
            _write_whole(known_in / KNOWN_FILE, json.dumps(seen))
    return tuple(inputs)


def fingerprint_of(engagement: Engagement, inputs: Sequence[Input]) -> str:
    """What a store of these inputs would be named: it changes with anything the store's contents depend on."""
    parts = [
        _shape(),
        engagement.definition_key(),
        # Another key makes other pseudonyms; the hash tells keys apart and gives none away.
        hashlib.sha256(b"store" + find_key(engagement).secret).hexdigest(),
        *(f"{item.table}:{item.path.name}:{item.sha256}" for item in inputs),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _shape() -> str:
    """What a store would hold if made now: one made by other statements, tables, loaders or presets is not opened."""
    package = Path(__file__).parent
    sources = [*sorted((package / "loaders").glob("*.py")), package / "journeys.py", package / "schemas.py"]
    sources += [*sorted((package / "presets").glob("*")), *sorted((package / "sql").glob("*.sql"))]
    shape = [ENGINE_VERSION, *(each.read_text(encoding="utf-8") for each in sources if each.is_file())]
    shape += [repr({name: dict(columns) for name, columns in STORED_TABLES.items()})]
    return hashlib.sha256("\n".join(shape).encode()).hexdigest()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"'{path.name}' can't be read ({error.strerror}). Is it open in another program, or not yours to read?"
        ) from None


def _read_json(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_whole(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)
