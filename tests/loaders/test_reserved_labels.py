"""No label of a client's can be taken for the mark of totals."""

from __future__ import annotations

import pytest

HEADER = "contact_id,started_at,channel,reason,reason_group,team,customer_id\n"
TOML = '[tables.contacts]\nsource = "k.csv"\n'


def test_labels_that_read_all_are_stored_as_something_else_by_hand_count(client) -> None:
    toml = (
        '[attributes]\ncontacts = ["Kieli"]\n' + TOML + '[tables.contacts.values.channel]\n"All" = "phone"\n'
        '[tables.customers]\nsource = "c.csv"\n'
    )
    content = (
        "contact_id,started_at,channel,reason,reason_group,team,customer_id,Kieli\n"
        "1,2025-01-01,All,all,ALL,lasku,C1,All\n2,2025-01-01,email,lasku,muu, all ,C1,fi\n3,2025-01-01,phone,,,,,\n"
    )
    loaded = client(toml, {"k.csv": content, "c.csv": "customer_id,segment\nC1,All\nC2,overall\n"})
    assert loaded.rows(
        "select channel, channel_label, reason, reason_group, team, kieli from contacts order by contact_id"
    ) == [
        ("phone", "All (label)", "all (label)", "ALL (label)", "lasku", "All (label)"),
        ("email", "email", "lasku", "muu", "all (label)", "fi"),
        ("phone", "phone", None, None, None, None),
    ]
    assert sorted(loaded.column("select segment from customers")) == ["All (label)", "overall"]
    columns = ("channel", "kieli", "reason", "reason_group", "segment", "team")
    assert loaded.repairs() == {(column, "label_like_totals"): 1 for column in columns}
    assert loaded.rejected() == []


@pytest.mark.parametrize(("mapped", "stored"), [("kaikki", "kaikki"), ("all", "all (label)")])
def test_a_value_map_decides_before_by_hand_count(client, mapped, stored) -> None:
    toml = TOML + f'[tables.contacts.values.reason]\n"All" = "{mapped}"\n'
    loaded = client(toml, {"k.csv": HEADER + "1,2025-01-01,phone,All,,,\n2,2025-01-01,phone,lasku,,,\n"})
    assert loaded.column("select reason from contacts order by contact_id") == [stored, "lasku"]
    assert ("reason", "label_like_totals") in loaded.repairs() or mapped == "kaikki"


def test_labels_beyond_the_sample_are_set_apart_too_by_hand_count(client) -> None:
    many = "".join(f"{n},2025-01-01,phone,lasku,,,\n" for n in range(25_000))
    loaded = client(TOML, {"k.csv": HEADER + many + "x,2025-01-01,phone,all,,,\n"})
    assert loaded.column("select reason from contacts where contact_id = 'x'") == ["all (label)"]
