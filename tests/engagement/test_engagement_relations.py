"""What keys must hold against each other and against the canonical tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from rootcause_lib.engagement import read_engagement
from rootcause_lib.errors import EngagementError
from rootcause_lib.vocabulary import CHANNELS

CLIENT = '[engagement]\nclient = "Lumo Oy"\ntime_zone = "UTC"\n'
CONTACTS = '[tables.contacts]\nsource = "contacts.csv"\n'
WRONG = "[processes.wrong]\nbands = [0, 7]\n"
RIGHT = "[processes.invoice]\nkind = 'normal'\n"
FIX = '[[fixes]]\nname = "a"\nprocess = "billing"\n'
BILLING = '[processes.billing]\nowner = "Talous"\n'


def fault(folder: Path, text: str) -> str:
    (folder / "engagement.toml").write_text(CLIENT + text, encoding="utf-8")
    with pytest.raises(EngagementError) as raised:
        read_engagement(folder)
    return str(raised.value)


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("columns = { chanel = 'K' }", ["columns.chanel", "Did you mean 'channel'", "[attributes] contacts"]),
        ("columns = { region = 'Alue' }", ["columns.region", "[attributes] contacts"]),
        ("columns = { channel = { value = 'fone' } }", ["columns.channel.value", "Did you mean 'phone'"]),
        ("columns = { transfers = { value = 'x' } }", ["a number for transfers"]),
        ("columns = { reason = { column = 'Syyt' } }", ["columns.reason", "[tables.contact_reasons]"]),
        ("formats = { started_att = '%Y' }", ["Did you mean 'started_at'", "decimal"]),
        ("formats = { started_at = 'dd.mm.yyyy' }", ["formats.started_at", "%d.%m.%Y"]),
        ("formats = { started_at = 'epoch' }", ["formats.started_at", "unix_ms"]),
        ("unsure = ['reason', 'chanel']", ["unsure (number 2)", "Did you mean 'channel'"]),
        ("formats = { decimal = ';' }", ["formats.decimal", "decimal mark"]),
        ("units = { handle_second = 'ms' }", ["Did you mean 'handle_seconds'"]),
        ("units = { channel = 'ms' }", ["'channel' is not a column that units are for", "wait_seconds"]),
        ("units = { wait_seconds = 'min' }", ["units.wait_seconds", "Did you mean 'minutes'"]),
        ("nulls = { customer = '0' }", ["nulls.customer", "Did you mean 'customer_id'"]),
        ("rows = 'last'\ncounts = { transfer = { changes_of = 'R' } }", ["Did you mean 'transfers'"]),
        ("counts = { transfers = { changes_of = 'R' } }", ["contacts.counts", "counts need rows"]),
        (
            "rows = 'last'\ncolumns = { transfers = 'T' }\ncounts = { transfers = { changes_of = 'R' } }",
            ["counts.transfers", "keep one"],
        ),
        ("values = { chanel = { a = 'phone' } }", ["values.chanel", "Did you mean 'channel'"]),
        ("values = { channel = { 'S-posti' = 'emai' } }", ["values.channel.S-posti", "Did you mean 'email'"]),
        ("values = { channel = { 'Web chat' = 'chatt' } }", ['values.channel."Web chat"', "Did you mean 'chat'"]),
        ("values = { resolved = { 'Ei' = 'no' } }", ["values.resolved.Ei", "true or false"]),
        ("values = { transfers = { none = 'nil' } }", ["a number for transfers"]),
        ("values = { reason = { x = '' } }", ["nulls"]),
        ("values = { started_at = { x = 'y' } }", ["values.started_at", "can't be mapped"]),
    ],
)
def test_a_mapping_that_does_not_fit_its_table(tmp_path: Path, key: str, parts: list[str]) -> None:
    message = fault(tmp_path, CONTACTS + key)
    assert f"line {6 + key.count(chr(10))}, tables.contacts." in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[tables.ideas]\nsource = 'x'\nrows = 'last'", ["tables.ideas.rows", "leave rows out"]),
        ("[tables.visits]\nsource = 'x'\nrow_is = 'ticket'", ["tables.visits.row_is", "leave it out"]),
        ("[tables.ideas]\nsource = 'x'\ncolumns = { source = { value = 'agents' } }", ["Did you mean 'agent'"]),
        ("[attributes]\ncustomers = ['region', 'left_on']", ["attributes.customers (number 2)", "already"]),
        ("[attributes]\ncustomers = ['region', 'Region']", ["attributes.customers (number 2)", "already"]),
        ("[attributes]\nsurveys = ['ease of use']", ["attributes.surveys (number 1)", "a plain name"]),
        (FIX + "on = 2025-01-01", ["fixes (number 1).process", "[processes.billing]"]),
        (FIX + BILLING, ["fixes (number 1)", "either on"]),
        (FIX + "on = 2025-01-01\nplanned = 2025-02-01\n" + BILLING, ["either on"]),
        (FIX + "on = 2025-01-01\n" + FIX + "planned = 2025-02-01\n" + BILLING, ["fixes (number 2).name", "another"]),
        (FIX.replace("billing", "biling") + "on = 2025-01-01\n" + BILLING, ["Did you mean 'billing'"]),
        (FIX + "on = 2025-01-01\neffect = { low = 0.5, mode = 0.4, high = 0.9 }\n" + BILLING, ["low <= mode <= high"]),
        (WRONG + "instead_of = 'invoise'\n" + RIGHT, ["processes.wrong.instead_of", "Did you mean 'invoice'"]),
        (WRONG + "instead_of = 'invoice'\n", ["no normal process", "[processes.invoice]"]),
        (WRONG + "instead_of = 'wrong'\n" + RIGHT, ["is a failure itself", "Choices: invoice"]),
        (RIGHT + "instead_of = 'invoice'\n", ["processes.invoice.instead_of", "leave it out"]),
    ],
)
def test_keys_that_contradict_each_other(tmp_path: Path, text: str, parts: list[str]) -> None:
    message = fault(tmp_path, CONTACTS + text)
    assert "engagement.toml, line " in message
    for part in parts:
        assert part in message


def test_further_columns_may_be_mapped_once_named_by_hand(tmp_path: Path) -> None:
    mapping = (
        "columns = { region = 'Alue' }\nvalues = { region = { E = 'south' } }\n[attributes]\ncontacts = ['region']\n"
    )
    (tmp_path / "engagement.toml").write_text(CLIENT + CONTACTS + mapping)
    assert read_engagement(tmp_path).tables["contacts"].columns["region"] == "Alue"


def test_one_cost_per_minute_stands_for_every_channel_by_hand(tmp_path: Path) -> None:
    (tmp_path / "engagement.toml").write_text(CLIENT + CONTACTS + "[costs]\nper_minute = 0.8\n")
    assert read_engagement(tmp_path).costs.per_minute == dict.fromkeys(CHANNELS, 0.8)
