"""Scores by channel: hand counts of who was asked about what, of means over one mix, and of verdicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn.answers import asking, scored, survey, world

from rootcause_lib.analyses.channel_resolution.answers import keep_answers
from rootcause_lib.analyses.channel_resolution.scores import CONSISTENCY, consistency, scores
from rootcause_lib.prose import sentence

PHONE, CHAT = [5, 5, 4, 4, 3], [3, 3, 2, 4, 3]


def by_channel(made, metric: str = "csat", **asked: object) -> pd.DataFrame:
    question = asking(made, **asked)
    found = consistency(question, keep_answers(question))
    assert tuple(found.columns) == CONSISTENCY
    return found[found["metric"] == metric].set_index("channel")


def said(made, frame: str = "consistency") -> list[str]:
    found = scores(asking(made)).readings[frame]
    return [sentence(one, language="en", currency="EUR").replace("\u00a0", " ") for one in found]


def test_means_and_difference_of_one_matter_by_hand_count(tmp_path: Path) -> None:
    found = by_channel(world(tmp_path, *scored({"phone": PHONE, "chat": CHAT})))
    assert found["score"].to_dict() == pytest.approx({"all": 3.6, "phone": 4.2, "chat": 3.0})
    assert found["answers"].to_dict() == {"all": 10, "phone": 5, "chat": 5}
    chat = found.loc["chat"]
    # Squares about the means are 2.8 and 2.0 of five answers each: 10/9 (2.8 + 2.0) / 25; the pooled spread,
    # 4.8 / 9 (1/5 + 1/5), is the same; Student's t of 4 degrees is 2.7764.
    reach = 2.7764 * np.sqrt(10 / 9 * 4.8 / 25)
    assert [chat["difference"], chat["difference_low"], chat["difference_high"]] == pytest.approx(
        [-1.2, -1.2 - reach, -1.2 + reach], abs=1e-3
    )
    ninety = 2.1318 * np.sqrt(10 / 9 * 4.8 / 25)
    assert [chat["equivalence_low"], chat["equivalence_high"]] == pytest.approx(
        [-1.2 - ninety, -1.2 + ninety], abs=1e-3
    )
    phone = found.loc["phone"]
    assert [phone["difference"], phone["difference_low"], phone["difference_high"], phone["odds_ratio"]] == [0, 0, 0, 1]
    assert phone["verdict"] is None or pd.isna(phone["verdict"])
    assert chat["odds_ratio"] < 1


def test_over_one_mix_the_naive_difference_goes_by_hand_count(tmp_path: Path) -> None:
    """Both channels get 5, 4, 3 about bills and 3, 2, 1 about faults; the chat gets faults three times as often."""
    easy = scored({"phone": [5, 4, 3] * 9, "chat": [5, 4, 3] * 3})
    hard = scored({"phone": [3, 2, 1] * 3, "chat": [3, 2, 1] * 9}, reason="fault", first=100)
    found = by_channel(world(tmp_path, easy[0] + hard[0], easy[1] + hard[1]))
    assert found["naive"].to_dict() == pytest.approx({"all": 3.0, "phone": 3.5, "chat": 2.5})
    assert found["score"].to_dict() == pytest.approx({"all": 3.0, "phone": 3.0, "chat": 3.0})
    assert found.loc["chat", "difference"] == pytest.approx(0, abs=1e-9)
    assert found.loc["chat", "odds_ratio"] == pytest.approx(1, abs=1e-6)


def test_a_matter_of_one_channel_alone_is_not_compared_by_hand_count(tmp_path: Path) -> None:
    both, alone = scored({"phone": PHONE, "chat": CHAT}), scored({"chat": [1] * 6}, reason="fault", first=100)
    found = by_channel(world(tmp_path, both[0] + alone[0], both[1] + alone[1]))
    assert found.loc["chat", ["score", "answers", "difference"]].tolist() == pytest.approx([3.0, 5, -1.2])
    assert found.loc["chat", "naive"] == pytest.approx((15 + 6) / 11)
    assert found.loc["all", "answers"] == 16


CONTACTS = (
    {"contact_id": "a", "customer": 1, "channel": "phone", "start": "2025-01-10 09:00"},
    {"contact_id": "b", "customer": 1, "channel": "chat", "start": "2025-01-20 09:00"},
    {"contact_id": "c", "customer": 1, "channel": "email", "start": "2025-01-20 09:00"},
    {"contact_id": "d", "customer": 2, "channel": "phone", "start": "2025-01-10 09:00", "conversation_id": "x"},
    {"contact_id": "e", "customer": 2, "channel": "phone", "start": "2025-01-10 09:10", "conversation_id": "x"},
    {"contact_id": "f", "customer": 3, "channel": "phone", "start": "2025-01-12 09:00", "direction": "outbound"},
    {"contact_id": "g", "channel": "store", "start": "2025-01-12 10:00"},
    {"contact_id": "h", "customer": 4, "channel": "phone", "start": "2025-01-05 10:00"},
    {"contact_id": "i", "customer": 5, "channel": "phone", "start": "2024-12-20 10:00"},
    {"contact_id": "j", "customer": 6, "channel": "phone", "start": "2025-01-12 10:00", "abandoned": True},
)
QUESTIONS = (
    survey("csat", 5, contact_id="a"),
    survey("csat", None, contact_id="a"),
    survey("csat", 4, contact_id="e"),  # a later leg: its contact began by phone
    survey("csat", 1, contact_id="f"),  # about our own call
    survey("csat", 2, contact_id="g"),  # nobody known, but somebody
    survey("csat", 1, contact_id="zz"),  # no such contact
    survey("csat", 3, customer_key=1, asked="2025-01-25 09:00"),  # two contacts at once: the later one, by email
    survey("csat", 2, customer_key=1, asked="2025-01-10 09:00"),  # asked in the very second
    survey("csat", 1, customer_key=4, asked="2025-01-19 10:00"),  # fourteen days after: too long ago
    survey("csat", 1, customer_key=1, asked="2025-01-01 09:00"),  # before any contact
    survey("csat", 1),  # about nobody
    survey("csat", 1, contact_id="i"),  # before the period
    survey("csat", 2, contact_id="j"),  # an attempt that was given up
    survey("enps", 1, contact_id="a"),  # asked of employees
)


def test_which_answers_are_about_which_contacts_by_hand_count(tmp_path: Path) -> None:
    found = by_channel(world(tmp_path, CONTACTS, QUESTIONS))
    assert found["answers"].to_dict() == {"all": 6, "phone": 4, "email": 1, "store": 1}
    assert found["naive"].to_dict() == pytest.approx({"all": 18 / 6, "phone": 13 / 4, "email": 3, "store": 2})
    assert found["unobserved"].to_dict() == {"all": 1, "phone": 1, "email": 0, "store": 0}
    assert found["response_share"].to_dict() == pytest.approx({"all": 6 / 7, "phone": 4 / 5, "email": 1, "store": 1})


def test_the_only_names_are_of_the_usual_metrics(tmp_path: Path) -> None:
    question = asking(world(tmp_path, CONTACTS, QUESTIONS))
    assert set(consistency(question, keep_answers(question))["metric"]) == {"csat"}


def test_answers_on_another_scale_are_left_out_and_told_by_hand_count(tmp_path: Path) -> None:
    contacts, surveys = scored({"phone": [7, 6, 5, 6, 7], "chat": [3, 2, 3, 4, 3]}, metric="ces")
    old = [
        survey("ces", 1, contact_id="bill1", scale_high=5.0, direction="lower_is_better"),
        survey("ces", 5, contact_id="bill2", scale_high=5.0, direction="lower_is_better"),
        survey("ces", 2, contact_id="bill3", scale_low=None, scale_high=None),
    ]
    made = world(tmp_path, contacts, surveys + old)
    found = by_channel(made, "ces")
    assert found["answers"].to_dict() == {"all": 10, "phone": 5, "chat": 5}
    assert found.loc["all", ["scale_low", "scale_high"]].tolist() == [1, 7]
    assert any("3 answers" in words and "left out" in words for words in said(made))


def test_where_less_is_better_odds_are_of_the_better_answer(tmp_path: Path) -> None:
    contacts, surveys = scored({"phone": PHONE, "chat": CHAT})
    worse = [row | {"direction": "lower_is_better"} for row in surveys]
    more, less = (by_channel(world(tmp_path, contacts, rows)) for rows in (surveys, worse))
    assert less.loc["chat", "difference"] == more.loc["chat", "difference"] == pytest.approx(-1.2)
    assert less.loc["chat", "odds_ratio"] == pytest.approx(1 / more.loc["chat", "odds_ratio"])
    assert less.loc["chat", "odds_low"] == pytest.approx(1 / more.loc["chat", "odds_high"])
    assert any("low answer is the good one" in words for words in said(world(tmp_path, contacts, worse)))


def test_promoters_less_detractors_by_hand_count(tmp_path: Path) -> None:
    made = world(tmp_path, *scored({"phone": [10, 9, 8, 7, 6], "chat": [0, 6, 9, 9, 10]}, metric="nps"))
    found = by_channel(made, "nps")
    assert found["score"].to_dict() == pytest.approx({"all": 20, "phone": 20, "chat": 20})
    assert found.loc["chat", "difference"] == pytest.approx(0, abs=1e-9)
    # Adjusted Wald by Rocks 2016 of five promoters, two passives and three detractors, three answers added.
    p, d, n = 5.75, 3.75, 13
    reach = 1.959964 * np.sqrt(((p + d) / n - ((p - d) / n) ** 2) / n)
    low, high = 100 * ((p - d) / n - reach), 100 * ((p - d) / n + reach)
    assert found.loc["all", ["low", "high"]].tolist() == pytest.approx([low, high], abs=0.01)


def test_few_alike_answers_are_no_proof_of_likeness(tmp_path: Path) -> None:
    made = world(tmp_path, *scored({"phone": [10, 9, 2, 7, 8, 6, 10], "chat": [10] * 5}, metric="nps"))
    chat = by_channel(made, "nps").loc["chat"]
    assert chat["score"] == pytest.approx(100)
    assert chat["low"] < 90
    assert chat["high"] == 100


def test_answers_of_one_customer_are_no_more_than_one_by_identity(tmp_path: Path) -> None:
    """Every answer given three times by the same customer: three times the answers, no more certainty."""
    contacts, surveys = scored({"phone": PHONE * 8, "chat": CHAT * 8})
    once, thrice = (by_channel(world(tmp_path, contacts, surveys * times)).loc["chat"] for times in (1, 3))
    assert thrice["answers"] == 3 * once["answers"]
    assert thrice["customers"] == once["customers"]
    widths = [row["difference_high"] - row["difference_low"] for row in (once, thrice)]
    assert widths[1] == pytest.approx(widths[0], rel=0.05)
    odds = [np.log(row["odds_high"] / row["odds_low"]) for row in (once, thrice)]
    assert odds[1] == pytest.approx(odds[0], rel=0.1)


MARGIN = "[definitions]\nequivalence = {{ csat = {margin}, agreed_on = 2024-12-01 }}\n"


@pytest.mark.parametrize(
    ("margin", "chat", "verdict"),
    [
        (0.5, [4, 3], "consistent"),
        (0.5, [2, 1], "not_consistent"),
        (0.1, [4, 3], "undecided"),
        (2.0, [2, 1], "undecided"),
    ],
)
def test_verdicts_against_the_agreed_margin_by_hand_count(
    tmp_path: Path, margin: float, chat: list[float], verdict: str
) -> None:
    """Means of 3.5 and of 3.5 or 1.5: a difference of 0, or of 2, give or take 0.15."""
    scores_given = {"phone": [4, 3] * 30, "chat": chat * 30}
    made = world(tmp_path, *scored(scores_given), more=MARGIN.format(margin=margin))
    found = by_channel(made)
    assert found.loc["chat", "verdict"] == verdict
    assert found.loc["chat", "margin"] == margin
    words = " ".join(said(made))
    assert "agreed on" in words
    assert {"consistent": "smaller than", "not_consistent": "larger than", "undecided": "do not settle"}[
        verdict
    ] in words


def test_no_margin_no_verdict(tmp_path: Path) -> None:
    made = world(tmp_path, *scored({"phone": PHONE, "chat": CHAT}))
    assert by_channel(made)["verdict"].dropna().tolist() == ["no_margin"]
    assert any("nobody has agreed" in words for words in said(made))
    dated = world(
        tmp_path, *scored({"phone": PHONE, "chat": CHAT}), more="[definitions]\nequivalence = { csat = 0.2 }\n"
    )
    assert any("does not say when" in words for words in said(dated))


def test_rated_items_stand_as_metrics_of_their_own_by_hand_count(tmp_path: Path) -> None:
    contacts, surveys = scored({"phone": [*PHONE, 4], "chat": CHAT})
    rated = [row | {"ease": None if place == 0 else 6 - float(row["score"])} for place, row in enumerate(surveys)]  # type: ignore[arg-type]
    found = by_channel(world(tmp_path, contacts, rated, items=["ease"]), "ease")
    assert found["answers"].to_dict() == {"all": 10, "phone": 5, "chat": 5}
    assert found["score"].to_dict() == pytest.approx({"all": 2.5, "phone": 2.0, "chat": 3.0})
    assert found["response_share"].to_dict() == pytest.approx({"all": 10 / 11, "phone": 5 / 6, "chat": 1.0})
    assert found.loc["chat", "verdict"] == "no_margin"


def test_what_was_going_on_is_part_of_the_matter_by_hand_count(tmp_path: Path) -> None:
    """Customers with an event in the four weeks before, or one still open, score two points less in either channel."""
    contacts, surveys = scored({"phone": [5] * 8 + [3] * 2, "chat": [5] * 2 + [3] * 8})
    made = world(tmp_path, contacts, surveys)
    troubled = [row["customer"] for row, asked in zip(contacts, surveys, strict=True) if asked["score"] == 3]
    from drawn import at
    from planted import fill

    rows = [
        {"event_id": f"e{key}", "customer_key": key, "process": "late",
         "started_seconds": at("2025-01-05 09:00" if key % 2 else "2024-11-05 09:00"),
         "ended_seconds": None if key % 2 else at("2025-02-01 09:00")}
        for key in troubled
    ]  # fmt: skip
    rows.append({"event_id": "old", "customer_key": 1, "process": "late", "started_seconds": at("2024-12-01 09:00"),
                 "ended_seconds": at("2024-12-05 09:00")})  # fmt: skip
    fill(made.engine, "process_events", pd.DataFrame(rows).astype({"ended_seconds": "Int64"}))
    found = by_channel(made)
    assert found.loc["chat", "naive"] - found.loc["phone", "naive"] == pytest.approx(-1.2)
    assert found.loc["chat", "difference"] == pytest.approx(0, abs=1e-9)


def test_small_channels_are_left_out_everywhere(tmp_path: Path) -> None:
    given = {"phone": PHONE * 4, "chat": CHAT * 4, "email": [4, 4, 3, 5, 4, 3], "store": [1, 2, 1]}
    made = world(tmp_path, *scored(given), more="[definitions]\nsmallest_cell = 5\n")
    part = scores(asking(made))
    found = part.frames["consistency"].set_index("channel")
    assert found.loc["store", "grade_reasons"] == "suppressed"
    shown = [name for name in found.index if found.loc[name, "grade_reasons"] != "suppressed"]
    assert {"all", "phone", "chat"} <= set(shown)
    assert "email" not in shown, "else 29 answers less the shown ones would tell the store's"
    numbers = found.loc["store"].drop(["metric", "level", "scale_low", "scale_high", "direction", "margin", "method",
                                       "claim", "grade", "grade_reasons"])  # fmt: skip
    assert numbers.isna().all()


@pytest.mark.parametrize(
    "given",
    [{"phone": PHONE}, {"chat": CHAT}, {"phone": [3] * 6, "chat": [3] * 6}, {"phone": [5], "chat": [1]},
     {"phone": PHONE, "chat": [4, 4, 5]}, {"phone": [5] * 9, "chat": [1] * 9}],
)  # fmt: skip
def test_thin_data_are_graded_and_never_a_crash(tmp_path: Path, given: dict[str, list[float]]) -> None:
    made = world(tmp_path, *scored(given))
    part = scores(asking(made))
    found = part.frames["consistency"].set_index("channel")
    assert set(found.index) == {"all", *given}
    assert found["naive"].notna().all()
    assert set(found["grade"]) == {"D"}, "none of these has thirty customers"
    for language in ("en", "fi"):
        for one in (*part.headline, *part.cannot_tell, *part.readings["consistency"]):
            assert "nan" not in sentence(one, language=language, currency="EUR")


def test_no_answers_say_so(tmp_path: Path) -> None:
    contacts, _ = scored({"phone": PHONE})
    part = scores(asking(world(tmp_path, contacts, [])))
    assert all(part.frames[name].empty for name in ("consistency", "score_by_resolution"))
    assert [one.key for one in part.cannot_tell] == ["channel_scores.no_answers"]
    unanswered = scores(asking(world(tmp_path, contacts, [survey("csat", None, contact_id="bill1")])))
    assert unanswered.frames["consistency"].empty


def test_contacts_without_reasons_are_one_matter(tmp_path: Path) -> None:
    contacts, surveys = scored({"phone": PHONE, "chat": CHAT})
    found = by_channel(world(tmp_path, [{**row, "reason": None} for row in contacts], surveys))
    assert found.loc["chat", "difference"] == pytest.approx(-1.2)
