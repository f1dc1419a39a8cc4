"""The store's tables: keys, order, ends, clock changes, attributes, event logs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rootcause_lib.engine import DuckDB
from rootcause_lib.loaders.clock import REPEATED, SKIPPED, clock_of
from rootcause_lib.loaders.evidence import SAMPLED_ROWS
from rootcause_lib.stored_tables import STORED_TABLES

TOML = '[tables.contacts]\nsource = "k.csv"\n'


def test_contacts_are_sorted_with_keys_in_order_by_hand_count(client) -> None:
    content = (
        "contact_id,started_at,channel,customer_id\nz,2025-01-03,phone,\nb,2025-01-02,phone,A\n"
        "a,2025-01-02,phone,A\nc,2025-01-01,phone,A\nd,2025-01-05,phone,B\ne,2025-01-04,phone,B\ny,2025-01-01,phone,\n"
    )
    loaded = client(TOML, {"k.csv": content})
    rows = loaded.rows("select contact_key, contact_id, customer_key from contacts")
    assert [row[0] for row in rows] == list(range(1, 8))
    first = "cab" if rows[0][1] == "c" else "ed"
    assert "".join(row[1] for row in rows) == first + {"cab": "ed", "ed": "cab"}[first] + "yz"
    assert [row[2] for row in rows] == [*sorted(row[2] for row in rows[:5]), None, None]


def test_an_end_is_stated_or_follows_from_handling_by_hand_count(client) -> None:
    content = (
        "contact_id,started_at,ended_at,handle_seconds,channel\na,2025-01-01 10:00,2025-01-01 10:01,999,phone\n"
        "b,2025-01-01 10:00,,90.4,phone\nc,2025-01-01 10:00,,,phone\n"
    )
    loaded = client(TOML, {"k.csv": content})
    assert loaded.column("select ended_seconds - started_seconds from contacts order by contact_id") == [60, 90, 0]
    assert loaded.column("select distinct direction from contacts") == ["inbound"]


@pytest.mark.parametrize("toml", [TOML, TOML + '[tables.surveys]\nsource = "s.csv"\n'])
def test_every_table_is_there_with_its_declared_columns_by_identity(client, toml) -> None:
    files = {
        "k.csv": "contact_id,started_at,channel,text\n1,2025-01-01,phone,hei\n",
        "s.csv": "survey_id,metric,asked_at,score\n1,nps,2025-01-01,9\n",
    }
    loaded = client(toml, files)
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in loaded.rows(
        "select table_name, column_name, data_type from duckdb_columns() where not internal order by column_index"
    ):
        # The few labels of a column may be stored as an enumeration of them, which every statement reads as text.
        found.setdefault(table, {})[column] = "varchar" if kind.startswith("ENUM") else kind.lower()
    made_later = set(STORED_TABLES) - set(found)
    assert {"contacts", "surveys", "customers", "customer_ids", "contact_texts", "ideas"} <= set(found)
    for table, columns in found.items():
        assert columns == dict(STORED_TABLES[table])
    assert not made_later & {"contacts", "customers", "surveys", "visits", "audits", "mentions"}


def test_clock_changes_are_read_by_one_rule_by_hand_count(client) -> None:
    # Helsinki 2025: 30 March 03:00 becomes 04:00 at 01:00 UTC; 26 October 04:00 becomes 03:00 at 01:00 UTC.
    content = (
        "contact_id,started_at,channel\na,2025-03-30 02:59:59,phone\n"
        "b,2025-03-30 03:30,phone\nc,2025-03-30 04:00,phone\n"
        "d,2025-10-26 02:59:59,phone\ne,2025-10-26 03:30,phone\nf,2025-10-26 04:00,phone\n"
    )
    loaded = client(TOML, {"k.csv": content})
    utc = [
        dt.datetime.fromtimestamp(s, dt.UTC).strftime("%m-%d %H:%M:%S")
        for s in loaded.column("select started_seconds from contacts order by contact_id")
    ]
    assert utc == [
        "03-30 00:59:59",
        "03-30 01:30:00",
        "03-30 01:00:00",
        "10-25 23:59:59",
        "10-26 01:30:00",
        "10-26 02:00:00",
    ]
    assert loaded.column("select started_hour from contacts order by contact_id") == [2, 4, 4, 2, 3, 4]
    assert loaded.repairs() == {
        ("started_at", "clock_change_skipped_hour"): 1,
        ("started_at", "clock_change_repeated_hour"): 1,
    }


@pytest.fixture(scope="module")
def engine():
    engine = DuckDB(access="write")
    yield engine
    engine.close()


ZONES = ["Europe/Helsinki", "America/New_York", "Asia/Kolkata", "UTC", "America/Sao_Paulo", "Pacific/Auckland"]
CLOCKS = {name: clock_of(name) for name in ZONES}


@settings(max_examples=120, deadline=None)
@given(zone=st.sampled_from(ZONES), moment=st.datetimes(dt.datetime(1990, 1, 2), dt.datetime(2060, 1, 1)))
def test_local_times_and_back_by_identity(engine, zone, moment) -> None:
    moment = moment.replace(microsecond=0, fold=1)
    local = int(moment.replace(tzinfo=dt.UTC).timestamp())
    clock = CLOCKS[zone]
    packed = clock.packed_sql("l")
    utc, kind, back = engine.connection.execute(
        f"select u, k & 3, {clock.local_sql('u')} from (select {clock.utc_sql('l', 'k')} as u, k from "
        f"(select l, {packed} as k from (select {local}::bigint as l)))"
    ).fetchone()
    aware = moment.replace(tzinfo=ZoneInfo(zone))
    exists = aware.astimezone(dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment.replace(fold=0)
    if kind == SKIPPED:
        assert not exists
        assert utc == int(aware.replace(fold=0).timestamp())
    else:
        assert exists
        assert (utc, back) == (int(aware.timestamp()), local)
        assert (kind == REPEATED) == (aware.utcoffset() != aware.replace(fold=0).utcoffset())


def test_attributes_become_columns_of_their_own_by_hand_count(client) -> None:
    toml = """
