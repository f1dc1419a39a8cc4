"""Whether every further dose adds to leaving: a published data set of calls, drawn steps, and what can't be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.dose_steps import dose_steps, log_risks
from rootcause_lib.statistics.hazards import fit_hazard

FEW = np.diag([0.01] * 4)


def calls(real_data, rows: int) -> pd.DataFrame:
    """Leavers and customers by number of service calls, 4 standing for more."""
    file = real_data / "mlc_churn" / "mlc_churn.csv"
    if not file.is_file():
        pytest.skip("no mlc_churn.csv: the published customers with service calls")
    table = pd.read_csv(file).head(rows)
    return (table["churn"] == "yes").groupby(table["number_customer_service_calls"].clip(upper=4)).agg(["sum", "count"])


@pytest.mark.parametrize(("rows", "per_call"), [(3333, 0.94), (5000, 0.98)])
def test_a_threshold_and_not_each_call_by_published_figure(real_data, rows, per_call):
    """Customers with 0 to 3 calls leave alike, those with 4 or more far more often: by no means each call."""
    table = calls(real_data, rows)
    steps = dose_steps(*log_risks(table["sum"], table["count"]))
    assert round(steps.below.ratio, 2) == per_call
    assert steps.below.low < 1 < steps.below.high
    assert (steps.shape, steps.threshold) == ("threshold", 4)
    assert steps.departure_p_value < 1e-10


def test_four_calls_and_more_against_fewer_by_published_figure(real_data):
    table = calls(real_data, 3333)
    few, many = table.loc[:3].sum(), table.loc[4]
    assert (few["sum"] / few["count"], many["sum"] / many["count"]) == pytest.approx((0.113, 0.517), abs=0.0006)
    found = dose_steps(*log_risks([few["sum"], many["sum"]], [few["count"], many["count"]])).steps[0]
    assert (round(found.ratio, 2), round(found.low, 2), round(found.high, 2)) == (4.59, 3.94, 5.35)


def test_one_step_is_the_ratio_of_a_fit_by_identity():
    cells = pd.DataFrame({"calls": list("0123"), "periods": [900.0, 400, 150, 80], "events": [20.0, 16, 9, 8]})
    fit = fit_hazard(cells, {"calls": "0"})
    steps = dose_steps([0.0, *fit.log_ratio[1:]], np.pad(fit.covariance[1:, 1:], ((1, 0), (1, 0))))
    ratio, limits = fit.ratio("calls", "1")
    assert (steps.steps[0].ratio, steps.steps[0].low) == pytest.approx((ratio, float(limits.low)))
    again = fit_hazard(cells, {"calls": "1"})
    ratio, limits = again.ratio("calls", "2")
    assert (steps.steps[1].ratio, steps.steps[1].high) == pytest.approx((ratio, float(limits.high)))


@pytest.mark.parametrize(
    ("log_ratio", "shape", "threshold"),
    [
        ([0, 0.7, 1.4, 2.1], "each", 1),
        ([0, 0.7, 0.7, 0.7], "first", 1),
        ([0, 0.0, 0.0, 0.7], "threshold", 3),
        ([0, 0.2, 0.4, 0.6], "each", None),
        ([0, 0.25, 0.3, 0.35], "undecided", None),
        ([0, 0.0, 0.0, 0.0], "not_shown", None),
        ([0, -0.7, -1.4, -2.1], "not_shown", None),
    ],
)
def test_what_the_doses_look_like_by_drawn_steps(log_ratio, shape, threshold):
    found = dose_steps(log_ratio, FEW)
    assert (found.shape, found.threshold) == (shape, threshold)


def test_equal_steps_lie_on_one_rise_by_identity():
    found = dose_steps([0, 0.2, 0.4, 0.6], FEW)
    assert (found.steady.ratio, found.further.ratio) == pytest.approx((np.exp(0.2), np.exp(0.2)))
    assert found.departure_p_value == pytest.approx(1)


def test_a_dose_that_is_not_known_leaves_the_rest_told():
    found = dose_steps([0, 0.7, np.nan, 0.7], FEW)
    assert found.steps[0].is_sure
    assert np.isnan(found.steps[1].ratio)
    assert np.isnan(found.steady.ratio)
    assert found.shape == "first"


def test_what_cannot_be_steps_is_refused():
    with pytest.raises(DataError, match="two doses"):
        dose_steps([0.0], [[0.0]])
