"""Stitched contacts and cases against journeys worked out row by row in plain Python."""

from __future__ import annotations

import pandas as pd
import pytest
from planted import read

from rootcause_lib.engine import DuckDB, Recorded
from rootcause_lib.journeys import Following, find_cases, stitch
from rootcause_lib.stored_tables import STORED_TABLES
from second_opinion import DAY, RowTable, cases, stitched_contacts
from second_opinion.worlds import RULES, draw, store_of

# Keys of the store, and calendar columns that are read off the day.
NOT_COMPARED = {"contact_key", "case_key", "started_day", "started_week", "started_month", "window_days"}


@pytest.fixture(scope="module", params=[1, 2, 3])
def world(request, tmp_path_factory):
    rows, customers = draw(seed=request.param)
    return store_of(tmp_path_factory.mktemp("drawn"), rows, customers), stitched_contacts(rows, customers, RULES)


def contact_ids(store):
    """Ids by the store's keys of contacts, which are those of their first rows."""
    return read(store, "contacts").set_index("contact_key")["contact_id"]


def test_every_column_of_the_stitched_contacts_by_second_implementation(world):
    store, expected = world
    table = read(store, "stitched_contacts")
    found = RowTable(table.assign(contact_id=table["contact_key"].map(contact_ids(store))), key="contact_id")
    assert found.keys() == set(expected)
    for column in STORED_TABLES["stitched_contacts"].keys() - NOT_COMPARED:
        assert found.differences(column, expected) == [], column


def test_stitching_in_parts_gives_the_same_contacts_by_identity(world, monkeypatch):
    store, _expected = world
    whole = read(store, "stitched_contacts").sort_values("contact_key", ignore_index=True)
    monkeypatch.setattr(DuckDB, "contacts_at_once", 150)
    engine = Recorded(store.engine)
    stitch(engine, store.engagement)
    assert sum(given.name == "stitched_contacts" for given in engine.statements) > 8
    parts = read(store, "stitched_contacts").sort_values("contact_key", ignore_index=True)
    pd.testing.assert_frame_equal(parts, whole)


@pytest.mark.parametrize("own_windows", [False, True])
@pytest.mark.parametrize("window_days", [5, 14])
@pytest.mark.parametrize("matching", ["any", "reason", "case"])
def test_every_column_of_the_cases_by_second_implementation(world, matching, window_days, own_windows):
    store, contacts = world
    asked = {"matching": matching, "window_days": window_days, "own_windows": own_windows}
    find_cases(store.engine, Following(**asked))
    keys = {contact: key for key, contact in contact_ids(store).items()}
    found = RowTable(read(store, "cases"), key="contact_key")
    expected = {
        min(keys[contact] for contact in row["contact_ids"]): row for row in cases(contacts.values(), RULES, **asked)
    }
    assert found.keys() == set(expected)
    for column in STORED_TABLES["cases"].keys() & next(iter(expected.values())).keys():
        assert found.differences(column, expected) == [], column


def test_the_drawn_worlds_hold_what_they_are_drawn_for(world):
    _store, contacts = world
    rows = list(contacts.values())
    assert len(rows) > 1_800
    for count in (
        sum(row["legs"] > 1 for row in rows),
        sum(row["abandoned"] is True for row in rows),
        sum(row["direction"] != "inbound" for row in rows),
        sum(not row["identified"] for row in rows),
        sum(row["next_any_seconds"] == 0 for row in rows),
        sum(row["next_any_seconds"] == 14 * DAY for row in rows),
        sum(row["next_any_seconds"] != row["next_any_answered_seconds"] for row in rows),
        sum(row["left_seconds"] is not None and row["left_seconds"] > 0 for row in rows),
        sum(row["judged"] and row["history_seconds"] is None for row in rows),
        sum(row["next_case_seconds"] is not None for row in rows),
    ):
        assert count >= 5
