"""Lists of customers at risk: pseudonyms only, purpose and end in every row, for the owner alone, never in a run."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from drawn import engagement

from rootcause_lib import cli
from rootcause_lib.engagement import Engagement, read_engagement
from rootcause_lib.errors import DataError, OutputError, ParameterError
from rootcause_lib.loaders.turning_back import turn_back
from rootcause_lib.reporting import risk_list
from rootcause_lib.reporting.risk_list import COLUMNS, LOG, list_file, ordered, write_list

TODAY = dt.date(2025, 12, 31)
ONE, OTHER = "0123456789abcdef0123", "fedcba98765432100000"
SCORES = pd.DataFrame(
    {
        "customer_id": [ONE, OTHER], "risk": [0.31, 0.2], "value_at_stake": [120.5, np.nan],
        "drivers": ["segment==1+1", "segment=@SUM(1);tenure=0-25"], "secret": ["x", "y"],
        "low": [0.2, 0.1], "high": [0.4123456, 0.3], "grade": ["A", "B"],
    }
)  # fmt: skip


@pytest.fixture
def client(tmp_path: Path) -> Engagement:
    folder = tmp_path / "client"
    (folder / ".rootcause").mkdir(parents=True)
    return engagement(folder)


def written(client: Engagement, into: Path, *, purpose: str = "call before renewal") -> Path:
    order = ordered(purpose, customers=2, expires_days=14, today=TODAY)
    return write_list(SCORES, client, order, file=list_file(client, order, into=into)).file


def test_a_list_holds_what_it_is_for_and_until_when_in_every_row(client: Engagement, tmp_path: Path) -> None:
    file = written(client, tmp_path / "lists")
    assert file.name == "risk_list_drawn-oy_2025-12-31.csv"
    rows = pd.read_csv(file, dtype=str)
    assert tuple(rows.columns) == COLUMNS
    assert rows["customer_id"].tolist() == [ONE, OTHER]
    assert set(rows["purpose"]) == {"call before renewal"}
    assert set(rows["delete_after"]) == {"2026-01-14"}
    assert set(rows["made_on"]) == {"2025-12-31"}
    assert rows["value_at_stake"].isna().tolist() == [False, True]
    assert rows["high"].tolist() == ["0.4123", "0.3"]
    assert not rows["drivers"].str.contains("tenure=").any(), "drivers stand in words"


def test_no_text_of_a_list_runs_in_a_spreadsheet(client: Engagement, tmp_path: Path) -> None:
    text = written(client, tmp_path, purpose="=cmd|' /C calc'!A0 say").read_text(encoding="utf-8")
    assert "'=cmd" in text
    for cell in pd.read_csv(io.StringIO(text), dtype=str).to_numpy().ravel():
        assert not str(cell).startswith(("=", "+", "-", "@"))


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
def test_only_its_owner_can_read_it_whatever_the_users_own_settings(client: Engagement, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = written(client, tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((client.folder / ".rootcause" / LOG).stat().st_mode) == 0o600


def test_that_it_was_made_is_noted_and_nobody_is_named(client: Engagement, tmp_path: Path) -> None:
    written(client, tmp_path / "one")
    written(client, tmp_path / "two")
    notes = (client.folder / ".rootcause" / LOG).read_text(encoding="utf-8").splitlines()
    wanted = {"made_on": "2025-12-31", "customers": 2, "purpose": "call before renewal", "delete_after": "2026-01-14"}
    assert [json.loads(note) for note in notes] == [wanted, wanted]


def test_a_list_that_is_there_is_never_written_over(client: Engagement, tmp_path: Path) -> None:
    file = written(client, tmp_path)
    kept = file.read_bytes()
    with pytest.raises(OutputError, match="exists"):
        written(client, tmp_path)
    assert file.read_bytes() == kept
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(OutputError, match="exists"):
        written(client, tmp_path)
    assert not (tmp_path / "elsewhere.csv").exists()


@pytest.mark.parametrize("place", ["reports", "reports/drawn-oy/run/tables", ".rootcause", ".rootcause/stores"])
def test_never_among_reports_or_in_the_store(client: Engagement, place: str) -> None:
    with pytest.raises(OutputError, match="choose another folder"):
        written(client, client.folder / place)


def test_never_in_a_run_that_lies_elsewhere(client: Engagement, tmp_path: Path) -> None:
    run = tmp_path / "elsewhere" / "run"
    (run / "tables").mkdir(parents=True)
    (run / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(OutputError, match="choose another folder"):
        written(client, run / "tables")


@pytest.mark.parametrize("purpose", ["", "  ", "x", "12345678", "\x1b[2J", "a" * 201])
def test_no_list_without_a_purpose(purpose: str) -> None:
    with pytest.raises(ParameterError, match=r"[Pp]urpose"):
        ordered(purpose, customers=1, today=TODAY)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_no_list_for_ever(days: int) -> None:
    with pytest.raises(ParameterError, match="365"):
        ordered("call before renewal", customers=1, expires_days=days, today=TODAY)


def test_nobody_to_list_is_an_error_and_no_file(client: Engagement, tmp_path: Path) -> None:
    order = ordered("call before renewal", customers=1, today=TODAY)
    with pytest.raises(DataError, match="No customer"):
        write_list(SCORES.iloc[:0], client, order, file=list_file(client, order, into=tmp_path))
    assert not list(tmp_path.glob("*.csv"))


@pytest.fixture
def command(
    client: Engagement, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    def scored(_store: object, *, customer_list: int, segment: str | None) -> SimpleNamespace:
        return SimpleNamespace(scores=SCORES.head(customer_list) if segment is None else SCORES.iloc[:0])

    monkeypatch.setattr(risk_list, "open_engagement", lambda _path, progress: SimpleNamespace(engagement=client))
    monkeypatch.setattr(risk_list, "analyse_churn_risk", scored)

    def run(*given: object) -> tuple[int, str, str]:
        code = cli.main(["list", str(client.folder), *map(str, given)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_the_command_tells_the_file_and_how_many_but_nobody(
    command: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    code, out, err = command("--top", 1, "--purpose", "call before renewal", "--into", tmp_path / "to")
    assert code == 0
    assert len(pd.read_csv(Path(out.strip()))) == 1
    assert "1 by pseudonym" in err
    assert "grade A" in err
    assert not any(one in out + err for one in (ONE, OTHER))
    code, out, err = command("--top", 2, "--purpose", "call before renewal", "--into", tmp_path / "json", "--json")
    assert json.loads(out)["customers"] == 2
    assert not any(one in out + err for one in (ONE, OTHER))


def test_what_is_not_said_stops_the_command(command: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        command("--top", 1)
    assert stopped.value.code == 2
    assert command("--top", 1, "--purpose", " ", "--into", tmp_path)[0] == 2
    code, _out, err = command("--top", 1, "--purpose", "call them all", "--segment", "none", "--into", tmp_path)
    assert code == 7
    assert "No customer can be listed" in err


def test_a_client_from_exports_to_a_list_and_back_by_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small fictional client: the listed pseudonyms turn back into ids of its own customer list, and no run holds
    them."""
    monkeypatch.setenv("ROOTCAUSE_KEY", "a key for tests, long enough")
    folder = tmp_path / "client"
    assert cli.main(["sample", str(folder), "--customers", "1500", "--seed", "3"]) == 0
    given = ["--top", "5", "--purpose", "call before renewal", "--into", str(tmp_path / "lists"), "--quiet"]
    assert cli.main(["list", str(folder), *given]) == 0
    (file,) = (tmp_path / "lists").glob("*.csv")
    rows = pd.read_csv(file, dtype=str)
    assert len(rows) == 5
    found = turn_back(read_engagement(folder), rows["customer_id"].tolist(), progress=lambda _line: None)
    known = pd.read_excel(folder / "asiakkaat.xlsx", dtype=str, engine="calamine")["Asiakasnumero"]
    assert found["customer_id"].isin(known).all()
    texts = [path.read_bytes() for path in folder.rglob("*.*") if path.suffix in (".jsonl", ".csv", ".json")]
    assert not any(one.encode() in text for text in texts for one in rows["customer_id"])
