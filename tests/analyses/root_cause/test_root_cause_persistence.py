"""Since when, at what cost, whose, and what people believed: counted by hand on drawn clients."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import at, engagement, store
from planted import fill

from rootcause_lib.analyses.root_cause.guesses import guesses, verdict_on
from rootcause_lib.analyses.root_cause.lasting_findings import lasting_cannot_tell, lasting_readings
from rootcause_lib.analyses.root_cause.owners import DAYS_IN_A_MONTH, owners
from rootcause_lib.analyses.root_cause.owners_dictionary import FRAMES
from rootcause_lib.analyses.root_cause.persistence import persistence
from rootcause_lib.periods import Period
from rootcause_lib.prose import sentence
from rootcause_lib.store import Store

YEAR = Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31))
SETTINGS = """
[processes.billing]
owner = "Talous"
reasons = ["bill"]
bands = [0, 7]
[processes.delivery]
owner = "Logistiikka"
reasons = ["delivery"]
overdue_bands = [1]
bands = []
[processes.notice]
owner = "Talous"
kind = "normal"
reasons = ["question"]
bands = [0, 7]
[processes.quiet]
reasons = ["nothing"]
bands = [0, 7]
[definitions]
spill_over_days = 3
smallest_cell = 1
"""
TARGET = "\n[targets]\nmaterial_per_year = 1200\n"


def caused(
    process: str, contacts: float, cost: float, *, half: float = 0.1, grade: str = "A", basis: str = "incidence"
) -> dict[str, object]:
    """A row as `attributable` and `eliminable` have it; the limits lie `half` of the number to either side."""
    row: dict[str, object] = {"process": process, "owner": None, "basis": basis, "level": 0.95, "share": 0.1}
    for name, value in (("contacts", contacts), ("cost", cost)):
        first, last = ("low", "high") if name == "contacts" else ("cost_low", "cost_high")
        row |= {name: value, first: value * (1 - half), last: value * (1 + half)}
    told = not np.isnan(contacts)
    return row | {
        "grade": grade,
        "grade_reasons": "" if told else "too_few",
        "reason_untold": "" if told else "no_events",
    }


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def world(
    folder: Path,
    contacts: Sequence[Mapping[str, object]],
    *,
    events: Sequence[Mapping[str, object]] = (),
    ideas: Sequence[Mapping[str, object]] = (),
    more: str = SETTINGS + TARGET,
) -> Store:
    ends = [{"start": "2025-01-01 00:00", "customer": 999}, {"start": "2025-12-31 23:00", "customer": 999}]
    made = store(engagement(folder, more=more, until="2025-12-31"), [*contacts, *ends])
    for table, rows in (("process_events", events), ("ideas", ideas)):
        if rows:
            fill(made.engine, table, pd.DataFrame(list(rows)))
    present = (*made.intake.present, *(["ideas"] if ideas else []), *(["process_events"] if events else []))
    return dataclasses.replace(made, intake=dataclasses.replace(made.intake, present=present))


def wrong_invoices(by_month: Sequence[int]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """So many wrong invoices in each month, each of a customer of their own who calls two days later."""
    contacts, events = [], []
    customer = 0
    for month, number in enumerate(by_month, start=1):
        for _ in range(number):
            customer += 1
            contacts.append({"customer": customer, "start": f"2025-{month:02d}-12 09:00", "reason": "bill"})
            events.append(
                {
                    "event_id": f"e{customer}", "customer_key": customer, "process": "billing",
                    "started_seconds": at(f"2025-{month:02d}-10 09:00"),
                }
            )  # fmt: skip
    return contacts, events


def test_costs_are_spread_over_the_months_by_hand_count(tmp_path: Path) -> None:
    """Half of the year judged: 60 contacts in it that cost 1 200; the year holds 90, so that it cost 1 800."""
    contacts, events = wrong_invoices([10] * 6 + [5] * 6)
    made = world(tmp_path, contacts, events=events)
    half = Period(dt.date(2025, 1, 1), dt.date(2025, 6, 30))
    row = frame(caused("billing", 30, 1200))
    found = persistence(made, half, row, frame(caused("billing", 15, 600))).set_index("process").loc["billing"]
    assert found["cost_so_far"] == pytest.approx(1800)
    assert (found["low"], found["high"]) == (pytest.approx(1620), pytest.approx(1980))
    assert found["months"] == 12
    # The last six months hold 30 contacts: 5 a month at 10 euros each that need not be.
    assert found["cost_of_waiting_per_month"] == pytest.approx(50)
    assert found["waiting_low"] < 50 - 5
    assert found["waiting_high"] > 50 + 5
    # 200 a month at first, 100 from July on: never above 100 then, but never surely below either.
    assert found["material_since"] == "2025-01"
    assert bool(found["since_start"])


def test_material_since_begins_after_the_last_month_surely_below_by_hand_count(tmp_path: Path) -> None:
    """20 euros a contact, 100 a month are material: none until April, much from May on, one dip that proves nothing."""
    contacts, events = wrong_invoices([20, 1, 0, 0, 20, 20, 20, 5, 20, 20, 20, 20])
    made = world(tmp_path, contacts, events=events)
    total = float(len(contacts))
    found = persistence(made, YEAR, frame(caused("billing", total, 20 * total)), frame()).set_index("process")
    assert found.loc["billing", "material_since"] == "2025-05"
    assert not found.loc["billing", "since_start"]
    assert np.isnan(found.loc["billing", "cost_of_waiting_per_month"])


def test_a_process_that_has_stopped_is_not_material_any_more(tmp_path: Path) -> None:
    contacts, events = wrong_invoices([20] * 9 + [0] * 3)
    found = persistence(world(tmp_path, contacts, events=events), YEAR, frame(caused("billing", 180, 3600)), frame())
    assert found.set_index("process").loc["billing", "material_since"] is None or pd.isna(
        found.set_index("process").loc["billing", "material_since"]
    )


def test_contacts_in_a_processes_time_by_hand_count(tmp_path: Path) -> None:
    """Days 0 to 6 after a wrong invoice, 3 of follow-ups; due on the 5th: from the 6th to three days past its end."""
    events = [
        {"event_id": "1", "customer_key": 1, "process": "billing", "started_seconds": at("2025-03-01 00:00")},
        {"event_id": "2", "customer_key": 1, "process": "billing", "started_seconds": at("2025-03-02 00:00")},
        {
            "event_id": "3", "customer_key": 2, "process": "delivery", "started_seconds": at("2025-05-01 00:00"),
            "due_seconds": at("2025-05-05 00:00"), "ended_seconds": at("2025-05-10 00:00"),
        },
        {
            "event_id": "4", "customer_key": 3, "process": "delivery", "started_seconds": at("2025-06-01 00:00"),
            "due_seconds": at("2025-06-05 00:00"), "ended_seconds": at("2025-06-05 10:00"),
        },
    ]  # fmt: skip
    days = {
        1: ["2025-02-28 12:00", "2025-03-01 12:00", "2025-03-11 12:00", "2025-03-12 12:00"],
        2: ["2025-05-02 12:00", "2025-05-05 12:00", "2025-05-06 12:00", "2025-05-12 12:00", "2025-05-13 12:00"],
        3: ["2025-06-04 12:00", "2025-06-06 12:00"],
    }
    contacts = [{"customer": customer, "start": day} for customer, starts in days.items() for day in starts]
    made = world(tmp_path, contacts, events=events)
    rows = frame(caused("billing", 2, 20), caused("delivery", 4, 40))
    march = Period(dt.date(2025, 3, 1), dt.date(2025, 3, 31))
    found = persistence(made, march, rows, frame()).set_index("process")
    # Inside March: two contacts of billing (a third lies past the follow-ups), none of delivery.
    assert found.loc["billing", "cost_so_far"] == pytest.approx(20)
    assert np.isnan(found.loc["delivery", "cost_so_far"])
    whole = persistence(made, YEAR, rows, frame()).set_index("process")
    assert whole.loc["delivery", "cost_so_far"] == pytest.approx(40)
    counted = made.engine.connection.execute(  # type: ignore[attr-defined]
        "select process, clock from process_windows order by process, clock"
    ).fetchall()
    assert ("delivery", "overdue") in counted
    from rootcause_lib.analyses.root_cause.process_months import months_of

    series = months_of(made, YEAR).by_process.groupby("process")["contacts"].sum()
    # Delivery: waiting on the 2nd; late on the 6th and, as a follow-up, the 12th; of the other waiting on the 4th.
    assert series["delivery"] == 4
    assert series["billing"] == 2


def test_a_process_without_events_goes_by_its_reasons_and_keeps_its_ceiling(tmp_path: Path) -> None:
    contacts, _ = wrong_invoices([10] * 12)
    made = world(tmp_path, contacts)
    ceiling = caused("billing", 120, 1200, basis="ceiling", grade="C")
    found = persistence(made, YEAR, frame(caused("billing", np.nan, np.nan, grade="D")), frame(ceiling))
    row = found.set_index("process").loc["billing"]
    assert row["basis"] == "ceiling"
    assert row["cost_so_far"] == pytest.approx(1200)
    assert row["cost_of_waiting_per_month"] == pytest.approx(100)
    assert row["grade"] == "C"


def test_months_in_the_top_five_by_hand_count(tmp_path: Path) -> None:
    """Six processes: the smallest is among the five largest only in the months in which another one rests."""
    names = [f"p{number}" for number in range(6)]
    more = "".join(f'\n[processes.{name}]\nreasons = ["{name}"]\nbands = [0, 7]\n' for name in names)
    contacts = [
        {"customer": 50 * place + day + 1, "start": f"2025-{month:02d}-{day + 1:02d} 09:00", "reason": name}
        for place, name in enumerate(names)
        for month in range(1, 13)
        for day in range(6 - place if not (name == "p0" and month < 4) else 0)
    ]
    made = world(tmp_path, contacts, more=more)
    rows = [caused(name, 1.0 * sum(one["reason"] == name for one in contacts), 100, basis="ceiling") for name in names]
    rows = [{**row, "cost": row["contacts"], "cost_low": row["low"], "cost_high": row["high"]} for row in rows]
    found = persistence(made, YEAR, frame(), frame(*rows)).set_index("process")["months_in_top_5"]
    assert dict(found) == {"p0": 9, "p1": 12, "p2": 12, "p3": 12, "p4": 12, "p5": 3}


def test_ideas_filed_and_not_acted_on_by_hand_count(tmp_path: Path) -> None:
    ideas = [
        {"date": "2025-02-01", "source": "agent", "reason": reason, "status": status}
        for reason, status in (
            ("bill", "Tehty "),
            ("bill", "open"),
            ("bill", None),
            ("delivery", "done"),
            (None, "open"),
        )
    ]
    contacts, events = wrong_invoices([1])
    found = persistence(world(tmp_path, contacts, events=events, ideas=ideas), YEAR, frame(), frame())
    found = found.set_index("process")
    assert tuple(found.loc["billing", ["ideas_filed", "ideas_open"]]) == (3, 2)
    assert tuple(found.loc["delivery", ["ideas_filed", "ideas_open"]]) == (1, 0)
    assert tuple(found.loc["notice", ["ideas_filed", "ideas_open"]]) == (0, 0)


@pytest.mark.parametrize(
    ("row", "more", "why"),
    [
        (caused("billing", np.nan, np.nan, grade="D"), SETTINGS + TARGET, "no_events"),
        (caused("billing", 10, np.nan), SETTINGS + TARGET, "no_costs"),
        (caused("billing", 10, 100), SETTINGS, "no_yardstick"),
    ],
    ids=["not told", "no costs", "no yardstick"],
)
def test_what_cannot_be_told_says_why(tmp_path: Path, row: dict[str, object], more: str, why: str) -> None:
    contacts, events = wrong_invoices([3] * 12)
    found = persistence(world(tmp_path, contacts, events=events, more=more), YEAR, frame(row), frame())
    own = found.set_index("process").loc["billing"]
    assert own["reason_untold"] == why
    assert pd.isna(own["material_since"])
    assert np.isnan(own["cost_so_far"]) == (why != "no_yardstick")
    assert (own["grade"] == "D") == (why != "no_yardstick")
    assert np.isnan(own["ideas_filed"])


def test_left_out_numbers_stay_left_out(tmp_path: Path) -> None:
    contacts, events = wrong_invoices([3] * 12)
    hidden = caused("billing", np.nan, np.nan, grade="D") | {"grade_reasons": "suppressed", "reason_untold": ""}
    found = persistence(world(tmp_path, contacts, events=events), YEAR, frame(hidden), frame()).set_index("process")
    assert found.loc["billing", ["cost_so_far", "low", "high", "months_in_top_5"]].isna().all()
    assert found.loc["billing", "grade_reasons"].startswith("suppressed")


def test_no_events_no_contacts_no_processes(tmp_path: Path) -> None:
    made = world(tmp_path, [])
    assert len(persistence(made, YEAR, frame(), frame())) == 4
    bare = world(tmp_path, [], more="")
    found = persistence(bare, YEAR, frame(), frame())
    assert found.empty
    assert tuple(found.columns) == FRAMES["persistence"].columns
    assert owners(frame(), frame(), found, bare.engagement, period=YEAR).empty


@pytest.mark.parametrize(
    ("guess", "measured", "verdict"),
    [
        (0.10, (0.21, 0.18, 0.24), "too_low"),
        (0.30, (0.21, 0.18, 0.24), "too_high"),
        (0.20, (0.21, 0.195, 0.225), "about_right"),
        (0.19, (0.205, 0.20, 0.21), "about_right"),
        (0.20, (0.21, 0.12, 0.33), "undecided"),
        (0.10, (0.21, 0.09, 0.40), "undecided"),
    ],
)
def test_verdicts_by_hand(guess: float, measured: tuple[float, float, float], verdict: str) -> None:
    assert verdict_on(guess, *measured) == verdict


GUESSED = """
[[guesses]]
who = "Tiimi"
reason = "bill"
share = 0.10
[[guesses]]
who = "Johto"
reason = "delivery"
share = 0.30
[[guesses]]
who = "Johto"
reason = "no such"
share = 0.5
[[guesses]]
who = "Johto"
reason = "small"
share = 0.1
"""


def measured() -> pd.DataFrame:
    rows = [
        ("all", 1000, 800, np.nan, np.nan, np.nan, 1.0, np.nan, np.nan, "A", ""),
        ("bill", 130, 800, 0.16, 0.15, 0.18, 0.21, 0.19, 0.23, "B", ""),
        ("delivery", 240, 800, 0.30, 0.28, 0.32, np.nan, np.nan, np.nan, "D", "default_codes"),
        ("small", np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, "D", "suppressed"),
    ]
    names = ["reason", "contacts", "denominator", "coded_share", "coded_low", "coded_high", "corrected_share",
             "corrected_low", "corrected_high", "grade", "grade_reasons"]  # fmt: skip
    return pd.DataFrame(rows, columns=names).assign(reason_untold="")


def test_guesses_against_what_was_measured_by_hand(tmp_path: Path) -> None:
    found = guesses(world(tmp_path, [], more=GUESSED), measured())
    assert tuple(found.columns) == FRAMES["guesses"].columns
    assert list(found["who"]) == ["Tiimi", "Johto", "Johto", "Johto"]
    assert list(found["measured_by"]) == ["corrected", "coded", "", ""]
    assert list(found["verdict"]) == ["too_low", "undecided", "undecided", "undecided"]
    assert list(found["measured_share"].head(2)) == [0.21, 0.30]
    assert list(found["denominator"].head(2)) == [1000, 800]
    assert found["reason_untold"].iloc[2] == "unknown_reason"
    assert found["grade_reasons"].iloc[3] == "suppressed"
    assert found["measured_share"].tail(2).isna().all()


def test_no_guesses_are_an_empty_frame(tmp_path: Path) -> None:
    found = guesses(world(tmp_path, [], more=""), measured())
    assert found.empty
    assert tuple(found.columns) == FRAMES["guesses"].columns


def owned(tmp_path: Path, attributable: pd.DataFrame, eliminable: pd.DataFrame) -> pd.DataFrame:
    made = world(tmp_path, [])
    lasting = persistence(made, YEAR, attributable, eliminable)
    return owners(attributable, eliminable, lasting, made.engagement, period=YEAR)


def test_each_owner_is_asked_for_one_thing_by_hand(tmp_path: Path) -> None:
    attributable = frame(caused("billing", 365.25, 3000), caused("delivery", 100, 900), caused("notice", 500, 4000))
    eliminable = frame(caused("billing", 200, 1600), caused("delivery", 80, 700, half=1.5))
    found = owned(tmp_path, attributable, eliminable)
    assert tuple(found.columns) == FRAMES["owners"].columns
    assert list(found["owner"]) == ["Talous", "Talous", "Logistiikka", ""]
    assert list(found["process"]) == ["billing", "notice", "delivery", "quiet"]
    assert list(found["request"]) == ["fix", "", "look_into", ""]
    billing = found.iloc[0]
    months = 365 / DAYS_IN_A_MONTH
    assert billing["today"] == pytest.approx(365.25 / months)
    # What is left once the sure part of the eliminable contacts, 180 of 200, is gone.
    assert billing["target"] == pytest.approx((365.25 - 180) / months)
    assert billing["success_metric"] == "caused_contacts_per_month"
    assert found.iloc[1][["eliminable", "today", "target"]].isna().all()
    assert found.iloc[2]["target"] == pytest.approx(found.iloc[2]["today"])
    assert found.iloc[3]["reason_untold"] == "no_events"


def test_an_owner_of_whom_nothing_can_be_told_is_asked_to_measure(tmp_path: Path) -> None:
    found = owned(tmp_path, frame(), frame(caused("billing", 200, 1600, grade="D")))
    requests = found.groupby("owner")["request"].agg(lambda given: ",".join(one for one in given if one))
    assert dict(requests) == {"": "", "Logistiikka": "measure", "Talous": "measure"}


@pytest.mark.parametrize("language", ["en", "fi"])
def test_every_sentence_can_be_said(tmp_path: Path, language: str) -> None:
    contacts, events = wrong_invoices([10] * 12)
    ideas = [{"date": "2025-02-01", "source": "agent", "reason": "bill", "status": "open"}]
    made = world(tmp_path, contacts, events=events, ideas=ideas, more=SETTINGS + TARGET + GUESSED)
    rows = frame(caused("billing", 100, 3000), caused("delivery", 10, 100))
    lasting, guessed = persistence(made, YEAR, rows, rows), guesses(made, measured())
    whose = owners(rows, rows, lasting, made.engagement, period=YEAR)
    said = [one for found in lasting_readings(lasting, guessed, whose).values() for one in found]
    said += lasting_cannot_tell(lasting.assign(reason_untold="no_yardstick"), guessed.head(0))
    keys = {finding.key.split(".")[1] for finding in said}
    assert keys >= {"material_at_least", "waiting", "ideas_open", "guess_too_low", "guess_untold", "no_yardstick"}
    for finding in said:
        assert len(sentence(finding, language=language, currency="EUR")) > 30
