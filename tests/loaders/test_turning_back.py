"""Pseudonyms back into ids: only with the key and the exports, whatever the ids look like, and nothing is left."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from rootcause_lib.engagement import Engagement, read_engagement
from rootcause_lib.errors import DataError, EngagementError, ParameterError, RootcauseError
from rootcause_lib.loaders import turning_back
from rootcause_lib.loaders.turning_back import turn_back
from rootcause_lib.store import open_engagement

KEY = "a key for tests, long enough"
HEAD = '[engagement]\nclient = "Lumo Oy"\ntime_zone = "UTC"\nobserved_until = 2025-01-31\n'
TABLES = '[tables.contacts]\nsource = "k.csv"\n[tables.customers]\nsource = "a.csv"\n'
HOSTILE = ("=1+1", "'; drop table contacts; --", "<script>x</script>", "Äijö 7", "00123", "{0} %s", "-")
"""Ids a client may have; a lone dash is a blank."""


def pseudonym(value: str, key: str = KEY) -> str:
    return hmac.new(key.encode(), f"customer:{value}".encode(), hashlib.sha256).hexdigest()[:20]


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engagement:
    monkeypatch.setenv("ROOTCAUSE_KEY", KEY)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "client"
    folder.mkdir()
    (folder / "engagement.toml").write_text(HEAD + TABLES, encoding="utf-8")
    customers = "".join(f'"{one}",2024-01-01\n' for one in HOSTILE)
    (folder / "a.csv").write_text("customer_id,joined_on\n" + customers, encoding="utf-8")
    rows = "contact_id,started_at,channel,customer_id\n1,2025-01-02,phone,Äijö 7\n2,2025-01-03,phone,only called\n"
    (folder / "k.csv").write_text(rows, encoding="utf-8")
    return read_engagement(folder)


def quiet(_line: str) -> None: ...


def test_every_pseudonym_of_the_store_comes_back_by_identity(client: Engagement) -> None:
    """HMAC by Python's own, and exactly the customers that loading names."""
    ids = [one for one in (*HOSTILE, "only called") if one != "-"]
    engine = open_engagement(client.file).engine
    known = [row[0] for row in engine.connection.execute("select customer_id from customer_ids").fetchall()]  # type: ignore[attr-defined]
    found = turn_back(client, known, progress=quiet)
    assert dict(found.itertuples(index=False)) == {pseudonym(one): one for one in ids}


def test_those_asked_for_each_once_in_their_order(client: Engagement) -> None:
    asked = [pseudonym("00123"), pseudonym("nobody"), pseudonym("=1+1").upper(), f" {pseudonym('00123')} "]
    found = turn_back(client, asked, progress=quiet)
    assert found["customer_id"].tolist()[::2] == ["00123", "=1+1"]
    assert found["customer_id"].isna().tolist() == [False, True, False]


def test_contacts_are_read_only_where_customers_do_not_suffice(client: Engagement) -> None:
    said: list[str] = []
    turn_back(client, [pseudonym("00123")], progress=said.append)
    assert not any("k.csv" in line for line in said)
    turn_back(client, [pseudonym("only called")], progress=said.append)
    assert any("k.csv" in line for line in said)


def test_another_key_is_one_clear_error_that_names_nobody(client: Engagement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOTCAUSE_KEY", "another key, also long enough")
    with pytest.raises(DataError, match="another key") as error:
        turn_back(client, [pseudonym("00123")], progress=quiet)
    assert pseudonym("00123") not in str(error.value)
    assert "ROOTCAUSE_KEY" in str(error.value)


def test_no_key_is_an_error_and_none_is_made(
    client: Engagement, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ROOTCAUSE_KEY")
    with pytest.raises(EngagementError, match="no key"):
        turn_back(client, [pseudonym("00123")], progress=quiet)
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize("given", ["00123", "", "z" * 20, "a" * 19, "'; drop table x; --", "a" * 20 + "\n--", "=1+1"])
def test_what_is_no_pseudonym_is_refused_without_being_repeated(client: Engagement, given: str) -> None:
    with pytest.raises(ParameterError, match="Number 2") as error:
        turn_back(client, [pseudonym("00123"), given], progress=quiet)
    assert len(given) < 4 or given not in str(error.value)
    with pytest.raises(ParameterError):
        turn_back(client, [], progress=quiet)


def test_nothing_is_left_behind_whatever_happens(
    client: Engagement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(tmp_path.rglob("*"))
    turn_back(client, [pseudonym("00123")], progress=quiet)

    def broken(*_given: object) -> None:
        raise DataError("broken")

    monkeypatch.setattr(turning_back, "_matching", broken)
    with pytest.raises(RootcauseError):
        turn_back(client, [pseudonym("00123")], progress=quiet)
    assert set(tmp_path.rglob("*")) == before
