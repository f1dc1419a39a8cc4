"""The recontact curve: hand counts, figures in print, row-level influence and jackknife, planted truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.incidence import INCIDENCE_COLUMNS, WAYS, incidence


def counted(rows: pd.DataFrame, by: list[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Ways, pairs and customers of rows with customer, day, outcome: what the engine would count."""
    keys = by or []
    ways = rows.groupby([*keys, "day", "outcome"]).size().rename("contacts").reset_index()
    own = rows.groupby([*keys, "customer", "day", "outcome"]).size().rename("n").reset_index()
    met = own.merge(own, on=[*keys, "customer"], suffixes=("", "_2"))
    met["contacts"] = met["n"] * met["n_2"]
    pairs = met.groupby([*keys, "day", "outcome", "day_2", "outcome_2"])["contacts"].sum().reset_index()
    if not keys:
        return ways, pairs, pd.DataFrame({"customers": [rows["customer"].nunique()]})
    return ways, pairs, rows.groupby(keys)["customer"].nunique().rename("customers").reset_index()


def extract(seed: int, *, customers: int = 60, back: float = 0.4, correlation: float = 0.4, leaving: float = 0.15):
    """A four-week extract: contacts at even times, coming back geometrically within 14 days, some leaving."""
    rng = np.random.default_rng(seed)
    whose = np.repeat(np.arange(customers), rng.geometric(0.4, size=customers))
    size, strength = len(whose), 1 / correlation - 1
    own = rng.beta(back * strength, (1 - back) * strength, size=customers)[whose]
    comes = np.where(rng.random(size) < own, np.minimum(rng.geometric(0.25, size) - 1, 13), 99)
    leaves = np.where(rng.random(size) < leaving, rng.integers(0, 20, size), 98)
    watched = 27 - rng.integers(0, 29, size)
    first = np.minimum(comes, leaves)
    outcome = np.where(first > watched, "censored", np.where(comes <= leaves, "came_back", "left"))
    return pd.DataFrame({"customer": whose, "day": np.minimum(first, watched), "outcome": outcome})


def truth_within(days: int, *, back: float, leaving: float) -> float:
    """Chance of having come back by the end of day `days` - 1 in `extract`."""
    lag = np.array([0.25 * 0.75**day for day in range(13)] + [0.75**13])
    staying = 1 - leaving * np.arange(14) / 20
    return float(back * (lag * staying)[:days].sum())


def curve_of(frame: pd.DataFrame, outcome: str, column: str = "value") -> np.ndarray:
    return frame.loc[frame["outcome"] == outcome, column].to_numpy()


def by_rows(rows: pd.DataFrame, horizon: int) -> np.ndarray:
    """Came back, left by day, straight from the definition, row by row; a third implementation with no matrices."""
    staying, came, gone, curve = 1.0, 0.0, 0.0, []
    for day in range(horizon + 1):
        at_risk = sum(1 for last in rows["day"] if last >= day)
        for outcome in ("came_back", "left"):
            events = sum(
                1 for last, how in zip(rows["day"], rows["outcome"], strict=True) if (last, how) == (day, outcome)
            )
            if outcome == "came_back":
                back_now = events
            else:
                left_now = events
        came += staying * back_now / at_risk
        gone += staying * left_now / at_risk
        staying *= 1 - (back_now + left_now) / at_risk
        curve.append((came, gone))
    return np.array(curve)


def test_curve_by_hand_count() -> None:
    """Ten contacts. Day 0: 1 of 10 back. Day 1: 1 of 8 back, 1 left (one not watched). Day 2: 2 of 5 back (one not)."""
    rows = pd.DataFrame(
        {
            "customer": range(10),
            "day": [0, 0, 1, 1, 1, 2, 2, 2, 2, 2],
            "outcome": [
                *("came_back", "censored"),
                *("came_back", "left", "censored"),
                *("came_back", "came_back", "censored", "censored", "censored"),
            ],
        }
    )
    curve = incidence(*counted(rows), horizon=3)
    assert list(curve.columns) == list(INCIDENCE_COLUMNS)
    back = [0.1, 0.1 + 0.9 / 8, 0.1 + 0.9 / 8 + 0.9 * 6 / 8 * 2 / 5]
    assert list(curve_of(curve, "came_back")[:3]) == pytest.approx(back)
    assert list(curve_of(curve, "left")[:3]) == pytest.approx([0, 0.9 / 8, 0.9 / 8])
    assert list(curve_of(curve, "quiet")[:3]) == pytest.approx([0.9, 0.9 * 6 / 8, 0.9 * 6 / 8 * 3 / 5])
    assert list(curve_of(curve, "quiet", "at_risk")) == [10, 8, 5, 0]
    assert list(curve_of(curve, "came_back", "events")) == [1, 2, 4, 4]
    assert list(curve_of(curve, "left", "events")) == [0, 1, 1, 1]
    assert list(curve_of(curve, "quiet", "events")) == [1, 3, 5, 5]
    assert list(curve_of(curve, "left", "unobserved")) == [0, 1, 2, 5]
    last = curve[curve["day"] == 3]
    assert last[["value", "low", "high", "se"]].isna().all(axis=None)


