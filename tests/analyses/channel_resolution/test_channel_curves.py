"""Which contacts open a case at each window, counted by hand on drawn contacts, and against a window at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from second_opinion import stitched_contacts
from second_opinion.worlds import RULES, draw, store_of

from rootcause_lib import contact_paces, opening_windows, recontact
from rootcause_lib.analyses import analyse_channel_resolution
from rootcause_lib.journeys import Following
from rootcause_lib.periods import Period
from rootcause_lib.vocabulary import ALL, MATCHING_RULES

UNTIL = "2025-12-31"
FIRST = {"start": "2025-01-01 00:00", "customer": 99, "channel": "store"}
"""The first day of the extract, a whole year of history for the others to be judged by."""


def curve_of(folder, contacts, *, matching="any", channel="phone", more=""):
    found = store(engagement(folder, until=UNTIL, more=more), [FIRST, *contacts])
    curve = analyse_channel_resolution(found, matching=matching).resolution_curve
    return curve[(curve["channel"] == channel) & (curve["match"] == matching)].set_index("window_days")


def counts(curve, windows):
    """(contacts that open a case, share quiet) by window; no row: none."""
    return {
        window: (int(curve.loc[window, "contacts"]), float(curve.loc[window, "value"])) if window in curve.index
        else (0, None)
        for window in windows
    }  # fmt: skip


def test_a_gap_of_exactly_five_days_is_a_repeat_from_window_five_on_by_hand_count(tmp_path):
    """Three contacts, 5 days to the second and 24 days apart: 3 cases up to window 4, 2 up to 23, then 1."""
    days = ("2025-03-01 10:00", "2025-03-06 10:00", "2025-03-30 10:00")
    curve = curve_of(tmp_path, [{"start": day, "customer": 1} for day in days])
    found = counts(curve, range(1, 31))
    assert [found[window] for window in range(1, 5)] == [(3, 1.0)] * 4
    assert [found[window] for window in range(5, 24)] == [(2, 0.5)] * 19
    assert [found[window] for window in range(24, 31)] == [(1, 0.0)] * 7


def test_one_second_past_the_window_opens_a_case_by_hand_count(tmp_path):
    days = ("2025-03-01 10:00:00", "2025-03-06 10:00:01")
    rows = [{"start": day[:16], "customer": 1} for day in days]
    rows[0] |= {"start": "2025-03-01 09:59"}
    curve = curve_of(tmp_path, rows)
    assert counts(curve, (4, 5, 6)) == {4: (2, 1.0), 5: (2, 1.0), 6: (1, 0.0)}


def test_contacts_in_the_same_second_are_a_case_and_its_repeat_by_hand_count(tmp_path):
    rows = [{"start": "2025-03-01 10:00", "customer": 1}, {"start": "2025-03-01 10:00", "customer": 1}]
    assert counts(curve_of(tmp_path, rows), (1, 30)) == {1: (1, 0.0), 30: (1, 0.0)}


def test_legs_of_one_conversation_are_one_contact_by_hand_count(tmp_path):
    rows = [
        {"start": "2025-03-01 10:00", "customer": 1, "minutes": 5, "conversation_id": "a"},
        {"start": "2025-03-01 10:05", "customer": 1, "minutes": 5, "conversation_id": "a"},
        {"start": "2025-03-09 10:10", "customer": 1},
    ]
    # From the last leg's end to the next contact it is eight days to the second.
    assert counts(curve_of(tmp_path, rows), (7, 8)) == {7: (2, 1.0), 8: (1, 0.0)}


def test_our_own_calls_neither_open_nor_repeat_by_hand_count(tmp_path):
    rows = [
        {"start": "2025-03-01 10:00", "customer": 1},
        {"start": "2025-03-02 10:00", "customer": 1, "direction": "outbound"},
        {"start": "2025-03-11 10:00", "customer": 1},
    ]
    assert counts(curve_of(tmp_path, rows), (9, 10)) == {9: (2, 1.0), 10: (1, 0.0)}


def test_an_abandoned_attempt_is_a_repeat_and_opens_nothing_by_hand_count(tmp_path):
    """The attempt on day 3 ends the first case's quiet; the answered call a day later has the first before it."""
    rows = [
        {"start": "2025-03-01 10:00", "customer": 1},
        {"start": "2025-03-04 10:00", "customer": 1, "abandoned": True},
        {"start": "2025-03-05 10:00", "customer": 1},
    ]
    found = counts(curve_of(tmp_path, rows), (2, 3, 4))
    assert found == {2: (2, 1.0), 3: (2, 0.5), 4: (1, 0.0)}


