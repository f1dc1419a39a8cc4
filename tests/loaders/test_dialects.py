"""Random tables in random dialects read back cell by cell; random damage never loses a row silently."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rootcause_lib.engagement import read_engagement
from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import DataError
from rootcause_lib.loaders import Intake
from rootcause_lib.loaders.loading import load

COLUMNS = ("contact_id", "started_at", "channel", "reason", "revenue", "team")
TOML = '[engagement]\nclient = "Testi"\ntime_zone = "UTC"\n[tables.contacts]\nsource = "k.csv"\n'
WORDS_FOR_NOTHING = {"", "-", "--", "na", "nan", "n/a", "null", "none", "#n/a", "\\n", "all"}
LETTERS = "abnÅäöÖé€ß 019;,\t|\"'\n-_/=+@.#\\"
NOTATIONS = ("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y klo %H.%M", "%Y-%m-%dT%H:%M:%SZ", "%Y%m%d%H%M%S")


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    quoting: int
    ends: str
    encoding: str
    mark: str
    notation: str


dialects = st.builds(
    Dialect,
    delimiter=st.sampled_from(";,\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ends=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    mark=st.sampled_from(".,"),
    notation=st.sampled_from(NOTATIONS),
)
words = st.text(LETTERS, max_size=12).filter(
    lambda word: word.strip() == word and word.lower() not in WORDS_FOR_NOTHING
)
rows = st.lists(
    st.tuples(
        st.datetimes(dt.datetime(2013, 1, 1), dt.datetime(2025, 12, 31)).map(lambda moment: moment.replace(second=0)),
        st.sampled_from(["phone", "email", "chat"]),
        st.none() | words,
        st.none() | st.integers(-10_000_000, 10_000_000).map(lambda cents: cents / 100),
        st.none() | words,
    ),
    min_size=1,
    max_size=8,
)


def written(table, dialect: Dialect) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=dialect.delimiter, quoting=dialect.quoting, lineterminator=dialect.ends)
    writer.writerow(COLUMNS)
    for number, (moment, channel, reason, revenue, team) in enumerate(table):
        amount = "" if revenue is None else f"{revenue:.2f}".replace(".", dialect.mark)
        writer.writerow([f"{number:03d}", moment.strftime(dialect.notation), channel, reason or "", amount, team or ""])
    return out.getvalue().encode(dialect.encoding)


def loaded(content: bytes) -> tuple[Intake, list[tuple]]:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOTCAUSE_KEY", "a key for tests, long enough")
        folder = Path(name)
        (folder / "k.csv").write_bytes(content)
        (folder / "engagement.toml").write_text(TOML, encoding="utf-8")
        engine = DuckDB(access="write")
        try:
            intake = load(read_engagement(folder), engine, rejects=folder / "rejects", progress=lambda _line: None)
            found = engine.connection.execute(
                "select contact_id, make_timestamp(started_seconds * 1000000), channel, reason, revenue, team "
                "from contacts order by contact_id"
            ).fetchall()
            return intake, found
        finally:
            engine.close()


@settings(max_examples=60)
@given(table=rows, dialect=dialects)
@example(
    table=[(dt.datetime(2025, 1, 1), "phone", "a\n;;;;;\nb", 1.5, None)],
    dialect=Dialect(";", csv.QUOTE_MINIMAL, "\n", "utf-8", ",", NOTATIONS[0]),
)
def test_a_table_in_any_dialect_reads_back_by_identity(table, dialect: Dialect) -> None:
    intake, found = loaded(written(table, dialect))
    expected = [
        (f"{number:03d}", moment.replace(microsecond=0), channel, reason, revenue, team)
        for number, (moment, channel, reason, revenue, team) in enumerate(table)
    ]
    assert found == expected
    assert intake.rejects.empty


SOUND = written(
    [
        (dt.datetime(2025, 3, 3, 9, n), "phone", "käyttö; \"muu\"" if n % 3 else "lasku", n / 4, "Tiimi Ä")
        for n in range(40)
    ],
    Dialect(";", csv.QUOTE_MINIMAL, "\n", "utf-8", ",", NOTATIONS[0]),
)  # fmt: skip
bytes_ = st.integers(0, 255) | st.sampled_from(list(b'";\n\r\0\xc3,\t'))
places = st.integers(0, len(SOUND) - 1)


def counted(content: bytes, untouched: set[bytes]) -> None:
    """Every untouched row is read, and every row read is accepted or rejected; or one clear error."""
    try:
        intake, _ = loaded(content)
    except DataError:
        return
    read, accepted, rejected = intake.sources[["rows_read", "rows_accepted", "rows_rejected"]].iloc[0]
    assert read == accepted + rejected
    assert read >= len(untouched)
    assert intake.rejects["row"].nunique() == rejected


@settings(max_examples=60)
@given(damage=st.lists(st.tuples(places, bytes_), min_size=1, max_size=4))
def test_damaged_bytes_lose_no_row_silently_by_identity(damage) -> None:
    content = bytearray(SOUND)
    for place, byte in damage:
        content[place] = byte
    lines = SOUND.split(b"\n")[1:-1]
    counted(bytes(content), set(lines) & set(bytes(content).split(b"\n")))


@settings(max_examples=40)
@given(start=places, length=st.integers(0, len(SOUND)))
def test_a_file_cut_anywhere_loses_no_row_silently_by_identity(start, length) -> None:
    content = SOUND[:start] + SOUND[start + length :]
    lines = set(SOUND.split(b"\n")[1:-1])
    counted(content, lines & set(content.split(b"\n")))
