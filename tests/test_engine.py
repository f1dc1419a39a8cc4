"""What an engine keeps is made once, and made anew as soon as something it was made of changes."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot

from rootcause_lib.engine import DuckDB, empty_world
from rootcause_lib.statements import READ, Statement


def asked(text: str, **values: int) -> Statement:
    return Statement("asked", sqlglot.parse_one(text, READ), values)


@pytest.fixture
def reading(tmp_path: Path) -> DuckDB:
    """An engine beside a store that nobody changes."""
    file = tmp_path / "store.duckdb"
    made = DuckDB(file, access="write")
    made.connection.execute("create table contacts (contact_key bigint)")
    made.connection.execute("insert into contacts values (1), (2), (3)")
    made.close()
    return DuckDB(file)


def number_in(engine: DuckDB, table: str) -> int:
    return int(engine.connection.execute(f'select count(*) from "{table}"').fetchone()[0])


FIRST = "select contact_key from contacts where contact_key <= $last"
OF_IT = "select contact_key from kept"


def test_what_is_kept_is_made_once_whatever_is_kept_between(reading: DuckDB) -> None:
    reading.materialise("kept", asked(FIRST, last=2))
    reading.materialise("other", asked(FIRST, last=1))
    reading.connection.execute("insert into kept values (9)")
    reading.materialise("kept", asked(FIRST, last=2))
    assert number_in(reading, "kept") == 3
    reading.materialise("kept", asked(FIRST, last=3))
    assert reading.connection.execute("select max(contact_key) from kept").fetchone() == (3,)


def test_what_was_made_of_a_changed_table_is_made_anew(reading: DuckDB) -> None:
    reading.materialise("kept", asked(FIRST, last=1))
    reading.materialise("of_it", asked(OF_IT))
    reading.materialise("of_that", asked("select contact_key from of_it"))
    reading.materialise("kept", asked(FIRST, last=3))
    reading.materialise("of_that", asked("select contact_key from of_it"))
    assert number_in(reading, "of_that") == 1
    reading.materialise("of_it", asked(OF_IT))
    reading.materialise("of_that", asked("select contact_key from of_it"))
    assert (number_in(reading, "of_it"), number_in(reading, "of_that")) == (3, 3)


def test_beside_a_store_that_is_written_everything_is_made_anew() -> None:
    writing = empty_world()
    writing.connection.execute("insert into contacts (contact_key) values (1)")
    writing.materialise("kept", asked(FIRST, last=2))
    writing.connection.execute("insert into contacts (contact_key) values (2)")
    writing.materialise("kept", asked(FIRST, last=2))
    assert number_in(writing, "kept") == 2
