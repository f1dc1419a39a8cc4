"""Attributable contacts and dose-response: hand counts, all orders by brute force, numerical derivatives, ruin."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.attributable import TOGETHER, UNEXPLAINED, attributable
from rootcause_lib.statistics.dose_response import dose_response
from rootcause_lib.statistics.self_controlled import CaseSeries, fit_case_series


def known(
    ratios: dict[str, float],
    *,
    errors: np.ndarray | None = None,
    reasons: tuple[str, ...] = (),
    adding: tuple[str, ...] = (),
) -> CaseSeries:
    """A case series with these rate ratios, however they came about; without errors of its own unless given."""
    size = len(ratios)
    covariance = np.zeros((size, size)) if errors is None else errors
    return CaseSeries(
        terms=tuple(ratios),
        adding=adding,
        coefficients=np.log(list(ratios.values())),
        covariance=covariance,
        model_covariance=covariance,
        degrees=np.full(size, 1e6),
        reasons=reasons or ("",) * size,
        unknown=np.zeros((size, 0)),
        band_contacts=np.ones(size),
        band_days=np.ones(size),
        customers=100,
        customers_with_contacts=100,
        customers_seen=100,
        contacts=100.0,
        contacts_seen=100.0,
        log_likelihood=0.0,
    )


def overlapping(*terms: str) -> pd.DataFrame:
    """Every combination of terms as a cell."""
    bits = np.arange(2 ** len(terms))[:, None] >> np.arange(len(terms)) & 1
    return pd.DataFrame(bits.astype(float), columns=list(terms))


def counts(*numbers: float) -> pd.Series:
    return pd.Series(list(numbers), dtype=float)


def of(table: pd.DataFrame, process: str, column: str = "contacts") -> float:
    return float(table.set_index("process").loc[process, column])


def test_one_process_by_hand_count() -> None:
    """30 contacts at rate ratio 3: 20 of them would not have come; 70 others and 10 that would have are the rest."""
    table = attributable(known({"late": 3.0}), overlapping("late"), counts(70, 30), processes={"delivery": ["late"]})
    assert of(table, "delivery") == pytest.approx(20)
    assert of(table, UNEXPLAINED) == pytest.approx(80)
    assert of(table, "delivery", "share") == pytest.approx(0.2)
    assert of(table, "delivery", "exposed_contacts") == 30


def test_one_band_errors_by_hand_count() -> None:
    """Delta: 30/3 x error of the log; which of 30 contacts at probability 2/3: 30 x 2/3 x 1/3; expected ones also vary
    by themselves: 30 x (1 - 1/9)."""
    series = known({"late": 3.0}, errors=np.array([[0.04]]))
    options = {"processes": {"delivery": ["late"]}}
    period = attributable(series, overlapping("late"), counts(70, 30), **options)
    assert of(period, "delivery", "standard_error") ** 2 == pytest.approx((10 * 0.2) ** 2 + 30 * 2 / 9)
    expected = attributable(series, overlapping("late"), counts(70, 30), target="expected", **options)
    assert of(expected, "delivery", "standard_error") ** 2 == pytest.approx((10 * 0.2) ** 2 + 30 * 8 / 9)
    assert of(period, "delivery", "high") < 30


@pytest.mark.parametrize("ratios", [(3.0, 2.0, 15.0), (3.0, 0.5, 1.0), (40.0, 6.0, 22.0)])
def test_overlaps_are_split_like_all_orders_by_brute_force_by_identity(ratios: tuple[float, ...]) -> None:
    names = ("a", "b", "c")
    design, n = overlapping(*names), counts(*range(100, 108))
    series = known(dict(zip(names, ratios, strict=True)))
    table = attributable(series, design, n, processes={name: [name] for name in names})
    wanted = dict.fromkeys(names, 0.0)
    for cell, contacts in n.items():
        for order in permutations(names):
            left = 1.0
            for name in order:
                removed = left / ratios[names.index(name)] if design.loc[cell, name] else left
                wanted[name] += contacts * (left - removed) / 6
                left = removed
    for name in names:
        assert of(table, name) == pytest.approx(wanted[name])
    assert of(table, TOGETHER) == pytest.approx(sum(wanted.values()))
    assert of(table, TOGETHER) + of(table, UNEXPLAINED) == pytest.approx(n.sum())


def test_excesses_that_add_are_not_divided_by_hand_count() -> None:
    """Ratios 15 and 6 at once: 20 times the rate, of 40 contacts 28 of the one, 10 of the other and 2 of nobody; a
    normal event of ratio 1.5 in place of the first would have brought 1 of the 28."""
    design = pd.DataFrame({"bill": [0.0, 1], "fault": [0.0, 1], "right": [0.0, 0]})
    series = known({"bill": 15.0, "fault": 6.0, "right": 1.5}, adding=("bill", "fault", "right"))
    processes = {"billing": ["bill"], "outage": ["fault"]}
    table = attributable(series, design, counts(60, 40), processes=processes)
    assert [of(table, name) for name in ("billing", "outage", TOGETHER)] == pytest.approx([28, 10, 38])
    normal = attributable(series, design, counts(60, 40), processes=processes, instead={"bill": "right"})
    assert of(normal, "billing") == pytest.approx(27)
    with pytest.raises(ParameterError, match="some multiply"):
        attributable(known({"a": 2.0, "b": 2.0}, adding=("a",)), overlapping("a", "b"), counts(1, 2, 3, 4),
                     processes={"x": ["a"], "y": ["b"]})  # fmt: skip


@pytest.mark.parametrize("adding", [(), ("a", "b", "c")])
def test_delta_slopes_are_the_derivatives_by_identity(adding: tuple[str, ...]) -> None:
    """With errors in one direction only, the variance is that of moving all coefficients along it."""
    names, way, step = ("a", "b", "c"), np.array([0.3, -0.2, 0.5]), 1e-6
    design, n = overlapping(*names), counts(*range(50, 58))
    options = {"processes": {"x": ["a"], "y": ["b"]}, "instead": {"b": "c"}}
    base = np.log([3.0, 2.0, 5.0])

    def at(beta: np.ndarray, errors: np.ndarray | None = None) -> pd.DataFrame:
        series = known(dict(zip(names, np.exp(beta), strict=True)), errors=errors, adding=adding)
        return attributable(series, design, n, target="period", **options)

    moved = (at(base + step * way)["contacts"] - at(base - step * way)["contacts"]) / (2 * step)
    with_errors, without = at(base, np.outer(way, way)), at(base)
    own = with_errors["standard_error"] ** 2 - without["standard_error"] ** 2
    assert np.sqrt(own[:3]).to_numpy() == pytest.approx(np.abs(moved[:3]).to_numpy(), rel=1e-5)


def test_what_a_normal_event_brings_is_not_eliminable_by_hand_count() -> None:
    """60 contacts at ratio 15 in place of 1.5: 60 (1 - 0.1) = 54 eliminable, though 56 are caused."""
    series, design = known({"wrong": 15.0, "right": 1.5}), pd.DataFrame({"wrong": [0.0, 1, 0], "right": [0.0, 0, 1]})
    n = counts(100, 60, 30)
    caused = attributable(series, design, n, processes={"billing": ["wrong"], "invoice": ["right"]})
    assert of(caused, "billing") == pytest.approx(56)
    assert of(caused, "invoice") == pytest.approx(10)
    table = attributable(series, design, n, processes={"billing": ["wrong"]}, instead={"wrong": "right"})
    assert of(table, "billing") == pytest.approx(54)


def test_a_process_that_keeps_people_from_calling_is_negative_by_hand_count() -> None:
    table = attributable(known({"told": 0.5}), overlapping("told"), counts(70, 30), processes={"notice": ["told"]})
    assert of(table, "notice") == pytest.approx(-30)
    assert of(table, "notice", "low") < -30 < of(table, "notice", "high")


def test_bands_not_told_are_set_aside_with_their_contacts_by_hand_count() -> None:
    series = known({"late": 3.0, "later": 50.0}, reasons=("", "too_few"))
    design = pd.DataFrame({"late": [0.0, 1, 0], "later": [0.0, 0, 1]})
    n = counts(70, 30, 5)
    table = attributable(series, design, n, processes={"delivery": ["late", "later"]})
    assert of(table, "delivery") == pytest.approx(20)
    assert of(table, "delivery", "left_out") == 5
    alone = attributable(series, design, n, processes={"delivery": ["later"]}).set_index("process")
    assert np.isnan(alone.loc["delivery", "contacts"])
    assert alone.loc["delivery", "reason"] == "too_few"


def identical() -> tuple[CaseSeries, pd.DataFrame, pd.Series]:
    """Customers alike with one band of ratio 4.5 (20 in 900 days, 10 in 100), under two names."""
    rows = [(key, cell, (90.0, 10.0)[cell], (2.0, 1.0)[cell]) for key in range(10) for cell in (0, 1)]
    table = pd.DataFrame(rows, columns=["customer_key", "cell", "days", "contacts"])
    design = pd.DataFrame({"late": [0.0, 1.0], "again": [0.0, 1.0]})
    return fit_case_series(table, design), design, table.groupby("cell")["contacts"].sum()


def test_identical_processes_are_told_together_only_by_hand_count() -> None:
    """Nobody can split them, but together they caused 10 (1 - 1/4.5) contacts."""
    series, design, n = identical()
    table = attributable(series, design, n, processes={"x": ["late"], "y": ["again"]}).set_index("process")
    assert table.loc[["x", "y"], "contacts"].isna().all()
    assert set(table.loc[["x", "y"], "reason"]) == {"collinear"}
    assert table.loc[TOGETHER, "contacts"] == pytest.approx(10 * (1 - 1 / 4.5))
    assert table.loc[TOGETHER, "reason"] == ""


def test_no_contacts_in_the_bands_is_a_reason_by_hand_count() -> None:
    series = known({"late": 1e-13}, reasons=("no_contacts",))
    table = attributable(series, overlapping("late"), counts(70, 0), processes={"delivery": ["late"]})
    assert table.set_index("process").loc["delivery", "reason"] == "no_contacts"
    assert np.isnan(of(table, "delivery"))


def test_follow_ups_clump_the_count_as_well_by_hand_count() -> None:
    """Robust variance four times the model's: which contacts would have come anyway is four times as unsure too."""
    single = known({"late": 3.0}, errors=np.array([[0.01]]))
    clumped = CaseSeries(
        **{name: getattr(single, name) for name in CaseSeries.__slots__} | {"covariance": np.array([[0.04]])}
    )
    options = {"processes": {"delivery": ["late"]}}
    once = attributable(single, overlapping("late"), counts(70, 30), **options)
    four = attributable(clumped, overlapping("late"), counts(70, 30), **options)
    assert of(four, "delivery", "standard_error") == pytest.approx(2 * of(once, "delivery", "standard_error"))


