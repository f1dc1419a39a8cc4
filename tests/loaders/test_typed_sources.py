"""Workbooks, Parquet and DuckDB files: ids stay text, dates stay dates."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import DataError
from rootcause_lib.loaders.workbooks import cell_text

TOML = """
[tables.contacts]
source = "SOURCE"
columns = { contact_id = "Id", started_at = "Alku", channel = "Kanava", handle_seconds = "Kesto" }
"""


def workbook(*sheets: tuple[str, list[list]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


ROWS = [
    ["Id", "Alku", "Kanava", "Kesto"],
    ["00123", dt.datetime(2025, 1, 31, 8, 30), "phone", dt.time(0, 2, 23)],
    [456, dt.datetime(2025, 2, 1), "email", dt.timedelta(hours=26)],
    [None, None, None, None],
    [789, "2025-02-01 10:00", "phone", dt.time(0, 0, 5)],
]


def test_a_sheet_is_read_cell_by_cell_by_hand_count(client) -> None:
    notes = ("Ohje", [["Tämä on ohje"], ["toinen rivi"]])
    content = workbook(notes, ("Data", [["Raportti"], [], *ROWS, [7, "eilen", "phone", None]]))
    loaded = client(TOML.replace("SOURCE", "k.xlsx"), {"k.xlsx": content})
    rows = loaded.rows("select contact_id, started_on::varchar, started_hour, handle_seconds from contacts order by 1")
    assert rows == [
        ("00123", "2025-01-31", 8, 143.0),
        ("456", "2025-02-01", 0, 93_600.0),
        ("789", "2025-02-01", 10, 5.0),
    ]
    # Title, blank row, header, three rows and a blank one stand above: the sheet shows it as row 8.
    assert loaded.rejected() == [(8, "started_at", "unreadable")]


def test_a_sheet_is_chosen_by_name_and_an_unknown_one_is_an_error(client) -> None:
    content = workbook(("Tammi", ROWS[:2]), ("Helmi", [ROWS[0], ROWS[2]]))
    loaded = client(TOML.replace("SOURCE", "k.xlsx::Helmi"), {"k.xlsx": content})
    assert loaded.column("select contact_id from contacts") == ["456"]
    assert loaded.intake.sources["source"].tolist() == ["k.xlsx::Helmi"]
    with pytest.raises(DataError, match=r"Unknown sheet 'Helmii'.*Did you mean 'Helmi'"):
        client(TOML.replace("SOURCE", "k.xlsx::Helmii"), {"k.xlsx": content})


def test_excel_serials_in_a_text_file_are_days_since_1899_by_published_figure(client) -> None:
    # Excel shows 45701 as 2025-02-13 and 45701.5 as noon of that day.
    content = "Id;Alku;Kanava;Kesto\n1;45701;phone;1\n2;45701,5;phone;1\n"
    loaded = client(TOML.replace("SOURCE", "k.csv"), {"k.csv": content})
    rows = loaded.rows("select started_on::varchar, started_hour from contacts order by contact_id")
    assert rows == [("2025-02-13", 0), ("2025-02-13", 12)]
    assert loaded.repairs()[("started_at", "local_date_format")] == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (12.5, "12.5"),
        ("00100", "00100"),
        (True, "true"),
        (1234567890123456.0, "1.23456789012346E+15"),
        (dt.datetime(2025, 1, 1), "2025-01-01"),
        (dt.time(9, 5), "09:05:00"),
        (dt.timedelta(days=1, seconds=61), "24:01:01"),
        ("", None),
    ],
)
def test_cells_become_text_by_hand(value, text) -> None:
    assert cell_text(value) == text


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Id": [1.0, 2.0, None],
            "Alku": pd.to_datetime(["2025-07-01 12:00", "2025-01-01 12:00", "2025-01-01 12:00"]),
            "Kanava": ["phone", "email ", "phone"],
            "Kesto": [60, 90, 1],
            "Ratkaistu": [True, None, False],
        }
    )


def test_parquet_types_are_kept_by_hand_count(client, tmp_path: Path) -> None:
    frame().to_parquet(tmp_path / "k.parquet")
    toml = TOML.replace("SOURCE", "k.parquet").replace('"Kesto" }', '"Kesto", resolved = "Ratkaistu" }')
    loaded = client(
        toml + 'units = { handle_seconds = "minutes" }\n', {"k.parquet": (tmp_path / "k.parquet").read_bytes()}
    )
    rows = loaded.rows("select contact_id, started_seconds, channel, handle_seconds, resolved from contacts order by 1")
    # Helsinki is three hours ahead in July and two in January.
    assert rows == [("1", 1751360400, "phone", 3600.0, True), ("2", 1735725600, "email", 5400.0, None)]
    assert loaded.rejected() == [(3, "contact_id", "missing")]


def test_instants_in_parquet_become_local_days_by_hand_count(client, tmp_path: Path) -> None:
    one = frame().head(1).assign(Alku=pd.to_datetime(["2025-01-01 23:30"]).tz_localize("UTC"))
    one.to_parquet(tmp_path / "k.parquet")
    loaded = client(TOML.replace("SOURCE", "k.parquet"), {"k.parquet": (tmp_path / "k.parquet").read_bytes()})
    assert loaded.rows("select started_seconds, started_on::varchar, started_hour from contacts") == [
        (1735774200, "2025-01-02", 1)
    ]


def test_a_table_of_a_duckdb_file_is_read_and_let_go_by_identity(client, tmp_path: Path) -> None:
    engine = DuckDB(tmp_path / "w.duckdb", access="write")
    engine.connection.execute("create schema crm")
    engine.connection.execute(
        """create table crm.calls as select 7 as "Id", timestamp '2025-01-01 10:00' as "Alku", 'phone' as "Kanava",
        interval 90 second as "Kesto" """
    )
    engine.close()
    files = {"w.duckdb": (tmp_path / "w.duckdb").read_bytes()}
    toml = TOML.replace("SOURCE", "w.duckdb::crm.calls")
    loaded = client(toml, files)
    assert loaded.rows("select contact_id, handle_seconds from contacts") == [("7", 90.0)]
    databases = loaded.column("select database_name from duckdb_databases() where not internal")
    assert len(databases) == 1
    with pytest.raises(DataError, match=r"Unknown table 'calls'.*crm\.calls"):
        client(TOML.replace("SOURCE", "w.duckdb::calls"), files)


def test_real_workbook_of_5000_calls_by_published_figure(client, real_data: Path) -> None:
    source = next((real_data / "pwc_callcenter").glob("*.xlsx"))
    loaded = client(
        f"""
[tables.contacts]
source = "{source}"
[tables.contacts.columns]
contact_id = "Call Id"
started_at = ["Date", "Time"]
agent_id = "Agent"
reason = "Topic"
resolved = "Resolved"
wait_seconds = "Speed of answer in seconds"
handle_seconds = "AvgTalkDuration"
channel = {{ value = "phone" }}
[tables.surveys]
source = "{source}"
[tables.surveys.columns]
survey_id = "Call Id"
asked_at = ["Date", "Time"]
score = "Satisfaction rating"
metric = {{ value = "csat" }}
""",
        {},
    )
    assert loaded.intake.sources["rows_accepted"].tolist() == [5000, 5000]
    row = loaded.rows(
        "select min(started_on)::varchar, max(started_on)::varchar, avg(resolved::int), avg(wait_seconds), "
        "avg(handle_seconds) from contacts"
    )[0]
    assert row[:2] == ("2021-01-01", "2021-03-31")
    assert row[2:] == pytest.approx((0.7292, 67.52, 224.9), abs=0.03)
    assert loaded.column("select avg(score) from surveys") == pytest.approx([3.4036], abs=1e-4)
