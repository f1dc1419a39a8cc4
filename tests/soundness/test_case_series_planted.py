"""Whether the self-controlled case series finds planted rate ratios and the contacts they caused, and nothing in noise.

Day-by-day worlds in which events strike busy customers more often, so that whoever compares customers is misled. The
tests marked `prove` run many clients and write what was attained to soundness.json; the others are a small sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from planted.person_time import ALL, BILLING, INVOICE, Drawn, Setting, draw

from rootcause_lib.soundness import World
from rootcause_lib.statistics.attributable import TOGETHER, attributable
from rootcause_lib.statistics.self_controlled import CaseSeries, fit_case_series

LEVEL = 0.95
LIVELY = Setting()
FEW = replace(LIVELY, customers=150)
BILLS = replace(LIVELY, processes={"billing": BILLING, "invoice": INVOICE})
NULL = LIVELY.without_effects()
UNPROVOKED = replace(NULL, processes={name: one for name, one in NULL.processes.items() if name != "claim"})
ELIMINABLE = {"billing 0-6": 1 - 1.6 / 15, "billing 7-20": 1 - 1 / 5}

Runs = Mapping[str, np.ndarray]
"""By term: runs x (log rate ratio, low, high, error, model's low, model's high), logarithms; NaN where not told."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What many clients gave: rate ratios, caused contacts (runs x truth, value, low, high), naive ratios, p-values."""

    ratios: Runs
    counts: Mapping[str, np.ndarray]
    between: Runs
    p_values: np.ndarray


def terms_of(setting: Setting) -> dict[str, list[str]]:
    return {name: [term for term in setting.terms if term.startswith(name)] for name in setting.processes}


def between_customers(drawn: Drawn, term: str) -> float:
    """The usual ratio: contacts per day of whoever is in the window over everybody else's."""
    inside = drawn.design[term].loc[drawn.person_time["cell"]].to_numpy() > 0
    if inside.all() or not drawn.person_time["contacts"][inside].any():
        return float("nan")
    sums = [drawn.person_time[where][["contacts", "days"]].sum() for where in (inside, ~inside)]
    return float(np.log(sums[0]["contacts"] / sums[0]["days"] / (sums[1]["contacts"] / sums[1]["days"])))


def row_of(series: CaseSeries, term: str) -> list[float]:
    robust, model = (
        series.rate_ratios(level=LEVEL, errors=errors).set_index("term").loc[term] for errors in ("customer", "model")
    )
    logs = [float(np.log(robust[name])) for name in ("rate_ratio", "low", "high")]
    return [*logs, float(robust["standard_error"]), *(float(np.log(model[name])) for name in ("low", "high"))]


def answers(setting: Setting, runs: int, *, first: int = 0, follow_ups: float = 0.0) -> Answers:
    processes = terms_of(setting)
    ratios: dict[str, list[list[float]]] = {term: [] for term in setting.terms}
    between: dict[str, list[float]] = {term: [] for term in setting.terms}
    counts: dict[str, list[tuple[float, ...]]] = {"all": [], "in the window": [], "eliminable": []}
    p_values = []
    for seed in range(first, first + runs):
        drawn = draw(setting, seed, follow_ups=follow_ups)
        series = fit_case_series(drawn.person_time, drawn.design)
        for term in setting.terms:
            ratios[term].append(row_of(series, term))
            between[term].append(between_customers(drawn, term))
        p_values.append([series.joint_test(terms).p_value for terms in processes.values()])
        table = attributable(series, drawn.design, drawn.by_cell, processes=processes, level=LEVEL)
        whole = table.set_index("process").loc[TOGETHER]
        counts["all"].append((drawn.caused["all"], *whole[["contacts", "low", "high"]]))
        counts["in the window"].append((drawn.caused["all"], whole["exposed_contacts"], np.nan, np.nan))
        if setting is BILLS:
            counts["eliminable"].append(eliminable(series, drawn, seed))
    arrays = {name: np.array(rows, dtype=float) for name, rows in counts.items()}
    return Answers(
        {term: np.array(rows) for term, rows in ratios.items()},
        arrays,
        {term: np.array(rows) for term, rows in between.items()},
        np.array(p_values),
    )


def eliminable(series: CaseSeries, drawn: Drawn, seed: int) -> tuple[float, ...]:
    """Truth: of the contacts in a wrong invoice's windows, those that a right invoice would not have brought."""
    rng = np.random.default_rng([seed, 1])
    inside = {term: int(drawn.by_cell[drawn.design[term] > 0].sum()) for term in ELIMINABLE}
    truth = sum(rng.binomial(number, ELIMINABLE[term]) for term, number in inside.items())
    table = attributable(
        series, drawn.design, drawn.by_cell, processes={"billing": list(ELIMINABLE)},
        instead={"billing 0-6": "invoice 0-6"}, level=LEVEL,
    )  # fmt: skip
    return (float(truth), *table.set_index("process").loc["billing", ["contacts", "low", "high"]])


def coverage(values: np.ndarray, truth: np.ndarray | float, *, low: int = 1, high: int = 2) -> float:
    told = ~np.isnan(values[:, low])
    return float(np.mean((values[told, low] <= np.broadcast_to(truth, told.shape)[told])
                         & (np.broadcast_to(truth, told.shape)[told] <= values[told, high])))  # fmt: skip


def upper_limit(share: float, runs: int) -> float:
    """Clopper-Pearson's 95 % upper limit of a coverage."""
    from scipy.stats import beta

    hits = round(share * runs)
    return 1.0 if hits == runs else float(beta.ppf(0.975, hits + 1, runs - hits))