def test_misfitting_questions_are_errors() -> None:
    series, design = known({"late": 3.0}), overlapping("late")
    with pytest.raises(DataError, match="different cells"):
        attributable(series, design, counts(1, 2, 3), processes={"delivery": ["late"]})
    with pytest.raises(ParameterError, match="one process each"):
        attributable(series, design, counts(1, 2), processes={"x": ["late"], "y": ["late"]})
    with pytest.raises(ParameterError, match="late"):
        attributable(series, design, counts(1, 2), processes={"x": ["late"]}, instead={"late": "right"})
    with pytest.raises(ParameterError, match="period"):
        attributable(series, design, counts(1, 2), processes={"x": ["late"]}, target="year")  # type: ignore[arg-type]


DAYS = (2.0, 5.0, 10.0, 20.0)
BANDS = ("1-2", "3-6", "7-13", "14+")


def test_a_straight_line_of_logarithms_is_found_by_identity() -> None:
    ratios = dict(zip(BANDS, np.exp(0.5 + 0.1 * np.array(DAYS)), strict=True))
    found = dose_response(known(ratios, errors=0.02 * (np.eye(4) + 1)), BANDS, DAYS)
    assert found.rate_ratio_per_day == pytest.approx(np.exp(0.1))
    assert found.departure_p_value == pytest.approx(1)
    assert found.bands["on_trend"].to_numpy() == pytest.approx(list(ratios.values()))


