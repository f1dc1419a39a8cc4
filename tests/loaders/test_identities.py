"""Contacts that carry a number or an address find their customer; what belongs to several finds nobody."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import EngagementError
from rootcause_lib.loaders.identities import normalised_sql
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.reporting.console import linked_records, linked_text

TOML = """
[tables.contacts]
source = "k.csv"
identities = { phone = "Numero", email = "Osoite" }
[tables.identities]
source = "i.csv"
"""
HEADER = "contact_id,started_at,channel,customer_id,Numero,Osoite\n"
IDENTITIES = (
    "customer_id,kind,value,valid_from,valid_to\n"
    "A,phone,040 123 4567,,\nA,email,Aino@Example.fi,,\nB,phone,+358 50 765 4321,,\n"
    "B,phone,09 555 555,,\nC,phone,09-555555,,\n"  # a switchboard of two customers
    "D,phone,045 111 1111,2024-01-01,2025-03-31\nE,phone,045 111 1111,2025-04-01,\n"  # a number that moved on
)


def customer_of(loaded) -> dict[str, str | None]:
    pseudonyms = {
        hmac.new(b"a key for tests, long enough", f"customer:{one}".encode(), hashlib.sha256).hexdigest()[:20]: one
        for one in "ABCDEZ"
    }
    rows = loaded.rows(
        "select contact_id, customer_ids.customer_id from contacts left join customer_ids using (customer_key)"
    )
    return {contact: pseudonyms.get(found) for contact, found in rows}


def test_numbers_and_addresses_link_contacts_by_hand_count(client) -> None:
    contacts = HEADER + (
        "1,2025-03-03,phone,,+358401234567,\n"  # A, written another way
        "2,2025-03-03,email,,,Aino Aalto <aino@example.FI>\n"  # A
        "3,2025-03-03,phone,Z,0401234567,\n"  # its own customer stays
        "4,2025-03-03,phone,,(09) 555 555,\n"  # shared
        "5,2025-03-03,phone,,040 123 4567,b@example.fi\n"  # the address is nobody's: A by the number
        "6,2025-03-03,phone,,050 765 4321,aino@example.fi\n"  # B by the number, A by the address: nobody
        "7,2025-03-31 23:59,phone,,0451111111,\n8,2025-04-01,phone,,0451111111,\n9,2023-12-31,phone,,0451111111,\n"
        "10,2025-03-03,phone,,salainen,\n11,2025-03-03,phone,,,\n12,2025-03-03,phone,,0409999999,\n"
    )
    loaded = client(TOML, {"k.csv": contacts, "i.csv": IDENTITIES})
    assert customer_of(loaded) == {
        "1": "A", "2": "A", "3": "Z", "4": None, "5": "A", "6": None, "7": "D", "8": "E", "9": None,
        "10": None, "11": None, "12": None,
    }  # fmt: skip
    assert loaded.intake.linked.to_numpy().tolist() == [["email", 1, 0, 1, 0], ["phone", 11, 1, 5, 2]]
    assert loaded.rejected() == []
    counts = loaded.intake.sources[["rows_read", "rows_accepted", "rows_rejected"]].sum().tolist()
    assert counts == [19, 19, 0]


def test_check_shows_the_customers_found_by_channel_by_hand_count(client) -> None:
    contacts = HEADER + "1,2025-03-03,phone,,0401234567,\n2,2025-03-03,phone,A,,\n3,2025-03-03,phone,,09555555,\n"
    intake = client(TOML, {"k.csv": contacts, "i.csv": IDENTITIES}).intake
    assert linked_records(intake) == [
        {"channel": "phone", "contacts": 3, "identified_before": 1, "identified_after": 2, "shared": 1}
    ]
    assert [line.split() for line in linked_text(intake).splitlines()][-1] == ["phone", "3", "1", "2", "1"]


def test_a_client_without_customer_ids_is_linked_all_the_same_by_hand_count(client) -> None:
    contacts = "contact_id,started_at,channel,Numero,Osoite\n1,2025-03-03,phone,0401234567,\n2,2025-03-03,phone,,x\n"
    loaded = client(TOML, {"k.csv": contacts, "i.csv": IDENTITIES})
    assert customer_of(loaded) == {"1": "A", "2": None}


def test_an_event_log_is_linked_by_its_merged_rows_by_hand_count(client) -> None:
    toml = TOML.replace('source = "k.csv"', 'source = "k.csv"\nrows = "last"')
    contacts = (
        "contact_id,started_at,channel,Numero,Osoite\n"
        "1,2025-03-03,phone,0401234567,\n1,2025-03-04,phone,,\n2,2025-03-03,phone,,\n"
    )
    loaded = client(toml, {"k.csv": contacts, "i.csv": IDENTITIES})
    assert customer_of(loaded) == {"1": "A", "2": None}
    assert loaded.intake.linked.to_numpy().tolist() == [["phone", 2, 0, 1, 0]]


def test_no_number_or_address_is_stored_and_pseudonyms_do_not_depend_on_writing(client) -> None:
    loaded = client(
        TOML,
        {
            "k.csv": HEADER + "1,2025-03-03,phone,,0401234567,aino@example.fi\n",
            "i.csv": IDENTITIES + "Z,phone,00358 40 1234567,,\n",
        },
    )
    stored = dict(loaded.rows("select customer_key, value from identities where kind = 'phone'"))
    assert len(stored) == 6
    shared = "select count(*) from (select value from identities group by value having count(*) = 2)"
    assert loaded.column(shared) == [3]  # the switchboard, the number that moved on, and A's beside Z's
    for (table,) in loaded.rows("select table_name from duckdb_tables()"):
        text = str(loaded.rows(f"select * from {quoted(table)}")).lower()
        assert not any(raw in text for raw in ("1234567", "123 4567", "example.fi", "555"))


def test_nothing_is_counted_where_no_identity_is_mapped(client) -> None:
    toml = TOML.replace('identities = { phone = "Numero", email = "Osoite" }\n', "")
    loaded = client(toml, {"k.csv": HEADER + "1,2025-03-03,phone,,0401234567,\n", "i.csv": IDENTITIES})
    assert customer_of(loaded) == {"1": None}
    assert loaded.intake.linked.empty


@pytest.mark.parametrize(
    ("kind", "written", "compared"),
    [
        ("phone", "040 123 4567", "+358401234567"),
        ("phone", "+358 (0)40-123 4567", "+358401234567"),
        ("phone", "00358401234567", "+358401234567"),
        ("phone", "tel:+358401234567", "+358401234567"),
        ("phone", "sip:+358401234567@x.fi", None),
        ("phone", "1234", None),
        ("phone", "+46 8 123 456", "+468123456"),
        ("email", " Aino@EXAMPLE.fi", "aino@example.fi"),
        ("email", "ei ole", None),
        ("account", " AB 12 ", "ab12"),
    ],
)
def test_values_are_compared_in_one_form_by_hand(kind, written, compared) -> None:
    engine = DuckDB(access="write")
    form = normalised_sql(kind, "v", time_zone="Europe/Helsinki")
    assert engine.connection.execute(f"select {form} from (select ? as v)", [written]).fetchone()[0] == compared
    engine.close()


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (TOML.replace("phone", "fone"), "Unknown kind of identity 'fone'.*Did you mean 'phone'"),
        (TOML.partition("[tables.identities]")[0], r"\[tables.identities\], which is missing"),
    ],
)
def test_identities_that_cannot_link_are_refused(client, toml, said) -> None:
    with pytest.raises(EngagementError, match=said):
        client(toml, {"k.csv": HEADER, "i.csv": IDENTITIES})
