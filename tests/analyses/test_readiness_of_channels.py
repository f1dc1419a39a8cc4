"""What is said beforehand of the page on channels, held to what the page then gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest
from drawn import engagement, store
from planted import fill

from rootcause_lib.analyses import analyse_channel_resolution
from rootcause_lib.analyses.readiness import readiness
from rootcause_lib.store import Store

EVERYTHING = {"team": "north", "resolved": True, "wait_seconds": 5.0}
CONTACTS: Sequence[Mapping[str, object]] = [
    {
        "customer": 30 * month + day + 1000 * (channel == "chat"), "channel": channel,
        "minutes": 10,
        "reason": ("bill", "move")[day % 2], "start": f"2025-{month:02d}-{day:02d} 09:00", "team": "north",
        "resolved": True, "wait_seconds": 5.0,
    }
    for channel in ("phone", "chat")
    for month in range(1, 13)
    for day in range(1, 29)
]  # fmt: skip
TABLES = ("surveys", "visits", "audits")


def made(folder: Path, contacts: Sequence[Mapping[str, object]], *, lacking: str = "", more: str = "") -> Store:
    """The store of contacts beside all other tables but the one that is lacking."""
    found = store(
        engagement(folder, until="2025-12-31", more=more),
        contacts,
        customers=[{"customer_key": 1, "joined_on": "2024-01-01", "left_on": "2025-11-30", "leave_reason": "choice"}],
    )
    present = (*found.present, *(table for table in TABLES if table != lacking))
    given = {name for row in contacts for name, value in row.items() if value is not None}
    rows = [{"table": "contacts", "column": name, "filled": float(name in given), "rows": 1} for name in EVERYTHING]
    filled = pd.concat([found.intake.filled, pd.DataFrame(rows)], ignore_index=True)
    return dataclasses.replace(found, intake=dataclasses.replace(found.intake, present=present, filled=filled))


def without(column: str, *, channel: str | None = None, every: int = 1) -> list[Mapping[str, object]]:
    """The contacts without a column, all of them or one in so many of a channel."""
    return [
        {**row, column: None} if (channel in (None, row["channel"]) and place % every == 0) else row
        for place, row in enumerate(CONTACTS)
    ]


def said(given: Store) -> pd.Series:
    return readiness(given).set_index("analysis").loc["channel_resolution"]


def best_given(given: Store) -> str:
    """The best grade among figures by channel."""
    table = analyse_channel_resolution(given).resolution
    own = table[(table["channel"] != "all") & (table["reason"] == "all")]
    return str(own["grade"].min())


def test_nothing_lacks_and_the_page_reaches_what_is_promised(tmp_path: Path) -> None:
    given = made(tmp_path, CONTACTS)
    row = said(given)
    assert (row["status"], row["method_used"], row["best_grade"], row["missing"]) == (
        "ready", "recontact_curve_reason", "A", "none",
    )  # fmt: skip
    assert best_given(given) == "A"


@pytest.mark.parametrize("lacking", TABLES)
def test_a_table_that_is_not_there_is_named(tmp_path: Path, lacking: str) -> None:
    row = said(made(tmp_path, CONTACTS[:200], lacking=lacking))
    assert (row["status"], row["missing"], row["what_it_would_add"]) == ("partial", lacking, lacking)


@pytest.mark.parametrize(
    ("column", "named"), [("team", "teams"), ("resolved", "resolved_flag"), ("wait_seconds", "waits")]
)
def test_a_column_that_is_not_there_is_named(tmp_path: Path, column: str, named: str) -> None:
    row = said(made(tmp_path, without(column)[:200]))
    assert named in row["missing"].split(";")


def test_teams_that_may_not_be_shown_are_as_good_as_not_there(tmp_path: Path) -> None:
    row = said(made(tmp_path, CONTACTS[:200], more='[privacy]\nagents = "none"\n'))
    assert row["missing"] == "teams"


def test_no_reasons_no_better_than_b(tmp_path: Path) -> None:
    given = made(tmp_path, without("reason"))
    row = said(given)
    assert (row["method_used"], row["best_grade"]) == ("recontact_curve_any", "B")
    assert "usable_reasons" in row["missing"].split(";")
    assert best_given(given) >= "B"


def test_no_end_times_no_better_than_b(tmp_path: Path) -> None:
    given = made(tmp_path, CONTACTS)
    gone = given.intake.filled[given.intake.filled["column"] != "ended_at"]
    given = dataclasses.replace(given, intake=dataclasses.replace(given.intake, filled=gone))
    row = said(given)
    assert (row["missing"], row["best_grade"]) == ("end_times", "B")
    assert best_given(given) == "B"
    assert set(analyse_channel_resolution(given).resolution["grade_reasons"].str.split(";").explode()) >= {"proxy"}


def test_customers_known_unevenly_no_better_than_c(tmp_path: Path) -> None:
    given = made(tmp_path, without("customer", channel="chat", every=4))
    row = said(given)
    assert ("even_coverage" in row["missing"].split(";"), row["best_grade"]) == (True, "C")
    assert best_given(given) == "C"


def test_a_channel_of_tickets_is_named_and_leaves_the_others_their_grade(tmp_path: Path) -> None:
    given = made(tmp_path, [row | {"row_is": "ticket"} if row["channel"] == "chat" else row for row in CONTACTS])
    row = said(given)
    assert (row["missing"], row["best_grade"]) == ("alike_rows", "A")
    table = analyse_channel_resolution(given).resolution
    unlike = table.loc[table["grade_reasons"].str.contains("unlike_rows"), "channel"]
    assert set(unlike) == {"chat"} or set(unlike) == {"phone"}


def test_no_customer_ids_leave_the_clients_own_mark(tmp_path: Path) -> None:
    given = made(tmp_path, without("customer"))
    row = said(given)
    assert (row["status"], row["method_used"], row["best_grade"]) == ("partial", "own_flag", "C")
    assert analyse_channel_resolution(given).resolution.empty
    flagless = said(made(tmp_path, [{**row, "resolved": None} for row in without("customer")[:200]]))
    assert (flagless["status"], flagless["best_grade"]) == ("blocked", "D")


def test_an_audit_is_in_the_list_of_what_lifts(tmp_path: Path) -> None:
    given = made(tmp_path, CONTACTS[:200])
    fill(given.engine, "audits", pd.DataFrame([{"contact_id": "c000", "coder": "anna", "reason": "bill"}]))
    assert "audits" not in said(given)["missing"].split(";")
