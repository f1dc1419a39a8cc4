"""Texts, codes and audit against each other, and how often codes are wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.sorted_texts import SortedTexts
from rootcause_lib.errors import DataError
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.statistics.agreement import code_kappas, topic_alpha, topic_weights
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.misclassification import corrected_shares
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, SUPPRESSED

COLUMNS = (
    "measure", "between", "reason", "value", "low", "high", "level", "contacts", "customers", "method", "verdict",
    "grade", "grade_reasons",
)  # fmt: skip
"""Of the frame `text_agreement`."""

MOST_COMPARED = 20_000
"""Contacts whose text and code are compared by alpha and kappa; more would tell the same."""

MOSTLY_UNKNOWN = 0.5
"""Where auditors found more than this share of reasons that nobody codes, the two speak of different things."""

Row = tuple[str, str, str, float, float, float, float, float, float, str]
"""measure, between, reason, value, low, high, contacts, customers, customers behind the rarer use, method"""


def text_agreement(store: Store, texts: SortedTexts | None) -> pd.DataFrame:
    """One row per measure; empty where nothing was learned.

    accuracy (text_audit): share of audited contacts whose text was sorted as the audit found, by models that did not
    see them. alpha and kappa by reason (text_codes): texts against codes, of the coded contacts or
    `MOST_COMPARED` of them; alpha (text_audit). miscoding (codes_audit): share of coded contacts whose code is wrong,
    from the audited ones, post-stratified by whether text and code agree, which is known of all.
    """
    if texts is None or texts.everybody.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    definitions, limits = store.engagement.definitions, store.engagement.grades
    rows = pd.DataFrame(
        [*_of_audit(texts, level=definitions.level), *_of_codes(texts, level=definitions.level)],
        columns=["measure", "between", "reason", "value", "low", "high", "contacts", "customers", "few", "method"],
    )
    rows = rows.assign(level=definitions.level, verdict=_verdicts(store, rows))
    grading = Grading(limits, len(rows)).precision(width_letters((rows["high"] - rows["low"]) / 2, limits))
    grading.customers(rows["customers"])
    guessed = store.is_guessed({"text"}) | store.is_guessed({"reason"})
    grading.capped("C", where=guessed, reason="guessed_mapping")
    # What texts of other days were about says little about how this period's codes fare.
    grading.capped("C", where=(rows["measure"] == "miscoding") & (texts.audit == "elsewhere"), reason="proxy")
    alike = rows["between"].isin(["text_codes", "codes_audit"])
    grading.capped("D", where=alike & (unknown_share(texts) > MOSTLY_UNKNOWN), reason="check_failed")
    graded = pd.concat([rows, grading.result()], axis=1)
    return _published(graded, smallest=definitions.smallest_cell)[list(COLUMNS)]


def unknown_share(texts: SortedTexts) -> float:
    """The share of what auditors found that no contact is coded with."""
    strange = ~texts.found["reason"].isin(texts.coded["code"])
    whole = float(texts.found["weight"].sum())
    return float(texts.found.loc[strange, "weight"].sum()) / whole if whole else 0.0


def _of_audit(texts: SortedTexts, *, level: float) -> Iterator[Row]:
    """How well texts are sorted: accuracy and alpha over the audited contacts."""
    audited, judged = texts.audited, texts.judged
    if audited.empty:
        return
    right = judged["weight"].where(judged["reason"] == judged["by_text"], 0.0).groupby(judged["contact_key"]).sum()
    right = right.reindex(audited["contact_key"], fill_value=0.0)
    each = pd.DataFrame({"right": right.to_numpy(), "n": 1.0}).groupby(audited["cluster_key"].to_numpy()).sum()
    share = share_from_sums(ClusterSums.from_clusters(each["right"].clip(upper=each["n"]), each["n"]), level=level)
    size = (float(len(audited)), float(len(each)), np.inf)
    yield ("accuracy", "text_audit", ALL, float(share.value), float(share.low), float(share.high), *size,
           str(share.method))  # fmt: skip
    found = topic_weights(texts.found.rename(columns={"contact_key": "unit", "reason": "topic"}))
    sorted_ = topic_weights(audited.rename(columns={"contact_key": "unit", "by_text": "topic"})[["unit", "topic"]])
    alpha = topic_alpha([sorted_, found], level=level)
    yield ("alpha", "text_audit", ALL, alpha.value, alpha.low, alpha.high, *size, "alpha_jackknife")


def _of_codes(texts: SortedTexts, *, level: float) -> Iterator[Row]:
    """Texts against codes, and codes against the audit with what texts know of all the others."""
    coded = texts.coded
    if coded.empty:
        return
    some = coded if len(coded) <= MOST_COMPARED else coded.sample(MOST_COMPARED, random_state=0)
    codes, sorted_ = (some.set_index("contact_key")[name] for name in ("code", "by_text"))
    alpha = topic_alpha([_table(codes), _table(sorted_)], level=level)
    people = float(some["cluster_key"].nunique())
    numbers = (alpha.value, alpha.low, alpha.high, float(len(some)), people, np.inf)
    yield ("alpha", "text_codes", ALL, *numbers, "alpha_jackknife")
    behind = {name: some.groupby(name)["cluster_key"].nunique() for name in ("code", "by_text")}
    for row in code_kappas(codes, sorted_, level=level).to_dict("records"):
        uses = [int(counts.get(row["code"], 0)) for counts in behind.values()]
        few = float(min((use for use in uses if use), default=0))
        kappa, low, high = (float(row[name]) for name in ("value", "low", "high"))
        size = (float(len(some)), people, few)
        yield ("kappa", "text_codes", str(row["code"]), kappa, low, high, *size, "kappa_delta")
    yield from _miscoding(texts, level=level)


def _table(labels: pd.Series) -> pd.DataFrame:
    return pd.get_dummies(labels, dtype=float)


def _miscoding(texts: SortedTexts, *, level: float) -> Iterator[Row]:
    """Wrong codes among all coded contacts: what the audit says where the text agrees with the code, and where not."""
    judged, coded = texts.judged, texts.coded
    judged = judged[judged["code"] != ""]
    if judged.empty:
        return
    rows = pd.DataFrame(
        {
            "unit": judged["contact_key"],
            "customer": judged["cluster_key"],
            "code": np.where(judged["code"] == judged["by_text"], "agree", "differ"),
            "truth": np.where(judged["code"] == judged["reason"], "right", "wrong"),
            "weight": judged["weight"],
        }
    )
    numbers = pd.Series(np.where(coded["code"] == coded["by_text"], "agree", "differ")).value_counts()
    try:
        shares = corrected_shares(rows[rows["code"].isin(numbers.index)], numbers, level=level).shares
    except DataError:
        return
    found = shares.set_index("reason").reindex(["wrong"]).iloc[0]
    if np.isnan(found["value"]):
        return
    size = (float(len(coded)), float(judged["cluster_key"].nunique()), np.inf)
    yield ("miscoding", "codes_audit", ALL, found["value"], found["low"], found["high"], *size, "post_stratified")


def _verdicts(store: Store, rows: pd.DataFrame) -> list[str]:
    """Whether texts can be used, by the limits of `[grades] agreement`: where the whole interval of alpha lies.

    Texts against codes have none: what the models mistake would be held against the codes.
    """
    good, fair, _ = store.engagement.grades.agreement
    found = np.select(
        [rows["low"] >= good, rows["low"] >= fair, rows["high"] < fair],
        ["usable", "with_care", "not_usable"],
        "undecided",
    )
    return list(np.where((rows["measure"] == "alpha") & (rows["between"] == "text_audit"), found, ""))


def _published(rows: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Without the kappas of reasons that too few customers stand behind."""
    hidden = rows["few"] < smallest
    numbers = ["value", "low", "high", "contacts", "customers"]
    shown = rows.assign(**{name: rows[name].mask(hidden) for name in numbers})
    words = {"grade": "D", "grade_reasons": SUPPRESSED, "method": "none", "verdict": ""}
    return shown.assign(**{name: shown[name].mask(hidden, word) for name, word in words.items()})
