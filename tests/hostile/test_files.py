"""What a hostile client leaves on the disk and in the terminal: text stays text, names stay inside the run."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlglot

from hostile.client import FILE_NAMES, Hostile, write_recognisable
from hostile.conftest import Reported, command
from hostile.pages import SECRET
from hostile.payloads import PAYLOADS
from rootcause_lib.analyses import recorded_statements
from rootcause_lib.engagement import read_engagement
from rootcause_lib.errors import EngagementError, ParameterError
from rootcause_lib.reporting.ordering import order_for
from rootcause_lib.store import open_engagement

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")


def runs_as_formula(cell: str) -> bool:
    """Whether a spreadsheet would run the cell; a number with a sign is a number."""
    begins = cell.lstrip(' "').startswith(FORMULA_STARTS)
    return begins and not re.fullmatch(r"[+-]?[0-9.]+(e[+-]?[0-9]+)?", cell)


def tables_of(*runs: Reported) -> list[Path]:
    return [path for run in runs for path in sorted((run.folder / "tables").iterdir())]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_no_cell_of_any_csv_is_a_formula_whatever_divides_it(
    finnish: Reported, english: Reported, hostile: Hostile, delimiter: str
) -> None:
    files = [path for path in tables_of(finnish, english) if path.suffix == ".csv"]
    files += (hostile.folder / ".rootcause" / "rejects").rglob("*.csv")
    assert len(files) > 20
    for path in files:
        text = path.read_bytes().decode("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        assert not [cell for row in rows for cell in row if runs_as_formula(cell)], path.name


def test_parquet_holds_the_labels_as_they_are_and_csv_the_same_rows(finnish: Reported) -> None:
    frame = pd.read_parquet(finnish.folder / "tables" / "channel_resolution.mature.parquet")
    reasons = set(frame["reason"])
    assert len(reasons & set(PAYLOADS.values())) > 25
    assert {"=cmd|' /C calc'!A0", '"; drop table contacts; --', "../../../canary"} <= reasons
    assert len(pd.read_csv(finnish.folder / "tables" / "channel_resolution.mature.csv")) == len(frame)


def test_every_text_of_the_workbook_is_text(finnish: Reported) -> None:
    from openpyxl import load_workbook

    path = finnish.folder / "appendix.xlsx"
    cells = [cell for sheet in load_workbook(path) for row in sheet for cell in row if cell.value is not None]
    texts = [cell for cell in cells if isinstance(cell.value, str)]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert [cell for cell in texts if cell.data_type != "s" or cell.hyperlink is not None] == []
    begun = [cell for cell in texts if cell.value.startswith(FORMULA_STARTS)]
    assert begun, "no label that begins like a formula reached the workbook"
    assert all(cell.quotePrefix for cell in begun)
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "external" in name.lower() or "vba" in name.lower()]
        assert b"<f>" not in b"".join(map(archive.read, archive.namelist()))


def test_every_file_of_a_run_has_a_plain_name_and_nothing_is_written_elsewhere(
    finnish: Reported, english: Reported, hostile: Hostile
) -> None:
    for run in (finnish, english):
        assert run.folder.is_relative_to(hostile.folder / "reports")
        for path in run.folder.rglob("*"):
            assert re.fullmatch(r"[A-Za-z0-9_.-]+", path.name), path.name
            assert path.resolve().is_relative_to(run.folder.resolve())
    above = {path.name for path in hostile.folder.parent.iterdir()}
    assert above == {hostile.folder.name}
    inside = {path.name for path in hostile.folder.iterdir() if path.suffix != ".csv"}
    assert inside == {"engagement.toml", "notebooks", ".rootcause", "reports"}
    assert {one for one in FILE_NAMES if (hostile.folder / one).exists()} == set(FILE_NAMES)
    assert not list(Path("/tmp").glob("canary*"))


def test_the_store_holds_every_row_whatever_its_labels_say(hostile: Hostile, finnish: Reported) -> None:
    store = open_engagement(hostile.folder)
    sources = store.intake.sources
    assert len(sources) == 13
    assert (sources["rows_read"] == sources["rows_accepted"] + sources["rows_rejected"]).all()
    rejects = store.intake.rejects
    broken = rejects[rejects["rule"] != "wrong_columns"]
    assert (broken.groupby("table")["row"].nunique() == 1).all(), "the one bad row of each table, and no other"
    # A cell that opens a line and begins with a line end of another kind than the file's own may be taken for a row.
    assert (rejects["rule"] == "wrong_columns").sum() <= 10


def test_statements_stay_one_query_in_every_dialect(hostile: Hostile) -> None:
    engagement = read_engagement(hostile.folder)
    for dialect in ("duckdb", "spark", "mysql", "snowflake", "tsql"):
        for statement in recorded_statements(engagement):
            parsed = sqlglot.parse(statement.review(dialect), read=dialect)
            assert [isinstance(one, sqlglot.exp.Query) for one in parsed] == [True], (dialect, statement.name)


def test_no_command_steers_the_terminal(hostile: Hostile, finnish: Reported, english: Reported) -> None:
    said = [finnish.terminal, english.terminal]
    for arguments in (("check",), ("check", "--json"), ("sql",)):
        name, *options = arguments
        done = command(name, hostile.folder, *options)
        assert done.returncode == 0, done.stderr
        said.append((done.stdout + done.stderr).decode())
    assert [found for text in said for found in STEERING.findall(text)] == []
    assert "drop table contacts" in said[-1], "the labels did reach the statements"
    assert json.loads(command("check", hostile.folder, "--json", "--quiet").stdout)["unmapped"]


def test_a_message_that_may_hold_a_value_is_kept_nowhere(finnish: Reported) -> None:
    assert finnish.exit_code == 3
    failed = [path for path in finnish.folder.rglob("*") if ".FAILED" in path.name]
    assert len(failed) == 6, "three notebooks and their pages"
    kept = [path for path in finnish.folder.rglob("*") if path.is_file() and path.name[0] != "6"]
    assert not [path.name for path in kept if SECRET in path.read_bytes().decode("utf-8", "replace")]
    assert SECRET not in finnish.terminal
    for path in failed:
        outputs = shown_by(path)
        assert SECRET not in outputs, path.name


def shown_by(path: Path) -> str:
    """What a failed page or notebook shows; its code, which the consultant wrote, holds the secret."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return json.dumps([cell.get("outputs") for cell in json.loads(text)["cells"]])