[attributes]
customers = ["Alue", "contract"]
contacts = ["Kieli"]
surveys = ["ease"]
[tables.contacts]
source = "k.csv"
[tables.customers]
source = "c.csv"
columns = { contract = "Sopimus" }
[tables.customers.values.contract]
"määräaikainen" = "fixed"
[tables.surveys]
source = "s.csv"
"""
    loaded = client(
        toml,
        {
            "k.csv": "contact_id,started_at,channel,Kieli\n1,2025-01-01,phone,fi\n",
            "c.csv": "customer_id,Alue,Sopimus\nA,Etelä,määräaikainen\nB,,toistaiseksi\n",
            "s.csv": "survey_id,metric,asked_at,score,ease\n1,csat,2025-01-01,4,3\n2,csat,2025-01-01,4,\n",
        },
    )
    assert loaded.column("select kieli from contacts") == ["fi"]
    assert (
        sorted(loaded.rows("select alue, contract from customers"), key=str)
        == [("Etelä", "fixed"), (None, "toistaiseksi")][::1]
    )
    assert loaded.column("select ease from surveys order by survey_id") == [3.0, None]


def test_several_spells_and_open_ends_by_hand_count(client) -> None:
    toml = (
        TOML
        + '[tables.customers]\nsource = "c.csv"\n[tables.customers.values.leave_reason]\n"kuolema" = "not_choice"\n'
    )
    customers = (
        "customer_id,joined_on,left_on,leave_reason\nA,2019-01-01,2020-01-31,kuolema\nA,2021-01-01,9999-12-31,\n"
        "B,2021-01-01,2020-12-31,choice\nC,0000-00-00,,\n"
    )
    files = {"k.csv": "contact_id,started_at,channel\n1,2025-01-01,phone\n", "c.csv": customers}
    loaded = client(toml, files)
    rows = loaded.rows(
        "select joined_on::varchar, left_on::varchar, leave_reason from customers order by joined_on nulls last"
    )
    assert rows == [("2019-01-01", "2020-01-31", "not_choice"), ("2021-01-01", None, None), (None, None, None)]
    assert loaded.rejected() == [(4, "left_on", "ends_before_start")]


def test_reasons_for_leaving_by_what_the_engagement_calls_no_choice_by_hand_count(client) -> None:
    """Capitals and accents aside; every other reason is the customer's, a kind that is named stays, none stays none."""
    toml = TOML + '[leaving]\nnot_choice = ["Kuolema", "muutto ulkomaille"]\n[tables.customers]\nsource = "c.csv"\n'
    customers = "customer_id,left_on,leave_reason\nA,2024-01-31,kuolema\nB,2024-01-31,hinta\n"
    customers += "C,2024-01-31,muutto ulkomaille\nD,2024-01-31,moved_within\nE,2024-01-31,\n"
    files = {"k.csv": "contact_id,started_at,channel\n1,2025-01-01,phone\n", "c.csv": customers}
    loaded = client(toml, files)
    rows = loaded.rows("select leave_reason, count(*) from customers group by 1 order by 1 nulls last")
    assert rows == [("choice", 1), ("moved_within", 1), ("not_choice", 2), (None, 1)]
    assert loaded.rejected() == []


