"""Pseudonyms equal Python's HMAC, texts are masked, keys are kept to their owner, nothing stays open."""

from __future__ import annotations

import hashlib
import hmac
import stat
import sys

import pytest

from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import EngagementError
from rootcause_lib.loaders import find_key, pseudonym
from rootcause_lib.loaders.masking import masked_sql
from rootcause_lib.loaders.pseudonyms import Key
from rootcause_lib.loaders.quoting import literal, quoted

KEY = "a key for tests, long enough"
TOML = '[tables.contacts]\nsource = "k.csv"\n'
CONTACTS = (
    "contact_id,started_at,channel,customer_id,agent_id,team,text\n"
    "1,2025-01-02,phone,Äijö,matti,Tiimi A,soita 040 123 4567\n"
    "2,2025-01-01,phone,B2,maija,Tiimi B,\n3,2025-01-01,phone,,matti,,hei\n"
)


def expected(value: str, kind: str = "customer", key: str = KEY) -> str:
    return hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:20]


def test_pseudonyms_equal_pythons_hmac_by_identity(client) -> None:
    loaded = client(TOML, {"k.csv": CONTACTS})
    assert loaded.column("select customer_id from customer_ids order by customer_key") == sorted(
        [expected("Äijö"), expected("B2")]
    )
    of_one = "select customer_id from contacts join customer_ids using (customer_key) where contact_id = '1'"
    assert loaded.column(of_one) == [expected("Äijö")] == [pseudonym("Äijö", key=Key(KEY.encode(), "environment"))]
    assert loaded.intake.key_source == "environment"


def test_long_keys_are_hashed_first_by_published_figure(client, monkeypatch) -> None:
    key = "k" * 100  # longer than a block: RFC 2104 uses its hash
    monkeypatch.setenv("OTHER_KEY", key)
    loaded = client(TOML + '[privacy]\nkey_env = "OTHER_KEY"\n', {"k.csv": CONTACTS})
    assert expected("B2", key=key) in loaded.column("select customer_id from customer_ids")


def test_no_raw_id_is_left_in_the_store(client) -> None:
    loaded = client(TOML + '[privacy]\nagents = "pseudonym"\n', {"k.csv": CONTACTS})
    for (table,) in loaded.rows("select table_name from duckdb_tables()"):
        text = str(loaded.rows(f"select * from {quoted(table)}"))
        assert not any(raw in text for raw in ("Äijö", "B2", "matti", "maija"))


@pytest.mark.parametrize(
    ("view", "agents", "teams"),
    [
        ("none", [None, None, None], [None, None, None]),
        ("team", [None, None, None], ["Tiimi A", "Tiimi B", None]),
        (
            "pseudonym",
            [expected("matti", "agent"), expected("maija", "agent"), expected("matti", "agent")],
            ["Tiimi A", "Tiimi B", None],
        ),
    ],
)
def test_agents_are_shown_as_the_engagement_says_by_identity(client, view, agents, teams) -> None:
    loaded = client(TOML + f'[privacy]\nagents = "{view}"\n', {"k.csv": CONTACTS})
    assert loaded.column("select agent_id from contacts order by contact_id") == agents
    assert loaded.column("select team from contacts order by contact_id") == teams


def test_other_tables_carry_pseudonyms_too_by_identity(client) -> None:
    toml = (
        TOML
        + '[privacy]\nagents = "pseudonym"\n'
        + "".join(
            f'[tables.{name}]\nsource = "{name}.csv"\n' for name in ("agents", "audits", "identities", "customers")
        )
    )
    loaded = client(
        toml,
        {
            "k.csv": CONTACTS,
            "agents.csv": "agent_id,hired_on,lead\nmatti,2020-01-01,maija\n",
            "audits.csv": "contact_id,coder,reason\n1,Liisa,lasku\n1,Adjudicated,lasku\n",
            "identities.csv": "customer_id,kind,value\nZ9,phone,0401234567\n",
            "customers.csv": "customer_id\nB2\n",
        },
    )
    assert loaded.rows("select agent_id, lead from agents") == [
        (expected("matti", "agent"), expected("maija", "agent"))
    ]
    assert sorted(loaded.column("select coder from audits")) == sorted(["adjudicated", expected("Liisa", "coder")])
    assert loaded.column("select value from identities") == [expected("0401234567", "identity")]
    # Z9 is seen in identities alone and has a key all the same.
    assert loaded.column("select count(*) from customer_ids") == [3]


