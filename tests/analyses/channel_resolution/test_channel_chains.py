"""Matters of several contacts by hand count: lengths, handle time by place, steps between channels, leaks."""

from __future__ import annotations

import pytest
from drawn import engagement, store
from sqlglot import exp

from rootcause_lib.analyses import analyse_channel_resolution
from rootcause_lib.analyses.channel_resolution.leaks import DIGITAL, ELSEWHERE
from rootcause_lib.statements import template
from rootcause_lib.vocabulary import CHANNELS

ANCHOR = {"start": "2025-01-01 09:00", "customer": 99, "reason": "a"}
"""The first contact of the extract: of what came before it nothing is known."""

DRAWN = [
    ANCHOR,
    # Three contacts about one matter.
    {"start": "2025-02-01 09:00", "customer": 1, "reason": "a", "handle_seconds": 300.0},
    {"start": "2025-02-05 09:00", "customer": 1, "reason": "a", "handle_seconds": 600.0, "channel": "chat"},
    {"start": "2025-02-10 09:00", "customer": 1, "reason": "a", "handle_seconds": 900.0},
    # One alone.
    {"start": "2025-02-01 09:00", "customer": 2, "reason": "a", "handle_seconds": 300.0, "channel": "email"},
    # Two in the same second: the id decides which is first.
    {"start": "2025-02-01 09:00", "customer": 3, "reason": "a", "handle_seconds": 400.0, "channel": "chat"},
    {"start": "2025-02-01 09:00", "customer": 3, "reason": "a", "handle_seconds": 200.0},
    # Two legs of one call.
    {"start": "2025-02-01 09:00", "minutes": 4, "customer": 4, "reason": "a", "handle_seconds": 100.0, "transfers": 1},
    {"start": "2025-02-01 09:04", "minutes": 4, "customer": 4, "reason": "a", "handle_seconds": 200.0},
    # Our callback and an abandoned attempt between two contacts.
    {"start": "2025-02-01 09:00", "customer": 5, "reason": "a", "handle_seconds": 300.0},
    {"start": "2025-02-02 09:00", "customer": 5, "reason": "a", "direction": "outbound", "handle_seconds": 999.0},
    {"start": "2025-02-03 09:00", "customer": 5, "reason": "a", "abandoned": True},
    {"start": "2025-02-04 09:00", "customer": 5, "reason": "a", "handle_seconds": 500.0},
    # The window of the first reaches past the end of the data.
    {"start": "2025-03-25 09:00", "customer": 6, "reason": "a", "handle_seconds": 300.0},
    # That of the second does.
    {"start": "2025-03-10 09:00", "customer": 7, "reason": "a", "handle_seconds": 300.0},
    {"start": "2025-03-22 09:00", "customer": 7, "reason": "a", "handle_seconds": 700.0, "channel": "chat"},
    # Two matters at once, one without a handle time.
    {"start": "2025-02-01 09:00", "customer": 8, "reason": "a", "handle_seconds": 300.0},
    {"start": "2025-02-02 09:00", "customer": 8, "reason": "b"},
    # Nobody known.
    {"start": "2025-02-01 09:00", "reason": "a", "handle_seconds": 5000.0},
    {"start": "2025-02-02 09:00", "reason": "a", "handle_seconds": 5000.0, "channel": "email"},
]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    settings = engagement(tmp_path_factory.mktemp("chains"), until="2025-03-31")
    return analyse_channel_resolution(store(settings, DRAWN), matching="reason")


def test_lengths_of_cases_by_hand_count(result):
    """Seen from end to end: four cases of one contact, two of two, one of three; three more are not."""
    found = result.snowballs.set_index("length")
    assert found["cases"].to_dict() == {"1": 4, "2": 2, "3": 1, "4": 0, "5+": 0, "3+": 1}
    assert found["contacts"].to_dict() == {"1": 4, "2": 4, "3": 3, "4": 0, "5+": 0, "3+": 3}
    assert set(found["unobserved"]) == {3}
    # First contacts followed: 8, of which 4 went on; second ones: 3, of which 1 did; the third ended it.
    shares = {"1": 1 / 2, "2": 1 / 3, "3": 1 / 6, "4": 0, "5+": 0, "3+": 1 / 6}
    assert found["case_share"].to_dict() == pytest.approx(shares)
    volumes = {"1": 0.3, "2": 0.4, "3": 0.3, "4": 0, "5+": 0, "3+": 0.3}
    assert found["volume_share"].to_dict() == pytest.approx(volumes)
    assert set(found["opened"]) == {8}
    assert set(found["denominator"]) == {14}
    assert set(found["customers"]) == {8}
    assert ((found["low"] <= found["volume_share"]) & (found["volume_share"] <= found["high"])).all()


def test_one_and_done_by_hand_count(result):
    """Of 12 contacts with a whole window on both sides 4 are alone; the anchor, the last and one more are unknown."""
    found = result.metrics.query("metric == 'one_and_done' and channel == 'all'").iloc[0]
    assert (found["numerator"], found["denominator"], found["unobserved"]) == (4, 12, 3)


