"""Texts against codes: a drawn client whose texts say plainly what they are about, and what clients get wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import fill, read

from rootcause_lib.analyses.root_cause import topic_agreement, topic_disagreements, topic_shares, topic_texts
from rootcause_lib.analyses.root_cause.topics import Topics, topics
from rootcause_lib.analyses.root_cause.topics_dictionary import FRAMES
from rootcause_lib.periods import Period
from rootcause_lib.prose import sentence
from rootcause_lib.store import Store

PERIOD = Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31))
SAID = {
    "bill": ["laskussa on väärä summa", "lasku on liian suuri", "maksoin laskun kahteen kertaan"],
    "delivery": ["paketti on myöhässä", "tilaus ei ole saapunut", "milloin toimitus tulee perille"],
    "outage": ["verkko ei toimi", "yhteys katkeaa koko ajan", "netti on poikki"],
}
ENDINGS = ["kiitos", "auttakaa", "hei", "terveisin", "pikaisesti", "odotan vastausta"]


def planted(number: int = 600, *, wrong: float = 0.2, seed: int = 1) -> pd.DataFrame:
    """Contacts of people who come twice: what each is about (`matter`), its code, and its text."""
    rng = np.random.default_rng(seed)
    matter = rng.choice(list(SAID), number, p=[0.5, 0.3, 0.2])
    other = np.array([{"bill": "delivery", "delivery": "bill", "outage": "bill"}[one] for one in matter])
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(number) % 360, unit="D")
    return pd.DataFrame(
        {
            "customer": np.arange(number) // 2 + 1,
            "start": days.strftime("%Y-%m-%d 09:00"),
            "matter": matter,
            "reason": np.where(rng.random(number) < wrong, other, matter),
            "text": [f"{rng.choice(SAID[one])} {rng.choice(ENDINGS)} {rng.choice(ENDINGS)}" for one in matter],
            "channel": "email",
        }
    )


def world(
    folder: Path, rows: pd.DataFrame, *, audited: int | None = None, smallest: int = 5, coder: str = "adjudicated"
) -> Store:
    """A stitched store of the rows; the first `audited` of them were looked at and found to be about their matter."""
    settings = engagement(folder, more=f"[definitions]\nsmallest_cell = {smallest}\n", until="2025-12-31")
    contacts = rows.drop(columns=["matter", "text"]).to_dict("records")
    made = store(settings, [{name: value for name, value in row.items() if pd.notna(value)} for row in contacts])
    ids = [f"c{number:03d}" for number in range(len(rows))]
    keys = read(made, "contacts").set_index("contact_id")["contact_key"].reindex(ids).to_numpy()
    texts = pd.DataFrame({"contact_key": keys, "text": rows["text"].to_numpy()}).dropna()
    if len(texts):
        fill(made.engine, "contact_texts", texts)
    found = pd.DataFrame({"contact_id": ids, "coder": coder, "reason": rows["matter"].to_numpy()}).head(
        len(rows) if audited is None else audited
    )
    present = made.intake.present
    if len(found):
        fill(made.engine, "audits", found)
        present = (*present, "audits")
    return dataclasses.replace(made, intake=dataclasses.replace(made.intake, present=present))


def test_shares_by_text_are_the_true_ones_by_hand_count(tmp_path: Path) -> None:
    """Plain texts are sorted rightly, so that shares are what was planted, whatever the codes say."""
    rows = planted()
    found = topics(world(tmp_path, rows, audited=300), PERIOD).text_topics.set_index("reason")
    true, coded = (rows[name].value_counts(normalize=True) for name in ("matter", "reason"))
    for reason in SAID:
        assert found.loc[reason, "contacts"] == (rows["matter"] == reason).sum()
        assert found.loc[reason, "predicted_share"] == pytest.approx(true[reason])
        assert found.loc[reason, "text_share"] == pytest.approx(true[reason])
        assert found.loc[reason, "coded_share"] == pytest.approx(coded[reason])
        assert found.loc[reason, "audited"] == (rows["matter"].head(300) == reason).sum()
    assert (found["low"] < found["text_share"]).all()
    assert (found["text_share"] < found["high"]).all()
    assert (found["unobserved"] == 0).all()


def test_wrong_codes_are_counted_by_hand_count(tmp_path: Path) -> None:
    """With every contact audited the share of wrong codes is that of the contacts themselves."""
    rows = planted(400)
    found = topics(world(tmp_path, rows), PERIOD).text_agreement.set_index(["measure", "between"])
    assert found.loc[("miscoding", "codes_audit"), "value"] == pytest.approx((rows["matter"] != rows["reason"]).mean())
    assert found.loc[("accuracy", "text_audit"), "value"] == 1
    assert found.loc[("alpha", "text_audit"), "value"] == pytest.approx(1)
    assert found.loc[("alpha", "text_audit"), "verdict"] == "usable"
    assert found.loc[("alpha", "text_codes"), "verdict"] == ""


def test_texts_sharpen_the_share_of_wrong_codes_by_planted_truth(tmp_path: Path) -> None:
    """Fifty audits of a hundred leave the true share inside, in a narrower interval than the audit alone gives."""
    rows = planted(3000, wrong=0.3, seed=4)
    row = topics(world(tmp_path, rows, audited=150), PERIOD).text_agreement.set_index("measure").loc["miscoding"]
    assert row["low"] < (rows["matter"] != rows["reason"]).mean() < row["high"]
    assert row["high"] - row["low"] < 0.8 * 2 * 1.96 * (0.3 * 0.7 / 150) ** 0.5


def test_disagreements_are_counted_by_hand_count(tmp_path: Path) -> None:
    rows = planted()
    found = topics(world(tmp_path, rows, audited=300), PERIOD).text_disagreements.set_index(["coded", "by_text"])
    for (coded, matter), row in found.iterrows():
        own = rows[rows["reason"] == coded]
        assert coded != matter
        assert row["contacts"] == (own["matter"] == matter).sum()
        assert row["denominator"] == len(own)
        assert row["share"] == pytest.approx((own["matter"] == matter).mean())
        assert row["by_mistake"] == 0
        assert row["grade"] >= "C"
    assert found["contacts"].is_monotonic_decreasing
    assert ("outage", "bill") not in found.index


def test_pairs_of_few_customers_are_not_listed_nor_given_back_by_hand_count(tmp_path: Path) -> None:
    """Three contacts coded outage are about bills: not listed; with them alone left over, another pair goes too."""
    rows = planted(500, wrong=0.0)
    outages = rows.index[rows["matter"] == "outage"]
    rows.loc[outages[:40:2], "reason"] = "bill"
    rows.loc[rows.index[rows["matter"] == "bill"][:6:2], "reason"] = "outage"
    found = topics(world(tmp_path, rows, audited=300), PERIOD).text_disagreements
    pairs = set(zip(found["coded"], found["by_text"], strict=True))
    assert ("outage", "bill") not in pairs
    assert ("bill", "outage") in pairs
    everyone = topics(world(tmp_path, rows, audited=300, smallest=1), PERIOD).text_disagreements
    assert ("outage", "bill") in set(zip(everyone["coded"], everyone["by_text"], strict=True))


def test_batches_and_one_reading_say_the_same_by_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(tmp_path, planted(300), audited=150)
    whole = topics(made, PERIOD)
    monkeypatch.setattr(topic_texts, "BATCH", 7)
    parts = topics(made, PERIOD)
    for name in ("text_topics", "text_agreement", "text_disagreements"):
        pd.testing.assert_frame_equal(whole.frames[name], parts.frames[name])


def test_many_texts_are_drawn_and_the_intervals_know_it_by_planted_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = planted(2000)
    made = world(tmp_path, rows, audited=400)
    monkeypatch.setattr(topic_texts, "MOST_TEXTS", 500)
    found = topics(made, PERIOD)
    drawn = found.text_topics["denominator"].iloc[0]
    assert 400 < drawn < 600
    assert found.text_topics["contacts"].sum() == drawn
    true = rows["matter"].value_counts(normalize=True).reindex(found.text_topics["reason"]).to_numpy()
    assert ((found.text_topics["low"] < true) & (true < found.text_topics["high"])).all()
    assert "drawn" in [reading.key.split(".")[1] for reading in found.readings["text_topics"]]


def test_contacts_without_a_text_are_said_to_be_unknown_by_hand_count(tmp_path: Path) -> None:
    rows = planted(600)
    rows.loc[400:, "text"] = None
    rows.loc[380:399, "text"] = "  "
    found = topics(world(tmp_path, rows, audited=300), PERIOD)
    assert found.text_topics["denominator"].iloc[0] == 380
    assert found.text_topics["unobserved"].iloc[0] == pytest.approx(200 / 600)
    assert (found.text_topics["grade"] > "B").all()
    assert found.text_topics["grade_reasons"].str.contains("low_response").all()
    assert [one.key for one in found.cannot_tell] == ["root_cause_text.without_text"]


def empty(found: Topics) -> bool:
    return found.text_topics.empty and found.text_agreement.empty and found.text_disagreements.empty


@pytest.mark.parametrize(
    ("change", "audited", "untold"),
    [
        ({"text": None}, 300, "no_text"),
        ({"text": " "}, 300, "no_text"),
        ({}, 0, "no_audit"),
        ({}, 5, "few_audited"),
        ({"matter": "bill"}, 300, "one_topic"),
        ({"text": "[email] [phone]"}, 300, "no_text"),
    ],
    ids=["no text", "blank texts", "no audit", "audit of five", "one topic", "nothing but masks"],
)
def test_what_says_nothing_gives_no_number_and_a_reason(
    tmp_path: Path, change: dict[str, object], audited: int, untold: str
) -> None:
    found = topics(world(tmp_path, planted(400).assign(**change), audited=audited), PERIOD)
    assert empty(found)
    assert found.untold == untold
    assert [one.key for one in found.cannot_tell] == [f"root_cause_text.{untold}"]
    assert found.headline == ()
    assert len(sentence(found.cannot_tell[0], language="fi")) > 30


def test_an_audit_with_other_words_than_the_codes_is_no_verdict_on_them(tmp_path: Path) -> None:
    rows = planted(400)
    made = world(tmp_path, rows.assign(matter=rows["matter"].map({"bill": "x", "delivery": "y", "outage": "z"})))
    found = topics(made, PERIOD)
    against = found.text_agreement[found.text_agreement["between"].isin(["text_codes", "codes_audit"])]
    assert set(against["grade"]) == {"D"}
    assert set(found.text_disagreements["grade"]) <= {"D"}
    assert "root_cause_text.unknown_codes" in [one.key for one in found.cannot_tell]
    assert found.headline[0].grade == "D"


def test_a_matter_found_a_few_times_only_is_grade_d(tmp_path: Path) -> None:
    rows = planted(400)
    rows.loc[[0, 40, 80, 120, 160, 200], ["matter", "text"]] = ["rare", "ihan muu asia kokonaan"]
    found = topics(world(tmp_path, rows, audited=300), PERIOD).text_topics.set_index("reason")
    assert found.loc["rare", "grade"] == "D"
    assert "too_few" in found.loc["rare", "grade_reasons"]
    assert found.loc["bill", "grade"] < "D"


def test_an_audit_of_other_days_is_direction_only(tmp_path: Path) -> None:
    rows = planted(600)
    made = world(tmp_path, rows, audited=200)
    later = Period(dt.date(2025, 8, 1), dt.date(2025, 12, 31))
    found = topics(made, later).text_topics
    assert set(found["grade"]) == {"C"}
    assert found["grade_reasons"].str.contains("proxy").all()


def test_frames_are_the_declared_ones_and_hold_no_text_and_no_id(tmp_path: Path) -> None:
    rows = planted(400)
    found = topics(world(tmp_path, rows, audited=300), PERIOD)
    assert {name: tuple(frame.columns) for name, frame in found.frames.items()} == {
        name: frame.columns for name, frame in FRAMES.items()
    }
    empty_ones = topics(world(tmp_path, rows, audited=0), PERIOD)
    for name, frame in empty_ones.frames.items():
        assert tuple(frame.columns) == FRAMES[name].columns
    for frame in found.frames.values():
        cells = {str(cell) for cell in frame.to_numpy().ravel()}
        assert not cells & set(rows["text"])
        assert not [cell for cell in cells if cell.startswith("c0")]
    assert topic_shares.COLUMNS[0] == "reason"
    assert topic_agreement.COLUMNS[0] == "measure"
    assert topic_disagreements.COLUMNS[:2] == ("coded", "by_text")


def test_hypotheses_hold_words_of_many_customers_only_by_hand_count(tmp_path: Path) -> None:
    """A name in forty texts of two customers is no word to show; without an audit there are hypotheses all the same."""
    rows = planted(600)
    rows["customer"] = np.where(np.arange(600) < 40, np.arange(600) % 2 + 1, rows["customer"] + 10)
    rows.loc[:39, "text"] += " Meikäläinen [email] 0401234567"
    found = topics(world(tmp_path, rows, audited=0), PERIOD).text_hypotheses
    words = " ".join(found["words"])
    assert len(found) >= 2
    assert "meikäläinen" not in words
    assert "email" not in words
    assert set(found["grade"]) == {"D"}
    assert (found["customers"] >= 5).all()


@pytest.mark.parametrize("language", ["en", "fi"])
def test_every_sentence_can_be_said(tmp_path: Path, language: str) -> None:
    found = topics(world(tmp_path, planted(600), audited=300), PERIOD)
    said = [*found.headline, *found.cannot_tell, *(one for rows in found.readings.values() for one in rows)]
    assert len(said) >= 6
    for finding in said:
        assert len(sentence(finding, language=language)) > 30