def test_independent_bands_are_weighted_least_squares_by_identity() -> None:
    import statsmodels.api as sm

    logs, errors = np.array([1.5, 2.4, 2.6, 3.2]), np.array([0.3, 0.1, 0.2, 0.4])
    fit = sm.WLS(logs, sm.add_constant(np.array(DAYS)), weights=errors**-2).fit(cov_type="fixed scale")
    found = dose_response(known(dict(zip(BANDS, np.exp(logs), strict=True)), errors=np.diag(errors**2)), BANDS, DAYS)
    assert np.log(found.rate_ratio_per_day) == pytest.approx(fit.params[1])
    assert np.log(found.low) == pytest.approx(fit.conf_int()[1][0], abs=1e-5)
    assert found.p_value == pytest.approx(fit.pvalues[1], rel=1e-3)


def test_what_all_bands_share_does_not_blur_the_trend_by_identity() -> None:
    """An unsure baseline moves all bands together: the trend's interval is the same, only the level's is not."""
    ratios = dict(zip(BANDS, np.exp([1.5, 2.4, 2.6, 3.2]), strict=True))
    clear = dose_response(known(ratios, errors=0.02 * np.eye(4)), BANDS, DAYS)
    unsure = dose_response(known(ratios, errors=0.02 * np.eye(4) + 5.0), BANDS, DAYS)
    assert (unsure.low, unsure.high) == pytest.approx((clear.low, clear.high))


def test_a_trend_needs_two_bands_by_hand_count() -> None:
    ratios = dict(zip(BANDS, (5.0, 10.0, 16.0, 22.0), strict=True))
    errors = 0.02 * np.eye(4)
    two = dose_response(known(ratios, errors=errors, reasons=("", "", "too_few", "no_contacts")), BANDS, DAYS)
    assert two.rate_ratio_per_day == pytest.approx(2 ** (1 / 3))
    assert np.isnan(two.departure_p_value)
    one = dose_response(known(ratios, errors=errors, reasons=("", "too_few", "too_few", "no_contacts")), BANDS, DAYS)
    assert (np.isnan(one.rate_ratio_per_day), one.reason) == (True, "too_few")
    with pytest.raises(ParameterError, match="different days"):
        dose_response(known(ratios), BANDS, (1.0, 2.0, 2.0, 3.0))
