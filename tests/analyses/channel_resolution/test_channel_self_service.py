"""What becomes of sessions in self-service, with the bot and on the site, drawn by hand."""

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
from rootcause_lib.analyses.channel_resolution.self_service import self_service
from rootcause_lib.analyses.channel_resolution.sessions import keep_sessions, time_to_people
from rootcause_lib.journeys import following
from rootcause_lib.store import Store

Drawn = Sequence[Mapping[str, object]]
UNTIL = "2025-06-30"


def asked_of(of: Store, *, matching: str = "any", window_days: int = 14) -> Asked:
    followed = following(of.engagement, of.extent, matching=matching, window_days=window_days)
    return asked_about(of, of.period(None, None), followed)


def told_agents(of: Store) -> Store:
    """A store whose contacts name their team."""
    row = pd.DataFrame([{"table": "contacts", "column": "team", "filled": 0.5, "rows": 1}])
    return replace(of, intake=replace(of.intake, filled=pd.concat([of.intake.filled, row])))


def on_site(of: Store, visits: Drawn) -> Store:
    rows = [
        {
            "visit_id": f"v{number:03d}", "customer_key": visit.get("customer"),
            "started_seconds": at(str(visit["start"])),
            "started_on": str(visit["start"])[:10], "ended_seconds": at(str(visit["end"])) if "end" in visit else None,
            "goal_reached": visit.get("goal"),
        }
        for number, visit in enumerate(visits)
    ]  # fmt: skip
    kinds = {"customer_key": "Int64", "ended_seconds": "Int64", "goal_reached": "boolean"}
    fill(of.engine, "visits", pd.DataFrame(rows).astype(kinds))  # type: ignore[arg-type]
    return of


def measured(of: Asked) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    """How many did, of how many, and of how many it is not known, by kind, measure and rule."""
    frame = self_service(of).frames["self_service"]
    shares = frame[frame["measure"] != "days_to_human"]
    return {
        (row["kind"], row["measure"], row["match"]): (
            round(0 if np.isnan(row["value"]) else row["value"] * row["base"]),
            round(row["base"]),
            round(row["unobserved"]),
        )
        for row in shares.to_dict("records")
    }  # fmt: skip


def session(customer: int | None, start: str, **more: object) -> Mapping[str, object]:
    return {"customer": customer, "start": start, "minutes": 10, "channel": "self_service", **more}


SESSIONS: Drawn = [
    session(1, "2025-04-01 10:00"),
    {"customer": 1, "start": "2025-04-01 10:40"},  # half an hour later a call
    session(2, "2025-04-01 10:00"),
    {"customer": 2, "start": "2025-04-02 10:00", "direction": "outbound"},  # we called: nobody asked
    session(3, "2025-04-01 10:00"),
    {"customer": 3, "start": "2025-04-10 10:00", "abandoned": True},  # tried to call
    session(4, "2025-04-01 10:00"),
    {"customer": 4, "start": "2025-04-15 10:10"},  # on the window's last second
    session(5, "2025-04-01 10:00"),
    {"customer": 5, "start": "2025-04-15 10:10:01"},  # a second later
    session(6, "2025-04-01 10:00", contact_id="k1"),
    {"customer": 6, "start": "2025-04-01 10:00", "contact_id": "k2"},  # in the same second, after it
    session(7, "2025-04-01 10:00", contact_id="k4"),
    {"customer": 7, "start": "2025-04-01 10:00", "contact_id": "k3"},  # in the same second, before it
    session(8, "2025-04-01 10:00"),
    session(8, "2025-04-03 10:00"),
    {"customer": 8, "start": "2025-04-05 10:00", "channel": "email"},  # both sessions went on to people
    session(9, "2025-06-20 10:00"),  # the window is not over
    session(None, "2025-04-01 10:00"),  # nobody knows whose
]


def test_sessions_in_self_service_by_hand_count(tmp_path: Path) -> None:
    found = measured(asked_of(told_agents(store(engagement(tmp_path, until=UNTIL), SESSIONS))))
    kind = "self_service"
    # Known: 1, 2, 3, 4, 5, 6, 7 and 8 twice. To people went 1, 3, 4, 6 and 8 twice.
    assert found[kind, "reached_human", "any"] == (6, 9, 2)
    assert found[kind, "resolved", "any"] == (3, 9, 2)
    assert found[kind, "contained", "any"] == (11, 11, 0)
    # Nothing marks who gave up, and no leaving dates are there.
    assert found[kind, "gave_up", "any"] == (0, 0, 11)
    assert found[kind, "left_within_window", "any"] == (0, 0, 11)


