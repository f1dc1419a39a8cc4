"""The store is made once for a state of its inputs, kept tidy, and opened by who may only read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rootcause_lib import store
from rootcause_lib.fingerprints import KNOWN_FILE
from rootcause_lib.store import KEPT_STORES, open_engagement, store_folder

ROWS = "contact_id,started_at,channel,customer_id\na,2025-01-02 10:00,phone,A\nb,2025-01-03 10:00,{channel},A\n"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROOTCAUSE_KEY", "a key of at least sixteen letters")
    head = '[engagement]\nclient = "Lumo Oy"\ntime_zone = "Europe/Helsinki"\n[tables.contacts]\nsource = "k.csv"\n'
    (tmp_path / "engagement.toml").write_text(head, encoding="utf-8")
    (tmp_path / "k.csv").write_text(ROWS.format(channel="chat"), encoding="utf-8")
    return tmp_path


def home_of(client: Path) -> Path:
    return client / ".rootcause"


def test_a_store_that_is_ready_is_opened_without_writing(client: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_engagement(client)
    assert store_folder(first.engagement) == home_of(client)
    before = {path: path.stat().st_mtime_ns for path in home_of(client).rglob("*")}

    def refuse(*_given: object, **_named: object) -> None:
        raise AssertionError("a ready store needs nothing written")

    monkeypatch.setattr(store, "_make_home", refuse)
    monkeypatch.setattr(store, "_build", refuse)
    assert open_engagement(client).fingerprint == first.fingerprint
    assert {path: path.stat().st_mtime_ns for path in home_of(client).rglob("*")} == before


def test_hashes_that_cannot_be_kept_cost_time_and_nothing_else(client: Path) -> None:
    first = open_engagement(client)
    (home_of(client) / KNOWN_FILE).unlink(missing_ok=True)
    (home_of(client) / KNOWN_FILE).mkdir()
    assert open_engagement(client).fingerprint == first.fingerprint


def test_old_stores_go_with_their_rejected_rows(client: Path) -> None:
    for number in range(KEPT_STORES + 2):
        (client / "k.csv").write_text(ROWS.format(channel="phone") + f"c{number},kesällä,phone,B\n", encoding="utf-8")
        os.utime(client / "k.csv", (number, number))
        open_engagement(client)
    kept = {path.stem for path in (home_of(client) / "stores").glob("*.duckdb")}
    assert len(kept) == KEPT_STORES
    assert {path.name for path in (home_of(client) / "rejects").iterdir()} == kept