def test_contacts_without_a_customer_are_in_no_curve_by_hand_count(tmp_path):
    rows = [{"start": "2025-03-01 10:00", "customer": 1}]
    rows += [{"start": f"2025-03-0{day} 10:00", "customer": None} for day in range(1, 8)]
    assert counts(curve_of(tmp_path, rows), (1, 30)) == {1: (1, 1.0), 30: (1, 1.0)}


def test_a_case_that_may_have_begun_before_the_extract_opens_at_no_longer_window_by_hand_count(tmp_path):
    """Four days and ten hours after the first second of the data a contact provably opens up to window 4."""
    rows = [{"start": "2025-01-05 10:00", "customer": 1}]
    found = counts(curve_of(tmp_path, rows), (4, 5))
    assert found == {4: (1, 1.0), 5: (0, None)}


def test_a_case_that_may_go_on_after_the_extract_counts_for_the_days_seen_by_hand_count(tmp_path):
    """Two cases 40 hours before the end, two long before of which one comes back on day 5.

    At window 1 all are seen: 1. At 5 the two fresh ones count for day 1 only: one of two comes back.
    """
    rows = [{"start": "2025-12-30 08:00", "customer": customer} for customer in (1, 2)]
    rows += [{"start": "2025-03-01 10:00", "customer": customer} for customer in (3, 4)]
    rows += [{"start": "2025-03-06 09:00", "customer": 3, "channel": "chat"}]
    curve = curve_of(tmp_path, rows)
    assert counts(curve, (1, 2, 5)) == {1: (4, 1.0), 2: (4, 1.0), 5: (4, 0.5)}
    assert curve.loc[[1, 2, 5], "unobserved"].tolist() == [0, 2, 2]
    assert curve.loc[[1, 2, 5], "at_risk"].tolist() == [4, 2, 2]


def test_matching_by_case_opens_with_the_first_of_the_case_at_every_window_by_hand_count(tmp_path):
    rows = [
        {"start": "2025-03-01 10:00", "customer": 1, "case_id": "a"},
        {"start": "2025-03-20 10:00", "customer": 1, "case_id": "a"},
        {"start": "2025-03-21 10:00", "customer": 1, "case_id": "b"},
    ]
    curve = curve_of(tmp_path, rows, matching="case")
    assert counts(curve, (18, 19, 30)) == {18: (2, 1.0), 19: (2, 0.5), 30: (2, 0.5)}
    assert curve["expected_by_chance"].isna().all()
    assert curve["excess"].isna().all()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    rows, customers = draw(seed=5)
    contacts = list(stitched_contacts(rows, customers, RULES).values())
    return store_of(tmp_path_factory.mktemp("drawn"), rows, customers), contacts


@pytest.mark.parametrize("rule", MATCHING_RULES)
def test_every_window_of_a_drawn_world_by_second_implementation(world, rule):
    """Row by row: who opens at the window, what followed, day by day."""
    found_in, contacts = world
    table = analyse_channel_resolution(found_in, matching=rule).resolution_curve
    curve = table[(table["channel"] == ALL) & (table["match"] == rule)].set_index("window_days")
    for window in range(1, 31):
        watched = [_watched(row, rule) for row in contacts if _opens(row, rule, window * 86_400)]
        quiet = 1.0
        for day in range(1, window + 1):
            at_risk = [way for way in watched if way[1] >= day]
            quiet *= 1 - sum(way[0] != "seen" and way[1] == day for way in at_risk) / len(at_risk)
        assert curve.loc[window, "contacts"] == len(watched)
        assert curve.loc[window, "at_risk"] == sum(way[1] >= window for way in watched)
        assert curve.loc[window, "value"] == pytest.approx(quiet, rel=1e-9)


