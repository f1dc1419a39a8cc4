"""Rows that can't be used, rows put right, and counts that add up."""

from __future__ import annotations

import csv

import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.loaders import REPAIRS, RULES

TOML = """
[tables.contacts]
source = "k.csv"
"""
HEADER = "contact_id,started_at,ended_at,channel,customer_id,handle_seconds,direction,transfers\n"
GOOD = "a,2025-01-01 10:00,2025-01-01 10:05,phone,C1,60,inbound,0\n"


def test_every_rule_is_found_at_once_by_hand_count(client) -> None:
    content = (
        HEADER + GOOD + ",2025-01-01 10:00,,phone,C1,60,,0\n"  # row 3: no id
        "b,soon,,phone,C1,many,,0\n"  # 4: two unreadable values
        "c,2025-01-01 10:00,2025-01-01 09:59,phone,C1,-5,,0\n"  # 5: ends early, lasts less than nothing
        "d,2025-01-01 10:00,,,C1,60,sideways,2.5\n"  # 6: no channel, half a transfer
        "e,2025-01-01 10:00,,phone,C1,604801,,0\n"  # 7: over a week
        "f,2025-01-01 10:00,,phone,C1,60,sideways,0\n"  # 8: no such direction
        "a,2025-01-01 11:00,,phone,C1,60,,0\n"  # 9: an id used before
        "g,2999-01-01 10:00,,phone,C1,60,,0\n"  # 10: not a year of any export
        "h,2025-01-01 10:00,,phone,C1,60,OUTBOUND,0\n"
    )
    loaded = client(TOML, {"k.csv": content})
    assert loaded.rejected() == [
        (3, "contact_id", "missing"),
        (4, "handle_seconds", "unreadable"),
        (4, "started_at", "unreadable"),
        (5, "ended_at", "ends_before_start"),
        (5, "handle_seconds", "out_of_range"),
        (6, "channel", "missing"),
        (6, "transfers", "unreadable"),
        (7, "handle_seconds", "out_of_range"),
        (8, "direction", "not_a_choice"),
        (9, "contact_id", "duplicate_id"),
        (10, "started_at", "out_of_range"),
    ]
    assert loaded.rows("select contact_id, direction from contacts order by 1") == [("a", "inbound"), ("h", "outbound")]
    assert set(loaded.intake.rejects["rule"]) <= set(RULES)


def test_rejected_values_are_written_by_their_shape_alone(client) -> None:
    content = HEADER + GOOD + "b,=HYPERLINK(1),,phone,Virtanen,0401234567x,,0\nc,2025-01-01,,phone,C1,,Ääni +5,0\n"
    loaded = client(TOML, {"k.csv": content})
    with (loaded.rejects / "contacts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["column"], row["rule"], row["value"]) for row in rows] == [
        ("3", "handle_seconds", "unreadable", "9999999999x"),
        ("3", "started_at", "unreadable", "'=xxxxxxxxx(9)"),
        ("4", "direction", "not_a_choice", "xxxx +9"),
    ]
    assert {row["table"] for row in rows} == {"contacts"}
    assert list(loaded.intake.rejects.columns) == ["table", "source", "row", "column", "rule"]


def test_a_row_delivered_twice_counts_once_by_hand_count(client) -> None:
    toml = '[tables.contacts]\nsource = ["1.csv", "2.csv"]\n'
    more = "b,2025-01-02 10:00,,phone,C1,60,,0\n"
    loaded = client(
        toml, {"1.csv": HEADER + GOOD + more, "2.csv": HEADER + more + GOOD + "c,2025-01-02,,phone,,,,\n" + more}
    )
    assert loaded.column("select contact_id from contacts order by 1") == ["a", "b", "c"]
    assert loaded.repairs() == {("", "duplicate_row"): 3}
    counts = loaded.intake.sources.set_index("source")[["rows_read", "rows_accepted", "rows_rejected", "rows_merged"]]
    assert counts.to_numpy().tolist() == [[2, 2, 0, 0], [4, 4, 0, 3]]


@pytest.mark.parametrize("total", ["Yhteensä,,,,,120,,\n", "Total records: 2\n", ",,,,Grand Total,120,,\n"])
def test_a_total_at_the_end_is_no_reject_by_hand_count(client, total) -> None:
    loaded = client(TOML, {"k.csv": HEADER + GOOD + "b,2025-01-02 10:00,,phone,C1,60,,0\n" + total})
    assert loaded.repairs() == {("", "total_row"): 1}
    assert loaded.rejected() == []
    assert loaded.intake.sources[["rows_read", "rows_accepted", "rows_merged"]].to_numpy().tolist() == [[3, 3, 1]]


