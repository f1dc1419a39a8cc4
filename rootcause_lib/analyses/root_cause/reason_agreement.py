"""How far codes and audit, and coders among themselves, agree about the same contacts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.audited import Audit
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.statistics.agreement import Agreement, code_kappas, topic_alpha, topic_weights
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, SUPPRESSED

COLUMNS = (
    "measure", "between", "reason", "value", "low", "high", "level", "contacts", "customers", "method", "verdict",
    "grade", "grade_reasons",
)  # fmt: skip
"""Of the frame `agreement`."""

_NOTHING = Agreement(*(np.nan,) * 4, 0, 0, np.nan, np.nan)


def weights_of(topics: pd.DataFrame) -> pd.DataFrame:
    """Topics (contact_key, reason, weight) as a table of contacts by reasons."""
    if topics.empty:
        return pd.DataFrame(index=pd.Index([], dtype="int64"))
    return topic_weights(topics.rename(columns={"contact_key": "unit", "reason": "topic"}))


def code_alpha(audit: Audit, *, level: float) -> Agreement:
    """Krippendorff's alpha between the codes given and what the audit found."""
    codes, found = weights_of(audit.given), weights_of(audit.found)
    both = codes.index.intersection(found.index)
    return topic_alpha([codes.loc[both], found.loc[both]], level=level) if len(both) else _NOTHING


def coder_alpha(audit: Audit, *, level: float) -> Agreement:
    """Krippendorff's alpha between coders, over the contacts that several of them coded."""
    tables = [weights_of(rows) for _, rows in audit.codings.groupby("coder")]
    return topic_alpha(tables, level=level) if len(tables) > 1 else _NOTHING


def agreement(store: Store, audit: Audit) -> pd.DataFrame:
    """Alpha and accuracy over all codes, kappa code by code, between codes and audit; the same between coders."""
    level = store.engagement.definitions.level
    rows = pd.DataFrame(
        [*_between_codes(audit, level=level), *_between_coders(audit, level=level)],
        columns=["measure", "between", "reason", "value", "low", "high", "contacts", "customers", "few", "method"],
    )
    rows = rows.assign(level=level, verdict=_verdicts(store, rows))
    limits = store.engagement.grades
    grading = Grading(limits, len(rows)).precision(width_letters((rows["high"] - rows["low"]) / 2, limits))
    graded = pd.concat([rows, grading.customers(rows["customers"]).result()], axis=1)
    return _published(graded, smallest=store.engagement.definitions.smallest_cell)[list(COLUMNS)]


Row = tuple[str, str, str, float, float, float, float, float, float, str]


def _between_codes(audit: Audit, *, level: float) -> Iterator[Row]:
    codes, found = weights_of(audit.given), weights_of(audit.found)
    both = codes.index.intersection(found.index)
    if both.empty:
        return
    codes, found = codes.loc[both], found.loc[both]
    whose = audit.contacts.set_index("contact_key")["cluster_key"].reindex(both)
    yield _alpha("codes", topic_alpha([codes, found], level=level), customers=whose.nunique())
    yield _accuracy(codes, found, whose, level=level)
    for row in code_kappas(codes, found, level=level).itertuples(index=False):
        yield _kappa("codes", row, few=_fewest(row.code, codes, found, whose), customers=whose.nunique())


def _between_coders(audit: Audit, *, level: float) -> Iterator[Row]:
    """Two coders of a contact are its first and its second; with more of them, every pair counts in alpha only."""
    tables = {str(coder): weights_of(rows) for coder, rows in audit.codings.groupby("coder")}
    alpha = coder_alpha(audit, level=level)
    if not alpha.units:
        return
    whose = audit.contacts.set_index("contact_key")["cluster_key"]
    pairs = [(tables[one], tables[two]) for one, two in combinations(sorted(tables), 2)]
    coded_twice = {key for one, two in pairs for key in one.index.intersection(two.index)}
    customers = whose.reindex(list(coded_twice)).nunique()
    yield _alpha("coders", alpha, customers=customers)
    if len(tables) != 2:
        return
    one, two = pairs[0]
    for row in code_kappas(one, two, level=level).itertuples(index=False):
        yield _kappa("coders", row, few=_fewest(row.code, one, two, whose), customers=customers)


def _alpha(between: str, found: Agreement, *, customers: int) -> Row:
    numbers = (found.value, found.low, found.high, float(found.units), float(customers), np.inf)
    return ("alpha", between, ALL, *numbers, "alpha_jackknife")


def _accuracy(codes: pd.DataFrame, found: pd.DataFrame, whose: pd.Series, *, level: float) -> Row:
    """Share of contacts coded as they were found, by weight where they have several topics."""
    right = correct_share(codes, found)
    each = pd.DataFrame({"right": right.to_numpy(), "n": 1.0}).groupby(whose.to_numpy()).sum()
    sums = ClusterSums.from_clusters(each["right"].clip(upper=each["n"]), each["n"])
    share = share_from_sums(sums, level=level)
    numbers = (float(share.value), float(share.low), float(share.high), float(len(right)), float(len(each)), np.inf)
    return ("accuracy", "codes", ALL, *numbers, str(share.method))


def correct_share(codes: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """What both say of each contact, 0 to 1."""
    reasons = codes.columns.union(found.columns)
    one, two = (table.reindex(columns=reasons, fill_value=0.0) for table in (codes, found))
    return pd.Series(np.minimum(one.to_numpy(), two.to_numpy()).sum(axis=1).clip(0, 1), index=codes.index)


def _kappa(between: str, row: object, *, few: float, customers: int) -> Row:
    numbers = [float(getattr(row, name)) for name in ("value", "low", "high", "units")]
    if not (row.first > 0 and row.second > 0):  # type: ignore[attr-defined]
        # What only one side ever says has a kappa of 0 whatever it means: nothing can be told of it.
        numbers[:3] = [np.nan] * 3
    return ("kappa", between, str(getattr(row, "code")), *numbers, float(customers), few, "kappa_delta")  # type: ignore[return-value]  # noqa: B009


def _fewest(code: object, one: pd.DataFrame, two: pd.DataFrame, whose: pd.Series) -> float:
    """How many customers stand behind the rarer use of a code."""
    counts = []
    for table in (one, two):
        used = table.index[table[code] > 0] if code in table.columns else table.index[:0]
        counts.append(whose.reindex(used).nunique())
    return float(min((count for count in counts if count), default=0))


def _verdicts(store: Store, rows: pd.DataFrame) -> pd.Series:
    """By the limits of `[grades] agreement`: where the whole interval lies; accuracy has no verdict."""
    good, fair, _ = store.engagement.grades.agreement
    found = np.select(
        [rows["low"] >= good, rows["low"] >= fair, rows["high"] < fair],
        ["usable", "with_care", "not_usable"],
        "undecided",
    )
    return pd.Series(found, index=rows.index, dtype="object").mask(rows["measure"] == "accuracy", None)


def _published(rows: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Without the kappas of codes that too few customers stand behind."""
    hidden = rows["few"] < smallest
    numbers = ["value", "low", "high", "contacts", "customers"]
    shown = rows.assign(**{name: rows[name].mask(hidden) for name in numbers})
    words = {"grade": "D", "grade_reasons": SUPPRESSED, "method": "none", "verdict": None}
    return shown.assign(**{name: shown[name].mask(hidden, word) for name, word in words.items()})
