"""What processes cause: hand counts, identities between frames, and what clients get wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import at, engagement
from drawn import store as drawn_store
from planted import fill

from rootcause_lib.analyses.root_cause.caused import CAUSED
from rootcause_lib.analyses.root_cause.dose import BANDS, TRENDS, mean_days_overdue
from rootcause_lib.analyses.root_cause.incidence import INCIDENCE, VARIANTS
from rootcause_lib.analyses.root_cause.process_fits import asked_bands, refined
from rootcause_lib.analyses.root_cause.process_grades import differ_where_nobody_leaves, placebo_verdicts
from rootcause_lib.analyses.root_cause.processes import Processes, processes
from rootcause_lib.analyses.root_cause.processes_dictionary import COLUMN_MEANINGS, FRAMES
from rootcause_lib.analyses.root_cause.shocks import COLUMNS
from rootcause_lib.journeys import following
from rootcause_lib.periods import Period
from rootcause_lib.person_time import kinds_of_time
from rootcause_lib.risk_bands import bands_of
from rootcause_lib.statistics.self_controlled import fit_case_series
from rootcause_lib.store import Store

PERIOD = Period(dt.date(2025, 1, 6), dt.date(2025, 5, 5))
DAYS = 120
BILLS = """
[processes.invoice]
kind = "normal"
owner = "Finance"
reasons = ["bill"]
bands = [0, 7]
[processes.billing]
owner = "Finance"
reasons = ["wrong bill"]
bands = [0, 7, 21]
instead_of = "invoice"
[costs]
per_contact = 5.0
"""
Event = dict[str, object]


def moment(day: float) -> str:
    return (dt.datetime(2025, 1, 6) + dt.timedelta(days=day)).strftime("%Y-%m-%d %H:%M:%S")


def contact(customer: int | None, day: float, **more: object) -> dict[str, object]:
    return {"customer": customer, "start": moment(day), "reason": "bill", **more}


def event(customer: int, process: str, day: float, *, due: float | None = None, ended: float | None = None) -> Event:
    row: Event = {"event_id": f"{process}{customer}{day}", "customer_key": customer, "process": process}
    for name, when in (("started", day), ("due", due), ("ended", ended)):
        if when is not None:
            row |= {f"{name}_seconds": at(moment(when)), f"{name}_on": moment(when)[:10]}
    return row


def made(
    folder: Path,
    more: str,
    contacts: Sequence[dict[str, object]],
    events: Sequence[Event],
    *,
    customers: Sequence[dict[str, object]] = (),
    audits: Sequence[dict[str, object]] = (),
) -> Store:
    settings = engagement(folder, more=more, until="2025-05-05")
    store = drawn_store(settings, contacts, customers=customers)
    present = [*store.present]
    for table, rows in (("process_events", events), ("audits", audits)):
        if rows:
            fill(store.engine, table, pd.DataFrame(list(rows)))
            present.append(table)
    return dataclasses.replace(store, intake=dataclasses.replace(store.intake, present=tuple(present)))


def found_in(store: Store, period: Period = PERIOD) -> Processes:
    return processes(store, period, following(store.engagement, store.extent, matching=None, window_days=None))


def lively(*, customers: int = 150, times: float = 8.0) -> tuple[list[dict[str, object]], list[Event]]:
    """Customers who call every fifty days, are billed twice, once wrongly, and then call `times` more for a week."""
    rng = np.random.default_rng(7)
    contacts, events = [], []
    for customer in range(1, customers + 1):
        own = rng.uniform(5, 95, 2)
        events += [event(customer, "invoice", own[0]), event(customer, "billing", own[1])]
        days = [
            *rng.uniform(0, DAYS, rng.poisson(DAYS / 50)),
            *(own[1] + rng.uniform(0, 7, rng.poisson(times * 7 / 50))),
        ]
        contacts += [contact(customer, float(day)) for day in days if day < DAYS]
    return contacts, events


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Processes]:
    contacts, events = lively()
    store = made(tmp_path_factory.mktemp("bills"), BILLS, contacts, events)
    return store, found_in(store)


def of(table: pd.DataFrame, process: str, column: str = "contacts") -> float:
    return float(table.set_index("process").loc[process, column])


def test_frames_have_the_columns_of_the_dictionary_by_identity(bills: tuple[Store, Processes]) -> None:
    found = bills[1]
    for name, columns in (
        ("incidence", INCIDENCE), ("variants", VARIANTS), ("attributable", CAUSED), ("eliminable", CAUSED),
        ("dose_response", BANDS), ("dose_trends", TRENDS), ("shocks", COLUMNS),
    ):  # fmt: skip
        assert tuple(getattr(found, name).columns) == columns == FRAMES[name].columns, name
    assert tuple(found.naive.columns) == FRAMES["naive"].columns
    assert all(text.endswith(".") for text in COLUMN_MEANINGS.values())


def test_processes_sum_to_all_and_with_the_rest_to_every_contact_by_identity(bills: tuple[Store, Processes]) -> None:
    store, found = bills
    for table in (found.attributable, found.eliminable):
        single = table[~table["process"].isin(["all", "unexplained"])]
        assert single["contacts"].sum() == pytest.approx(of(table, "all"))
        assert of(table, "all") + of(table, "unexplained") == pytest.approx(store.extent.identified)
        assert table["process"].tolist()[-2:] == ["all", "unexplained"]
        assert (table["low"] < table["contacts"]).all()
        assert (table["contacts"] < table["high"]).all()


def test_money_at_one_price_is_contacts_times_it_by_identity(bills: tuple[Store, Processes]) -> None:
    table = bills[1].attributable
    for money, contacts in (("cost", "contacts"), ("cost_low", "low"), ("cost_high", "high")):
        assert table[money].to_numpy() == pytest.approx(5 * table[contacts].to_numpy())
    assert table.set_index("process")["owner"].loc["billing"] == "Finance"


def test_the_published_ratio_is_that_of_the_case_series_by_identity(bills: tuple[Store, Processes]) -> None:
    store, found = bills
    bands = [band for band in asked_bands(store) if band.kind != "our_message"]
    kinds = kinds_of_time(store, bands, period=PERIOD)
    series = fit_case_series(kinds.parts, kinds.design, adding=[band.term for band in bands])
    direct = series.rate_ratios(level=0.95).set_index("term")["rate_ratio"]
    shown = found.incidence.assign(term=found.incidence["process"] + " " + found.incidence["band"])
    shown = shown.set_index("term")["rate_ratio"]
    assert shown["billing 0-6"] == pytest.approx(direct["billing 0-6"])
    assert shown["invoice pre"] == pytest.approx(direct["invoice pre"])
    rows = found.variants[(found.variants["process"] == "billing") & (found.variants["band"] == "0-6")]
    limits = rows[rows["variant"].isin(["all", "quiet"])]
    published = found.incidence[(found.incidence["process"] == "billing") & (found.incidence["band"] == "0-6")].iloc[0]
    assert (published["low"], published["high"]) == pytest.approx((limits["low"].min(), limits["high"].max()))


def test_what_was_planted_is_found_and_may_be_called_an_effect(bills: tuple[Store, Processes]) -> None:
    row = bills[1].incidence.set_index(["process", "band"]).loc[("billing", "0-6")]
    assert row["low"] < 9.0 < row["high"]
    assert row["claim"] == "causal"
    assert of(bills[1].attributable, "billing", "q_value") < 0.001
    assert bills[1].placebos["billing"] in ("passed", "undecided")


def test_a_failure_is_cut_where_the_normal_event_changes_by_hand(tmp_path: Path) -> None:
    """Billing 0-6, 7-20 and follow-ups 21-41; an invoice's 0-6 and follow-ups 7-27: they are cut at 28."""
    settings = engagement(tmp_path, more=BILLS)
    parts = refined(bands_of(settings, kinds=("risk", "spill_over")), settings)
    told = [(part.band.term, part.within.term, part.instead) for part in parts]
    assert told == [
        ("invoice 0-6", "invoice 0-6", None),
        ("invoice spill_over", "invoice spill_over", None),
        ("billing 0-6", "billing 0-6", "invoice 0-6"),
        ("billing 7-20", "billing 7-20", "invoice spill_over"),
        ("billing 21-27", "billing spill_over", "invoice spill_over"),
        ("billing 28-41", "billing spill_over", None),
    ]
    assert {part.band.kind for part in parts if part.within.kind == "spill_over"} == {"spill_over"}


