"""What contacts are about by their texts: topics learned from the audited ones, against the codes given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from rootcause_lib.analyses.public_frames import public_frames
from rootcause_lib.analyses.root_cause.audited import ENOUGH_INSIDE, population, read_audit
from rootcause_lib.analyses.root_cause.sorted_texts import SortedTexts
from rootcause_lib.analyses.root_cause.topic_agreement import text_agreement, unknown_share
from rootcause_lib.analyses.root_cause.topic_disagreements import text_disagreements
from rootcause_lib.analyses.root_cause.topic_findings import topic_findings
from rootcause_lib.analyses.root_cause.topic_shares import text_topics
from rootcause_lib.analyses.root_cause.topic_texts import Texts, audited_texts, batches, folds_of, texts_of
from rootcause_lib.errors import DataError
from rootcause_lib.findings import Finding
from rootcause_lib.periods import Period
from rootcause_lib.statistics.text_themes import themes
from rootcause_lib.statistics.text_topics import TextTopics, learn_topics
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import SELF_SERVICE_CHANNELS

ENOUGH_AUDITED = 100
"""Audited texts from which topics are learned."""

_MOST_FOR_THEMES = 10_000
_HYPOTHESES = ("words", "contacts", "customers", "share", "denominator", "grade", "grade_reasons")

Untold = Literal["", "no_text", "no_audit", "few_audited", "one_topic", "nothing_learned"]
"""Why texts say nothing about topics; "" where they do."""


@dataclass(frozen=True, slots=True)
class Topics:
    """What texts say. Frames as in the data dictionary; no frame holds a text or an id.

    text_topics: share of each topic by text, corrected by the audit, beside the coded share of the same contacts.
    text_agreement: texts, codes and audit against each other, and how often codes are wrong. text_disagreements: what
    contacts of a code are by their texts. text_hypotheses: words that go together, found without an audit: questions,
    no answers. `untold` says why the first three are empty.
    """

    text_topics: pd.DataFrame
    text_agreement: pd.DataFrame
    text_disagreements: pd.DataFrame
    text_hypotheses: pd.DataFrame
    untold: Untold
    headline: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    readings: Mapping[str, tuple[Finding, ...]]

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Every public frame by name."""
        return public_frames(self)


def topics(store: Store, period: Period) -> Topics:
    """Topics of the texts of a period's inbound contacts, learned from audited ones (Finnish, English or any).

    The audited contacts' reasons (settled as in `reasons`) teach a model what texts are about; every text is sorted by
    one that learned from other customers only, so that the audit corrects what models mistake. From more than
    `topic_texts.MOST_TEXTS` texts as many are drawn by a hash of their key; intervals include that draw. Contacts of
    the whole data teach, those of the period are counted. With fewer than `ENOUGH_AUDITED` audited texts, or one
    topic, nothing is learned and `untold` says why.
    """
    texts = texts_of(store, period)
    taught = _taught(store, period, texts)
    everybody, drawn = _read(store, period, texts, taught.models)
    untold: Untold = taught.untold if len(everybody) else "no_text"
    sorted_ = None if untold else _compared(everybody, taught, texts)
    frames = {
        "text_topics": text_topics(store, sorted_),
        "text_agreement": text_agreement(store, sorted_),
        "text_disagreements": text_disagreements(store, sorted_),
        "text_hypotheses": _hypotheses(store, drawn),
    }
    strange = unknown_share(sorted_) if sorted_ else 0.0
    said = topic_findings(
        frames, untold=untold, texts=texts, audited=len(taught.rows), needed=ENOUGH_AUDITED, strange=strange
    )
    return Topics(**frames, untold=untold, headline=said.headline, cannot_tell=said.cannot_tell,
                  readings=said.readings)  # fmt: skip


def _hypotheses(store: Store, drawn: pd.DataFrame) -> pd.DataFrame:
    smallest = store.engagement.definitions.smallest_cell
    found = themes(drawn["text"].tolist(), drawn["cluster_key"].to_numpy(), smallest=smallest)
    return found.assign(denominator=len(drawn), grade="D", grade_reasons="proxy")[list(_HYPOTHESES)]


