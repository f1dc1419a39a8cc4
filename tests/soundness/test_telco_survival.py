"""A published curve through our own statistics: month-to-month internet customers of IBM's sample of a telecom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.statistics.survival import kaplan_meier, survival_of_counts


@pytest.fixture(scope="module")
def cohort(real_data: Path) -> pd.DataFrame:
    file = real_data / "ibm_telco" / "Telco-Customer-Churn.csv"
    if not file.is_file():
        pytest.skip("no ibm_telco among the real data")
    rows = pd.read_csv(file)
    return rows[(rows["Contract"] == "Month-to-month") & (rows["InternetService"] != "No")]


def test_month_to_month_internet_customers_by_published_figure(cohort: pd.DataFrame) -> None:
    """3,351 customers, 1,556 left, half within 34 months; .7803 .6950 .5753 .3872 .2890 still there after 6, 12, 24, 48
    and 60 (Databricks' survival accelerator, as others reproduce it)."""
    gone = cohort["Churn"] == "Yes"
    assert (len(cohort), int(gone.sum())) == (3351, 1556)
    curve = kaplan_meier(cohort["tenure"], gone)
    assert curve.quantile().value == 34
    assert curve.at([6, 12, 24, 48, 60]).value == pytest.approx([0.7803, 0.6950, 0.5753, 0.3872, 0.2890], abs=5e-5)


def test_counts_by_month_give_the_same_curve_by_identity(cohort: pd.DataFrame) -> None:
    """What an engine would count: who was there and who left, by month."""
    gone = cohort["Churn"] == "Yes"
    months = np.arange(cohort["tenure"].max() + 1)
    there = np.array([(cohort["tenure"] >= month).sum() for month in months])
    left = np.array([(gone & (cohort["tenure"] == month)).sum() for month in months])
    counted, rows = survival_of_counts(months, there, left), kaplan_meier(cohort["tenure"], gone).at(months)
    for name in ("value", "low", "high"):
        assert getattr(counted, name)[1:] == pytest.approx(getattr(rows, name)[1:]), name
