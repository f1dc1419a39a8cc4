"""The data request asks for every column the tables declare, in both languages, with an example that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rootcause_lib import draft, open_engagement, recognise, vocabulary
from rootcause_lib.errors import ParameterError
from rootcause_lib.prose.catalogue import section
from rootcause_lib.recognition import write_draft
from rootcause_lib.reporting.data_request import data_request
from rootcause_lib.schemas import TABLES


def parts(language: str) -> dict[str, str]:
    """Each table's section by its canonical name."""
    found = re.split(r"^## ", data_request(language=language), flags=re.MULTILINE)
    return {match[1]: part for part in found if (match := re.search(r"\(`(\w+)`, ", part))}


@pytest.mark.parametrize("language", vocabulary.LANGUAGES)
def test_every_table_and_column_is_asked_for_by_identity(language: str) -> None:
    asked = parts(language)
    assert list(asked) == list(TABLES)
    for name, part in asked.items():
        assert re.findall(r"^\| `(\w+)`", part, flags=re.MULTILINE) == list(TABLES[name].column_names)


def test_english_meanings_are_those_of_the_declarations_by_identity() -> None:
    for name, table in TABLES.items():
        assert section("en", "request", "table")[name] == table.meaning
        assert dict(section("en", "request", "column", name)) == {column.name: column.meaning for column in table}


@pytest.mark.parametrize("language", vocabulary.LANGUAGES)
def test_required_columns_and_personal_ones_are_marked(language: str) -> None:
    say = section(language, "request", "words")
    private = section(language, "request", "privacy")
    rows = {row[1]: row for row in re.findall(r"^\| (`(\w+)` .*) \|$", parts(language)["contacts"], re.MULTILINE)}
    for column in TABLES["contacts"]:
        cells = [cell.strip() for cell in rows[column.name][0].split(" | ")]
        assert cells[2] == (say["yes"] if column.required else say["no"])
        personal = {"customer_id": private["person"], "agent_id": private["person"], "text": private["words"]}
        assert cells[4].rstrip(" |") == personal.get(column.name, "")


@pytest.mark.parametrize("language", vocabulary.LANGUAGES)
def test_the_example_row_can_be_sent_as_it_stands(language: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("ROOTCAUSE_KEY", "a key for tests, long enough")
    example = re.search(r"```\n(.*?)```", parts(language)["contacts"], re.DOTALL)
    assert example is not None
    (tmp_path / "contacts.csv").write_text(example[1], encoding="utf-8")
    write_draft(draft(recognise([tmp_path / "contacts.csv"]), into=tmp_path), tmp_path)
    store = open_engagement(tmp_path)
    assert store.intake.sources["rows_rejected"].sum() == 0
    rows = store.engine.connection.execute(
        "select channel, direction, handle_seconds, transfers, resolved, cost from contacts"
    ).fetchall()
    assert rows == [("phone", "inbound", 450.0, 1, True, 7.5)]


def test_an_unknown_language_is_a_parameter_error() -> None:
    with pytest.raises(ParameterError):
        data_request(language="sv")