def test_handle_time_by_place_in_the_case_by_hand_count(result):
    found = result.snowball_positions.set_index("position")
    assert list(found.index) == ["1", "2", "3"]
    assert found["contacts"].to_dict() == {"1": 8, "2": 4, "3": 1}
    assert found["handle_seconds"].to_dict() == pytest.approx({"1": 312.5, "2": 500, "3": 900})
    assert found["ratio_to_first"].to_dict() == pytest.approx({"1": 1, "2": 1.6, "3": 2.88})
    assert found["unobserved"].to_dict() == {"1": 1, "2": 0, "3": 0}
    assert found["customers"].to_dict() == {"1": 8, "2": 4, "3": 1}


def test_later_contacts_are_compared_in_the_same_matters_by_hand_count(tmp_path):
    """Hard matters need one contact, easy ones two: later contacts take twice as long in the same matter, not half."""
    drawn = [ANCHOR]
    for customer in range(1, 6):
        drawn += [
            {"start": "2025-02-01 09:00", "customer": customer, "reason": "easy", "handle_seconds": 100.0 + customer},
            {
                "start": "2025-02-03 09:00",
                "customer": customer,
                "reason": "easy",
                "handle_seconds": 200.0 + 2 * customer,
            },
            {"start": "2025-02-01 09:00", "customer": 10 + customer, "reason": "hard", "handle_seconds": 1000.0},
        ]
    settings = engagement(tmp_path, until="2025-03-31")
    found = analyse_channel_resolution(store(settings, drawn), matching="reason").snowball_positions
    second = found.set_index("position").loc["2"]
    assert second["handle_seconds"] == pytest.approx(206)
    assert second["ratio_to_first"] == pytest.approx(2.0)
    assert second["ratio_low"] == pytest.approx(2.0, abs=0.05)


def test_steps_between_channels_by_hand_count(result):
    found = result.steps.set_index(["step", "from_channel", "to_channel"])
    assert found["cases"].to_dict() == {
        (1, "phone", "phone"): 1, (1, "phone", "chat"): 2, (1, "phone", "ended"): 3, (1, "email", "ended"): 1,
        (1, "chat", "phone"): 1, (2, "phone", "ended"): 2, (2, "chat", "phone"): 1,
    }  # fmt: skip
    share = found["share"]
    assert share[(1, "phone", "chat")] == pytest.approx(2 / 8)
    # Two cases reach chat with their second contact; the one whose window is seen goes on to the phone.
    assert share[(2, "chat", "phone")] == pytest.approx(2 / 8)
    assert share[(2, "phone", "ended")] == pytest.approx(2 / 8)
    assert share.groupby("step").sum().to_dict() == pytest.approx({1: 1, 2: 1 / 2})
    assert found["unobserved"][(2, "chat", "phone")] == 1
    assert found["unobserved"][(1, "phone", "chat")] == 1
    assert set(found["denominator"]) == {8}


def test_leaks_by_hand_count(result):
    """Two chats can be followed: one was called about in the same second, the other five days later."""
    found = result.leaks
    assert found[["from_channel", "to_channel"]].to_numpy().tolist() == [["chat", "phone"]]
    row = found.iloc[0]
    assert (row["contacts"], row["denominator"], row["unobserved"], row["customers"]) == (2, 2, 1, 2)
    assert row["share"] == 1
    assert row["quick_share"] == 1 / 2
    assert row["hours_until"] <= 1 / 6


def test_an_abandoned_call_after_a_chat_is_a_leak_by_hand_count(tmp_path):
    """To the customer it is a second attempt; the callback is ours; by another channel of that kind it is no leak."""
    drawn = [ANCHOR]
    for customer in range(1, 5):
        drawn.append({"start": "2025-02-01 09:00", "customer": customer, "reason": "a", "channel": "chat"})
    drawn += [
        {"start": "2025-02-01 12:05", "customer": 1, "reason": "a", "abandoned": True},
        {"start": "2025-02-02 09:00", "customer": 2, "reason": "a", "direction": "outbound"},
        {"start": "2025-02-02 09:00", "customer": 3, "reason": "a", "channel": "email"},
        {"start": "2025-02-16 09:00", "customer": 4, "reason": "a"},
    ]
    settings = engagement(tmp_path, until="2025-03-31")
    found = analyse_channel_resolution(store(settings, drawn), matching="reason").leaks
    assert found[["from_channel", "to_channel", "contacts", "denominator"]].to_numpy().tolist() == [
        ["chat", "phone", 1.0, 4.0]
    ]
    assert found["hours_until"].iloc[0] == pytest.approx(3 + 5 / 60, abs=1 / 6)
    assert found["quick_share"].iloc[0] == 0