def test_no_file_of_a_run_says_where_it_was_made(finnish: Reported, english: Reported, hostile: Hostile) -> None:
    place = str(hostile.folder.parent)
    files = [path for run in (finnish, english) for path in run.folder.rglob("*") if path.is_file()]
    assert not [path.name for path in files if place.encode() in path.read_bytes()]
    manifest = json.loads((finnish.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters"]["00_data_health"]["engagement"] == "engagement.toml"


def test_a_drafted_engagement_holds_hostile_headers_as_text(tmp_path: Path) -> None:
    export = write_recognisable(tmp_path)
    done = command("init", export, "--into", tmp_path / "drafted", "--client", PAYLOADS["quoted"])
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "drafted" / "engagement.toml").read_text(encoding="utf-8")
    written: dict[str, Any] = tomllib.loads(text)
    assert written.get("privacy", {}).get("agents") != "x"
    assert written["engagement"]["client"] == PAYLOADS["quoted"]
    assert STEERING.findall((done.stdout + done.stderr).decode() + text) == []


def test_names_of_attributes_and_parameters_are_refused(hostile: Hostile, tmp_path: Path) -> None:
    file = tmp_path / "engagement.toml"
    head = '[engagement]\nclient = "x"\ntime_zone = "UTC"\n[tables.contacts]\nsource = "x.csv"\n[attributes]\n'
    letters_alone = {PAYLOADS[name] for name in ("device", "long", "combining")}
    for text in set(PAYLOADS.values()) - letters_alone:
        file.write_text(f"{head}customers = [{json.dumps(text)}]".replace("\x7f", "\\u007f"), encoding="utf-8")
        with pytest.raises(EngagementError):
            read_engagement(tmp_path)
        with pytest.raises(ParameterError):
            order_for(read_engagement(hostile.folder), parameters={text: 1})
    with pytest.raises(ParameterError, match="JSON cannot hold"):
        order_for(read_engagement(hostile.folder), parameters={"note": "\udcff"})


@pytest.mark.parametrize("client", ["CON", "nul", "Lpt1", "../..", "x" * 4000, "\u202e", "/", "aux."])
def test_a_client_s_folder_has_a_name_that_every_system_takes(client: str, tmp_path: Path) -> None:
    text = f'[engagement]\nclient = {json.dumps(client)}\ntime_zone = "UTC"\n[tables.contacts]\nsource = "x.csv"\n'
    (tmp_path / "engagement.toml").write_text(text, encoding="utf-8")
    slug = read_engagement(tmp_path).client_slug
    assert re.fullmatch(r"[a-z0-9_-]{1,80}", slug)
    assert slug.upper() not in ("CON", "PRN", "AUX", "NUL", "COM1", "LPT1")