def test_totals_of_several_sources_are_no_repeated_ids_by_hand_count(client) -> None:
    total = "Yhteensä,,,,,120,,\n"
    toml = '[tables.contacts]\nsource = ["1.csv", "2.csv"]\n'
    loaded = client(toml, {"1.csv": HEADER + GOOD + total, "2.csv": HEADER + GOOD.replace("a,", "b,", 1) + total})
    assert loaded.repairs() == {("", "total_row"): 2}
    assert loaded.rejected() == []
    assert loaded.column("select contact_id from contacts order by 1") == ["a", "b"]


def test_an_answer_beyond_its_own_scale_is_rejected_by_hand_count(client) -> None:
    answers = "1,nps,2025-01-02,11,0,10\n2,nps,2025-01-02,10,0,10\n3,csat,2025-01-02,0,1,5\n4,csat,2025-01-02,9,,\n"
    header = "survey_id,metric,answered_at,score,scale_low,scale_high\n"
    loaded = client(TOML + '[tables.surveys]\nsource = "s.csv"\n', {"k.csv": HEADER + GOOD, "s.csv": header + answers})
    assert loaded.rejected() == [(2, "score", "out_of_range"), (4, "score", "out_of_range")]
    assert loaded.column("select survey_id from surveys order by 1") == ["2", "4"]


def test_a_row_that_begins_like_a_total_in_the_middle_is_rejected(client) -> None:
    rest = "".join(f"{n},2025-01-02 10:00,,phone,C1,60,,0\n" for n in range(4))
    loaded = client(TOML, {"k.csv": HEADER + "Total,,,,,120,,\n" + rest})
    assert loaded.rejected() == [(2, "channel", "missing"), (2, "started_at", "missing")]


@pytest.mark.parametrize("damaged", ["1.23457E+12", "1,23457E+12", "3e+15"])
def test_ids_damaged_by_a_spreadsheet_stop(client, damaged) -> None:
    content = HEADER.replace(",", ";") + GOOD.replace(",", ";") + f"b;2025-01-01;;phone;{damaged};;;\n"
    with pytest.raises(DataError, match=r"1 values of contacts.customer_id were damaged.*row 3") as stopped:
        client(TOML, {"k.csv": content})
    assert damaged not in str(stopped.value).replace("1.23457E+12, digits", "")


def test_long_ids_keep_every_digit_and_zero(client) -> None:
    content = HEADER + "0001234567890123456789,2025-01-01,,phone,00012,,,\n0E5,2025-01-01,,phone,1E5,,,\n"
    assert client(TOML, {"k.csv": content}).column("select contact_id from contacts order by 1") == [
        "0001234567890123456789",
        "0E5",
    ]


def test_channels_that_are_not_mapped_stop_and_are_named(client) -> None:
    content = HEADER + GOOD + "b,2025-01-01,,Puhelu,,,,\nc,2025-01-01,,Puhelu,,,,\nd,2025-01-01,,Tiski 2,,,,\n"
    with pytest.raises(
        DataError, match=r"'channel'\) holds labels that are not mapped: 'Puhelu' \(2 rows\), 'Tiski 2' \(1"
    ):
        client(TOML, {"k.csv": content})


@pytest.mark.parametrize("value", ["ASIAKAS-77197", "aino@example.fi", "x" * 41])
def test_a_column_that_holds_no_channels_is_not_quoted(client, value) -> None:
    content = HEADER + GOOD + f"b,2025-01-01,,{value},,,,\n"
    with pytest.raises(DataError, match="do not look like channels") as stopped:
        client(TOML, {"k.csv": content})
    assert value not in str(stopped.value)


def test_labels_map_apart_from_capitals_and_composition(client) -> None:
    toml = TOML + '[tables.contacts.values.channel]\n"Sähköposti" = "email"\n'
    content = HEADER + "a,2025-01-01,,SA\u0308HKO\u0308POSTI,,,,\nb,2025-01-01,,Self Service,,,,\n"
    loaded = client(toml, {"k.csv": content})
    assert loaded.column("select channel from contacts order by contact_id") == ["email", "self_service"]