def test_half_of_the_leaks_come_within_the_median_by_hand_count(tmp_path):
    drawn = [ANCHOR]
    for customer, hours in enumerate((1, 2, 3, 30, 31, 32, 33), start=1):
        day, hour = 1 + (9 + hours) // 24, (9 + hours) % 24
        drawn += [
            {"start": "2025-02-01 09:00", "customer": customer, "reason": "a", "channel": "self_service"},
            {"start": f"2025-02-{day:02d} {hour:02d}:30", "customer": customer, "reason": "a"},
        ]
    settings = engagement(tmp_path, until="2025-03-31")
    row = analyse_channel_resolution(store(settings, drawn), matching="reason").leaks.iloc[0]
    assert 30 <= row["hours_until"] <= 31
    assert row["hours_low"] < row["hours_until"] < row["hours_high"]


def test_flow_and_leaks_count_the_same_contacts_by_identity(result):
    flow = result.flow.set_index(["from_channel", "to_channel"])["contacts"]
    leaks = result.leaks.set_index(["from_channel", "to_channel"])["contacts"]
    assert leaks.to_dict() == {pair: flow[pair] for pair in leaks.index}


def test_the_statements_name_the_digital_channels_of_the_analysis():
    for name in ("leaks", "leak_hours"):
        listed = next(iter(template(name).find_all(exp.In)))
        assert {one.name for one in listed.expressions} == set(DIGITAL)
    assert set(CHANNELS) - set(DIGITAL) - set(ELSEWHERE) == {"other"}


@pytest.mark.parametrize("matching", ["any", "case"])
def test_other_rules_find_other_cases_by_hand_count(tmp_path, matching):
    drawn = [
        ANCHOR,
        {"start": "2025-02-01 09:00", "customer": 1, "reason": "a", "case_id": "K1"},
        {"start": "2025-02-03 09:00", "customer": 1, "reason": "b", "case_id": "K1"},
        {"start": "2025-02-05 09:00", "customer": 1, "reason": "b", "case_id": "K2"},
        {"start": "2025-02-05 09:00", "customer": 2, "reason": "b"},
    ]
    settings = engagement(tmp_path, until="2025-03-31")
    found = analyse_channel_resolution(store(settings, drawn), matching=matching).snowballs.set_index("length")
    # By any further contact customer 1 has one case of three; by case id one of two and one of one; no id, no case.
    expected = {"any": {"1": 1, "2": 0, "3": 1}, "case": {"1": 1, "2": 1, "3": 0}}[matching]
    assert found["cases"][["1", "2", "3"]].to_dict() == expected


@pytest.mark.parametrize(
    "drawn",
    [
        [ANCHOR],
        [{**ANCHOR, "customer": None}, {"start": "2025-02-01 09:00"}],
        [ANCHOR, *({"start": f"2025-02-{day:02d} 09:00", "customer": day} for day in range(1, 20))],
        [ANCHOR, *({"start": f"2025-02-{day:02d} 09:00", "customer": 1, "reason": "a"} for day in range(1, 20))],
        [ANCHOR, *({"start": f"2025-03-30 0{hour}:30", "customer": 7, "channel": "chat"} for hour in "1234")],
    ],
    ids=["one contact", "nobody known", "no reasons, nobody returns", "one endless case", "the night of the clocks"],
)  # fmt: skip
@pytest.mark.parametrize("matching", ["any", "reason", "case"])
def test_poor_input_is_graded_and_never_a_crash(tmp_path, drawn, matching):
    found = analyse_channel_resolution(store(engagement(tmp_path, until="2025-03-31"), drawn), matching=matching)
    for name in ("snowballs", "snowball_positions", "steps", "leaks", "next_issue"):
        frame = found.frames[name]
        assert set(frame["grade"]) <= set("ABCD")
        if name != "next_issue" and len(frame):
            assert (frame["grade"] != "A").all(), name


def test_small_cells_and_hidden_channels_stay_out(tmp_path):
    """Six customers went from phone to chat, two from phone to a store: those two, and whoever gives them back, go."""
    drawn = [ANCHOR]
    customer = 0
    for channel, number in (("chat", 6), ("store", 2), ("email", 7), (None, 40)):
        for _ in range(number):
            customer += 1
            drawn.append({"start": "2025-02-01 09:00", "customer": customer, "reason": "a"})
            if channel:
                drawn.append({"start": "2025-02-04 09:00", "customer": customer, "reason": "a", "channel": channel})
    for more in range(30):
        for channel in ("chat", "store", "email"):
            drawn.append(
                {"start": "2025-02-01 09:00", "customer": 1000 + 3 * more, "reason": channel, "channel": channel}
            )
    settings = engagement(tmp_path, until="2025-03-31", more="[definitions]\nsmallest_cell = 5\n")
    found = analyse_channel_resolution(store(settings, drawn), matching="reason").steps
    cells = found.set_index(["step", "from_channel", "to_channel"])
    assert cells.loc[(1, "phone", "store"), "grade_reasons"] == "suppressed"
    hidden = cells[cells["grade_reasons"] == "suppressed"]
    assert hidden[["cases", "share", "low", "high"]].isna().all(axis=None)
    assert len(hidden) >= 2, "one cell left out alone is given back by the others"
    assert cells["cases"].notna().any()
