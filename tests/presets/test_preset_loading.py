"""Each fixture read through its preset; every figure is counted by hand in the fixture."""

from __future__ import annotations

import pytest

from rootcause_lib.errors import DataError, EngagementError


def test_zendesk_by_hand_count(through_preset) -> None:
    loaded = through_preset("zendesk", "zendesk.csv")
    # Ten tickets and a line of totals; replies come in minutes, stations count from the first assignment.
    assert loaded.rows("select count(*), count(customer_key) from contacts") == [(10, 10)]
    assert loaded.rejected() == 0
    assert loaded.intake.repairs.query("repair == 'total_row'")["rows"].sum() == 1
    assert loaded.rows("select channel, count(*) from contacts group by 1 order by 1") == [
        ("chat", 1), ("email", 5), ("messaging", 1), ("other", 1), ("phone", 2),
    ]  # fmt: skip
    assert loaded.rows("select sum(wait_seconds), count(wait_seconds) from contacts") == [(60.0 * 307, 8)]
    assert loaded.rows("select sum(transfers), count(*) filter (where reopened) from contacts") == [(4, 2)]
    assert loaded.rows("select reason from contacts where contact_id = '5004'") == [("delivery",)]
    assert loaded.rows("select distinct row_is from contacts") == [("ticket",)]
    # Status and direction need a look at the labels: the preset alone reads neither.
    assert loaded.rows("select count(resolved), count(*) filter (where direction = 'inbound') from contacts") == [
        (0, 10)
    ]


def test_genesys_cloud_by_hand_count(through_preset) -> None:
    loaded = through_preset("genesys_cloud", "genesys_cloud.csv")
    assert loaded.rejected() == 0
    # Milliseconds; Infinity% is no value; anonymous is nobody; a callback is a call; who began is what counts.
    assert loaded.rows("select sum(handle_seconds), count(handle_seconds), max(wait_seconds) from contacts") == [
        (2240.0, 6, 7200.0)
    ]
    assert loaded.rows("select count(*), count(customer_key), count(*) filter (where abandoned) from contacts") == [
        (8, 5, 1)
    ]
    assert loaded.rows("select channel, count(*) from contacts group by 1 order by 1") == [
        ("chat", 1), ("email", 1), ("phone", 6),
    ]  # fmt: skip
    assert loaded.rows("select direction, count(*) from contacts group by 1 order by 1") == [
        ("inbound", 7), ("outbound", 1),
    ]  # fmt: skip
    assert loaded.rows("select count(*) from contacts where reason = 'ININ-WRAP-UP-TIMEOUT'") == [(3,)]
    assert loaded.rows("select started_on::varchar, started_hour from contacts where channel = 'chat'") == [
        ("2025-03-17", 14)
    ]


def test_salesforce_field_names_and_report_labels_by_hand_count(through_preset) -> None:
    fields = through_preset("salesforce", "salesforce.csv")
    assert fields.rows("select count(*), count(*) filter (where resolved), count(reason) from contacts") == [(6, 5, 5)]
    # 07:15 in UTC is 09:15 in Helsinki in March.
    assert fields.rows("select started_hour from contacts where contact_id = '00000001'") == [(9,)]
    report = through_preset("salesforce", "salesforce_report.csv")
    assert report.rows("select channel, count(*) from contacts group by 1 order by 1") == [("email", 1), ("phone", 2)]
    assert report.rows("select started_hour from contacts where contact_id = '00001001'") == [(9,)]
    assert report.intake.repairs.query("repair == 'total_row'")["rows"].sum() == 1
    # The two lines of small print are no contacts, and say so.
    assert report.rejected() == 2


def test_servicenow_table_by_hand_count(through_preset) -> None:
    loaded = through_preset("servicenow", "servicenow.csv")
    assert loaded.rejected() == 0
    assert loaded.rows("select count(*), count(customer_key), sum(transfers) from contacts") == [(7, 6, 3)]
    assert loaded.rows("select count(*) filter (where reopened), count(reopened) from contacts") == [(2, 7)]
    assert loaded.rows("select channel, count(*) from contacts group by 1 order by 1") == [
        ("bot", 1), ("chat", 1), ("email", 2), ("phone", 2), ("store", 1),
    ]  # fmt: skip


def test_servicenow_audit_log_keeps_the_last_state_by_hand_count(through_preset) -> None:
    loaded = through_preset("servicenow_audit", "servicenow_audit.csv")
    rows = loaded.rows("select contact_id, transfers, reopened, team, reason from contacts order by 1")
    assert rows == [
        ("INC0000045", 0, False, "Group 56", "Subcategory 170"),
        ("INC0000047", 1, False, "Group 24", "Subcategory 215"),
        ("INC0000057", 2, True, "Group 70", "Subcategory 125"),
        ("INC0000060", 0, False, "Group 25", "Subcategory 97"),
    ]
    # Day first, a question mark is nobody.
    assert loaded.rows("select started_on::varchar from contacts where contact_id = 'INC0000045'") == [("2016-02-29",)]
    assert loaded.rows("select count(customer_key) from contacts") == [(3,)]