def test_whether_people_took_part_is_not_known_where_nobody_says_by_hand_count(tmp_path: Path) -> None:
    found = measured(asked_of(store(engagement(tmp_path, until=UNTIL), SESSIONS)))
    assert found["self_service", "contained", "any"] == (0, 0, 11)
    assert found["self_service", "resolved", "any"] == (3, 9, 2)


BOTS: Drawn = [
    session(1, "2025-04-01 10:00", channel="bot", transfers=1, abandoned=False),  # handed over
    session(2, "2025-04-01 10:00", channel="bot", transfers=0, abandoned=True),  # gave up
    session(3, "2025-04-01 10:00", channel="bot", transfers=0, abandoned=False),  # done
    session(4, "2025-04-01 10:00", channel="bot", conversation_id="a", end="2025-04-01 10:05"),  # a leg to people
    {"customer": 4, "start": "2025-04-01 10:05", "end": "2025-04-01 10:20", "conversation_id": "a"},
    session(5, "2025-04-01 10:00", channel="bot", transfers=0, abandoned=False),  # leaves the company
    session(6, "2025-04-01 10:00", channel="bot", transfers=0, abandoned=False),  # dies: not watched to the end
    {"customer": 7, "start": "2025-04-01 10:00", "team": "a"},
]
GONE: Drawn = [
    {"customer_key": 5, "joined_on": "2020-01-01", "left_on": "2025-04-10", "leave_reason": "choice"},
    {"customer_key": 6, "joined_on": "2020-01-01", "left_on": "2025-04-10", "leave_reason": "not_choice"},
]


def test_sessions_with_the_bot_by_hand_count(tmp_path: Path) -> None:
    found = measured(asked_of(store(engagement(tmp_path, until=UNTIL), BOTS, customers=GONE)))
    assert found["bot", "contained", "any"] == (4, 6, 0)
    assert found["bot", "gave_up", "any"] == (1, 5, 1)
    assert found["bot", "reached_human", "any"] == (2, 5, 1)
    assert found["bot", "resolved", "any"] == (1, 5, 1)
    assert found["bot", "left_within_window", "any"] == (1, 5, 1)
    by_reason = measured(asked_of(store(engagement(tmp_path, until=UNTIL), BOTS, customers=GONE), matching="reason"))
    assert by_reason["bot", "resolved", "any"] == (1, 5, 1)
    assert by_reason["bot", "resolved", "reason"] == (0, 0, 6)


MATTERS: Drawn = [
    session(1, "2025-04-01 10:00", reason="bill"),
    {"customer": 1, "start": "2025-04-02 10:00", "reason": "fault"},  # another matter
    session(2, "2025-04-01 10:00", reason="bill"),
    {"customer": 2, "start": "2025-04-02 10:00", "reason": "fault"},
    {"customer": 2, "start": "2025-04-03 10:00", "reason": "bill"},  # the same matter, after another
    session(3, "2025-04-01 10:00"),  # nobody says what about
    session(4, "2025-04-01 10:00", reason="bill"),
    session(5, "2025-04-01 10:00", reason="bill"),
    {"customer": 5, "start": "2025-04-15 10:10", "reason": "fault"},  # another one, on the window's last second
]


def test_the_rule_and_any_contact_bracket_what_was_resolved_by_hand_count(tmp_path: Path) -> None:
    found = measured(asked_of(store(engagement(tmp_path, until=UNTIL), MATTERS), matching="reason"))
    kind = "self_service"
    assert found[kind, "reached_human", "reason"] == (1, 4, 1)
    assert found[kind, "resolved", "reason"] == (3, 4, 1)
    assert found[kind, "reached_human", "any"] == (3, 5, 0)
    assert found[kind, "resolved", "any"] == (2, 5, 0)


def test_a_matters_own_window_holds_by_hand_count(tmp_path: Path) -> None:
    settings = engagement(tmp_path, until=UNTIL, more="[definitions]\nwindows = { bill = 30 }\n")
    contacts = [
        session(1, "2025-04-01 10:00", reason="bill"),
        {"customer": 1, "start": "2025-04-25 10:00", "reason": "bill"},
        session(2, "2025-04-01 10:00", reason="fault"),
        {"customer": 2, "start": "2025-04-25 10:00", "reason": "fault"},
        session(3, "2025-06-10 10:00", reason="bill"),
    ]
    of = store(settings, contacts)
    followed = following(of.engagement, of.extent, matching="reason", window_days=None)
    found = measured(asked_about(of, of.period(None, None), followed))
    assert found["self_service", "reached_human", "reason"] == (1, 2, 1)