def test_a_key_is_made_once_for_its_owner_alone(client, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    toml = TOML + '[privacy]\nkey_env = "NOT_SET"\n'
    first = client(toml, {"k.csv": CONTACTS})
    path = tmp_path / "config" / "rootcause" / "pseudonym.key"
    second = client(toml, {"k.csv": CONTACTS})
    assert (first.intake.key_source, second.intake.key_source) == ("made", "file")
    ids = "select customer_id from customer_ids order by 1"
    assert first.column(ids) == second.column(ids)
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_short_key_is_refused_without_being_shown(client, monkeypatch) -> None:
    monkeypatch.setenv("ROOTCAUSE_KEY", "hunter2")
    with pytest.raises(EngagementError, match="ROOTCAUSE_KEY holds a key of 7 characters") as stopped:
        client(TOML, {"k.csv": CONTACTS})
    assert "hunter2" not in str(stopped.value)
    assert "secret" not in repr(Key(b"secret", "file"))
    assert callable(find_key)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("kirjoita matti.meikalainen@example.fi heti", "kirjoita [email] heti"),
        ("soita 040 123 4567 tai +358 40 1234567.", "soita [phone] tai [phone]."),
        ("puh. 09-123 4567, 0401234567", "puh. [phone], [phone]"),
        ("hetu 131052-308T", "hetu [identity code]"),
        ("hetu 010594Y9032 ja 010190-900p", "hetu [identity code] ja [identity code]"),
        ("tili FI21 1234 5600 0007 85", "tili [iban]"),
        ("tili fi2112345600000785", "tili [iban]"),
        ("kortti 4111 1111 1111 1111 vanheni", "kortti [card] vanheni"),
        ("kortti 4111111111111111", "kortti [card]"),
        ("lasku 129,90 eur 1.3.2025 klo 9.05", "lasku 129,90 eur 1.3.2025 klo 9.05"),
        ("tilaus 1234567 ei saapunut 14 päivään", "tilaus 1234567 ei saapunut 14 päivään"),
        ("ei mitään", "ei mitään"),
    ],
)
def test_personal_data_in_text_is_masked_by_hand(text, masked) -> None:
    engine = DuckDB(access="write")
    assert engine.connection.execute(f"select {masked_sql('t')} from (select ? as t)", [text]).fetchone()[0] == masked
    engine.close()


def test_texts_are_kept_apart_and_masked_by_hand_count(client) -> None:
    loaded = client(TOML, {"k.csv": CONTACTS})
    rows = loaded.rows("select contact_id, t.text from contact_texts t join contacts using (contact_key) order by 1")
    assert rows == [("1", "soita [phone]"), ("3", "hei")]


def test_quoting_holds_any_name_and_text_by_identity() -> None:
    engine = DuckDB(access="write")
    for text in ('a"b', "it's", "'; drop table x; --", "\\n", "ä\u202e", '""', "a.b", "$1", "%", ""):
        assert engine.connection.execute(f"select {literal(text)}").fetchone()[0] == text
        if text:
            result = engine.connection.execute(f"select 1 as {quoted(text)}")
            assert result.description[0][0] == text
    engine.close()


def test_hostile_headers_and_labels_load_as_text(client) -> None:
    header = '"Id""; drop table contacts; --";\'Alku\';Kanava;Syy\n'
    toml = (
        TOML
        + """[tables.contacts.columns]
contact_id = 'Id"; drop table contacts; --'
started_at = "'Alku'"
channel = "Kanava"
reason = "Syy"
[tables.contacts.values.channel]
"it's 'x'); --" = "phone"
"""
    )
    loaded = client(toml, {"k.csv": header + "1;2025-01-01;\"it's 'x'); --\";\"'; drop table contacts; --\"\n"})
    assert loaded.rows("select channel, channel_label, reason from contacts") == [
        ("phone", "it's 'x'); --", "'; drop table contacts; --")
    ]


def test_nothing_of_the_load_is_left_behind(client) -> None:
    loaded = client(TOML, {"k.csv": CONTACTS.replace("3,2025-01-01", "3,x")})
    assert loaded.rows("select view_name from duckdb_views() where not internal") == []
    assert loaded.rows("select database_name from duckdb_databases() where not internal") == [("memory",)]
    assert not [
        name
        for (name,) in loaded.rows("select table_name from duckdb_tables()")
        if "reject" in name or "refused" in name
    ]
    assert (
        loaded.rows(
            "select type_name from duckdb_types() where not internal "
            "and schema_name = 'main' and database_name = 'memory'"
        )
        == []
    )
    assert loaded.column("select current_setting('preserve_insertion_order')") == [False]
    loaded.engine.lock()
    assert loaded.column("select count(*) from contacts") == [2]