def test_freshdesk_labels_and_codes_by_hand_count(through_preset) -> None:
    labels = through_preset("freshdesk", "freshdesk.csv")
    assert labels.rejected() == 0
    # 00:45:00 + 26:15:00 + 00:00:30 + 02:00:00, and one of nought.
    assert labels.rows("select sum(wait_seconds), count(wait_seconds) from contacts") == [
        (2700.0 + 94_500 + 30 + 7200, 5)
    ]
    assert labels.rows("select sum(handle_seconds) from contacts") == [(750.0 + 3723 + 0 + 300 + 1200 + 60 + 600,)]
    codes = through_preset("freshdesk", "freshdesk_api.csv")
    assert codes.rows("select channel, count(*) from contacts group by 1 order by 1") == [
        ("chat", 1), ("email", 2), ("phone", 1),
    ]  # fmt: skip


def test_freshservice_by_hand_count(through_preset) -> None:
    loaded = through_preset("freshdesk", "freshdesk_freshservice.csv")
    assert loaded.rejected() == 0
    assert loaded.rows("select channel, reason from contacts order by contact_id") == [
        ("phone", "Hardware"), ("email", "Orders"), ("email", "Access"), ("store", "Hardware"),
    ]  # fmt: skip
    assert loaded.rows("select count(*) from customer_ids") == [(3,)]
    # 20 min + nothing + 65 min + 5 min.
    assert loaded.rows("select sum(handle_seconds), max(wait_seconds) from contacts") == [(5400.0, 3600.0)]


def test_hubspot_milliseconds_by_hand_count(through_preset) -> None:
    api = through_preset("hubspot", "hubspot_api.csv")
    assert api.rows("select sum(wait_seconds), count(wait_seconds) from contacts") == [(2730.0, 2)]
    assert api.rows("select channel, count(*) from contacts group by 1 order by 1") == [
        ("chat", 1), ("email", 2),
    ]  # fmt: skip


def test_another_unit_than_the_presets_must_be_stated(through_preset) -> None:
    with pytest.raises(DataError, match=r'State it: \[tables.contacts\] units = \{ wait_seconds = "hh:mm:ss" \}'):
        through_preset("hubspot", "hubspot.csv")
    csv = through_preset("hubspot", "hubspot.csv", 'units = { wait_seconds = "hh:mm:ss" }\n')
    # 0:45:10 + 0:00:20 + 100:30:00 + 1:00:00
    assert csv.rows("select sum(wait_seconds), count(wait_seconds) from contacts") == [
        (2710.0 + 20 + 361_800 + 3600, 4)
    ]


def test_intercom_unix_seconds_by_hand_count(through_preset) -> None:
    loaded = through_preset("intercom", "intercom.csv", zone="UTC")
    assert loaded.rejected() == 0
    # 1741000000 is 2025-03-03 11:06:40 UTC.
    assert loaded.rows("select started_on::varchar, started_hour from contacts where contact_id = '190001'") == [
        ("2025-03-03", 11)
    ]
    assert loaded.rows("select direction, count(*) from contacts group by 1 order by 1") == [
        ("inbound", 5), ("outbound", 1),
    ]  # fmt: skip
    assert loaded.rows("select count(*) filter (where resolved), count(*) filter (where reopened) from contacts") == [
        (4, 2)
    ]


def test_what_the_engagement_says_stands_above_the_preset(through_preset) -> None:
    loaded = through_preset(
        "zendesk",
        "zendesk.csv",
        'row_is = "interaction"\nunits = { wait_seconds = "seconds" }\ncolumns = { reason = "Ticket type" }\n'
        '[tables.contacts.values.channel]\n"Closed Ticket" = "email"\n',
    )
    assert loaded.rows("select sum(wait_seconds) from contacts") == [(307.0,)]
    assert loaded.rows("select distinct reason, row_is from contacts") == [("Question", "interaction")]
    assert loaded.rows("select count(*) from contacts where channel = 'email'") == [(6,)]


def test_a_preset_that_does_not_know_the_table_says_so(through_preset) -> None:
    with pytest.raises(EngagementError, match="describes contacts, not surveys"):
        through_preset("zendesk", "zendesk.csv", '[tables.surveys]\nsource = "x.csv"\npreset = "zendesk"\n')