def test_eliminable_is_what_lies_above_the_normal_event_by_identity(tmp_path: Path) -> None:
    """Without `instead_of` all that a failure brings is eliminable; with it, less by what right invoices bring."""
    contacts, events = lively(customers=60)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    alone = found_in(made(tmp_path / "a", BILLS.replace('instead_of = "invoice"\n', ""), contacts, events))
    assert of(alone.eliminable, "billing") == pytest.approx(of(alone.attributable, "billing"))
    beside = found_in(made(tmp_path / "b", BILLS, contacts, events))
    assert "invoice" not in set(beside.eliminable["process"])
    ratios = beside.variants[beside.variants["variant"] == "all"].set_index(["process", "band"])["rate_ratio"]
    brought = np.array([ratios["invoice", "0-6"], ratios["invoice", "spill_over"]]) - 1
    less = of(beside.attributable, "billing") - of(beside.eliminable, "billing")
    assert (less > 0) == (brought.sum() > 0) or abs(less) < 5


def test_placebos_are_judged_by_hand() -> None:
    """Half the log effect of a ratio of 4 is a ratio of 2: an interval within 1/2 to 2 passes."""

    def verdict(low: float, high: float, ratio: float) -> str:
        rows = [("p", "placebo", 1.0, low, high), ("p", "risk", ratio, 1.0, 9.0)]
        table = pd.DataFrame(rows, columns=["process", "kind", "rate_ratio", "low", "high"])
        return str(placebo_verdicts(table).iloc[1])

    assert verdict(0.55, 1.95, 4.0) == "passed"
    assert verdict(0.45, 1.5, 4.0) == "undecided"
    assert verdict(0.9, 2.05, 4.0) == "undecided"
    assert verdict(1.05, 1.2, 4.0) == "failed"
    assert verdict(0.55, 1.95, 0.25) == "passed"
    assert verdict(np.nan, np.nan, 4.0) == "undecided"