def _opens(row, rule, seconds):
    matchable = {"any": True, "reason": row["reason"] is not None, "case": row["case_id"] is not None}[rule]
    before, history = row[f"previous_{rule}_seconds"], row["history_seconds"]
    known = history is None or history >= seconds
    if not row["judged"] or not matchable:
        return False
    return known if before is None else before > seconds and rule != "case"


def _watched(row, rule):
    whole = row["follow_up_seconds"] // 86_400
    moments = [(row[f"next_{rule}_seconds"], "back"), (row["left_seconds"], "left")]
    events = sorted(
        (max(-(-seconds // 86_400), 1), how == "left", how) for seconds, how in moments if seconds is not None
    )
    if events and events[0][0] <= whole:
        return events[0][2], events[0][0]
    return "seen", whole


@pytest.mark.parametrize("rule", ["any", "reason"])
@pytest.mark.parametrize("by", [(), ("channel",)])
def test_one_table_gives_what_thirty_passes_would_by_identity(world, rule, by):
    found_in, _ = world
    period = Period(found_in.observed_from, found_in.observed_until)
    opening_windows.watch(found_in, Following(rule, 14, own_windows=False), period=period)
    keys = [*by, "outcome"]
    curves = opening_windows.curves(found_in, by=by, level=0.95)
    for window in (1, 2, 7, 14, 23, 30):
        one = Following(rule, window, own_windows=False)
        recontact.watch(found_in, one, among="openers", period=period, horizon_days=window)
        alone = recontact.curves(found_in, by=by, horizon_days=window, level=0.95)
        expected = recontact.chance(found_in, one, by=by, horizon_days=window)
        alone = alone[alone["day"] == window].set_index(keys)
        found = curves[curves["window_days"] == window].set_index(keys).loc[alone.index]
        for column in ("value", "low", "high", "at_risk", "events", "contacts", "unobserved", "customers"):
            assert found[column].to_numpy(dtype=float) == pytest.approx(alone[column].to_numpy(dtype=float), abs=1e-9)
        if not by:
            told = expected.loc[expected["day"] == window, "expected_by_chance"].iloc[0]
            shown = found.loc["came_back", "expected_by_chance"]
            assert shown == pytest.approx(told, abs=1e-9)


def test_some_customers_stand_for_all_in_the_width_of_an_interval(world, monkeypatch):
    found_in, _ = world
    period = Period(found_in.observed_from, found_in.observed_until)
    opening_windows.watch(found_in, Following("any", 14, own_windows=False), period=period)
    every = opening_windows.curves(found_in, level=0.95)
    monkeypatch.setattr(contact_paces, "MOST_DRAWN", int(every["customers"].max()) // 2)
    some = opening_windows.curves(found_in, level=0.95)
    assert some["value"].tolist() == every["value"].tolist()
    widths = (some["high"] - some["low"]) / (every["high"] - every["low"])
    assert widths.between(0.8, 1.25).all()
    assert (widths != 1).any()


def test_some_customers_stand_for_all_in_the_width_of_a_curve_by_day(world, monkeypatch):
    """Those drawn tell only how alike one customer's contacts are: shares, contacts and customers are of all."""
    found_in, _ = world
    period = Period(found_in.observed_from, found_in.observed_until)
    recontact.watch(found_in, Following("any", 14, own_windows=False), among="every", period=period, horizon_days=30)
    every = recontact.curves(found_in, horizon_days=30, level=0.95)
    monkeypatch.setattr(contact_paces, "MOST_DRAWN", int(every["customers"].max()) // 2)
    some = recontact.curves(found_in, horizon_days=30, level=0.95)
    for column in ("value", "contacts", "at_risk", "events", "customers"):
        assert some[column].tolist() == every[column].tolist()
    widths = ((some["high"] - some["low"]) / (every["high"] - every["low"])).dropna()
    assert widths.between(0.8, 1.25).all()
    assert (widths != 1).any()


@pytest.mark.parametrize(
    ("contacts", "said"),
    [
        ([{"start": "2025-03-01 10:00", "customer": 1, "channel": "phone"}], "one contact"),
        ([{"start": f"2025-03-0{day} 10:00", "customer": 1} for day in range(1, 4)], "three of one customer"),
        ([{"start": f"2025-03-{day:02d} 10:00", "customer": day} for day in range(1, 29)], "all quiet"),
        ([{"start": f"2025-03-{day:02d} 10:00", "customer": 1, "reason": "x"} for day in range(1, 29)], "none quiet"),
        ([{"start": f"2025-03-30 0{hour}:30", "customer": hour} for hour in range(5)], "the night of the clock change"),
    ],
)
def test_thin_data_are_graded_and_never_a_crash(tmp_path, contacts, said):
    result = analyse_channel_resolution(store(engagement(tmp_path, until=UNTIL), [FIRST, *contacts]))
    for name in ("resolution_curve", "window_advice"):
        table = result.frames[name]
        assert len(table), said
        assert not (table["grade"] == "A").any(), said
        assert table["value" if name == "resolution_curve" else "excess"].between(0, 1).all(), said


def test_small_cells_stay_without_numbers_and_cannot_be_had_back(tmp_path):
    """Two customers in the store: their row, and that of another channel beside it, are left out at every window."""
    rows = [
        {"start": f"2025-03-{day:02d} 10:00", "customer": 10 * place + day, "channel": channel}
        for place, (channel, number) in enumerate((("phone", 20), ("chat", 9), ("email", 2)), start=1)
        for day in range(1, number + 1)
    ]
    curve = curve_of(tmp_path, rows, channel="email", more="[definitions]\nsmallest_cell = 5\n")
    assert len(curve)
    assert (curve["grade_reasons"] == "suppressed").all()
    assert curve[["value", "contacts", "customers", "excess"]].isna().all(axis=None)
    every = analyse_channel_resolution(
        store(engagement(tmp_path, until=UNTIL, more="[definitions]\nsmallest_cell = 5\n"), [FIRST, *rows])
    ).resolution_curve
    hidden = every[(every["grade_reasons"] == "suppressed") & (every["match"] == "any")]
    assert hidden.groupby("window_days")["channel"].nunique().min() >= 2


def test_the_window_in_use_is_judged_by_where_coming_back_ends_by_planted_truth(tmp_path):
    """Sixty customers come back on day 4 and never again; sixty never do: a window of 14 is too long, 2 too short."""
    rows = [{"start": "2025-03-01 10:00", "customer": n, "reason": "bill"} for n in range(1, 121)]
    rows += [{"start": "2025-03-05 09:00", "customer": n, "reason": "bill"} for n in range(1, 61)]
    found = store(engagement(tmp_path, until=UNTIL), [FIRST, *rows])
    for window, key in ((14, "too_long"), (2, "too_short"), (4, "fits")):
        result = analyse_channel_resolution(found, matching="reason", window_days=window)
        advice = result.window_advice.set_index("reason")
        assert advice.loc[["all", "bill"], "day"].tolist() == [4, 4]
        assert advice.loc["all", ["low", "high"]].tolist() == [4, 4]
        assert advice.loc["all", "window_days"] == window
        assert result.readings["window_advice"][0].key == f"channel_curves.{key}"


def test_matters_with_their_own_window_are_advised_beside_it(tmp_path):
    rows = [{"start": f"2025-03-{day:02d} 10:00", "customer": day, "reason": "bill"} for day in range(1, 29)]
    more = "[definitions]\nwindows = { bill = 30 }\n"
    found = store(engagement(tmp_path, until=UNTIL, more=more), [FIRST, *rows])
    result = analyse_channel_resolution(found)
    assert result.window_advice.set_index("reason").loc[["all", "bill"], "window_days"].tolist() == [14, 30]
    keys = [finding.key for finding in result.readings["resolution_curve"]]
    assert "channel_curves.one_window" in keys
    assert np.isfinite(result.resolution_curve["value"].astype(float)).all()
    assert isinstance(result.resolution_curve, pd.DataFrame)