VISITED: Drawn = [
    {"customer": 1, "start": "2025-04-01 10:00", "end": "2025-04-01 10:10", "goal": True},  # done
    {"customer": 2, "start": "2025-04-01 10:00", "end": "2025-04-01 10:10", "goal": False},  # calls while there
    {"customer": 3, "start": "2025-04-01 10:00", "end": "2025-04-01 10:10", "goal": False},  # calls the next day
    {"customer": 4, "start": "2025-04-01 10:00", "end": "2025-04-01 10:10", "goal": False},  # asks nobody
    {"customer": 5, "start": "2025-04-01 10:00", "end": "2025-04-01 10:10", "goal": True},  # calls all the same
    {"customer": 6, "start": "2025-04-01 10:00", "end": "2025-04-01 10:10"},  # nobody says whether done
    {"customer": 7, "start": "2025-06-20 10:00", "end": "2025-06-20 10:10", "goal": False},  # not over
    {"customer": None, "start": "2025-04-01 10:00", "end": "2025-04-01 10:10", "goal": True},  # nobody knows whose
    {"customer": 8, "start": "2025-04-01 10:00", "goal": True},  # no end
    {"customer": 9, "start": "2025-04-01 10:00", "end": "2025-04-01 10:10", "goal": False},  # calls in the same second
]
ASKED: Drawn = [
    {"customer": 2, "start": "2025-04-01 10:10"},
    {"customer": 3, "start": "2025-04-02 10:00", "channel": "chat"},
    {"customer": 5, "start": "2025-04-05 10:00"},
    {"customer": 4, "start": "2025-04-02 10:00", "channel": "self_service"},
    {"customer": 1, "start": "2025-03-31 10:00"},  # before the visit
    {"customer": 9, "start": "2025-04-01 10:00"},
]


def test_visits_by_hand_count(tmp_path: Path) -> None:
    found = measured(asked_of(on_site(store(engagement(tmp_path, until=UNTIL), ASKED), VISITED)))
    # The call in the visit's last second is within it; of the visit without an end nobody knows.
    assert found["visit", "contained", "any"] == (6, 8, 2)
    assert found["visit", "gave_up", "any"] == (1, 7, 3)
    assert found["visit", "resolved", "any"] == (2, 7, 3)
    assert found["visit", "reached_human", "any"] == (4, 8, 2)


def test_without_goals_a_visit_counts_as_if_done_by_hand_count(tmp_path: Path) -> None:
    visits = [{name: value for name, value in visit.items() if name != "goal"} for visit in VISITED]
    found = measured(asked_of(on_site(store(engagement(tmp_path, until=UNTIL), ASKED), visits)))
    assert found["visit", "resolved", "any"] == (4, 8, 2)
    assert found["visit", "gave_up", "any"] == (0, 0, 10)


def test_how_soon_people_were_asked_by_hand_count(tmp_path: Path) -> None:
    """Of five who called within 14 days, the third came in the 49th hour; one was watched for one day only."""
    contacts = [session(9, "2025-06-30 00:00")]
    for customer, later in enumerate(("04-01 11:00", "04-02 10:10", "04-03 10:20", "04-09 10:00", "04-10 10:00"), 1):
        contacts += [session(customer, "2025-04-01 10:00"), {"customer": customer, "start": f"2025-{later}"}]
    contacts += [session(6, "2025-04-01 10:00"), {"customer": 6, "start": "2025-05-01 10:00"}]
    asked = asked_of(store(engagement(tmp_path, until=UNTIL), contacts))
    keep_sessions(asked)
    row = time_to_people(asked, matching="any").iloc[0]
    assert row["value"] == pytest.approx(49 / 24)
    assert (row["base"], row["customers"], row["unobserved"]) == (5, 5, 1)
    assert row["low"] <= row["value"] <= row["high"]