def test_curve_that_ends_stays_known_by_hand_count() -> None:
    """All come back by day 1: nobody is at risk later, yet nothing is unknown."""
    rows = pd.DataFrame({"customer": [0, 1, 2, 3], "day": [0, 1, 1, 0], "outcome": "came_back"})
    curve = incidence(*counted(rows), horizon=3)
    assert list(curve_of(curve, "came_back")) == [0.5, 1, 1, 1]
    assert list(curve_of(curve, "quiet")) == [0.5, 0, 0, 0]
    assert list(curve_of(curve, "quiet", "low")[1:]) == [0, 0, 0]
    assert (curve_of(curve, "quiet", "high")[1:] > 0.3).all()


@pytest.mark.parametrize("seed", range(3))
def test_curve_equals_definition_on_rows_by_identity(seed: int) -> None:
    rows = extract(seed)
    curve = incidence(*counted(rows), horizon=13)
    expected = by_rows(rows, 13)
    assert np.abs(curve_of(curve, "came_back") - expected[:, 0]).max() < 1e-12
    assert np.abs(curve_of(curve, "left") - expected[:, 1]).max() < 1e-12


def test_three_shares_sum_to_one_by_identity() -> None:
    curve = incidence(*counted(extract(4)), horizon=20)
    assert np.abs(curve.groupby("day")["value"].sum() - 1).max() < 1e-12
    assert (curve["low"] <= curve["value"]).all()
    assert (curve["value"] <= curve["high"]).all()
    assert curve[["low", "high"]].min(axis=None) >= 0
    assert curve[["low", "high"]].max(axis=None) <= 1


def test_standard_error_equals_finite_influence_summed_per_customer_by_identity() -> None:
    """Each row's weight is nudged and the curve computed anew from the definition; summed by customer, squared."""
    rows = extract(5, customers=25)
    curve = incidence(*counted(rows), horizon=13)

    def curves(weights: np.ndarray) -> np.ndarray:
        last, how = rows["day"].to_numpy(), rows["outcome"].to_numpy()
        staying, total, out = 1.0, np.zeros(2), []
        for day in range(14):
            hazards = np.array([weights[(last == day) & (how == kind)].sum() for kind in ("came_back", "left")])
            hazards = hazards / weights[last >= day].sum()
            total = total + staying * hazards
            staying *= 1 - hazards.sum()
            out.append([staying, *total])
        return np.array(out)

    step = 1e-5
    ones = np.eye(len(rows)) * step
    influence = np.array([(curves(1 + nudge) - curves(1 - nudge)) / (2 * step) for nudge in ones])
    per_customer = np.array([influence[rows["customer"] == who].sum(axis=0) for who in rows["customer"].unique()])
    customers = len(per_customer)
    expected = np.sqrt((per_customer**2).sum(axis=0) * customers / (customers - 1))
    for place, outcome in enumerate(("quiet", "came_back", "left")):
        assert np.abs(curve_of(curve, outcome, "se") - expected[:, place]).max() < 1e-9


def test_standard_error_equals_exact_influence_summed_per_customer_by_identity() -> None:
    """Without leavers: a contact moves log S by Greenwood's running sum up to its day, less 1/(n-d) at its event."""
    rows = extract(6, leaving=0.0)
    curve = incidence(*counted(rows), horizon=13)
    days = np.arange(14)
    at_risk = (rows["day"].to_numpy()[:, None] >= days).sum(axis=0)
    back = (rows["outcome"] == "came_back").to_numpy()
    events = ((rows["day"].to_numpy()[:, None] == days) & back[:, None]).sum(axis=0)
    greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
    staying = np.cumprod(1 - events / at_risk)
    last = rows["day"].to_numpy()
    influence = np.zeros((len(rows), 14))
    for day in days:
        reached = np.minimum(last, day)
        influence[:, day] = np.where(reached >= 0, greenwood[np.maximum(reached, 0)], 0.0)
        ended = back & (last <= day)
        influence[ended, day] -= 1 / (at_risk - events)[last[ended]]
    customers = rows["customer"].nunique()
    summed = pd.DataFrame(influence).groupby(rows["customer"].to_numpy()).sum().to_numpy()
    expected = staying * np.sqrt((summed**2).sum(axis=0) * customers / (customers - 1))
    assert np.abs(curve_of(curve, "quiet", "se") - expected).max() < 1e-12
    assert np.abs(curve_of(curve, "came_back", "se") - expected).max() < 1e-12


