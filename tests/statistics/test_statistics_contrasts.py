"""A part against the rest: identities with sums over customers done at length, and the level it attains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.contrasts import Crosses, Differences, part_against_rest
from rootcause_lib.statistics.intervals import student_critical


def sums_of(rows: pd.DataFrame) -> tuple[ClusterSums, ClusterSums, Crosses]:
    """From rows of (customer, inside, value), the sums an engine would give: inside, all, and their products."""
    people = np.unique(rows["customer"])
    held = rows.assign(n=1.0).groupby(["customer", "inside"])[["value", "n"]].sum().unstack(fill_value=0.0)
    held = held.reindex(people)
    (y, y_all), (n, n_all) = (
        (held[name][True].to_numpy(), held[name].sum(axis=1).to_numpy()) for name in ("value", "n")
    )
    shared = float(((n > 0) & (n_all - n > 0)).sum())
    crosses = Crosses(*(np.array([c]) for c in (y @ y_all, y @ n_all, n @ y_all, n @ n_all, shared)))
    part, everything = ClusterSums.from_clusters(y[None], n[None]), ClusterSums.from_clusters(y_all[None], n_all[None])
    return part, everything, crosses


def drawn(rng: np.random.Generator, *, people: int = 60, better: float = 0.0) -> pd.DataFrame:
    """Customers with one to five contacts each and a level of their own, inside and outside by chance."""
    number = rng.integers(1, 6, people)
    customer = np.repeat(np.arange(people), number)
    inside = rng.random(len(customer)) < 0.4
    value = rng.normal(size=people)[customer] + rng.normal(size=len(customer)) + better * inside
    return pd.DataFrame({"customer": customer, "inside": inside, "value": value})


def contrast(rows: pd.DataFrame, *, level: float = 0.95) -> Differences:
    return part_against_rest(*sums_of(rows), level=level)


def test_the_difference_and_its_error_by_identity() -> None:
    """The linearised error: each customer's deviation in the part over its size less that in the rest."""
    rows = drawn(np.random.default_rng(1))
    found = contrast(rows)
    means = rows.groupby("inside")["value"].mean()
    assert found.value[0] == pytest.approx(means[True] - means[False])
    sizes = rows.groupby("inside")["value"].size()
    off = rows["value"] - rows["inside"].map(means)
    moved = (off / rows["inside"].map(sizes)).where(rows["inside"], -off / rows["inside"].map(sizes))
    each = moved.groupby(rows["customer"]).sum()
    error = np.sqrt(len(each) / (len(each) - 1) * (each**2).sum())
    assert found.standard_error[0] == pytest.approx(error)


def test_limits_are_students_with_the_smaller_sides_customers_by_identity() -> None:
    rows = drawn(np.random.default_rng(2))
    found = contrast(rows)
    effective = []
    for _, part in rows.groupby("inside"):
        number = part.groupby("customer").size()
        effective.append(min(number.sum() ** 2 / (number**2).sum(), len(number)) - 1)
    reach = float(student_critical(0.95, degrees=min(effective))) * found.standard_error[0]
    assert found.high[0] - found.value[0] == pytest.approx(reach)


def test_a_side_without_two_customers_or_without_any_spread_has_no_limits() -> None:
    one = pd.DataFrame({"customer": [1, 2, 3], "inside": [True, False, False], "value": [1.0, 2.0, 4.0]})
    alike = pd.DataFrame(
        {"customer": [1, 2, 3, 4], "inside": [True, True, False, False], "value": [0.0, 0.0, 2.0, 4.0]}
    )
    for rows, value in ((one, -2.0), (alike, -3.0)):
        found = contrast(rows)
        assert found.value[0] == pytest.approx(value)
        assert np.isnan([found.low[0], found.high[0], found.standard_error[0]]).all()


def test_intervals_hold_the_planted_difference_by_planted_truth() -> None:
    rng = np.random.default_rng(3)
    runs = [contrast(drawn(rng, better=0.5)) for _ in range(400)]
    held = np.mean([(run.low[0] <= 0.5) & (run.high[0] >= 0.5) for run in runs])
    assert held >= 0.93
    assert np.mean([run.value[0] for run in runs]) == pytest.approx(0.5, abs=0.03)