LOG = """case,time,who,state,reason,customer
7,2025-01-01 10:00,anna,Open,lasku,C1
7,2025-01-01 11:00,anna,Open,,C1
8,2025-01-02 09:00,bo,Open,muu,
7,2025-01-03 12:00,bo,Closed,toimitus,
7,2025-01-02 08:00,,Open,,C2
7,2025-01-04 12:00,anna,Reopened,,
"""
LOG_TOML = """
[tables.contacts]
source = "log.csv"
rows = ROWS
row_is = "ticket"
counts = { transfers = { changes_of = "who" } }
[tables.contacts.columns]
contact_id = "case"
started_at = "time"
channel = { value = "email" }
reason = "reason"
customer_id = "customer"
"""


@pytest.mark.parametrize(
    ("rows", "reason", "customer"),
    [('"last"', "toimitus", "C2"), ('"first"', "lasku", "C1"), ('{ state = "state", is = "open" }', "lasku", "C2")],
)
def test_an_event_log_becomes_contacts_by_hand_count(client, rows, reason, customer) -> None:
    loaded = client(LOG_TOML.replace("ROWS", rows), {"log.csv": LOG})
    found = loaded.rows(
        "select contact_id, started_on::varchar, ended_seconds - started_seconds, reason, transfers, row_is "
        "from contacts order by contact_id"
    )
    # In order of time: anna, anna, (blank), bo, anna: two changes of hands.
    assert found == [
        ("7", "2025-01-01", 3 * 86_400 + 7_200, reason, 2, "ticket"),
        ("8", "2025-01-02", 0, "muu", 0, "ticket"),
    ]
    other = client(
        LOG_TOML.replace("ROWS", rows).replace('"customer"', '"customer"\ncase_id = "customer"'), {"log.csv": LOG}
    )
    assert other.column("select case_id from contacts where contact_id = '7'") == [customer]
    counts = loaded.intake.sources[["rows_read", "rows_accepted", "rows_rejected", "rows_merged"]].to_numpy().tolist()
    assert counts == [[6, 6, 0, 4]]


def test_real_event_log_by_published_figure(client, real_data: Path) -> None:
    source = real_data / "helpdesk_italy" / "helpdesk.csv"
    toml = LOG_TOML.replace("log.csv", str(source)).replace("ROWS", '"last"').replace('"who"', '"Resource"')
    for ours, theirs in {'"case"': '"Case ID"', '"time"': '"Complete Timestamp"', '"reason"': '"product"'}.items():
        toml = toml.replace(f"= {ours}", f"= {theirs}")
    loaded = client(toml, {})
    assert loaded.intake.sources["rows_read"].tolist() == [21_348]
    assert loaded.column("select count(*) from contacts") == [4_580]
    assert loaded.column("select count(*) from customer_ids") == [397]
    first, last, days = loaded.rows(
        "select min(started_on)::varchar, max(started_on)::varchar, "
        "avg(ended_seconds - started_seconds) / 86400 from contacts"
    )[0]
    assert first == "2010-01-13"
    assert days == pytest.approx(40.86, abs=0.01)
    assert last <= "2014-01-03"


@pytest.mark.parametrize("mapped", ['["Syy1", "Syy2"]', '{ column = "Syyt", separator = "|" }'])
def test_several_reasons_of_one_contact_become_rows_by_hand_count(client, mapped) -> None:
    toml = TOML + f'[tables.contact_reasons]\nsource = "k.csv"\ncolumns = {{ reason = {mapped} }}\n'
    content = (
        "contact_id,started_at,channel,Syy1,Syy2,Syyt\n1,2025-01-01,phone,lasku,muu,lasku | muu|\n"
        "2,2025-01-01,phone,,lasku,lasku\n3,2025-01-01,phone,-,,\n4,2025-01-01,phone,muu,muu,muu|muu\n"
    )
    loaded = client(toml, {"k.csv": content})
    rows = loaded.rows("select contact_id, reason from contact_reasons order by 1, 2")
    assert rows == [("1", "lasku"), ("1", "muu"), ("2", "lasku"), ("4", "muu")]


def test_labels_that_come_after_the_first_rows_are_stored_by_hand_count(client) -> None:
    early = "".join(f"a{n},2025-01-01,phone,billing\n" for n in range(SAMPLED_ROWS))
    late = "b1,2025-01-02,Email, moving \nb2,2025-01-03,email,n/a\nb3,never,chat,moving\nb4,2025-01-04,PHONE,Billing\n"
    loaded = client(TOML, {"k.csv": "contact_id,started_at,channel,reason\n" + early + late})
    assert loaded.rows(
        "select contact_id, channel, channel_label, reason from contacts where contact_id like 'b%' order by 1"
    ) == [("b1", "email", "Email", "moving"), ("b2", "email", "email", None), ("b4", "phone", "PHONE", "Billing")]
    assert loaded.rows("select reason, count(*) from contacts group by 1 order by 2 desc limit 1") == [
        ("billing", SAMPLED_ROWS)
    ]
    assert loaded.rejected() == [(SAMPLED_ROWS + 4, "started_at", "unreadable")]
