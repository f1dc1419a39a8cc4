"""Tables and results as they reach a spreadsheet, a script and the manifest."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from rootcause_lib.reporting.recording import (
    CheckMade,
    Recorded,
    Said,
    as_json,
    drop_incomplete_tables,
    read_results,
    spreadsheet_safe,
    write_result,
    write_tables,
)
from rootcause_lib.reporting.workbook import write_workbook

FORMULAS = ["=1+1", "+358401234", "-2+3", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://evil.example")']


def test_text_that_a_spreadsheet_would_run_is_quoted_and_numbers_are_not_by_hand() -> None:
    frame = pd.DataFrame({"=head": FORMULAS, "number": [-1.5] * len(FORMULAS), "plain": ["a-b"] * len(FORMULAS)})
    safe = spreadsheet_safe(frame)
    assert list(safe.columns) == ["'=head", "number", "plain"]
    assert list(safe["'=head"]) == [f"'{one}" for one in FORMULAS]
    assert list(safe["number"]) == [-1.5] * len(FORMULAS)
    assert list(safe["plain"]) == ["a-b"] * len(FORMULAS)
    assert list(frame["=head"]) == FORMULAS, "the frame given must stay as it was"


@given(st.lists(st.text(max_size=5) | st.none(), max_size=8))
def test_no_text_cell_of_a_csv_begins_a_formula(texts: list[str | None]) -> None:
    safe = spreadsheet_safe(pd.DataFrame({"a": pd.Series(texts, dtype="object")}))
    assert not any(str(one).startswith(("=", "+", "-", "@", "\t", "\r")) for one in safe["a"].dropna())


def test_tables_are_written_as_csv_and_parquet_with_the_same_rows(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"channel": ["phone", "sähköposti"], "value": [0.1 + 0.2, np.nan], "on": [dt.date(2025, 1, 1)] * 2}
    )
    rows = write_tables({"mature": frame}, analysis="tiny", folder=tmp_path)
    assert rows == {"tiny.mature": 2}
    back = pd.read_parquet(tmp_path / "tables" / "tiny.mature.parquet")
    assert back["value"].iloc[0] == 0.1 + 0.2
    assert pd.read_csv(tmp_path / "tables" / "tiny.mature.csv")["value"].iloc[0] == 0.1 + 0.2
    text = (tmp_path / "tables" / "tiny.mature.csv").read_text(encoding="utf-8")
    assert text.splitlines()[2].startswith("sähköposti,,")


def test_results_come_back_as_they_were_by_identity(tmp_path: Path) -> None:
    recorded = Recorded(
        "tiny",
        "2025-01-01",
        "2025-02-01",
        headline=(Said("Hyvä.", "k", "A", ("too_few",)),),
        checks=(CheckMade("a", None, "t"), CheckMade("b", False, "f")),
        key_numbers=({"metric": "m", "value": 0.5},),
        tables={"tiny.mature": 3},
    )
    write_result(recorded, folder=tmp_path)
    assert read_results(tmp_path) == (recorded,)


def test_tables_without_a_result_are_dropped_by_hand(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1]})
    write_tables({"x": frame}, analysis="whole", folder=tmp_path)
    write_tables({"x": frame}, analysis="half", folder=tmp_path)
    write_result(Recorded("whole", "2025-01-01", "2025-01-02"), folder=tmp_path)
    drop_incomplete_tables(tmp_path)
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {"whole.x.csv", "whole.x.parquet"}


def test_values_in_json_types_by_hand() -> None:
    given_values = [
        np.int64(3),
        np.float64("nan"),
        float("inf"),
        pd.NA,
        pd.NaT,
        dt.date(2025, 1, 2),
        np.bool_(True),
        ("a",),
    ]
    assert as_json(given_values) == [3, None, None, None, None, "2025-01-02", True, ["a"]]


def test_workbook_holds_text_as_text_and_numbers_as_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "channel": [*FORMULAS, "a\x07b", "x" * 40_000],
            "value": [0.5] * 8 + [np.nan],
            "week": [dt.date(2025, 1, 6)] * 9,
            "metric": ["first_contact_resolution"] * 9,
        }
    )
    long = "a_frame_with_a_name_longer_than_any_sheet"
    write_tables({"mature": frame, long: frame}, analysis="tiny", folder=tmp_path)
    path = tmp_path / "appendix.xlsx"
    write_workbook(path, tables=["tiny.mature", f"tiny.{long}"], folder=tmp_path, language="en")
    book = load_workbook(path)
    assert book.sheetnames[:3] == ["Contents", "Definitions", "tiny.mature"]
    assert all(len(name) <= 31 for name in book.sheetnames)
    sheet = book["tiny.mature"]
    assert [cell.value for cell in sheet["A"]][1:5] == FORMULAS[:4]
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert sheet["A9"].value == "ab"
    assert len(sheet["A10"].value) == 32_767
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "d", "s"]
    assert sheet["B10"].value is None
    meanings = [row[2].value for row in book["Definitions"].iter_rows(min_row=2)]
    assert any("followed by no further contact" in str(text) for text in meanings)
