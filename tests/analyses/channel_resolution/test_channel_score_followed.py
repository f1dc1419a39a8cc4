"""Scores by what followed the contact, and cases whose customer changed channel: hand counts on drawn contacts."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from drawn.answers import asking, survey, world

from rootcause_lib.analyses.channel_resolution.answers import keep_answers
from rootcause_lib.analyses.channel_resolution.scores import BY_RESOLUTION, score_by_resolution, scores
from rootcause_lib.analyses.channel_resolution.switching import COLUMNS, switch_cost
from rootcause_lib.prose import sentence


def followed(made, **asked: object) -> pd.DataFrame:
    question = asking(made, **asked)
    found = score_by_resolution(question, keep_answers(question))
    assert tuple(found.columns) == BY_RESOLUTION
    return found.set_index("resolution")


def switched(made, **asked: object) -> pd.DataFrame:
    question = asking(made, **asked)
    found = switch_cost(question, keep_answers(question))
    assert tuple(found.columns) == COLUMNS
    return found.set_index("measure")


def contact(
    name: str, customer: int | None, start: str, channel: str = "phone", **columns: object
) -> dict[str, object]:
    row = {"contact_id": name, "customer": customer, "channel": channel, "start": f"2025-{start}", "reason": "bill"}
    return row | columns


RETURNS = [
    contact("quiet", 1, "01-10 09:00"),
    contact("back", 2, "01-10 09:00", minutes=60), contact("again", 2, "01-24 10:00"),  # in the very last second
    contact("late", 3, "01-10 09:00"), contact("too late", 3, "01-24 09:01"),
    contact("attempt", 4, "01-10 09:00"), contact("given up", 4, "01-11 09:00", abandoned=True),
    contact("ours", 5, "01-10 09:00"), contact("our call", 5, "01-11 09:00", direction="outbound"),
    contact("edge", 6, "03-25 09:00"), contact("edge again", 6, "03-26 09:00"),  # the window is not over
    contact("nobody", None, "01-10 09:00"),
    contact("same second", 7, "01-10 09:00"), contact("twin", 7, "01-10 09:00", channel="chat"),
    contact("gone", 8, "01-10 09:00"),
]  # fmt: skip
LEAVERS = [{"customer_key": 8, "left_on": "2025-01-15", "leave_reason": "choice"}]
ABOUT = {"quiet": 5, "back": 1, "again": 4, "late": 4, "too late": 3, "attempt": 2, "given up": 1, "ours": 5, "edge": 3,
         "nobody": 2, "same second": 1, "twin": 4, "gone": 2}  # fmt: skip


def test_what_followed_by_hand_count(tmp_path: Path) -> None:
    """settled: quiet, again, late, too late, ours, twin; came back: back, attempt, same second; unknown: edge, nobody,
    and the attempt that was given up."""
    surveys = [survey("csat", score, contact_id=name, asked="2025-03-30 09:00") for name, score in ABOUT.items()]
    found = followed(world(tmp_path, RETURNS, [*surveys, survey("csat", None, contact_id="back")], customers=LEAVERS))
    assert found["answers"].to_dict() == {"settled": 6, "came_back": 3, "left": 1, "unknown": 3}
    assert found["naive"].to_dict() == pytest.approx({"settled": 25 / 6, "came_back": 4 / 3, "left": 2, "unknown": 2})
    assert found["unobserved"].to_dict() == {"settled": 0, "came_back": 1, "left": 0, "unknown": 0}


def test_another_matter_is_no_return_where_reasons_are_matched_by_hand_count(tmp_path: Path) -> None:
    contacts = [
        contact("a", 1, "01-10 09:00"), contact("b", 1, "01-11 09:00", reason="fault"),
        contact("c", 2, "01-10 09:00"), contact("d", 2, "01-11 09:00"),
        contact("e", 3, "01-10 09:00", reason=None),
    ]  # fmt: skip
    surveys = [survey("csat", 3, contact_id=name) for name in "abcde"]
    made = world(tmp_path, contacts, surveys)
    assert followed(made)["answers"].to_dict() == {"settled": 3, "came_back": 2}
    assert followed(made, matching="reason")["answers"].to_dict() == {"settled": 3, "came_back": 1, "unknown": 1}


def test_difference_by_what_followed_over_one_mix_by_hand_count(tmp_path: Path) -> None:
    """In either channel those who came back score one less; the chat scores one less too and has most returns."""
    contacts, surveys = [], []
    for channel, quiet, back, level in (("phone", 12, 6, 5), ("chat", 6, 12, 4)):
        for number in range(quiet + back):
            key, name = len(surveys) + 1, f"{channel}{number}"
            contacts.append(contact(name, key, "01-10 09:00", channel))
            score = level - (0.5 if number % 2 else -0.5)
            if number >= quiet:
                contacts.append(contact(f"{name} again", key, "01-12 09:00", channel))
                score -= 1
            surveys.append(survey("csat", score, contact_id=name))
    found = followed(world(tmp_path, contacts, surveys))
    assert found.loc["came_back", "naive"] - found.loc["settled", "naive"] == pytest.approx(-1 - 1 / 3)
    assert found.loc["came_back", "difference"] == pytest.approx(-1)
    assert found.loc["settled", ["difference", "difference_low", "difference_high"]].tolist() == [0, 0, 0]


FIRST = {"contact_id": "first", "customer": 999, "channel": "phone", "start": "2024-12-25 09:00", "reason": "bill"}
"""The extract's first contact: from two weeks later it can be seen which contacts open a case."""


