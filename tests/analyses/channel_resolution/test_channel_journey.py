"""The effort journey on contacts, visits and answers drawn by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import at, engagement, store
from planted import fill, read
from second_opinion.worlds import draw, store_of

from rootcause_lib.analyses.channel_resolution.asked import Asked, asked_about
from rootcause_lib.analyses.channel_resolution.journey import REFERENCES, journey
from rootcause_lib.analyses.channel_resolution.journey_steps import Visits, before_calls, share_told, visits_seen
from rootcause_lib.journeys import following
from rootcause_lib.store import Store

Drawn = Sequence[Mapping[str, object]]
FIRST_VISIT = {"customer": 99, "start": "2025-03-01 00:00:00", "end": "2025-03-01 00:10:00"}
LAST_VISIT = {"customer": 99, "start": "2025-03-30 00:00:00", "end": "2025-03-30 00:10:00"}


def with_visits(of: Store, visits: Drawn) -> Store:
    """The store with visits, each with `customer`, `start` and perhaps `end`, `goal_reached`."""
    rows = [
        {
            "visit_id": f"v{number:03d}",
            "customer_key": visit.get("customer"),
            "started_seconds": at(str(visit["start"])),
            "started_on": str(visit["start"])[:10],
            "ended_seconds": at(str(visit["end"])) if "end" in visit else None,
            "goal_reached": visit.get("goal_reached"),
        }
        for number, visit in enumerate(visits)
    ]
    kinds = {"customer_key": "Int64", "ended_seconds": "Int64", "goal_reached": "boolean"}
    fill(of.engine, "visits", pd.DataFrame(rows).astype(kinds))  # type: ignore[arg-type]
    return of


def asked(of: Store, *, matching: str = "any", window_days: int = 14) -> Asked:
    followed = following(of.engagement, of.extent, matching=matching, window_days=window_days)
    return asked_about(of, of.period(None, None), followed)


def steps(of: Store, *, matching: str = "any") -> pd.DataFrame:
    return journey(asked(of, matching=matching)).frames["journey"].set_index("measure")


def counts(row: pd.Series) -> tuple[int, int, int]:
    """How many did, of how many, and of how many it is not known."""
    return round(row["share"] * row["base"]), round(row["base"]), round(row["unobserved"])


CALLS: Drawn = [
    {"customer": 1, "start": "2025-03-05 09:05:00"},  # while the visit lasts
    {"customer": 1, "start": "2025-03-06 09:10:00"},  # exactly 24 hours after it ended
    {"customer": 1, "start": "2025-03-06 09:10:01"},  # a second later
    {"customer": 2, "start": "2025-03-07 12:00:00"},  # in the second in which the visit begins
    {"customer": 2, "start": "2025-03-07 12:30:00"},  # in its last second
    {"customer": 2, "start": "2025-03-07 11:59:59"},  # a second before it
    {"customer": 3, "start": "2025-03-08 10:00:00"},  # never on the site
    {"customer": 4, "start": "2025-03-09 10:00:00"},  # an hour after a visit of which no end is known
    {"customer": 5, "start": "2025-03-10 10:00:00", "end": "2025-03-10 10:05:00", "conversation_id": "a"},
    {"customer": 5, "start": "2025-03-10 10:05:30", "end": "2025-03-10 10:09:00", "conversation_id": "a"},  # its leg
    {"customer": 3, "start": "2025-03-01 23:59:59"},  # less than 24 hours after the visits begin: not known
    {"customer": None, "start": "2025-03-11 10:00:00"},  # of nobody known
    {"customer": 3, "start": "2025-03-12 10:00:00", "abandoned": True},  # an attempt
    {"customer": 3, "start": "2025-03-13 10:00:00", "direction": "outbound"},  # our call back
    {"customer": 1, "start": "2025-03-05 09:06:00", "channel": "chat"},  # no call
]
VISITS: Drawn = [
    FIRST_VISIT,
    {"customer": 1, "start": "2025-03-05 09:00:00", "end": "2025-03-05 09:10:00"},
    {"customer": 2, "start": "2025-03-07 12:00:00", "end": "2025-03-07 12:30:00"},
    {"customer": 4, "start": "2025-03-09 09:00:00"},
    {"customer": 5, "start": "2025-03-10 08:00:00", "end": "2025-03-10 08:01:00"},
    {"customer": None, "start": "2025-03-08 09:00:00", "end": "2025-03-08 10:30:00"},
    LAST_VISIT,
]


@pytest.fixture
def drawn(tmp_path: Path) -> Store:
    return with_visits(store(engagement(tmp_path, until="2025-03-31"), CALLS), VISITS)


def test_who_was_on_the_site_before_calling_by_hand_count(drawn: Store) -> None:
    """Nine calls of known customers while visits are covered: 1, 2, 4, 5, 8 and the one of two legs came from it."""
    found = steps(drawn)
    assert counts(found.loc["web_first"]) == (6, 9, 2)
    assert found.loc["web_first", ["status", "base_of", "customers"]].tolist() == ["measured", "calls", 5]
    # Whether the visit without an end still lasted is not known.
    assert counts(found.loc["on_site_when_calling"]) == (3, 8, 3)


def test_without_ends_a_visit_begun_in_the_half_hour_before_stands_in_by_hand_count(tmp_path: Path) -> None:
    calls = [
        {"customer": 1, "start": "2025-03-05 09:30:00"},
        {"customer": 1, "start": "2025-03-05 09:30:01"},
        {"customer": 2, "start": "2025-03-05 10:00:00"},
    ]
    visits = [
        {"customer": 99, "start": "2025-03-01 00:00:00"},
        {"customer": 1, "start": "2025-03-05 09:00:00"},
        {"customer": 2, "start": "2025-03-04 10:00:00"},
        {"customer": 99, "start": "2025-03-30 00:00:00"},
    ]
    found = steps(with_visits(store(engagement(tmp_path, until="2025-03-31"), calls), visits))
    assert counts(found.loc["on_site_when_calling"]) == (1, 3, 0)
    assert found.loc["on_site_when_calling", "status"] == "proxy"
    assert "proxy" in found.loc["on_site_when_calling", "grade_reasons"]
    assert counts(found.loc["web_first"]) == (3, 3, 0)


def test_self_service_stands_in_for_visits_by_hand_count(tmp_path: Path) -> None:
    contacts = [
        {"customer": 1, "start": "2025-03-05 09:00:00", "minutes": 5, "channel": "self_service"},
        {"customer": 1, "start": "2025-03-05 09:04:00"},
        {"customer": 1, "start": "2025-03-07 09:00:00"},
        {"customer": 2, "start": "2025-03-05 09:00:00", "channel": "bot"},
        {"customer": 2, "start": "2025-03-06 09:00:00"},
        {"customer": None, "start": "2025-03-06 09:00:00"},
    ]
    found = steps(store(engagement(tmp_path, until="2025-03-31"), contacts))
    assert counts(found.loc["web_first"]) == (2, 3, 1)
    assert found.loc["web_first", "status"] == "proxy"


def test_where_nobody_calls_contacts_with_people_count_by_hand_count(tmp_path: Path) -> None:
    contacts = [
        {"customer": 1, "start": "2025-03-05 09:05:00", "channel": "chat"},
        {"customer": 2, "start": "2025-03-05 09:05:00", "channel": "email"},
        {"customer": 2, "start": "2025-03-05 09:00:00", "channel": "bot"},
    ]
    visits = [FIRST_VISIT, {"customer": 1, "start": "2025-03-05 09:00:00", "end": "2025-03-05 09:10:00"}, LAST_VISIT]
    found = steps(with_visits(store(engagement(tmp_path, until="2025-03-31"), contacts), visits))
    assert counts(found.loc["web_first"]) == (1, 2, 0)
    assert found.loc["web_first", "base_of"] == "contacts"


CASES: Drawn = [
    {"customer": 1, "start": "2025-03-20 10:00", "reason": "bill", "transfers": 0},
    {"customer": 1, "start": "2025-03-25 10:00", "reason": "bill", "transfers": 1},  # the same case again
    {"customer": 2, "start": "2025-03-20 10:00", "reason": "bill", "transfers": 1},
    {"customer": 2, "start": "2025-03-21 10:00", "reason": "fault", "transfers": 0},  # another matter
    {"customer": 3, "start": "2025-03-20 10:00", "reason": "bill", "transfers": 0},
    {"customer": 3, "start": "2025-03-20 12:00", "reason": "bill", "abandoned": True},  # tried again
    {"customer": 4, "start": "2025-03-02 10:00", "reason": "bill", "transfers": 0},  # may continue an earlier case
    {"customer": 5, "start": "2025-04-25 10:00", "reason": "bill", "transfers": 0},  # the window is not over
    {"customer": 6, "start": "2025-03-20 10:00", "transfers": None},  # nobody says what it was about
    {"customer": None, "start": "2025-03-01 10:00", "reason": "bill", "transfers": 3},
]


def test_steps_that_contacts_tell_by_hand_count(tmp_path: Path) -> None:
    found = steps(store(engagement(tmp_path, until="2025-04-30"), CASES), matching="reason")
    # Cases 1 and 3 took another contact; 2's two did not; three can't be told.
    assert counts(found.loc["more_than_one_contact"]) == (2, 4, 3)
    assert found.loc["more_than_one_contact", "status"] == "measured"
    assert counts(found.loc["transferred"]) == (3, 8, 1)
    # 1's second and 2's first; of 4 it is not known whether it came back, of 6 neither what it was about.
    assert counts(found.loc["repeated_information"]) == (2, 6, 2)
    assert found.loc["repeated_information", "status"] == "proxy"
    by_any = steps(store(engagement(tmp_path, until="2025-04-30"), CASES), matching="any")
    assert counts(by_any.loc["more_than_one_contact"]) == (3, 4, 2)
    assert by_any.loc["more_than_one_contact", "status"] == "proxy"
    assert by_any.loc["repeated_information", "status"] == "not_in_data"


def test_a_mark_of_repeated_information_is_measured_by_hand_count(tmp_path: Path) -> None:
    marks = [True, False, None, False]
    contacts = [
        {"customer": n, "start": "2025-03-20 10:00", "reason": "bill", "repeated_information": mark, "transfers": 0}
        for n, mark in enumerate(marks)
    ]
    found = steps(store(engagement(tmp_path, until="2025-04-30"), contacts), matching="reason")
    assert counts(found.loc["repeated_information"]) == (1, 3, 1)
    assert found.loc["repeated_information", "status"] == "measured"


def answers(of: Store, scores: Sequence[float | None], *, high: float = 7, direction: str | None = "higher_is_better",
            first: int = 0) -> Store:  # fmt: skip
    rows = [
        {
            "survey_id": f"s{first + number:03d}", "metric": "ces", "score": score, "scale_low": 1.0,
            "scale_high": high, "direction": direction, "customer_key": 1 + number // 2, "asked_on": "2025-03-20",
        }
        for number, score in enumerate(scores)
    ]  # fmt: skip
    fill(of.engine, "surveys", pd.DataFrame(rows).astype({"score": "Float64"}))
    return of


ONE: Drawn = [{"customer": 1, "start": "2025-03-20 10:00"}, {"customer": 2, "start": "2025-03-31 10:00"}]


def test_high_effort_is_beyond_the_middle_on_the_hard_side_by_hand_count(tmp_path: Path) -> None:
    agree = answers(store(engagement(tmp_path, until="2025-03-31"), ONE), [1, 2, 3, 4, 5, 7, None, None])
    found = steps(agree).loc["high_effort"]
    assert counts(found) == (3, 6, 2)
    assert found["customers"] == 3
    effort = answers(store(engagement(tmp_path, until="2025-03-31"), ONE), [1, 2, 3, 4, 5], high=5,
                     direction="lower_is_better")  # fmt: skip
    assert counts(steps(effort).loc["high_effort"]) == (2, 5, 0)


def test_versions_of_the_question_are_not_merged_by_hand_count(tmp_path: Path) -> None:
    both = answers(store(engagement(tmp_path, until="2025-03-31"), ONE), [1, 2, 6])
    answers(both, [5, 5], high=5, direction="lower_is_better", first=10)
    answers(both, [1, 1, 1, 1], high=10, direction=None, first=20)
    part = journey(asked(both))
    assert counts(part.frames["journey"].set_index("measure").loc["high_effort"]) == (2, 3, 0)
    said = next(each for each in part.readings["journey"] if each.key == "channel_journey.other_scales")
    assert dict(said.fields) == {"left_out": 6, "answers": 9}
    alone = answers(store(engagement(tmp_path, until="2025-03-31"), ONE), [1, 1], direction=None)
    assert steps(alone).loc["high_effort", "status"] == "not_in_data"


ANSWERED = """
[[answers]]
signal = "transferred"
value = 0.4
asked_on = 2025-11-03
[[answers]]
signal = "web_first"
value = 60
asked_on = 2025-11-03
"""


def test_what_no_data_tell_is_asked_or_said_not_to_be_there_by_hand_count(tmp_path: Path) -> None:
    part = journey(asked(store(engagement(tmp_path, until="2025-03-31", more=ANSWERED), ONE)))
    found = part.frames["journey"].set_index("measure")
    assert found.loc["transferred", ["status", "share", "grade", "grade_reasons"]].tolist() == [
        "asked", 0.4, "C", "proxy",
    ]  # fmt: skip
    # 60 is no share.
    assert found.loc["web_first", "status"] == "not_in_data"
    # The windows are not over: nothing is known yet, but the data will tell.
    assert found.loc["more_than_one_contact", ["status", "base", "unobserved"]].tolist() == ["proxy", 0, 2]
    assert pd.isna(found.loc["more_than_one_contact", "share"])
    assert found["reference"].to_dict() == dict(REFERENCES)
    assert part.cannot_tell[0].fields["measures"] == (
        "web_first", "on_site_when_calling", "repeated_information", "high_effort",
    )  # fmt: skip
    measured = store(engagement(tmp_path, until="2025-03-31", more=ANSWERED), [{**ONE[0], "transfers": 1}])
    assert steps(measured).loc["transferred", "status"] == "measured"


@pytest.mark.parametrize(("value", "share"), [(0.4, 0.4), (0, 0.0), (1, 1.0), (40, None), (True, None), ("40", None)])
def test_an_answer_is_a_share_or_none_by_hand_count(value: object, share: float | None) -> None:
    assert share_told(value) == share


def test_small_and_hidden_bases_are_left_out_by_hand_count(tmp_path: Path) -> None:
    settings = engagement(tmp_path, until="2025-03-31", more="[definitions]\nsmallest_cell = 5\n")
    chats = [{"customer": n, "start": "2025-03-20 10:00", "channel": "chat", "transfers": 0} for n in range(20, 40)]
    few = with_visits(store(settings, [*CALLS, *chats]), VISITS)
    hidden = replace(asked(few), hidden=frozenset({"phone"}))
    found = journey(hidden).frames["journey"].set_index("measure")
    assert found.loc["web_first", ["share", "base", "customers"]].isna().all()
    assert found.loc["web_first", "grade_reasons"] == "suppressed"
    assert found.loc["web_first", "reference"] == 0.60
    # The contact of two legs was passed on; eleven do not say.
    assert counts(found.loc["transferred"]) == (1, 21, 11)


def test_before_calls_by_second_implementation(tmp_path: Path) -> None:
    """Random contacts and visits, call by call."""
    rows, customers = draw(seed=7)
    of = store_of(tmp_path, rows, customers)
    contacts = read(of, "stitched_contacts")
    near = contacts.dropna(subset="customer_key").sample(400, random_state=3)
    offsets = np.resize([0, 1, 600, 1799, 1800, 1801, 40_000, 86_399, 86_400, 86_401, 200_000], 400)
    started = near["started_seconds"].to_numpy() - offsets
    ended = started + np.resize([0, 1, 600, 1800, 3600, 90_000], 400)
    visits = pd.DataFrame(
        {
            "visit_id": [f"v{n}" for n in range(400)],
            "customer_key": near["customer_key"].astype("int64").to_numpy(),
            "started_seconds": started,
            "ended_seconds": pd.array(ended, dtype="Int64"),
            "started_on": "2025-03-01",
        }
    )
    visits.loc[visits.index % 5 == 0, "ended_seconds"] = pd.NA
    fill(of.engine, "visits", visits)
    seen = visits_seen(of)
    assert isinstance(seen, Visits)
    row = before_calls(asked(of), seen, base_of="calls").iloc[0]
    expected = {"calls": 0, "web_value": 0, "web_weight": 0, "site_value": 0, "site_weight": 0, "lately_value": 0}
    for call in contacts.to_dict("records"):
        if call["channel"] != "phone" or call["direction"] != "inbound" or call["abandoned"] is True:
            continue
        expected["calls"] += 1
        moment = call["started_seconds"]
        covered = seen.first_seconds + 86_400 <= moment <= seen.last_seconds + 86_400
        if pd.isna(call["customer_key"]) or not covered:
            continue
        own = visits[(visits["customer_key"] == call["customer_key"]) & (visits["started_seconds"] <= moment)]
        until = own["ended_seconds"].fillna(own["started_seconds"])
        site = bool((until >= moment).any())
        endless = bool((own["ended_seconds"].isna() & (own["started_seconds"] >= moment - 86_400)).any())
        expected["web_weight"] += 1
        expected["web_value"] += bool((until >= moment - 86_400).any())
        expected["lately_value"] += bool((own["started_seconds"] >= moment - 1800).any())
        expected["site_weight"] += site or not endless
        expected["site_value"] += site
    assert {name: int(row[name]) for name in expected} == expected
    assert min(expected.values()) > 5
