"""Dates, numbers, durations and flags, read on the evidence of their column."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import DataError
from rootcause_lib.loaders.number_formats import NumberFormat
from rootcause_lib.loaders.session import Session
from rootcause_lib.loaders.time_evidence import Values, settle_times, weigh_times
from rootcause_lib.loaders.time_formats import FAMILIES

TOML = """
[tables.contacts]
source = "k.csv"
columns = { cost = "Hinta", handle_seconds = "Kesto", resolved = "Ratkaistu" }
"""


def contacts(times: list[str], **columns: list[str]) -> str:
    names = list(columns)
    lines = [";".join(["contact_id", "channel", "started_at", *names])]
    for number, time in enumerate(times):
        lines.append(";".join([str(number), "phone", time, *(columns[name][number] for name in names)]))
    return "\n".join(lines) + "\n"


def starts(loaded) -> list[str]:
    shown = "strftime(make_timestamp(started_seconds * 1000000), '%Y-%m-%d %H:%M:%S')"
    return loaded.column(f"select {shown} from contacts order by contact_id")


PLAIN = '[tables.contacts]\nsource = "k.csv"\n'
NOON = "2025-01-31 10:05:00"  # 12:05 in Helsinki


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("2025-01-31 12:05", False),
        ("2025-01-31T12:05:00", False),
        ("2025-01-31 12:05:00.000", False),
        ("2025/01/31 12:05:00.000", False),
        ("2025-01-31T10:05:00Z", False),
        ("2025-01-31 12:05:00+02:00", False),
        ("2025-01-31 10:05:00 UTC", False),
        ("1738317900", False),
        ("1738317900000", False),
        ("20250131120500", True),
        ("31.1.2025 12:05", True),
        ("31.01.2025 12:05:00", True),
        ("31.1.2025 klo 12.05", True),
        ("31.1.25 12.05", True),
        ("31/01/2025 12:05", True),
        ("01/31/2025 12:05:00 PM", True),
        ("31-Jan-25 12:05:00", True),
    ],
)
def test_known_notations_read_to_the_same_second_by_hand_count(client, text, repaired) -> None:
    loaded = client(PLAIN, {"k.csv": contacts([text, text])})
    assert starts(loaded) == [NOON, NOON]
    assert loaded.repairs() == ({("started_at", "local_date_format"): 2} if repaired else {})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("iso", "2025-01-31 12:05"),
        ("iso_offset", "2025-01-31 12:05:00+02:00"),
        ("excel", "45688.503472222"),
        ("unix", "1738317900"),
        ("unix_ms", "1738317900000"),
    ],
)
def test_a_notation_stated_by_name_reads_the_same_second_by_hand_count(client, name, text) -> None:
    assert starts(client(f'{PLAIN}formats = {{ started_at = "{name}" }}\n', {"k.csv": contacts([text])})) == [NOON]


def test_day_and_month_that_no_value_tells_apart_stop(client) -> None:
    with pytest.raises(DataError, match=r"'started_at': no value tells day from month.*formats\.started_at"):
        client(PLAIN, {"k.csv": contacts(["01/02/2025", "03/04/2025"])})
    stated = PLAIN + 'formats = { started_at = "%m/%d/%Y" }\n'
    assert client(stated, {"k.csv": contacts(["01/02/2025"])}).column("select started_on::varchar from contacts") == [
        "2025-01-02"
    ]


def test_one_telling_value_far_down_settles_the_column(client) -> None:
    many = ["01/02/2025"] * 25_000
    loaded = client(PLAIN, {"k.csv": contacts([*many, "13/02/2025"])})
    assert loaded.column("select distinct started_on::varchar from contacts order by 1") == ["2025-02-01", "2025-02-13"]


def test_another_file_of_the_table_may_tell_day_from_month(client) -> None:
    toml = '[tables.contacts]\nsource = ["a.csv", "b.csv"]\n'
    files = {"a.csv": contacts(["01/02/2025"]), "b.csv": contacts(["13/02/2025"]).replace("\n0;", "\n9;")}
    assert client(toml, files).column("select started_on::varchar from contacts order by 1") == [
        "2025-02-01",
        "2025-02-13",
    ]


def test_day_first_beside_month_first_stops(client) -> None:
    with pytest.raises(DataError, match=r"mixes day first \(1 .*month first \(1\)"):
        client(PLAIN, {"k.csv": contacts(["13/02/2025", "02/13/2025"])})


def test_an_unknown_notation_stops_and_a_stray_value_is_rejected_by_hand_count(client) -> None:
    with pytest.raises(DataError, match="No known notation of time"):
        client(PLAIN, {"k.csv": contacts(["kesällä", "talvella"])})
    loaded = client(PLAIN, {"k.csv": contacts(["31.1.2025", "2025-01-31", "31.2.2025", "1.2.2025", "2.2.2025"])})
    # The ISO date is not in the column's notation, and February has no 31st.
    assert loaded.rejected() == [(3, "started_at", "unreadable"), (4, "started_at", "unreadable")]


def test_an_offset_in_a_column_without_is_not_dropped_silently(client) -> None:
    loaded = client(PLAIN, {"k.csv": contacts(["2025-01-31 12:05", "2025-01-31 12:05", "2025-01-31T10:05:00Z"])})
    assert loaded.rejected() == [(4, "started_at", "unreadable")]


@pytest.mark.parametrize(
    ("texts", "numbers", "commas"),
    [
        (["12,5", "7", "0,25"], [12.5, 7.0, 0.25], 2),
        (["1.234,50", "12", "3,5"], [1234.5, 12.0, 3.5], 2),
        (["1 234,5", "1\u00a0234,5", "1\u202f234 €"], [1234.5, 1234.5, 1234.0], 2),
        (["12.5", "1,234.5", "1,234"], [12.5, 1234.5, 1234.0], 0),
        (["1.234", "0.125", "2"], [1.234, 0.125, 2.0], 0),
        (["1.234", "1.234.567", "2"], [1234.0, 1234567.0, 2.0], 0),
        (["12", "-", "n/a"], [12.0, None, None], 0),
    ],
)
def test_decimals_and_thousands_are_told_by_the_column_by_hand_count(client, texts, numbers, commas) -> None:
    toml = PLAIN + 'columns = { revenue = "Myynti" }\n'
    loaded = client(toml, {"k.csv": contacts(["2025-01-01"] * 3, Myynti=texts)})
    assert loaded.column("select revenue from contacts order by contact_id") == numbers
    assert loaded.repairs().get(("revenue", "decimal_comma"), 0) == commas


def test_a_mark_that_no_value_tells_stops_unless_stated(client) -> None:
    toml = PLAIN + 'columns = { revenue = "Myynti" }\n'
    files = {"k.csv": contacts(["2025-01-01"] * 2, Myynti=["1.234", "5.678"])}
    with pytest.raises(DataError, match=r"thousands or decimals.*formats\.decimal"):
        client(toml, files)
    assert client(toml + 'formats = { decimal = "," }\n', files).column("select revenue from contacts order by 1") == [
        1234,
        5678,
    ]
    assert client(toml + 'formats = { decimal = "." }\n', files).column("select revenue from contacts order by 1") == [
        1.234,
        5.678,
    ]


@pytest.mark.parametrize(
    ("unit", "texts", "seconds"),
    [
        (None, ["90", "1.5"], [90.0, 1.5]),
        ("ms", ["90000", "1500"], [90.0, 1.5]),
        ("minutes", ["1,5", "2"], [90.0, 120.0]),
        ("hours", ["0.5", "1"], [1800.0, 3600.0]),
        (None, ["0:01:30", "12:00:00"], [90.0, 43_200.0]),
        ("hh:mm:ss", ["01:30", "1:00:01"], [90.0, 3601.0]),
    ],
)
def test_durations_become_seconds_by_hand_count(client, unit, texts, seconds) -> None:
    toml = (
        PLAIN
        + 'columns = { handle_seconds = "Kesto" }\n'
        + (f'units = {{ handle_seconds = "{unit}" }}\n' if unit else "")
    )
    loaded = client(toml, {"k.csv": contacts(["2025-01-01"] * 2, Kesto=texts)})
    assert loaded.column("select handle_seconds from contacts order by contact_id") == seconds


def test_two_part_durations_without_a_unit_stop(client) -> None:
    toml = PLAIN + 'columns = { handle_seconds = "Kesto" }\n'
    with pytest.raises(DataError, match=r"05:30 may be.*units\.handle_seconds"):
        client(toml, {"k.csv": contacts(["2025-01-01"] * 2, Kesto=["01:30", "02:00"])})


def test_flags_by_hand_count(client) -> None:
    texts = ["true", "FALSE", "Kyllä", "ei", "1", "0", "Y", "n", "x", "", "-", "ehkä"]
    loaded = client(
        TOML.replace('cost = "Hinta", handle_seconds = "Kesto", ', ""),
        {"k.csv": contacts(["2025-01-01"] * 12, Ratkaistu=texts)},
    )
    read = loaded.column("select resolved from contacts order by contact_id::int")
    assert read == [True, False, True, False, True, False, True, False, True, None, None]
    assert loaded.rejected() == [(13, "resolved", "unreadable")]


@pytest.fixture(scope="module")
def engine():
    engine = DuckDB(access="write")
    yield engine
    engine.close()


@settings(max_examples=150, deadline=None)
@given(
    value=st.floats(-1e9, 1e9).map(lambda number: round(number, 2)),
    mark=st.sampled_from([",", "."]),
    group=st.sampled_from(["", " ", "\u00a0", "\u202f", "other"]),
)
def test_a_written_number_reads_back_by_identity(engine, value, mark, group) -> None:
    other = "." if mark == "," else ","
    text = f"{value:,.2f}".replace(",", "G").replace(".", mark).replace("G", other if group == "other" else group)
    read = engine.connection.execute(
        f"select {NumberFormat(mark).sql('value')} from (select ?::varchar as value)", [text]
    ).fetchone()[0]
    assert math.isclose(read, value, abs_tol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    moments=st.lists(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2049, 12, 31)), min_size=1, max_size=6),
    family=st.sampled_from([name for name in FAMILIES if name.startswith("%d.") or name.startswith("%Y.")]),
    clock=st.sampled_from([" %H:%M:%S", " klo %H.%M.%S", ", %I:%M:%S %p"]),
)
def test_a_written_time_reads_back_by_identity(engine, moments, family, clock) -> None:
    moments = [moment.replace(microsecond=0) for moment in moments]
    connection = engine.connection
    connection.execute("create or replace temp table written (value varchar)")
    connection.executemany("insert into written values (?)", [[moment.strftime(family + clock)] for moment in moments])
    session = Session(engine, None)
    found = settle_times([weigh_times(session, Values("here", "key", "written", "written"))])[0]
    assert [row[0] for row in connection.execute(f"select {found.sql('value')} from written").fetchall()] == moments


@pytest.mark.parametrize("before", [2, 25_000])
def test_what_tells_may_stand_behind_a_row_with_text_after_a_quote_by_hand_count(client, before) -> None:
    undecided = "".join(f"{n};04/05/2025;phone;1,234;\n" for n in range(before))
    broken, telling = 'x;04/05/2025;phone;1;"Tiimi" yksi\n', "last;25/05/2025;phone;1,5;\n"
    header = "contact_id;started_at;channel;wait_seconds;team\n"
    loaded = client('[tables.contacts]\nsource = "k.csv"\n', {"k.csv": header + undecided + broken + telling})
    assert loaded.rows("select distinct started_on, wait_seconds from contacts order by 1") == [
        (dt.date(2025, 5, 4), 1.234),
        (dt.date(2025, 5, 25), 1.5),
    ]
    assert loaded.rejected() == [(before + 2, "", "wrong_columns")]
    assert loaded.rows("select table_name from duckdb_tables() where temporary") == []