def chains(plan: list[tuple[int, list[str]]], **columns: object) -> list[dict[str, object]]:
    """Cases of customers, a contact a day by the channels given, from the tenth of January."""
    return [FIRST] + [
        contact(f"{customer}.{place}", customer, f"01-{10 + place:02d} 09:00", channel, **columns)
        for customer, channels in plan
        for place, channel in enumerate(channels)
    ]


PLAN = [
    (1, ["chat", "phone"]), (2, ["chat", "phone", "phone"]), (3, ["chat", "email"]), (4, ["chat", "phone"]),
    (5, ["chat", "email", "chat", "chat"]),
    (6, ["chat", "chat"]), (7, ["chat", "chat", "phone"]), (8, ["chat", "chat", "chat", "chat"]), (9, ["chat", "chat"]),
    (10, ["chat", "chat", "chat"]),
    (11, ["chat"]), (12, ["phone"]),
]  # fmt: skip


def test_the_second_contact_tells_who_changed_channel_by_hand_count(tmp_path: Path) -> None:
    """Of the five who changed three needed no third contact, of the five who stayed two; one of them changed later."""
    contacts = chains(PLAN, handle_seconds=100.0)
    contacts[1]["handle_seconds"] = contacts[2]["handle_seconds"] = None
    made = world(tmp_path, contacts, [], more="[costs]\nper_contact = { chat = 4.0, phone = 7.5 }\n")
    found = switched(made)
    assert found.loc["resolution", ["switched", "stayed", "difference"]].tolist() == pytest.approx([0.6, 0.4, 0.2])
    assert found.loc["contacts", ["switched", "stayed"]].tolist() == pytest.approx([13 / 5, 14 / 5])
    assert found.loc["contacts", ["switched_units", "stayed_units", "unobserved"]].tolist() == [5, 5, 0]
    assert "handle_seconds" not in found.index, "four cases of one side are too few to compare"
    # Emails have no cost: cases 3 and 5 cost what their other contacts do.
    assert found.loc["cost", "stayed"] == pytest.approx((8 + 15.5 + 16 + 8 + 12) / 5)
    assert found.loc["cost", "switched"] == pytest.approx((11.5 + 19 + 4 + 11.5 + 12) / 5)


def test_an_attempt_that_was_given_up_is_a_change_too_by_hand_count(tmp_path: Path) -> None:
    contacts = chains([*PLAN, (13, ["chat", "chat"])])
    contacts += [
        contact("try", 6, "01-10 12:00", "phone", abandoned=True),  # by phone between two chats: changed
        contact("call", 8, "01-10 12:00", "phone", direction="outbound"),  # our own call is none
        contact("alone", 11, "01-11 09:00", "phone", abandoned=True),  # nobody answered: no second contact
    ]
    found = switched(world(tmp_path, contacts, []))
    assert found.loc["contacts", ["switched_units", "stayed_units"]].tolist() == [6, 5]


def test_contacts_in_the_same_second_by_hand_count(tmp_path: Path) -> None:
    """Which came first goes by the id: a chat and then a call."""
    twins = [
        row
        for key in range(1, 7)
        for row in (contact(f"{key}a", key, "01-10 09:00", "chat"), contact(f"{key}b", key, "01-10 09:00", "phone"))
    ]
    stayed = chains([(key, ["chat", "chat"]) for key in range(11, 17)])
    found = switched(world(tmp_path, twins + stayed, []))
    told = ["switched", "stayed", "switched_units", "stayed_units"]
    assert found.loc["contacts", told].tolist() == pytest.approx([2, 2, 6, 6])


def test_cases_that_cross_an_edge_of_the_extract_are_left_out_by_hand_count(tmp_path: Path) -> None:
    contacts = chains(PLAN)
    contacts += [contact("x", 31, "01-03 09:00", "chat"), contact("y", 31, "01-04 09:00", "phone")]  # opened before?
    contacts += [contact("z", 32, "03-20 09:00", "chat"), contact("w", 32, "03-21 09:00", "phone")]  # not over yet
    found = switched(world(tmp_path, contacts, []))
    assert found.loc["contacts", ["switched_units", "stayed_units", "unobserved"]].tolist() == [5, 5, 2]


