"""`rootcause pseudonym` as the key holder meets it: lists back to ids on stdout, faults in one line, nothing kept."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from rootcause_lib import cli
from rootcause_lib.loaders.pseudonyms import Key, pseudonym

KEY = "a key for tests, long enough"
FORMULA, TURNED = "=1+1", "ab\x1b[31mc"
HEAD = '[engagement]\nclient = "Lumo Oy"\ntime_zone = "UTC"\nobserved_until = 2025-01-31\n'


def of(value: str) -> str:
    return pseudonym(value, key=Key(KEY.encode(), "environment"))


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROOTCAUSE_KEY", KEY)
    (tmp_path / "engagement.toml").write_text(HEAD + '[tables.contacts]\nsource = "k.csv"\n', encoding="utf-8")
    rows = f"contact_id,started_at,channel,customer_id\n1,2025-01-02,phone,{FORMULA}\n2,2025-01-02,phone,007\n"
    (tmp_path / "k.csv").write_text(rows, encoding="utf-8")
    return tmp_path


def test_ids_come_back_on_stdout_alone(client: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(client.rglob("*"))
    assert cli.main(["pseudonym", str(client), of("007"), of(FORMULA)]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == ["pseudonym,customer_id", f"{of('007')},007", f"{of(FORMULA)},'=1+1"]
    assert "007" not in told.err
    assert sorted(client.rglob("*")) == before


def test_json_holds_ids_as_they_are(client: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["pseudonym", str(client), of(FORMULA), "--json", "--quiet"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == [{"pseudonym": of(FORMULA), "customer_id": FORMULA}]
    assert told.err == ""


def test_a_lists_column_can_be_piped_in(
    client: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{of('007')}\n{of('007')}\n"))
    assert cli.main(["pseudonym", str(client), "-", "--quiet"]) == 0
    assert capsys.readouterr().out.splitlines() == ["pseudonym,customer_id", f"{of('007')},007"]


def test_one_that_is_nobodys_is_counted_and_the_others_are_told(
    client: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["pseudonym", str(client), of("007"), of("nobody"), "--quiet", "--json"]) == 7
    told = capsys.readouterr()
    assert [row["customer_id"] for row in json.loads(told.out)] == ["007", None]
    assert told.err.strip() == "rootcause: 1 of 2 pseudonyms are of no customer in these exports."


def test_another_key_and_no_pseudonym_are_one_line_each(
    client: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["pseudonym", str(client), TURNED, "--quiet"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "\x1b" not in told
    monkeypatch.setenv("ROOTCAUSE_KEY", "another key, also long enough")
    assert cli.main(["pseudonym", str(client), of("007"), "--quiet"]) == 7
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "another key" in told.err