def test_own_words_for_nothing_by_hand_count(client) -> None:
    toml = TOML + 'nulls = { customer_id = ["0", "Anonymous"], handle_seconds = ["-1"] }\n'
    content = (
        HEADER + "a,2025-01-01,,phone,ANONYMOUS,-1,,\nb,2025-01-01,,phone,0,5,,\nc,2025-01-01,,phone, C1 ,n/a,NULL,-\n"
    )
    loaded = client(toml, {"k.csv": content})
    rows = loaded.rows("select customer_key, handle_seconds, transfers from contacts order by contact_id")
    assert rows == [(None, None, None), (None, 5.0, None), (1, None, None)]


def test_a_choice_that_is_a_word_for_nothing_is_nothing_by_hand_count(client) -> None:
    toml = TOML + 'nulls = { direction = ["Internal"] }\n'
    content = HEADER + "a,2025-01-01,,phone,,,internal,\nb,2025-01-01,,phone,,,outbound,\n"
    loaded = client(toml, {"k.csv": content})
    assert loaded.rows("select contact_id, direction from contacts order by 1") == [("a", "inbound"), ("b", "outbound")]


def test_orphans_are_kept_and_counted_by_hand_count(client) -> None:
    toml = TOML + '[tables.customers]\nsource = "c.csv"\n[tables.surveys]\nsource = "s.csv"\n'
    files = {
        "k.csv": HEADER + GOOD + "b,2025-01-01,,phone,C9,,,\nc,2025-01-01,,phone,,,,\n",
        "c.csv": "customer_id,joined_on\nC1,2020-01-01\n",
        "s.csv": "survey_id,metric,answered_at,score,contact_id\n"
        "1,nps,2025-01-05,9,a\n2,nps,2025-01-05,9,zz\n3,nps,2025-01-05,,\n",
    }
    loaded = client(toml, files)
    found = {(row.table, row.column): row.rows for row in loaded.intake.orphans.itertuples()}
    assert found == {("contacts", "customer_id"): 1, ("surveys", "contact_id"): 1}
    assert loaded.column("select count(*) from contacts") == [3]


def test_filled_shares_by_hand_count(client) -> None:
    loaded = client(TOML, {"k.csv": HEADER + GOOD + "b,2025-01-01,,phone,,,,\n"})
    filled = loaded.intake.filled.set_index("column")
    assert filled.loc["customer_key"].tolist() == ["contacts", 0.5, 2]
    assert filled.loc["reason", "filled"] == 0.0


def test_rows_read_are_accepted_or_rejected_by_identity(client) -> None:
    rows = [
        GOOD.replace("a,", f"{n},")
        if n % 5
        else [f",{n}\n", f"{n},bad,,phone,,,,\n", GOOD, "1,2,3,4,5,6,7,8,9\n"][n // 5 % 4]
        for n in range(200)
    ]
    loaded = client(TOML, {"k.csv": HEADER + "".join(rows)})
    counts = loaded.intake.sources.iloc[0]
    assert counts["rows_read"] == 200 == counts["rows_accepted"] + counts["rows_rejected"]
    assert loaded.column("select count(*) from contacts")[0] == counts["rows_accepted"] - counts["rows_merged"]
    assert loaded.intake.rejects["row"].nunique() == counts["rows_rejected"]
    assert set(loaded.intake.repairs["repair"]) <= set(REPAIRS)


def test_surveys_need_one_of_two_times_by_hand_count(client) -> None:
    toml = TOML + '[tables.surveys]\nsource = "s.csv"\n'
    surveys = "survey_id,metric,answered_at,asked_at,score\n1,NPS,2025-01-05,,9\n2,nps,,2025-01-05,\n3,nps,,,9\n"
    loaded = client(toml, {"k.csv": HEADER + GOOD, "s.csv": surveys})
    assert loaded.rejected() == [(4, "answered_at or asked_at", "missing")]
    assert loaded.rows("select metric, answered_on::varchar, asked_on::varchar from surveys order by survey_id") == [
        ("nps", "2025-01-05", None),
        ("nps", None, "2025-01-05"),
    ]


def test_contacts_of_which_none_can_be_used_stop_with_the_rules(client) -> None:
    content = HEADER + ",2025-01-01,,phone,,,,\nb,2025-01-01\n"
    with pytest.raises(DataError, match=r"None of the 2 rows of contacts \(k.csv\).*contact_id missing \(1 rows\)"):
        client(TOML, {"k.csv": content})