def test_standard_error_near_jackknife_over_customers_by_identity() -> None:
    rows = extract(7, customers=300)
    curve = incidence(*counted(rows), horizon=13)
    without = [
        curve_of(incidence(*counted(rows[rows["customer"] != who]), horizon=13), "came_back") for who in range(300)
    ]
    jackknife = np.sqrt(((np.array(without) - np.mean(without, axis=0)) ** 2).sum(axis=0) * 299 / 300)
    assert curve_of(curve, "came_back", "se") == pytest.approx(jackknife, rel=0.02)


def test_standard_error_is_greenwood_where_nobody_has_two_contacts_by_identity() -> None:
    rows = extract(8, leaving=0.0).drop_duplicates("customer")
    curve = incidence(*counted(rows), horizon=13)
    days = np.arange(14)
    at_risk = (rows["day"].to_numpy()[:, None] >= days).sum(axis=0)
    happened = (rows["day"].to_numpy()[:, None] == days) & (rows["outcome"] == "came_back").to_numpy()[:, None]
    events = happened.sum(axis=0)
    greenwood = np.cumprod(1 - events / at_risk) * np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
    factor = np.sqrt(len(rows) / (len(rows) - 1))
    assert np.abs(curve_of(curve, "quiet", "se") - greenwood * factor).max() < 1e-12


def test_lung_survival_by_published_figure(real_data: Path) -> None:
    """R's survival: at 365 days .409, standard error .0358, 65 at risk, 121 deaths; median 310 days."""
    path = real_data / "published_figures" / "lung.csv"
    if not path.exists():
        pytest.skip("lung.csv is not among the data")
    lung = pd.read_csv(path)
    rows = pd.DataFrame({"customer": lung.index, "day": lung["time"]})
    rows["outcome"] = np.where(lung["status"] == 2, "came_back", "censored")
    curve = incidence(*counted(rows), horizon=400)
    year = curve[(curve["day"] == 365) & (curve["outcome"] == "quiet")].iloc[0]
    assert round(year["value"], 3) == 0.409
    assert round(year["se"] * np.sqrt(227 / 228), 4) == 0.0358
    assert (year["at_risk"], year["events"]) == (65, 121)
    quiet = curve[curve["outcome"] == "quiet"]
    assert quiet.loc[quiet["value"] <= 0.5, "day"].min() == 310


def test_stanford_survival_equals_statsmodels_by_identity(real_data: Path) -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    path = real_data / "published_figures" / "stanford_jasa.csv"
    if not path.exists():
        pytest.skip("stanford_jasa.csv is not among the data")
    patients = pd.read_csv(path)
    rows = pd.DataFrame({"customer": patients.index, "day": patients["futime"].astype(int)})
    rows["outcome"] = np.where(patients["fustat"] == 1, "left", "censored")
    curve = incidence(*counted(rows), horizon=300)
    oracle = SurvfuncRight(patients["futime"], patients["fustat"])
    at = oracle.surv_times[oracle.surv_times <= 300].astype(int)
    quiet = curve[curve["outcome"] == "quiet"].set_index("day").loc[at]
    factor = np.sqrt(len(rows) / (len(rows) - 1))
    assert np.abs(quiet["value"] - oracle.surv_prob[: len(at)]).max() < 1e-12
    assert np.abs(quiet["se"] / factor - oracle.surv_prob_se[: len(at)]).max() < 1e-12


def test_competing_incidence_equals_statsmodels_by_identity() -> None:
    from statsmodels.duration.survfunc import CumIncidenceRight

    rows = extract(9)
    rows = rows[rows["day"] >= 0]
    curve = incidence(*counted(rows), horizon=13)
    kinds = rows["outcome"].map({"censored": 0, "came_back": 1, "left": 2})
    oracle = CumIncidenceRight(rows["day"], kinds)
    at = oracle.times[oracle.times <= 13].astype(int)
    for place, outcome in enumerate(("came_back", "left")):
        assert np.abs(curve_of(curve, outcome)[at] - oracle.cinc[place][: len(at)]).max() < 1e-12