def test_a_difference_among_those_who_stay_by_hand() -> None:
    """Errors .10 and .14: the difference's is .098 at least; log 2 is far beyond, log 1.1 is not."""

    def one(ratio: float, error: float, contacts: float) -> pd.DataFrame:
        return pd.DataFrame({"rate_ratio": [ratio], "standard_error": [error], "contacts": [contacts]})

    everybody = one(4.0, 0.10, 200)
    assert differ_where_nobody_leaves(everybody, one(8.0, 0.14, 150), level=0.95).tolist() == [True]
    assert differ_where_nobody_leaves(everybody, one(4.4, 0.14, 150), level=0.95).tolist() == [False]
    assert differ_where_nobody_leaves(everybody, one(4.0, 0.10, 200), level=0.95).tolist() == [False]


def test_mean_days_overdue_by_hand(tmp_path: Path) -> None:
    """Due on day 10, over on day 15: all of days 1-2 (mean 2) and days 3 and 4 of the next band (mean 4). A second one
    is never over, so that the last band runs from day 7 to the end of the period."""
    more = "[processes.parcel]\noverdue_bands = [1, 3, 7]\n"
    events = [event(1, "parcel", 5, due=10, ended=15), event(2, "parcel", 100, due=105)]
    store = made(tmp_path, more, [contact(1, 3)], events)
    bands = [band for band in asked_bands(store) if band.process == "parcel"]
    days = mean_days_overdue(store, bands, PERIOD)
    assert days["parcel due 1-2"] == pytest.approx(2)
    assert days["parcel due 3-6"] == pytest.approx((2 * 4 + 4 * 5) / 6)
    assert days["parcel due 7+"] == pytest.approx((7 + 15) / 2)


