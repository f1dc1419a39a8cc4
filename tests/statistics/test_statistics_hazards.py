"""Weekly hazards on grouped cells: published figures, a library on single rows, and planted ratios."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.hazards import fit_hazard


def by_day(rows: pd.DataFrame) -> pd.DataFrame:
    """Person-days at risk and deaths, on days with a death, by treatment; rows: start, stop, event, treated."""
    days = np.sort(rows.loc[rows["event"] == 1, "stop"].unique())
    cells = []
    for day in days:
        at_risk = rows[(rows["start"] < day) & (rows["stop"] >= day)]
        dead = at_risk[(at_risk["stop"] == day) & (at_risk["event"] == 1)]
        for treated in (0, 1):
            here = (at_risk["treated"] == treated).sum()
            cells.append((str(day), str(treated), here, (dead["treated"] == treated).sum()))
    return pd.DataFrame(cells, columns=["day", "treated", "periods", "events"])


def log_ratio(rows: pd.DataFrame) -> float:
    cells = by_day(rows)
    return float(np.log(fit_hazard(cells, {"day": cells["day"].iloc[0], "treated": "0"}).ratio("treated", "1")[0]))


def test_a_transplant_as_it_came_about_by_published_figure(real_data) -> None:
    """Stanford heart transplants: .1271 by the exact partial likelihood; a daily grouped hazard is within .02 of it."""
    rows = pd.read_csv(real_data / "published_figures" / "stanford_heart_tv.csv").rename(
        columns={"transplant": "treated"}
    )
    assert log_ratio(rows) == pytest.approx(0.1271, abs=0.02)


def test_ever_transplanted_as_if_from_the_start_by_published_figure(real_data) -> None:
    """The same with everybody who ever was transplanted counted as treated all along: -1.323, a false protection."""
    rows = pd.read_csv(real_data / "published_figures" / "stanford_jasa.csv").rename(
        columns={"transplant": "treated", "fustat": "event"}
    )
    rows = rows.assign(start=-1, stop=rows["futime"])
    assert log_ratio(rows) == pytest.approx(-1.323, abs=0.02)


def drawn(seed: int, *, people: int, ratio: float) -> pd.DataFrame:
    """Person-weeks of people who stay until they leave or a year is over: exposed every other spell of four weeks."""
    rng = np.random.default_rng(seed)
    segment = rng.integers(0, 2, people)
    phase = rng.integers(0, 8, people)
    rows = []
    here = np.ones(people, dtype=bool)
    for week in range(52):
        exposed = (week + phase) % 8 < 4
        hazard = 0.01 * ratio**exposed * 2.0**segment
        leaves = here & (rng.random(people) < -np.expm1(-hazard))
        rows.append(pd.DataFrame({"week": week // 13, "segment": segment, "exposed": exposed, "events": leaves})[here])
        here &= ~leaves
    return pd.concat(rows).astype({"week": str, "segment": str, "events": int}).assign(periods=1)


def grouped(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(exposed=rows["exposed"].map({True: "yes", False: "no"}))
    return rows.groupby(["week", "segment", "exposed"])[["periods", "events"]].sum().reset_index()


FACTORS = {"week": "0", "segment": "0", "exposed": "no"}


def test_cells_equal_single_person_weeks_by_another_library() -> None:
    """statsmodels on one row per person-week, and ours on the cells: the same to eight digits."""
    import statsmodels.api as sm

    rows = drawn(1, people=800, ratio=1.5)
    fit = fit_hazard(grouped(rows), FACTORS)
    design = [np.ones(len(rows)), *(rows["week"] == week for week in "123"), rows["segment"] == "1", rows["exposed"]]
    family = sm.families.Binomial(link=sm.families.links.CLogLog())
    theirs = sm.GLM(rows["events"], np.column_stack(design).astype(float), family=family).fit(tol=1e-14, maxiter=100)
    assert list(fit.terms[1:4]) == [("week", "1"), ("week", "2"), ("week", "3")]
    assert fit.log_ratio == pytest.approx(theirs.params, abs=1e-8)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(theirs.bse, abs=1e-8)


def test_parts_of_weeks_count_by_their_length_by_identity() -> None:
    """A week cut into days has the same ratios: the chance to stay a week is that to stay its seven days."""
    cells = pd.DataFrame({"exposed": ["no", "yes"], "periods": [4000.0, 1000.0], "events": [40.0, 25.0]})
    whole = fit_hazard(cells, {"exposed": "no"})
    halves = fit_hazard(cells.assign(length=0.5), {"exposed": "no"})
    assert halves.ratio("exposed", "yes")[0] == pytest.approx(whole.ratio("exposed", "yes")[0])
    assert halves.log_ratio[0] == pytest.approx(whole.log_ratio[0] + np.log(2))


def test_two_groups_by_hand_count() -> None:
    """One factor only: the ratio of -log(1 - share)."""
    cells = pd.DataFrame({"exposed": ["no", "yes"], "periods": [4000, 1000], "events": [40, 25]})
    fit = fit_hazard(cells, {"exposed": "no"})
    assert fit.ratio("exposed", "yes")[0] == pytest.approx(np.log1p(-0.025) / np.log1p(-0.01))
    risk = fit.risk("exposed", "yes", within=1)
    assert (risk.exposed, risk.reference) == (pytest.approx(0.025), pytest.approx(0.01))
    thirteen = fit.risk("exposed", "yes", within=13)
    assert thirteen.difference == pytest.approx(0.99**13 - 0.975**13)


def test_a_risk_differences_interval_by_planted_truth() -> None:
    """Hazards of 1 % and 1.5 % a week (half of the people twice that), 13 weeks: coverage over 120 drawn clients."""
    truth = np.mean([np.exp(-13 * 0.01 * own) - np.exp(-13 * 0.015 * own) for own in (1, 2)])
    hits = ratio_hits = 0
    for seed in range(120):
        rows = grouped(drawn(seed, people=500, ratio=1.5))
        fit = fit_hazard(rows, FACTORS)
        low, high = fit.ratio("exposed", "yes")[1].low, fit.ratio("exposed", "yes")[1].high
        ratio_hits += low <= 1.5 <= high
        risk = fit.risk("exposed", "yes", within=13)
        hits += risk.interval.low <= truth <= risk.interval.high
    # At 95 % of 120 the binomial's .001 quantile is 105.
    assert hits >= 105
    assert ratio_hits >= 105


def test_a_level_without_events_is_not_told_and_moves_no_other_by_identity() -> None:
    cells = pd.DataFrame({"exposed": ["no", "yes", "seldom"], "periods": [4000, 1000, 12], "events": [40, 25, 0]})
    fit = fit_hazard(cells, {"exposed": "no"})
    assert fit.ratio("exposed", "yes")[0] == pytest.approx(
        fit_hazard(cells[:2], {"exposed": "no"}).ratio("exposed", "yes")[0]
    )
    with pytest.raises(ParameterError, match="seldom"):
        fit.ratio("exposed", "seldom")


def test_factors_that_always_go_together_are_told_once() -> None:
    cells = grouped(drawn(3, people=300, ratio=1.5))
    twice = fit_hazard(cells.assign(again=cells["exposed"]), {**FACTORS, "again": "no"})
    assert twice.ratio("exposed", "yes")[0] == pytest.approx(fit_hazard(cells, FACTORS).ratio("exposed", "yes")[0])
    assert np.isnan(twice.ratio("again", "yes")[0])
    assert np.isnan(twice.risk("again", "yes", within=4).difference)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"exposed": ["no"], "periods": [10]}, "lack events"),
        ({"exposed": ["no"], "periods": [10], "events": [11]}, "0 to its periods"),
        ({"exposed": ["no"], "periods": [10], "events": [0]}, "Nobody left"),
        ({"exposed": ["no"], "periods": [10], "events": [1], "length": [0.0]}, "length above 0"),
    ],
)
def test_cells_that_cannot_be_are_refused(cells, words) -> None:
    with pytest.raises(DataError, match=words):
        fit_hazard(pd.DataFrame(cells), {"exposed": "no"})


def test_a_reference_nobody_left_from_is_refused() -> None:
    cells = pd.DataFrame({"exposed": ["no", "yes"], "periods": [40, 10], "events": [0, 2]})
    with pytest.raises(ParameterError, match="another level"):
        fit_hazard(cells, {"exposed": "no"})