def test_cells_equal_one_at_a_time_by_identity() -> None:
    rows = pd.concat(
        [extract(seed).assign(channel=channel, reason=reason) for seed, channel, reason in
         [(1, "phone", "bill"), (2, "chat", "bill"), (3, "phone", None)]]
    )  # fmt: skip
    keys = ["channel", "reason"]
    frames = [frame.copy() for frame in counted(rows.fillna({"reason": "none"}), keys)]
    for frame in frames:
        frame["reason"] = frame["reason"].where(frame["reason"] != "none")
    together = incidence(*frames, horizon=13, by=keys)
    assert list(together.columns) == [*keys, *INCIDENCE_COLUMNS]
    for (channel, reason), cell in together.groupby(keys, dropna=False):
        same = rows["reason"].isna() if pd.isna(reason) else rows["reason"] == reason
        alone = incidence(*counted(rows[(rows["channel"] == channel) & same]), horizon=13)
        pd.testing.assert_frame_equal(cell[list(INCIDENCE_COLUMNS)].reset_index(drop=True), alone)
    assert len(together) == 3 * 14 * 3


def test_what_happens_after_the_horizon_changes_nothing_by_identity() -> None:
    rows = extract(10)
    early = incidence(*counted(rows), horizon=6)
    longer = incidence(*counted(rows), horizon=13)
    within = longer[longer["day"] <= 6].reset_index(drop=True)
    pd.testing.assert_frame_equal(early, within)


def test_contacts_not_watched_for_a_day_count_nowhere_but_in_the_unobserved_by_identity() -> None:
    rows = extract(11)
    rows = rows[rows["day"] >= 0]
    fresh = pd.DataFrame({"customer": rows["customer"].iloc[:5], "day": -1, "outcome": "censored"})
    with_fresh = incidence(*counted(pd.concat([rows, fresh])), horizon=13)
    without = incidence(*counted(rows), horizon=13)
    for column in ("value", "se", "at_risk", "events"):
        assert np.abs(with_fresh[column] - without[column]).max() < 1e-12
    assert set(with_fresh["unobserved"] - without["unobserved"]) == {5}


def test_no_contacts_give_an_empty_curve_by_identity() -> None:
    ways, pairs, customers = counted(extract(1))
    empty = incidence(ways.iloc[:0], pairs.iloc[:0], customers.iloc[:0], horizon=13)
    assert list(empty.columns) == list(INCIDENCE_COLUMNS)
    assert len(empty) == 0
    keyed = [frame.iloc[:0].assign(channel="") for frame in (ways, pairs, customers)]
    assert list(incidence(*keyed, horizon=13, by=["channel"]).columns) == ["channel", *INCIDENCE_COLUMNS]


def test_one_customer_tells_nothing_by_identity() -> None:
    curve = incidence(*counted(extract(1).assign(customer=1)), horizon=5)
    assert curve["se"].isna().all()
    assert (curve["low"] == 0).all()
    assert (curve["high"] == 1).all()


def test_wrong_counts_are_refused_by_identity() -> None:
    ways, pairs, customers = counted(extract(12))
    place = {way: number for number, way in enumerate(WAYS)}
    first = pairs["day"] * 3 + pairs["outcome"].map(place)
    second = pairs["day_2"] * 3 + pairs["outcome_2"].map(place)
    with pytest.raises(DataError, match="both orders"):
        incidence(ways, pairs[first <= second], customers, horizon=13)
    with pytest.raises(DataError, match="not of the same contacts"):
        incidence(ways, pairs[first != second], customers, horizon=13)
    with pytest.raises(DataError, match="not of the same contacts"):
        incidence(ways[ways["outcome"] != "left"], pairs, customers, horizon=13)
    with pytest.raises(DataError, match="Did you mean 'came_back'"):
        incidence(ways.replace("came_back", "cameback"), pairs, customers, horizon=13)
    with pytest.raises(DataError, match="lacks day_2"):
        incidence(ways, pairs.drop(columns="day_2"), customers, horizon=13)
    with pytest.raises(DataError, match="exactly one row"):
        incidence(ways, pairs, customers.iloc[:0], horizon=13)


def test_coverage_and_bias_by_planted_truth_where_repeats_over_all_fail() -> None:
    """300 four-week extracts of 100 customers: the curve holds the truth, repeats seen over all contacts do not."""
    truth = truth_within(14, back=0.4, leaving=0.15)
    held, values, naive = [], [], []
    for seed in range(300):
        rows = extract(1000 + seed, customers=100)
        curve = incidence(*counted(rows), horizon=13)
        end = curve[(curve["day"] == 13) & (curve["outcome"] == "came_back")].iloc[0]
        held.append(end["low"] <= truth <= end["high"])
        values.append(end["value"])
        naive.append((rows["outcome"] == "came_back").mean())
    assert 0.92 <= np.mean(held) <= 0.98
    assert abs(np.mean(values) - truth) < 0.01
    assert np.mean(naive) < truth - 0.04
