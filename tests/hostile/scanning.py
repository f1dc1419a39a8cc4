"""Personal details of the sample client, read from its exports by other means than the library's, and where they are.

A customer's number is seven digits, so digits are compared as whole runs; the rest is looked for as it stands,
with and without the blanks inside it.
"""

from __future__ import annotations

import base64
import csv
import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as parquet
from openpyxl import load_workbook

_DIGITS = re.compile(r"(?<![0-9A-Za-z.,])[0-9]{7}(?![0-9])")
_AGENT = re.compile(r"(?<![A-Za-z0-9])A[0-9]{5}(?![0-9])")
_IN_TEXT = (
    ("e-mail", re.compile(r"[^\s,;:]+@[^\s,;]+")),
    ("identity code", re.compile(r"\d{6}[-+A-Y]\d{3}[0-9A-Y]")),
    ("iban", re.compile(r"FI\d\d(?: ?\d){14}")),
    ("phone", re.compile(r"\+\d[\d ]{8,}\d|\b0\d\d \d{3} \d{4}")),
)
_PICTURE = re.compile(r"data:[a-z/+]+;base64,([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class Details:
    """What must be found nowhere: customers' numbers, agents' numbers, and the rest by kind."""

    customers: frozenset[str]
    agents: frozenset[str]
    others: dict[str, frozenset[str]]

    def found_in(self, text: str) -> set[str]:
        """The details that stand in a text."""
        found = set(_DIGITS.findall(text)) & self.customers
        found |= set(_AGENT.findall(text)) & self.agents
        tight = text.replace(" ", "").replace("\u00a0", "").casefold()
        for kind in self.others.values():
            found |= {one for one in kind if one in text or one.replace(" ", "").casefold() in tight}
        return found


def details_of(folder: Path) -> Details:
    """Every personal detail in the exports of the sample client."""
    rows = [row for path in sorted(folder.iterdir()) for row in _rows(path)]
    customers = {row[name] for row in rows for name in ("Asiakasnumero", "asiakasnumero") if row.get(name)}
    agents = {row[name] for row in rows for name in ("Käsittelijä", "käsittelijä", "Esihenkilö") if row.get(name)}
    texts = " \n ".join(row["Kuvaus"] for row in rows if row.get("Kuvaus"))
    others = {name: frozenset(one.strip(" .") for one in pattern.findall(texts)) for name, pattern in _IN_TEXT}
    others["name"] = frozenset(one.split("@")[0] for one in others["e-mail"])
    others["coder"] = frozenset(one for row in rows if (one := row.get("Koodaaja")) and one != "adjudicated")
    return Details(
        frozenset(one for one in customers if re.fullmatch(r"\d{7}", one)),
        frozenset(one for one in agents if re.fullmatch(r"A\d{5}", one)),
        others,
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.suffix == ".csv":
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") or _is_utf8(raw) else "cp1252")
        yield from csv.DictReader(text.splitlines(), delimiter=";")
    elif path.suffix == ".parquet":
        yield from (
            {k: str(v) for k, v in row.items() if v is not None} for row in parquet.read_table(path).to_pylist()
        )
    elif path.suffix == ".xlsx":
        sheet = load_workbook(path, read_only=True).active
        head, *body = sheet.iter_rows(values_only=True)
        yield from ({str(k): str(v) for k, v in zip(head, row, strict=False) if v is not None} for row in body)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Scan:
    """What was looked at (files, bytes) and what was found, by file."""

    files: int
    bytes: int
    found: dict[str, set[str]]


def scan(folder: Path, details: Details) -> Scan:
    """Look into every file below the folder: its bytes, and what is packed inside them."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    found = {str(path.relative_to(folder)): _found(path, details) for path in files}
    size = sum(path.stat().st_size for path in files)
    return Scan(len(files), size, {name: what for name, what in found.items() if what})


def _found(path: Path, details: Details) -> set[str]:
    texts = [str(path), *_texts(path)]
    return set().union(*(details.found_in(text) for text in texts))


def _texts(path: Path) -> Iterator[str]:
    """The contents as text: as bytes, unpacked, with pictures decoded and entities resolved."""
    raw = path.read_bytes()
    if path.suffix in (".parquet", ".duckdb", ".xlsx", ".png"):
        yield raw.decode("latin-1")
        yield from _unpacked(path)
        return
    text = raw.decode("utf-8", "replace")
    for picture in _PICTURE.findall(text):
        yield base64.b64decode(picture).decode("utf-8", "replace")
    bare = _PICTURE.sub("", text)
    yield bare
    yield html.unescape(bare.replace("\\u00a0", " ").replace("\\n", "\n"))


def _unpacked(path: Path) -> Iterator[str]:
    if path.suffix == ".parquet":
        table = parquet.read_table(path)
        yield str(table.schema)
        for name in table.column_names:
            yield "\n".join(map(str, set(table[name].to_pylist())))
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield html.unescape(archive.read(name).decode("utf-8", "replace"))
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as store:
            columns = store.execute(
                "select table_name, column_name from duckdb_columns() where not internal and "
                "(data_type = 'VARCHAR' or data_type like 'ENUM%' or data_type like '%[]')"
            ).fetchall()
            for table, column in columns:
                values = store.execute(f'select distinct "{column}"::varchar from "{table}"').fetchall()
                yield "\n".join(str(value) for (value,) in values)
