"""Self-controlled case series: published vaccine figures, a regression with a dummy per customer, hand counts, ruin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics import case_series_sums as case_series_sums_module
from rootcause_lib.statistics.case_series_sums import PersonTime, Scatter, Steepness, scatter, steepness
from rootcause_lib.statistics.self_controlled import REASONS, CaseSeries, fit_case_series

AGES = (427, 488, 549, 610, 671)


def cells_of(rows: pd.DataFrame, factors: dict[str, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Person-time rows with integer factors become rows by cell and a design of dummies; level 0 is the reference."""
    names = list(factors)
    table = rows.groupby(["customer_key", *names], as_index=False)[["days", "contacts"]].sum()
    table["cell"] = table[names].astype(str).agg("|".join, axis=1)
    levels = table[["cell", *names]].drop_duplicates().set_index("cell")
    columns = {f"{name}{k}": (levels[name] == k) * 1.0 for name, most in factors.items() for k in range(1, most + 1)}
    return table, pd.DataFrame(columns, index=levels.index)


def children(folder: Path, *, edges: tuple[int, ...], ages: tuple[int, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days under observation of each child by age band and by days since the vaccine (0 outside of all windows)."""
    path = folder / "published_figures" / "sccs_itpdat.csv"
    if not path.is_file():
        pytest.skip("no published_figures/sccs_itpdat.csv among the real data")
    rows = []
    for case, own in pd.read_csv(path).groupby("case"):
        first = own.iloc[0]
        days = np.arange(first["sta"], first["end"] + 1)
        window = np.searchsorted(edges, days - first["mmr"], side="right") % len(edges)
        seen = (own["itp"].to_numpy()[:, None] == days).sum(0)
        age = np.searchsorted(ages, days, side="right")
        child = {"customer_key": case, "age": age, "window": window, "days": 1.0, "contacts": seen}
        rows.append(pd.DataFrame(child))
    return cells_of(pd.concat(rows), {"age": len(ages), "window": len(edges) - 1})


def random_customers(seed: int, *, customers: int = 25) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers with their own rates over three seasons and two overlapping processes."""
    rng = np.random.default_rng(seed)
    rows = []
    for key in range(customers):
        n = int(rng.integers(3, 9))
        factors = {"season": rng.integers(0, 3, n), "late": rng.integers(0, 2, n), "wrong": rng.integers(0, 2, n)}
        days = rng.integers(1, 40, n)
        rate = 0.05 * rng.gamma(1.0) * np.exp(0.3 * factors["season"] + 0.9 * factors["late"] + 0.5 * factors["wrong"])
        rows.append(
            pd.DataFrame({"customer_key": key, **factors, "days": days * 1.0, "contacts": rng.poisson(rate * days) * 1})
        )
    return cells_of(pd.concat(rows), {"season": 2, "late": 1, "wrong": 1})


def one_band(contacts: list[tuple[float, float]], days: tuple[float, float] = (90.0, 10.0)) -> CaseSeries:
    """Customers with so many contacts outside and inside of one band."""
    rows = [
        {"customer_key": key, "cell": cell, "days": days[cell], "contacts": own[cell]}
        for key, own in enumerate(contacts)
        for cell in (0, 1)
    ]
    return fit_case_series(pd.DataFrame(rows), pd.DataFrame({"late": [0.0, 1.0]}, index=[0, 1]))


def ratios(series: CaseSeries, **options) -> pd.DataFrame:
    return series.rate_ratios(**options).set_index("term")


def test_relative_incidence_of_itp_after_mmr_by_published_figure(real_data: Path) -> None:
    """4.52 (2.27-9.01) at days 0-42 without age; 1.31, 5.95 and 2.60 at days 0-14, 15-28, 29-42 with six ages
    (Whitaker, Farrington, Spiessens and Musonda 2006, Stat. Med. 25: 1768, data of Miller et al. 2001)."""
    single = ratios(fit_case_series(*children(real_data, edges=(0, 43), ages=())), errors="model").loc["window1"]
    assert [round(single[name], 2) for name in ("rate_ratio", "low", "high")] == [4.52, 2.27, 9.01]
    three = ratios(fit_case_series(*children(real_data, edges=(0, 15, 29, 43), ages=AGES)), errors="model")
    assert three.loc[["window1", "window2", "window3"], "rate_ratio"].round(2).tolist() == [1.31, 5.95, 2.60]
    assert fit_case_series(*children(real_data, edges=(0, 43), ages=AGES)).contacts == 44


def test_equals_a_poisson_regression_with_a_dummy_per_customer_by_identity() -> None:
    """Same coefficients and covariance of the terms; the sandwich is the one of the conditional scores by customer."""
    import statsmodels.api as sm

    table, design = random_customers(3)
    series = fit_case_series(table, design)
    kept = table[table.groupby("customer_key")["contacts"].transform("sum") > 0]
    dummies = pd.get_dummies(kept["customer_key"], dtype=float).to_numpy()
    x = np.hstack([design.loc[kept["cell"]].to_numpy(), dummies])
    model = sm.GLM(kept["contacts"], x, family=sm.families.Poisson(), offset=np.log(kept["days"]))
    found = model.fit(tol=1e-12, maxiter=200)
    terms = len(design.columns)
    assert series.coefficients == pytest.approx(np.asarray(found.params)[:terms], abs=1e-7)
    assert series.model_covariance == pytest.approx(np.asarray(found.cov_params())[:terms, :terms], rel=1e-6)
    robust = model.fit(
        tol=1e-12, maxiter=200, cov_type="cluster",
        cov_kwds={"groups": kept["customer_key"].to_numpy(), "use_correction": False},
    )  # fmt: skip
    widening = np.sqrt((series.degrees + 1) / series.degrees)
    own = series.covariance / np.outer(widening, widening)
    assert own == pytest.approx(np.asarray(robust.cov_params())[:terms, :terms], rel=1e-6)
    wide = np.asarray(robust.cov_params())[:2, :2] * np.outer(widening, widening)[:2, :2]
    two = np.asarray(robust.params)[:2]
    wald = float(two @ np.linalg.solve(wide, two)) / 2
    assert series.joint_test(["season1", "season2"]).statistic == pytest.approx(wald, rel=1e-5)


def test_excesses_add_where_processes_overlap_by_hand_count() -> None:
    """Per 100 days: 2 contacts alone, 30 with a bill, 12 with a fault, 40 with both: 15 and 6 times, together 20."""
    rows = [(key, cell, 100.0, (2.0, 30.0, 12.0, 40.0)[cell]) for key in range(10) for cell in range(4)]
    table = pd.DataFrame(rows, columns=["customer_key", "cell", "days", "contacts"])
    design = pd.DataFrame({"bill": [0.0, 1, 0, 1], "fault": [0.0, 0, 1, 1]})
    found = fit_case_series(table, design, adding=["bill", "fault"])
    assert ratios(found)["rate_ratio"].tolist() == pytest.approx([15, 6], rel=1e-6)
    multiplied = ratios(fit_case_series(table, design))["rate_ratio"]
    assert (multiplied < [9, 4]).all(), "a rate of 90 times is not there"
    with pytest.raises(ParameterError, match="bill"):
        fit_case_series(table, design, adding=["bil"])


def test_score_of_adding_terms_is_the_derivative_by_identity() -> None:
    table, design = random_customers(5)
    x, time = design.to_numpy(), PersonTime.from_frame(table, design.index)
    beta, adding, step = np.array([0.2, -0.1, 0.9, 0.6]), np.array([False, False, True, True]), 1e-5
    score = steepness(time, x, beta, adding=adding).score
    for term, one in enumerate(np.eye(len(beta)) * step):
        up, down = (steepness(time, x, beta + way * one, adding=adding) for way in (1, -1))
        assert score[term] == pytest.approx((up.log_likelihood - down.log_likelihood) / (2 * step), rel=1e-5)


def test_score_and_information_are_derivatives_of_the_likelihood_by_identity() -> None:
    table, design = random_customers(5)
    x, time = design.to_numpy(), PersonTime.from_frame(table, design.index)
    beta = np.array([0.2, -0.1, 0.4, 0.3])
    sums = steepness(time, x, beta)
    step = 1e-5
    for term, one in enumerate(np.eye(len(beta)) * step):
        up, down = steepness(time, x, beta + one), steepness(time, x, beta - one)
        assert sums.score[term] == pytest.approx((up.log_likelihood - down.log_likelihood) / (2 * step), rel=1e-5)
        assert sums.information[term] == pytest.approx(-(up.score - down.score) / (2 * step), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("at_once", [2, 7, 100])
def test_parts_of_the_customers_add_up_to_all_of_them_by_identity(at_once: int, monkeypatch) -> None:
    table, design = random_customers(7)
    x, beta = design.to_numpy(), np.array([0.2, -0.1, 0.4, 0.3])
    halves = [table[table["customer_key"] % 2 == odd] for odd in (0, 1)]
    time, times = (
        PersonTime.from_frame(table, design.index),
        [PersonTime.from_frame(half, design.index) for half in halves],
    )
    whole = steepness(time, x, beta), scatter(time, x, beta)
    monkeypatch.setattr(case_series_sums_module, "CUSTOMERS_AT_ONCE", at_once)
    monkeypatch.setattr(case_series_sums_module, "ONE_THREAD", 3 * at_once * 16)
    total = Steepness.nothing(4), Scatter.nothing(4)
    for half in times:
        total = total[0] + steepness(half, x, beta), total[1] + scatter(half, x, beta)
    for found, wanted in zip(total, whole, strict=True):
        for name in type(found).__slots__:
            assert getattr(found, name) == pytest.approx(getattr(wanted, name))
    together, apart = fit_case_series(table, design), fit_case_series(halves, design)
    assert apart.coefficients == pytest.approx(together.coefficients, abs=1e-9)
    assert apart.covariance == pytest.approx(together.covariance, rel=1e-8)
    assert apart.degrees == pytest.approx(together.degrees, rel=1e-8)


def test_one_band_of_customers_alike_by_hand_count() -> None:
    """20 contacts in 900 days, 10 in 100 days: 10/100 over 20/900 = 4.5; error of the log: sqrt(1/20 + 1/10)."""
    series = one_band([(2.0, 1.0)] * 10)
    row = ratios(series, errors="model").loc["late"]
    assert row["rate_ratio"] == pytest.approx(4.5)
    assert row["standard_error"] == pytest.approx(np.sqrt(1 / 20 + 1 / 10))
    assert (row["contacts"], row["person_days"], series.contacts) == (10, 100, 30)


def test_only_customers_with_contacts_carry_information_by_identity() -> None:
    busy = [(2.0, 1.0), (1.0, 2.0), (3.0, 0.0)]
    alone, among = one_band(busy), one_band(busy + [(0.0, 0.0)] * 50)
    assert among.coefficients == pytest.approx(alone.coefficients)
    assert among.covariance == pytest.approx(alone.covariance)
    assert (among.customers, among.customers_with_contacts, among.customers_seen) == (3, 3, 53)


def test_effective_customers_of_customers_alike_and_of_one_giant_by_hand_count() -> None:
    """Ten alike count as ten. 1 and 99 contacts of one mix: 100 squared / (1 + 99 squared) = 1.02, too few."""
    assert one_band([(2.0, 1.0)] * 10).degrees == pytest.approx([9])
    assert told(one_band([(0.5, 0.5), (49.5, 49.5)])) == {"late": "too_few"}


def test_follow_up_contacts_widen_the_robust_interval_only_by_identity() -> None:
    """Every contact five times: the model believes in five times the information, the sandwich does not."""
    once = [(2.0, 1.0), (1.0, 2.0), (3.0, 1.0), (0.0, 1.0), (1.0, 1.0), (4.0, 0.0)]
    single, fivefold = one_band(once), one_band([(5 * a, 5 * b) for a, b in once])
    assert fivefold.covariance == pytest.approx(single.covariance)
    assert fivefold.model_covariance == pytest.approx(single.model_covariance / 5)


def told(series: CaseSeries) -> dict[str, str]:
    table = series.rate_ratios()
    columns = ["rate_ratio", "low", "high", "standard_error", "degrees"]
    blank = table[columns].isna().all(axis=1)
    assert (blank == (table["reason"] != "")).all(), "a number with a reason, or none without"
    assert set(table["reason"]) <= set(REASONS)
    return dict(zip(table["term"], table["reason"], strict=True))


def test_identical_processes_are_told_as_collinear_and_spare_the_others_by_identity() -> None:
    table, design = random_customers(11)
    twice = design.assign(again=design["late1"])
    found, alone = fit_case_series(table, twice), fit_case_series(table, design)
    assert told(found) == {"season1": "", "season2": "", "late1": "collinear", "wrong1": "", "again": "collinear"}
    for term in ("season1", "wrong1"):
        assert ratios(found).loc[term, "rate_ratio"] == pytest.approx(ratios(alone).loc[term, "rate_ratio"])
        assert ratios(found).loc[term, "low"] == pytest.approx(ratios(alone).loc[term, "low"])
    assert np.isnan(found.joint_test(["late1", "wrong1"]).p_value)
    assert found.joint_test(["late1", "wrong1"]).reason == "collinear"


def test_a_band_without_contacts_is_the_same_as_its_days_left_out_by_identity() -> None:
    table, design = random_customers(13)
    quiet = design.index[design["wrong1"] > 0]
    table.loc[table["cell"].isin(quiet), "contacts"] = 0
    found = fit_case_series(table, design)
    without = fit_case_series(table[~table["cell"].isin(quiet)], design.drop(columns="wrong1"))
    assert told(found) == {"season1": "", "season2": "", "late1": "", "wrong1": "no_contacts"}
    assert found.coefficients[:3] == pytest.approx(without.coefficients, abs=1e-8)
    assert np.sqrt(np.diag(found.covariance))[:3] == pytest.approx(np.sqrt(np.diag(without.covariance)), rel=0.05)


def test_contacts_in_a_band_only_are_told_as_separated_by_hand_count() -> None:
    assert told(one_band([(0.0, 1.0), (0.0, 2.0), (0.0, 1.0)])) == {"late": "separated"}
    table, design = random_customers(17)
    table.loc[table["cell"].isin(design.index[design["late1"] == 0]), "contacts"] = 0
    assert told(fit_case_series(table, design))["late1"] == "separated"


def test_nobody_and_one_customer_are_reasons_not_numbers_by_hand_count() -> None:
    assert told(one_band([(0.0, 0.0)] * 3)) == {"late": "no_variation"}
    assert told(one_band([(4.0, 2.0)])) == {"late": "too_few"}
    empty = pd.DataFrame({"customer_key": [], "cell": [], "days": [], "contacts": []})
    assert told(fit_case_series(empty, pd.DataFrame({"late": [0.0, 1.0]}))) == {"late": "no_variation"}
    never = fit_case_series(*random_customers(19)).joint_test([])
    assert np.isnan(never.p_value)


def test_a_band_of_one_customer_is_too_few_by_hand_count() -> None:
    """Twenty customers tell the season; only one of them ever waited, and four of their contacts are no sample."""
    rows = [(key, cell, 50.0, 1.0 + (key + cell) % 3) for key in range(20) for cell in (0, 1)] + [(0, 2, 10.0, 4.0)]
    table = pd.DataFrame(rows, columns=["customer_key", "cell", "days", "contacts"])
    design = pd.DataFrame({"summer": [0.0, 1.0, 0.0], "late": [0.0, 0.0, 1.0]})
    assert told(fit_case_series(table, design)) == {"summer": "", "late": "too_few"}


def test_a_term_that_varies_between_customers_only_says_nothing_by_hand_count() -> None:
    table, design = random_customers(23)
    table["cell"] = table["cell"] + np.where(table["customer_key"] % 2, " odd", "")
    both = pd.concat([design.assign(odd=0.0), design.assign(odd=1.0).rename(index=lambda cell: f"{cell} odd")])
    assert told(fit_case_series(table, both))["odd"] == "no_variation"


def test_joint_test_of_one_term_is_its_own_by_identity() -> None:
    series = fit_case_series(*random_customers(29, customers=60))
    row = ratios(series).loc["late1"]
    test = series.joint_test(["late1"])
    assert test.statistic == pytest.approx((np.log(row["rate_ratio"]) / row["standard_error"]) ** 2)
    level = 1 - test.p_value
    limits = ratios(series, level=level).loc["late1"]
    assert min(abs(np.log(limits["low"])), abs(np.log(limits["high"]))) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [("cell", "nowhere", "does not have"), ("days", -1.0, "negative"), ("days", 0.0, "no days"),
     ("customer_key", None, "without a customer"), ("contacts", np.nan, "missing")],
)  # fmt: skip
def test_impossible_rows_are_refused(column: str, value: object, words: str) -> None:
    table, design = random_customers(31)
    table = table.astype({"customer_key": object, "cell": object})
    at = table.index[table["contacts"] > 0][0]
    table.loc[at, column] = value
    with pytest.raises(DataError, match=words):
        fit_case_series(table, design)


def test_misspelt_names_are_errors() -> None:
    table, design = random_customers(37)
    with pytest.raises(DataError, match="lacks days"):
        fit_case_series(table.drop(columns="days"), design)
    with pytest.raises(ParameterError, match="late1"):
        fit_case_series(table, design).joint_test(["late"])
    with pytest.raises(ParameterError, match="customer"):
        fit_case_series(table, design).rate_ratios(errors="customers")  # type: ignore[arg-type]