@pytest.mark.parametrize("matching", ["any", "reason", "case"])
def test_scores_of_later_contacts_belong_to_their_case_by_hand_count(tmp_path: Path, matching: str) -> None:
    """The opening contacts' own scores count for nothing, nor do those of later cases."""
    plan = [(key, ["chat", "phone" if key <= 6 else "chat"]) for key in range(1, 13)]
    contacts = chains(plan, case_id="one")
    surveys = []
    for key, channels in plan:
        surveys.append(survey("csat", 1, contact_id=f"{key}.0"))
        surveys.append(survey("csat", 4 if channels[1] == "phone" else 5, contact_id=f"{key}.1"))
        contacts.append(contact(f"{key}.later", key, "02-20 09:00", "chat", case_id="two"))
        surveys.append(survey("csat", 2, contact_id=f"{key}.later", asked="2025-02-21 09:00"))
    found = switched(world(tmp_path, contacts, surveys), matching=matching)
    assert found.loc["csat", ["switched", "stayed", "difference"]].tolist() == pytest.approx([4, 5, -1])
    assert found.loc["csat", ["switched_units", "stayed_units"]].tolist() == [6, 6]


def test_changing_channel_over_one_mix_by_hand_count(tmp_path: Path) -> None:
    """A chat opened takes 100 s, a call 300 s, whoever changes; those who open by phone stay more often."""
    plan = [("chat", "phone", 9), ("chat", "chat", 3), ("phone", "chat", 3), ("phone", "phone", 9)]
    contacts: list[dict[str, object]] = [FIRST]
    for opened, then, times in plan:
        for _ in range(times):
            key = len(contacts) // 2 + 1
            length = 100.0 if opened == "chat" else 300.0
            contacts += [
                contact(f"{key}.0", key, "01-20 09:00", opened, handle_seconds=length),
                contact(f"{key}.1", key, "01-21 09:00", then, handle_seconds=0.0),
            ]
    found = switched(world(tmp_path, contacts, []))
    assert found.loc["handle_seconds", "difference"] == pytest.approx(0, abs=1e-9)
    assert found.loc["handle_seconds", ["switched", "stayed"]].tolist() == pytest.approx([200, 200])


def test_too_few_customers_are_left_out(tmp_path: Path) -> None:
    contacts = chains([(key, ["chat", "phone" if key <= 5 else "chat"]) for key in range(1, 41)])
    found = switched(world(tmp_path, contacts, [], more="[definitions]\nsmallest_cell = 6\n"))
    assert set(found["grade_reasons"]) == {"suppressed"}
    assert found[["switched", "stayed", "difference", "switched_units", "stayed_units"]].isna().all(axis=None)


def test_nobody_comes_back_or_nobody_changes(tmp_path: Path) -> None:
    for plan in ([(1, ["chat"]), (2, ["phone"])], [(key, ["chat", "chat"]) for key in range(1, 20)]):
        part = scores(asking(world(tmp_path, chains(plan), [])))
        assert part.frames["switch_cost"].empty
        assert part.readings["switch_cost"] == ()


def test_nameless_contacts_have_no_cases_but_scores(tmp_path: Path) -> None:
    contacts = [contact(f"n{number}", None, "01-10 09:00", "phone" if number % 2 else "chat") for number in range(20)]
    surveys = [survey("csat", 2 + number % 3, contact_id=f"n{number}") for number in range(20)]
    part = scores(asking(world(tmp_path, contacts, surveys)))
    assert part.frames["switch_cost"].empty
    assert part.frames["score_by_resolution"]["resolution"].tolist() == ["unknown"]
    assert part.frames["consistency"].set_index("channel").loc["all", "answers"] == 20


@pytest.mark.parametrize("language", ["en", "fi"])
def test_what_is_said_of_returns_and_changes(tmp_path: Path, language: str) -> None:
    plan = [(key, ["chat", "phone" if key % 2 else "chat"] + ["chat"] * (key % 4 == 0)) for key in range(1, 121)]
    contacts = chains(plan, handle_seconds=60.0)
    surveys = [
        survey("csat", 2 + key % 2 + place, contact_id=f"{key}.{place}") for key, _ in plan for place in range(2)
    ]
    part = scores(asking(world(tmp_path, contacts, surveys)))
    for frame in ("score_by_resolution", "switch_cost"):
        words = [sentence(one, language=language, currency="EUR") for one in part.readings[frame]]
        assert words
        assert not [one for one in words if re.search(r"\bnan\b|{", one)]
