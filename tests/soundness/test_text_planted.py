"""Do shares by text, and the share of wrong codes, reach what they promise where texts are hard to tell apart?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store

from rootcause_lib.analyses.root_cause.sorted_texts import SortedTexts
from rootcause_lib.analyses.root_cause.topic_agreement import text_agreement
from rootcause_lib.analyses.root_cause.topic_shares import text_topics
from rootcause_lib.analyses.root_cause.topic_texts import folds_of
from rootcause_lib.soundness import World
from rootcause_lib.statistics.text_topics import learn_topics
from rootcause_lib.store import Store

RUNS = 200
CONTACTS, AUDITED, CUSTOMERS = 2000, 200, 1300
TOPICS = np.array(["bill", "delivery", "fault", "price", "other"], dtype=object)
TRUE = np.array([0.35, 0.25, 0.2, 0.12, 0.08])
SHARED = 0.55
"""Share of a text's words that any topic could have: models are right in about two of three."""
CODED_RIGHT = 0.75


def contacts(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.Series, list[str]]:
    """Contacts of customers who come more than once, with codes; what each is about; its text."""
    whose = rng.integers(1, CUSTOMERS, CONTACTS)
    usual = rng.choice(5, CUSTOMERS, p=TRUE)
    matter = np.where(rng.random(CONTACTS) < 0.4, usual[whose], rng.choice(5, CONTACTS, p=TRUE))
    wrong = rng.random(CONTACTS) >= CODED_RIGHT
    code = np.where(wrong, np.where(rng.random(CONTACTS) < 0.6, 4, rng.integers(0, 5, CONTACTS)), matter)
    texts = []
    for topic in matter:
        own = [f"{TOPICS[topic]}{number}" for number in rng.integers(0, 40, 3)]
        any_one = [f"{TOPICS[rng.integers(0, 5)]}{number}" for number in rng.integers(0, 40, 3)]
        texts.append(" ".join(b if rng.random() < SHARED else a for a, b in zip(own, any_one, strict=True)))
    frame = pd.DataFrame({"contact_key": np.arange(CONTACTS), "cluster_key": whose, "code": TOPICS[code]})
    return frame, pd.Series(TOPICS[matter]), texts


def sorted_texts(seed: int) -> tuple[SortedTexts, pd.Series]:
    rng = np.random.default_rng(seed)
    everybody, matter, texts = contacts(rng)
    chosen = np.sort(rng.choice(CONTACTS, AUDITED, replace=False))
    weights = pd.get_dummies(matter.iloc[chosen], dtype=float)
    folds = folds_of(everybody["cluster_key"])
    models = learn_topics([texts[place] for place in chosen], weights, folds[chosen])
    everybody = everybody.assign(by_text=models.sort(texts, folds).astype(str), channel="email")
    audited = everybody.iloc[chosen].assign(by_text=models.out_of_fold.astype(str)).reset_index(drop=True)
    found = pd.DataFrame({"contact_key": chosen, "reason": matter.iloc[chosen].to_numpy(), "weight": 1.0})
    return SortedTexts(everybody, audited, found, CONTACTS, CONTACTS, "inside"), matter


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Store:
    settings = engagement(tmp_path_factory.mktemp("text"), until="2025-12-31")
    return store(settings, [{"customer": 1, "start": "2025-01-01 09:00"}])


def estimated(made: Store, seed: int) -> dict[str, tuple[float, float, float, float, float]]:
    """value, low, high, truth and the naive figure, by what is estimated."""
    texts, matter = sorted_texts(seed)
    shares = text_topics(made, texts).set_index("reason")
    true = matter.value_counts(normalize=True)
    columns = ["text_share", "low", "high", "predicted_share"]
    numbers = {str(reason): shares.loc[reason, columns] for reason in shares.index}
    found = {
        name: (one["text_share"], one["low"], one["high"], float(true.get(name, 0.0)), one["predicted_share"])
        for name, one in numbers.items()
    }
    wrong = text_agreement(made, texts).set_index("measure").loc["miscoding"]
    rate = float((texts.everybody["code"] != matter).mean())
    differ = float((texts.everybody["code"] != texts.everybody["by_text"]).mean())
    found["miscoding"] = (wrong["value"], wrong["low"], wrong["high"], rate, differ)
    return found


def test_one_client_is_within_its_limits_by_planted_truth(made: Store) -> None:
    found = estimated(made, 1)
    inside = [low <= truth <= high for _, low, high, truth, _ in found.values()]
    assert sum(inside) >= 5


@pytest.mark.prove
def test_shares_by_text_and_wrong_codes_attain_their_level_by_planted_truth(
    made: Store, measure: Callable[..., World], record: Callable[[list[World]], None]
) -> None:
    """On the same seeds the uncorrected shares, and disagreement taken for miscoding, miss the truth."""
    runs = [estimated(made, seed) for seed in range(RUNS)]
    worlds = []
    naive: dict[str, float] = {}
    for name in [*TOPICS, "miscoding"]:
        value, low, high, truth, usual = (np.array([run[name][place] for run in runs]) for place in range(5))
        # The truth of each seed is its own: measured against it.
        worlds.append(
            measure(
                estimator="text_miscoding" if name == "miscoding" else "text_share",
                world=f"{CONTACTS} texts, {AUDITED} audited, {name}",
                truth=0.0, value=value - truth, low=low - truth, high=high - truth, nominal=0.95,
            )
        )  # fmt: skip
        naive[name] = float(np.mean(usual - truth))
    record(worlds)
    for world in worlds:
        assert world.attained >= 0.92, world
        assert abs(world.bias) < 0.005, world
    assert naive["miscoding"] > 0.1
    assert max(abs(naive[name]) for name in TOPICS) > 0.015