def test_an_event_that_reaches_everybody_is_told_from_daily_volumes(tmp_path: Path) -> None:
    """Two contacts a day of sixty customers; a letter to all on day 60 brings thirty more within a week."""
    rng = np.random.default_rng(3)
    contacts = [contact(int(rng.integers(1, 61)), day + hour / 24) for day in range(DAYS) for hour in (9, 15)]
    contacts += [contact(customer, 60.5 + customer % 7) for customer in range(1, 31)]
    events = [event(customer, "letter", 60) for customer in range(1, 61)]
    customers = [{"customer_key": customer, "joined_on": "2024-01-01"} for customer in range(1, 61)]
    more = "[processes.letter]\nbands = [0, 7]\n"
    found = found_in(made(tmp_path, more, contacts, events, customers=customers))
    row = found.shocks.iloc[0]
    assert found.left == ("letter",)
    assert (row["process"], row["events"], row["customers_share"]) == ("letter", 60, 1.0)
    assert row["contacts"] == 44
    assert row["expected"] == pytest.approx(14, abs=1)
    assert row["low"] < 30 < row["high"]
    assert found.incidence[found.incidence["process"] == "letter"].empty
    assert found.attributable.set_index("process").loc["letter", "reason_untold"] == "shock"


def graded_d(table: pd.DataFrame) -> bool:
    return bool((table["grade"] == "D").all()) and bool(table["reason_untold"].ne("").all())


def test_without_customer_ids_every_band_says_so(tmp_path: Path) -> None:
    store = made(tmp_path, BILLS, [contact(None, day) for day in range(50)], [event(1, "billing", 3)])
    found = found_in(store)
    assert len(found.incidence) > 5
    assert graded_d(found.incidence)
    assert set(found.incidence["reason_untold"]) == {"no_customer_ids"}
    assert graded_d(found.attributable)
    assert found.incidence["rate_ratio"].isna().all()


def test_without_events_codes_are_a_ceiling_by_hand_count(tmp_path: Path) -> None:
    contacts = [contact(n, 1 + n, reason="wrong bill" if n < 30 else "bill") for n in range(80)]
    found = found_in(made(tmp_path, BILLS, contacts, []))
    row = found.eliminable.set_index("process").loc["billing"]
    assert (row["basis"], row["contacts"], row["low"], row["high"], row["cost"]) == ("ceiling", 30, 0, 30, 150)
    assert row["share"] == pytest.approx(30 / 80)
    assert row["grade"] == "C"
    assert pd.isna(of(found.eliminable, "all"))
    assert graded_d(found.attributable)


def test_without_events_an_audit_tells_failure_demand_by_hand_count(tmp_path: Path) -> None:
    """Of 40 contacts coded wrong bill 10 are audited, 8 failures about it; of 60 bills 20, with 2 such: 38."""
    contacts = [
        contact(n, 1 + n, reason="wrong bill" if n < 40 else "bill", contact_id=f"k{n:03d}") for n in range(100)
    ]
    audited = [(n, n < 8) for n in range(10)] + [(40 + n, n < 2) for n in range(20)]
    audits = [
        {
            "contact_id": f"k{n:03d}", "coder": "anna", "weight": 1.0, "failure_demand": failed,
            "reason": "wrong bill" if failed or n < 10 else "bill",
        }
        for n, failed in audited
    ]  # fmt: skip
    found = found_in(made(tmp_path, BILLS, contacts, [], audits=audits))
    row = found.eliminable.set_index("process").loc["billing"]
    assert row["basis"] == "audit"
    assert row["contacts"] == pytest.approx(40 * 0.8 + 60 * 0.1)
    assert 0 < row["low"] < row["contacts"] < row["high"] < 100
    assert of(found.eliminable, "all") == pytest.approx(row["contacts"])


def test_a_process_without_events_beside_one_with_them(tmp_path: Path) -> None:
    contacts, events = lively(customers=60)
    kept = [one for one in events if one["process"] == "billing"]
    found = found_in(made(tmp_path, BILLS, contacts, kept))
    empty = found.incidence[found.incidence["process"] == "invoice"]
    assert graded_d(empty)
    assert set(empty["reason_untold"]) == {"no_events"}
    assert found.incidence.set_index(["process", "band"]).loc[("billing", "0-6"), "rate_ratio"] > 3
    assert found.attributable.set_index("process").loc["invoice", "grade"] == "D"
    assert of(found.attributable, "billing") > 20


