"""Topics of made texts whose topics are known: every text sorted by a model that did not see it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.text_themes import themes
from rootcause_lib.statistics.text_topics import KINDS, agreement_with, learn_topics

WORDS = {
    "lasku": ["laskussa väärä summa", "lasku on liian suuri", "maksoin laskun kahdesti", "eräpäivä laskussa väärin"],
    "toimitus": ["paketti myöhässä", "toimitus ei ole tullut", "milloin tilaus saapuu", "lähetys katosi matkalla"],
    "outage": ["no connection since morning", "the internet is down", "power cut again", "network does not work"],
}


def drawn(number: int, *, seed: int = 1) -> tuple[list[str], pd.Series]:
    rng = np.random.default_rng(seed)
    topics = rng.choice(list(WORDS), number)
    fill = ["hei", "kiitos", "please", "asap", "terveisin", "hello"]
    texts = [f"{rng.choice(fill)} {rng.choice(WORDS[topic])} {rng.choice(fill)}" for topic in topics]
    return texts, pd.Series(topics)


def weights(topics: pd.Series) -> pd.DataFrame:
    return pd.get_dummies(topics, dtype=float)


def folds(number: int) -> np.ndarray:
    return np.arange(number) % 5


def test_topics_in_two_languages_are_told_apart_by_planted_truth() -> None:
    texts, topics = drawn(200)
    found = learn_topics(texts, weights(topics), folds(200))
    assert found.topics == ("lasku", "outage", "toimitus")
    assert set(found.kinds) <= set(KINDS)
    assert agreement_with(found.out_of_fold, weights(topics)).mean() > 0.95
    others, truth = drawn(100, seed=2)
    assert (found.sort(others, folds(100)) == truth.to_numpy()).mean() > 0.95


def test_nothing_is_learned_and_judged_on_the_same_text_by_planted_truth() -> None:
    """Topics drawn by lot: a model that had seen the text would know its topic, ours is right by chance only."""
    rng = np.random.default_rng(3)
    texts = [f"own{number} text{number} number{number} again own{number}" for number in range(150)]
    topics = pd.Series(rng.choice(["a", "b", "c"], 150))
    found = learn_topics([text + " " + text for text in texts], weights(topics), folds(150))
    assert agreement_with(found.out_of_fold, weights(topics)).mean() < 0.5


def test_a_persons_texts_teach_nothing_about_each_other_by_planted_truth() -> None:
    """Each person repeats one text: in one fold, the repeats don't give the topic away."""
    rng = np.random.default_rng(4)
    people = np.repeat(np.arange(40), 5)
    topics = pd.Series(rng.choice(["a", "b"], 40)[people])
    texts = [f"word{person} phrase{person} saying{person}" for person in people]
    kept_apart = learn_topics(texts, weights(topics), people % 5)
    mixed = learn_topics(texts, weights(topics), np.arange(200) % 5)
    assert agreement_with(kept_apart.out_of_fold, weights(topics)).mean() < 0.75
    assert agreement_with(mixed.out_of_fold, weights(topics)).mean() > 0.9


def test_audited_texts_stand_for_the_others_by_planted_truth() -> None:
    """Out of fold the known texts are sorted as well as unknown ones are."""
    texts, topics = drawn(2000, seed=5)
    rng = np.random.default_rng(5)
    noisy = topics.where(rng.random(2000) < 0.7, rng.permutation(topics))
    found = learn_topics(texts[:400], weights(noisy[:400]), folds(400))
    known = agreement_with(found.out_of_fold, weights(noisy[:400])).mean()
    unknown = (found.sort(texts[400:], folds(1600)) == noisy[400:].to_numpy()).mean()
    assert known == pytest.approx(unknown, abs=0.07)


def test_several_topics_count_by_weight_by_hand_count() -> None:
    table = pd.DataFrame({"a": [1.0, 0.3], "b": [0.0, 0.7]})
    assert list(agreement_with(np.array(["a", "b"], dtype=object), table)) == [1.0, 0.7]
    assert list(agreement_with(np.array(["b", "no such"], dtype=object), table)) == [0.0, 0.0]


def test_a_topic_that_one_fold_alone_has_is_never_found_there_and_nothing_breaks() -> None:
    texts, topics = drawn(100)
    topics = topics.where(np.arange(100) % 5 != 0, "only here")
    found = learn_topics(texts, weights(topics), folds(100))
    assert not (found.out_of_fold[np.arange(100) % 5 == 0] == "only here").any()


@pytest.mark.parametrize(
    ("texts", "topics", "fold"),
    [
        (["a b"] * 19, pd.Series(["x", "y"] * 9 + ["x"]), np.arange(19) % 5),
        (["a b"] * 40, pd.Series(["x"] * 40), np.arange(40) % 5),
        (["a b"] * 40, pd.Series(["x", "y"] * 20), np.zeros(40, dtype=int)),
        ([f"{number}" for number in range(60)], pd.Series(["x", "y"] * 30), np.arange(60) % 5),
        (["!"] * 60, pd.Series(["x", "y"] * 30), np.arange(60) % 5),
    ],
    ids=["few", "one topic", "one fold", "nothing shared", "no words"],
)
def test_what_teaches_nothing_is_an_error(texts: list[str], topics: pd.Series, fold: np.ndarray) -> None:
    with pytest.raises(DataError):
        learn_topics(texts, weights(topics), fold)


def test_a_wrong_fold_is_an_error() -> None:
    texts, topics = drawn(60)
    found = learn_topics(texts, weights(topics), folds(60))
    with pytest.raises(DataError, match="one fold from 0 to 4"):
        found.sort(["x"], np.array([5]))


def test_themes_find_what_goes_together_by_planted_truth() -> None:
    """Two vocabularies that never meet: no theme takes its words from both."""
    rng = np.random.default_rng(6)
    ours = [
        ["invoice", "amount", "billing", "payment", "refund", "charge"],
        ["parcel", "courier", "delivery", "doorstep", "warehouse", "tracking"],
    ]
    texts = [" ".join(rng.permutation(ours[number % 2])[:3]) for number in range(600)]
    found = themes(texts, np.arange(600), smallest=5)
    assert len(found) >= 2
    for words in found["words"]:
        assert len([vocabulary for vocabulary in ours if {*words.split(", ")} & {*vocabulary}]) == 1
    assert found["contacts"].sum() <= 600
    assert list(found["share"]) == [contacts / 600 for contacts in found["contacts"]]


def test_words_of_few_people_are_never_shown_by_hand_count() -> None:
    """A name that one person writes a hundred times, and a number, stay out; the words of many stay in."""
    texts, _ = drawn(600)
    people = np.arange(600)
    people[:100] = 0
    texts = [
        f"{text} meikäläinen 0401234567 a1b2" if person == 0 else text
        for text, person in zip(texts, people, strict=True)
    ]
    words = " ".join(themes(texts, people, smallest=5)["words"])
    assert "meikäläinen" not in words
    assert not any(character.isdigit() for character in words)
    assert "lasku" in words


def test_too_few_texts_have_no_themes() -> None:
    assert themes(["a few words"] * 30, np.arange(30), smallest=5).empty
    assert themes([], np.array([]), smallest=5).empty
    assert themes(["1 2 3"] * 300, np.arange(300), smallest=5).empty