@dataclass(frozen=True, slots=True)
class _Taught:
    """Audited contacts with texts (`rows`, by_text among them), what they were about, and what they taught, if so."""

    rows: pd.DataFrame
    found: pd.DataFrame
    models: TextTopics | None
    untold: Untold


def _taught(store: Store, period: Period, texts: Texts) -> _Taught:
    audit = read_audit(store, period, known=_codes(store, period))
    own = audited_texts(store)
    rows = audit.contacts[audit.contacts["contact_key"].isin(own.index)].reset_index(drop=True)
    found = audit.found[audit.found["contact_key"].isin(rows["contact_key"])]
    weights = found.pivot_table(index="contact_key", columns="reason", values="weight", aggfunc="sum", fill_value=0.0)
    untold = _untold(texts, audited=len(audit.contacts), read=len(rows), matters=weights.shape[1])
    if untold:
        return _Taught(rows, found, None, untold)
    weights = weights.reindex(rows["contact_key"])
    try:
        models = learn_topics(own.reindex(rows["contact_key"]).tolist(), weights, folds_of(rows["cluster_key"]))
    except DataError:
        return _Taught(rows, found, None, "nothing_learned")
    return _Taught(rows.assign(by_text=models.out_of_fold.astype(str)), found, models, "")


def _untold(texts: Texts, *, audited: int, read: int, matters: int) -> Untold:
    if not texts.texts:
        return "no_text"
    if not audited:
        return "no_audit"
    if read < ENOUGH_AUDITED:
        return "few_audited"
    return "one_topic" if matters < 2 else ""


def _codes(store: Store, period: Period) -> pd.Index:
    """What counts as a code: what contacts carry, and what the engagement names."""
    said, processes = store.engagement.reasons, store.engagement.processes.values()
    named = {*said.default, *said.cancellation, *said.neutral, *said.complaint}
    named = named.union(*(process.reasons for process in processes))
    return population(store, period).codes().index.union(pd.Index(sorted(named), dtype=object), sort=False)


def _read(store: Store, period: Period, texts: Texts, models: TextTopics | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every contact's topic without its text, and the texts of some for themes."""
    sorted_, drawn = [], []
    share = _MOST_FOR_THEMES / max(texts.texts * texts.drawn_share, 1.0)
    for batch in batches(store, period, texts):
        topics_ = models.sort(batch["text"].tolist(), folds_of(batch["cluster_key"])) if models else [""] * len(batch)
        by_text = pd.Series(topics_, index=batch.index, dtype="str")
        sorted_.append(batch.drop(columns="text").assign(by_text=by_text))
        drawn.append(batch[["cluster_key", "text"]].sample(frac=min(share, 1.0), random_state=0))
    return pd.concat(sorted_, ignore_index=True), pd.concat(drawn, ignore_index=True)


def _compared(everybody: pd.DataFrame, taught: _Taught, texts: Texts) -> SortedTexts:
    """The contacts that the audit speaks for."""
    inside = taught.rows[taught.rows["inside"]]
    judged = inside if len(inside) >= ENOUGH_INSIDE else taught.rows
    unheard = set(SELF_SERVICE_CHANNELS) - set(judged["channel"])
    heard = texts.by_channel[~texts.by_channel["channel"].isin(unheard)]
    return SortedTexts(
        everybody=everybody[~everybody["channel"].isin(unheard)].reset_index(drop=True),
        audited=judged[["contact_key", "cluster_key", "code", "by_text"]].reset_index(drop=True),
        found=taught.found[taught.found["contact_key"].isin(judged["contact_key"])].reset_index(drop=True),
        contacts=int(heard["contacts"].sum()),
        texts=int(heard["texts"].sum()),
        audit="inside" if len(inside) >= ENOUGH_INSIDE else "elsewhere",
    )
