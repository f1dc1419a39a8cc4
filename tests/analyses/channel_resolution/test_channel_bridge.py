"""From the client's figure to ours, every step counted by hand over eighteen rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store

from rootcause_lib.analyses import analyse_channel_resolution
from rootcause_lib.analyses.channel_resolution.bridge import STEPS, bridge
from rootcause_lib.prose import sentence
from rootcause_lib.prose.labels import labels
from rootcause_lib.vocabulary import LANGUAGES

# The data run from 1 January to 31 March; the window is 14 days; any contact is a repeat. Within 7 days comes
#
#  c000 yes, c001   c001 its own second leg, 30 s on        c002 (that leg) no
#  c003 c004; an abandoned attempt                          c004 no
#  c005 no: c006 comes 10 days later                        c006 no
#  c007 nobody can say, no customer; to a tool: no          c008 not yet: 28 March
#  c009 a call by the company: never counted                c010 no, c009 is ours
#  c011 no; the data begin four days before                 c012 no; the first day
#  c013 c014, in the same second                            c014 no
#  c015 c016   c016 c017   c017 c018   c018 no; one id for four calls a day is nobody's
EIGHTEEN = [
    {"start": "2025-02-10 09:00", "customer": 1, "resolved": True, "transfers": 0},
    {"start": "2025-02-12 09:00", "minutes": 10, "customer": 1, "resolved": True, "transfers": 1},
    {"start": "2025-02-12 09:10:30", "customer": 1, "resolved": False, "transfers": 0},
    {"start": "2025-02-10 09:00", "customer": 2, "channel": "chat", "abandoned": True},
    {"start": "2025-02-10 09:30", "customer": 2, "resolved": True, "transfers": 0},
    {"start": "2025-02-10 09:00", "customer": 3, "channel": "email", "resolved": True},
    {"start": "2025-02-20 09:00", "customer": 3, "channel": "email", "resolved": False},
    {"start": "2025-02-10 09:00", "resolved": True},
    {"start": "2025-03-28 09:00", "customer": 4, "resolved": True},
    {"start": "2025-02-11 09:00", "customer": 5, "direction": "outbound", "resolved": True},
    {"start": "2025-02-10 09:00", "customer": 5, "resolved": True},
    {"start": "2025-01-05 09:00", "customer": 6},
    {"start": "2025-01-01 00:00", "customer": 99, "channel": "letter"},
    {"start": "2025-02-15 10:00", "customer": 7},
    {"start": "2025-02-15 10:00", "customer": 7, "channel": "chat"},
    *({"start": f"2025-02-17 {hour:02d}:00", "customer": 8} for hour in (8, 9, 10, 11)),
]
SHARED = "[definitions]\nshared_id_daily_cap = 3\nsmallest_cell = 1\n"

COUNTED = {
    # Marked: c000, c004, c005, c007, c008, c010; not: c001 with its leg (the last leg's mark), c006.
    "client_tool": (6, 8),
    # Of the three whose transfers are known c001 was passed on.
    "one_touch": (2, 3),
    "7_day_any": (11, 18),
    "naive_fresh": (10, 17),
    "blank_ids": (8, 12),
    "transfers": (8, 11),
    "abandoned": (8, 10),
    "window": (7, 10),
    # c000, c004, c005, c010 and c013 provably open a case; two stay quiet.
    "cases": (2, 5),
}


def analysed(folder, contacts, *, more=SHARED, customers=(), **asked):
    settings = engagement(folder, more=more, until="2025-03-31")
    return analyse_channel_resolution(store(settings, contacts, customers=customers), **{"matching": "any", **asked})


def steps(result):
    return result.bridge.set_index("name")


@pytest.fixture
def eighteen(tmp_path):
    return analysed(tmp_path, EIGHTEEN)


def test_every_step_by_hand_count(eighteen):
    found = steps(eighteen)
    assert list(found.index) == [*COUNTED, "ours"]
    for name, (numerator, denominator) in COUNTED.items():
        assert (found.loc[name, "numerator"], found.loc[name, "denominator"]) == (numerator, denominator), name
        assert found.loc[name, "value"] == pytest.approx(numerator / denominator), name
    assert found["step"].tolist() == list(range(1, 11))


def test_what_is_not_known_of_each_step_by_hand_count(eighteen):
    """Of 18 rows one is fresh and five are of nobody known; merged, of 17; answered, of 16."""
    found = steps(eighteen)["unobserved"]
    assert found[["7_day_any", "naive_fresh", "blank_ids"]].tolist() == [0, 1, 6]
    assert found[["transfers", "abandoned", "window"]].tolist() == [6, 6, 6]
    # c008 is fresh; whether c011 and c012 open a case lies before the data.
    assert found["cases"] == 3
    # Marks are missing on c011-c018, transfers also on c005-c010.
    assert found[["client_tool", "one_touch"]].tolist() == [8, 13]
    assert (steps(eighteen)["contacts"] - steps(eighteen)["denominator"] - found).dropna().eq(0).all()


def test_changes_are_differences_of_the_rows_by_identity(eighteen):
    table = eighteen.bridge
    assert np.isnan(table["change"].iloc[0])
    assert table["change"].iloc[1:].tolist() == pytest.approx(np.diff(table["value"]).tolist())


def test_the_last_row_is_the_headline_exactly_by_identity(eighteen):
    total = eighteen.resolution.query("channel == 'all' and reason == 'all' and outcome == 'quiet' and match == 'any'")
    last = steps(eighteen).loc["ours"]
    for name in ("value", "low", "high", "unobserved", "contacts", "customers", "grade", "grade_reasons", "method"):
        assert last[name] == total.iloc[0][name], name
    assert np.isnan(last["numerator"])
    assert np.isnan(last["denominator"])


def test_the_first_row_is_the_clients_own_figure_by_identity(eighteen):
    own = eighteen.naive.set_index("name").loc["own_flag"]
    first = eighteen.bridge.iloc[0]
    assert first[["value", "low", "high", "numerator", "denominator"]].tolist() == (
        own[["value", "low", "high", "numerator", "denominator"]].tolist()
    )
    assert first["grade"] >= "C"


def test_without_a_mark_the_tools_figure_is_that_nothing_was_reopened_by_hand_count(tmp_path):
    """Three of four not reopened; of the three whose transfers are known one was passed on, another reopened."""
    drawn = [
        {"start": "2025-02-10 09:00", "customer": 1, "reopened": False, "transfers": 0},
        {"start": "2025-02-10 09:00", "customer": 2, "reopened": False, "transfers": 2},
        {"start": "2025-02-10 09:00", "customer": 3, "reopened": True, "transfers": 0},
        {"start": "2025-02-10 09:00", "customer": 4, "reopened": False},
        {"start": "2025-02-10 09:00", "customer": 5},
    ]
    found = steps(analysed(tmp_path, drawn))
    assert list(found.index[:3]) == ["reopen", "one_touch", "7_day_any"]
    assert found.loc["reopen", ["numerator", "denominator"]].tolist() == [3, 4]
    assert found.loc["one_touch", ["numerator", "denominator"]].tolist() == [1, 3]


def test_all_marks_together_by_hand_count(tmp_path):
    """Resolved, not passed on, not reopened: each takes one more away; one has the first mark alone."""
    drawn = [
        {"start": "2025-02-10 09:00", "customer": 1, "resolved": True, "transfers": 0, "reopened": False},
        {"start": "2025-02-10 09:00", "customer": 2, "resolved": True, "transfers": 1, "reopened": False},
        {"start": "2025-02-10 09:00", "customer": 3, "resolved": True, "transfers": 0, "reopened": True},
        {"start": "2025-02-10 09:00", "customer": 4, "resolved": False, "transfers": 0, "reopened": False},
        {"start": "2025-02-10 09:00", "customer": 5, "resolved": True},
        {"start": "2025-02-10 09:00", "customer": 6, "resolved": True, "abandoned": True},
    ]
    found = steps(analysed(tmp_path, drawn))
    assert found.loc["client_tool", ["numerator", "denominator"]].tolist() == [4, 5]
    assert found.loc["one_touch", ["numerator", "denominator"]].tolist() == [2, 4]
    assert found.loc["reopen", ["numerator", "denominator"]].tolist() == [1, 4]


def test_marks_that_never_meet_leave_the_later_one_out(tmp_path):
    drawn = [
        {"start": "2025-02-10 09:00", "customer": 1, "resolved": True},
        {"start": "2025-02-10 09:00", "customer": 2, "transfers": 0},
        {"start": "2025-02-10 09:00", "customer": 3, "resolved": True, "reopened": True},
    ]
    found = steps(analysed(tmp_path, drawn))
    assert "one_touch" not in found.index
    assert found.loc["reopen", ["numerator", "denominator"]].tolist() == [0, 1]


REASONS = [
    {"start": "2025-02-10 09:00", "customer": 1, "reason": "bill"},
    {"start": "2025-02-11 09:00", "customer": 1, "reason": "order"},
    {"start": "2025-02-10 09:00", "customer": 2, "reason": "bill"},
    {"start": "2025-02-12 09:00", "customer": 2, "reason": "bill"},
    {"start": "2025-02-10 09:00", "customer": 3},
    {"start": "2025-02-10 09:00", "customer": 4, "reason": "bill"},
    {"start": "2025-01-01 09:00", "customer": 9, "reason": "order"},
]


def test_same_matter_cases_and_leaving_by_hand_count(tmp_path):
    """1 comes back about another matter, 2 about the same, 3 says no reason, 4 leaves ten days later."""
    customers = [
        {"customer_key": key, "joined_on": "2024-01-01", "left_on": "2025-02-20" if key == 4 else None,
         "leave_reason": "choice"}
        for key in (1, 2, 3, 4, 9)
    ]  # fmt: skip
    result = analysed(tmp_path, REASONS, more="", customers=customers, matching="reason")
    found = steps(result)
    expected = {
        "window": (5, 7), "same_matter": (5, 6), "cases": (3, 4), "leaving": (2, 4),
    }  # fmt: skip
    for name, numbers in expected.items():
        assert found.loc[name, ["numerator", "denominator"]].tolist() == list(numbers), name
    mature = result.mature.query("channel == 'all' and reason == 'all'").iloc[0]
    assert found.loc["leaving", "value"] == mature["value"]


def test_steps_that_would_change_nothing_are_not_missed(tmp_path):
    """With a window of 7 days there is none to lengthen; with any contact for a repeat, no matter to match."""
    result = analysed(tmp_path, EIGHTEEN, window_days=7)
    assert not {"window", "same_matter"} & set(result.bridge["name"])
    said = next(finding for finding in result.cannot_tell if finding.key == "channel_bridge.left_out")
    assert said.fields["steps"] == ("reopen", "leaving")


def test_an_own_window_of_a_matter_is_a_step_by_hand_count(tmp_path):
    """A bill is followed for 30 days: the second contact, 20 days on, is a repeat then."""
    drawn = [
        {"start": "2025-02-01 09:00", "customer": 1, "reason": "bill"},
        {"start": "2025-02-21 09:00", "customer": 1, "reason": "bill"},
    ]
    more = "[definitions]\nwindow_days = 7\nwindows = { bill = 30 }\n"
    found = steps(analysed(tmp_path, drawn, more=more))
    assert found.loc["abandoned", ["numerator", "denominator"]].tolist() == [2, 2]
    assert found.loc["window", ["numerator", "denominator"]].tolist() == [1, 2]


def test_a_client_without_ids_has_only_its_own_marks(tmp_path):
    drawn = [{key: value for key, value in row.items() if key != "customer"} for row in EIGHTEEN]
    result = analysed(tmp_path, drawn)
    assert list(result.bridge["name"]) == ["client_tool", "one_touch"]
    said = next(finding for finding in result.cannot_tell if finding.key == "channel_bridge.left_out")
    assert set(said.fields["steps"]) >= {"7_day_any", "cases", "ours"}


def test_a_figure_left_out_takes_the_bridge_with_it(tmp_path):
    """Our figure rests on fewer than five customers: no step may tell it by its changes."""
    table = analysed(tmp_path, EIGHTEEN[:7], more="[definitions]\nsmallest_cell = 5\n").bridge
    assert len(table)
    assert table[["value", "low", "high", "numerator", "denominator", "change", "unobserved"]].isna().all(axis=None)
    assert (table["grade_reasons"] == "suppressed").all()
    assert table["step"].tolist() == list(range(1, len(table) + 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_a_name_and_a_reason_in_both_languages(eighteen, language):
    for kind in ("naive", "naive_why"):
        assert set(STEPS) <= set(labels(kind, language=language))
    for finding in (*eighteen.readings["bridge"], *eighteen.cannot_tell):
        words = sentence(finding, language=language)
        assert not any(mark in words for mark in ("{", "nan", "None", "_"))


def test_the_largest_steps_are_said_with_their_reasons(eighteen):
    found = [finding for finding in eighteen.readings["bridge"] if "step_" in finding.key]
    assert found[0].fields["name"] == "cases"
    sizes = [finding.fields["change"].value for finding in found]
    assert sizes == sorted(sizes, reverse=True)
    assert eighteen.readings["bridge"][0].key == "channel_bridge.starts"


def test_the_period_selects_rows_and_reads_their_follow_up_beyond_it_by_hand_count(tmp_path):
    found = steps(analysed(tmp_path, EIGHTEEN, start="2025-02-10", end="2025-02-10"))
    # c000 (its repeat comes after the period), c003, c004, c005, c007 and c010.
    assert found.loc["7_day_any", ["numerator", "denominator"]].tolist() == [4, 6]
    assert found.loc["blank_ids", ["numerator", "denominator"]].tolist() == [3, 5]


def test_nothing_at_all_is_an_empty_bridge(tmp_path):
    settings = engagement(tmp_path, until="2025-03-31")
    result = analyse_channel_resolution(store(settings, [{"start": "2025-02-10 09:00", "direction": "outbound"}]))
    assert result.bridge.empty
    assert isinstance(result.bridge.index, pd.RangeIndex)
    assert bridge.__doc__