def assert_attained(found: Answers, setting: Setting, *, errors: float = 2.0) -> None:
    for term, ratio in setting.terms.items():
        runs = found.ratios[term]
        told = runs[~np.isnan(runs[:, 0])]
        noise = errors * told[:, 0].std() / np.sqrt(len(told))
        assert len(told) >= 0.9 * len(runs), term
        # The logarithm of a handful leans low whoever takes it; a bias is judged where there is more than one.
        if told[:, 3].mean() <= 0.3:
            assert abs(told[:, 0].mean() - np.log(ratio)) <= 0.05 + noise, term
        share = coverage(runs, np.log(ratio))
        assert share >= 0.90 or upper_limit(share, len(told)) >= 0.95, (term, share)


def assert_naive_is_wrong(found: Answers, setting: Setting) -> None:
    """Comparing customers misses the planted ratio of the same clients by far more than noise; counting every contact
    in a window finds too many."""
    for term in ("billing 0-6", "invoice 0-6"):
        off = found.between[term].mean() - np.log(setting.terms[term])
        assert off > 0.15, term
        own = found.ratios[term][:, 0].mean() - np.log(setting.terms[term])
        assert abs(own) < off / 3
    truth, counted = found.counts["in the window"][:, 0], found.counts["in the window"][:, 1]
    assert (counted > 1.1 * truth).all()


def assert_counts(found: Answers, name: str) -> None:
    truth, value = found.counts[name][:, 0], found.counts[name][:, 1]
    assert abs(value.mean() / truth.mean() - 1) <= 0.05
    share = coverage(found.counts[name], truth, low=2, high=3)
    assert share >= 0.85 or upper_limit(share, len(truth)) >= 0.95


def discoveries(p_values: np.ndarray) -> float:
    """Share of clients in whom Benjamini-Hochberg at 5 % reports any process."""
    number = p_values.shape[1]
    ranked = np.sort(p_values, axis=1) <= 0.05 * np.arange(1, number + 1) / number
    return float(ranked.any(axis=1).mean())


def test_a_small_sample_of_clients_by_planted_truth() -> None:
    found = answers(replace(LIVELY, customers=800), 12)
    assert_attained(found, LIVELY, errors=4.0)
    assert_naive_is_wrong(found, LIVELY)
    assert_counts(found, "all")


def test_a_small_sample_of_a_null_world_by_planted_truth() -> None:
    found = answers(replace(NULL, customers=800), 12)
    assert discoveries(found.p_values) <= 0.35
    shares = [coverage(runs, 0.0) for runs in found.ratios.values()]
    assert np.mean(shares) >= 0.88


Measure, Record = Callable[..., World], Callable[[list[World]], None]


def rows_of(measure: Measure, found: Answers, setting: Setting, world: str) -> list[World]:
    return [
        measure(
            estimator="self_controlled_log_rate_ratio", world=f"{world}, {term}", truth=float(np.log(ratio)),
            value=found.ratios[term][:, 0], low=found.ratios[term][:, 1], high=found.ratios[term][:, 2], nominal=LEVEL,
        )
        for term, ratio in setting.terms.items()
    ]  # fmt: skip


def share_of(measure: Measure, found: Answers, name: str, world: str) -> World:
    """Counts over their truth, so that clients can be averaged."""
    truth, value, low, high = found.counts[name].T
    return measure(
        estimator="attributable_over_truth", world=world, truth=1.0,
        value=value / truth, low=low / truth, high=high / truth, nominal=LEVEL,
    )  # fmt: skip


@pytest.mark.prove
def test_rate_ratios_and_counts_reach_what_they_promise_by_planted_truth(measure: Measure, record: Record) -> None:
    lively, few, null = answers(LIVELY, 200), answers(FEW, 400), answers(NULL, 200)
    bills, clumped = answers(BILLS, 200), answers(UNPROVOKED, 200, follow_ups=1.0)
    record(
        [
            *rows_of(measure, lively, LIVELY, "1500 customers"),
            *rows_of(measure, few, FEW, "150 customers"),
            *rows_of(measure, null, NULL, "no effects"),
            *rows_of(measure, clumped, UNPROVOKED, "no effects, follow-ups"),
            share_of(measure, lively, "all", "all processes"),
            share_of(measure, bills, "eliminable", "wrong invoices"),
        ]
    )
    for found, setting in ((lively, LIVELY), (null, NULL), (clumped, UNPROVOKED), (bills, BILLS)):
        assert_attained(found, setting)
    assert_naive_is_wrong(lively, LIVELY)
    assert_counts(lively, "all")
    assert_counts(bills, "eliminable")
    assert discoveries(null.p_values) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / len(null.p_values))
    few_shares = [coverage(runs, np.log(FEW.terms[term])) for term, runs in few.ratios.items()]
    assert min(few_shares) >= 0.90
    by_model = [coverage(runs, 0.0, low=4, high=5) for runs in clumped.ratios.values()]
    assert min(by_model) < 0.90, "follow-ups should have shown that the model's own errors are too small"


def test_the_world_is_what_it_says_by_identity() -> None:
    """Person-time adds up to all days but those dropped, and contacts to all but those that opened a claim."""
    drawn = draw(replace(LIVELY, customers=60), 3)
    claims = drawn.events[drawn.events["process"] == "claim"]
    assert drawn.person_time["days"].sum() == 60 * LIVELY.days - len(claims)
    rows = drawn.contacts.copy()
    rows[claims["customer_key"], claims["day"]] = 0
    assert drawn.person_time["contacts"].sum() == rows.sum()
    assert set(LIVELY.processes) == set(ALL)
    assert isinstance(drawn.design, pd.DataFrame)