def test_two_processes_that_always_happen_together_are_not_told_apart(tmp_path: Path) -> None:
    contacts, events = lively(customers=60)
    twins = [{**one, "event_id": f"t{n}", "process": "twin"} for n, one in enumerate(events)]
    twins = [one for one, like in zip(twins, events, strict=True) if like["process"] == "billing"]
    more = "[processes.twin]\nbands = [0, 7, 21]\n"
    plain = BILLS.replace('instead_of = "invoice"\n', "")
    tables = {}
    for name, text, given in (
        ("one", plain, events),
        ("two", plain + more, [*events, *twins]),
        ("cut", BILLS + more, [*events, *twins]),
    ):
        (tmp_path / name).mkdir()
        tables[name] = found_in(made(tmp_path / name, text, contacts, given))
    for name in ("two", "cut"):
        table = tables[name].incidence
        both = table[table["process"].isin(["billing", "twin"]) & (table["kind"] == "risk")]
        assert set(both["reason_untold"]) == {"collinear"}
        assert both["rate_ratio"].isna().all()
        assert graded_d(both)
        brought = tables[name].attributable.set_index("process")
        assert set(brought.loc[["billing", "twin"], "reason_untold"]) == {"collinear"}
        assert (brought.loc[["billing", "twin"], "grade"] == "D").all()
    same = of(tables["two"].attributable, "invoice")
    assert same == pytest.approx(of(tables["one"].attributable, "invoice"), abs=0.5)
    assert of(tables["two"].attributable, "all") == pytest.approx(of(tables["one"].attributable, "all"), rel=0.02)


def test_events_outside_a_customers_time_count_for_nothing_by_identity(tmp_path: Path) -> None:
    contacts, events = lively(customers=60)
    customers = [{"customer_key": n, "joined_on": "2025-01-06", "left_on": "2025-05-05"} for n in range(1, 61)]
    outside = [event(n, "billing", day) for n in range(1, 61) for day in (-400.0, 300.0)]
    outside = [{**one, "event_id": f"o{n}"} for n, one in enumerate(outside)]
    tables = []
    for name, given in (("a", events), ("b", [*events, *outside])):
        (tmp_path / name).mkdir()
        tables.append(found_in(made(tmp_path / name, BILLS, contacts, given, customers=customers)).incidence)
    pd.testing.assert_frame_equal(tables[0], tables[1])


@pytest.mark.parametrize("number", [1, 2])
def test_hardly_a_contact_is_no_confident_number(tmp_path: Path, number: int) -> None:
    contacts = [contact(1, 4 + day) for day in range(number)]
    found = found_in(made(tmp_path, BILLS, contacts, [event(1, "billing", 3), event(1, "invoice", 60)]))
    assert (found.incidence["grade"] == "D").all()
    assert (found.attributable["grade"] == "D").all()


def test_no_processes_at_all_is_no_row(tmp_path: Path) -> None:
    found = found_in(made(tmp_path, "", [contact(1, 3), contact(2, 4)], []))
    assert found.incidence[found.incidence["process"] != "our message"].empty
    assert found.attributable.empty
    assert found.eliminable.empty


def test_customers_struck_against_the_others_by_hand_count(tmp_path: Path) -> None:
    """Ten struck customers make four contacts each, ten others one: a ratio of 4, whenever the contacts were made."""
    contacts = [contact(n, 10 * k + n / 24, reason="bill") for n in range(1, 11) for k in range(1, 5)]
    contacts += [contact(n, 50 + n / 24) for n in range(11, 21)]
    customers = [{"customer_key": n, "joined_on": "2024-01-01"} for n in range(1, 21)]
    events = [event(n, "billing", 100) for n in range(1, 11)]
    naive = found_in(made(tmp_path, BILLS, contacts, events, customers=customers)).naive
    row = naive[(naive["name"] == "between_customers") & (naive["process"] == "billing")].iloc[0]
    assert row["value"] == pytest.approx(4)
    assert row["denominator"] == 20
    assert row["low"] == pytest.approx(4)
    coded = naive[(naive["name"] == "coded_contacts") & (naive["process"] == "invoice")].iloc[0]
    assert coded["value"] == 50