def test_what_is_chosen_next_by_hand_count(tmp_path: Path) -> None:
    """The window ends on 15 April 10:10; the next 30 days end on 15 May 10:10."""
    contacts: list[Mapping[str, object]] = [
        session(1, "2025-04-01 10:00"),
        {"customer": 1, "start": "2025-04-02 10:00"},  # failed: called; then
        {"customer": 1, "start": "2025-04-20 10:00", "channel": "chat"},  # people
        session(2, "2025-04-01 10:00"),
        {"customer": 2, "start": "2025-04-15 10:10"},  # failed in the last second; then nothing
        session(3, "2025-04-01 10:00"),
        {"customer": 3, "start": "2025-04-15 10:10:01"},  # succeeded, then people
        {"customer": 3, "start": "2025-04-16 10:00", "channel": "bot"},
        session(4, "2025-04-01 10:00"),
        {"customer": 4, "start": "2025-05-15 10:10", "channel": "bot"},  # succeeded, the bot in the last second
        session(5, "2025-04-01 10:00"),
        {"customer": 5, "start": "2025-05-15 10:10:01"},  # succeeded, then nothing in time
        session(6, "2025-04-01 10:00"),  # succeeded, then the site
    ]
    visits = [{"customer": 6, "start": "2025-04-17 10:00", "end": "2025-04-17 10:05"}]
    found = self_service(asked_of(on_site(store(engagement(tmp_path, until=UNTIL), contacts), visits))).frames["reuse"]
    own = found[found["kind"] == "self_service"]
    assert {(row["after"], row["next_choice"]): (row["sessions"], row["base"]) for row in own.to_dict("records")} == {
        ("failure", "people"): (1, 2), ("failure", "none"): (1, 2), ("success", "people"): (1, 4),
        ("success", "bot"): (1, 4), ("success", "visit"): (1, 4), ("success", "none"): (1, 4),
    }  # fmt: skip
    # Customer 3's session with the bot is not followed to the end of all days; customer 4's neither.
    assert set(found[found["kind"] == "visit"]["next_choice"]) == {"none"}


def test_small_choices_and_hidden_kinds_are_left_out_by_hand_count(tmp_path: Path) -> None:
    settings = engagement(tmp_path, until=UNTIL, more="[definitions]\nsmallest_cell = 5\n")
    contacts: list[Mapping[str, object]] = [session(n, "2025-04-01 10:00") for n in range(1, 31)]
    contacts += [{"customer": n, "start": "2025-04-20 10:00"} for n in range(1, 3)]
    contacts += [session(n, "2025-04-01 10:00", channel="bot") for n in (1, 2)]
    frames = self_service(asked_of(store(settings, contacts))).frames
    bots = frames["self_service"][frames["self_service"]["kind"] == "bot"]
    assert bots["base"].dropna().eq(0).all()
    assert (frames["reuse"]["grade_reasons"] == "suppressed").any()
    assert not frames["reuse"]["sessions"].lt(5).any()


def test_clients_without_self_service_have_no_rows(tmp_path: Path) -> None:
    part = self_service(
        asked_of(store(engagement(tmp_path, until=UNTIL), [{"customer": 1, "start": "2025-04-01 10:00"}]))
    )
    assert all(frame.empty for frame in part.frames.values())
    assert part.headline == part.cannot_tell == ()


@pytest.mark.parametrize("matching", ["any", "reason", "case"])
def test_sessions_by_second_implementation(tmp_path: Path, matching: str) -> None:
    """Random contacts full of gaps, session by session."""
    rows, customers = draw(seed=11)
    asked = asked_of(store_of(tmp_path, rows, customers), matching=matching)
    keep_sessions(asked)
    contacts = read(asked.store, "stitched_contacts")
    found = read(asked.store, "self_service_sessions").set_index("contact_key")
    inbound = contacts[contacts["direction"] == "inbound"]
    sessions = inbound[inbound["channel"].isin(["self_service", "bot"])]
    assert len(found) == len(sessions) > 100
    people = inbound[~inbound["channel"].isin(["self_service", "bot"])]
    column = {"any": "customer_key", "reason": "reason", "case": "case_key"}[matching]
    reached = 0
    for one in sessions.to_dict("records"):
        kept = found.loc[one["contact_key"]]
        own = people[people["customer_key"] == one["customer_key"]]
        later = own[
            (own["started_seconds"] > one["started_seconds"])
            | ((own["started_seconds"] == one["started_seconds"]) & (own["contact_key"] > one["contact_key"]))
        ]
        for name, rows_after in (("human", later), ("matched", later[later[column].eq(one[column])])):
            away = max(rows_after["started_seconds"].min() - one["ended_seconds"], 0) if len(rows_after) else None
            expected = 0 if (one["transfers"] or 0) > 0 else away
            if name == "human" or not pd.isna(one[column]):
                assert (None if pd.isna(kept[f"{name}_seconds"]) else kept[f"{name}_seconds"]) == expected
        reached += bool(kept["people_any"]) if not pd.isna(kept["people_any"]) else 0
        seen = not pd.isna(one["customer_key"]) and one["follow_up_seconds"] >= 14 * 86_400
        assert pd.isna(kept["people_any"]) == (not seen)
    assert reached > 20
