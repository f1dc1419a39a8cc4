"""Marginal standardisation on cells: Berkeley's admissions, another library's fits, identities, planted truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import wilson
from rootcause_lib.statistics.marginal import (
    Mix,
    Target,
    clustered,
    fit_cells,
    mean_limits,
    residual_squares,
    share_limits,
)


def everybody(cells: pd.DataFrame) -> Mix:
    return Mix(cells, cells["n"].to_numpy(dtype=float))


def targets(cells: pd.DataFrame, *, factor: str, baseline: str) -> tuple[list[str], list[Target]]:
    """The mean of every group over everybody, then each group's difference to the baseline."""
    groups, mix = sorted(cells[factor].unique()), everybody(cells)
    means = [Target(mix.of(factor, group)) for group in groups]
    return groups, means + [Target(mix.of(factor, group), less=mix.of(factor, baseline)) for group in groups]


def drawn_rows(seed: int, rows: int = 900) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    channel, reason = rng.choice(["phone", "chat", "email"], rows), rng.choice(["easy", "hard", "odd"], rows)
    linear = 0.4 - 0.6 * (channel == "chat") + 0.9 * (reason == "easy") - 0.7 * (reason == "hard")
    y = (rng.random(rows) < 1 / (1 + np.exp(-linear))).astype(float)
    score = 3 + linear + rng.normal(0, 1, rows)
    return pd.DataFrame(
        {"channel": channel, "reason": reason, "y": y, "score": score, "who": rng.integers(0, 300, rows)}
    )


def grouped(rows: pd.DataFrame, value: str) -> pd.DataFrame:
    cells = rows.groupby(["channel", "reason"])[value].agg(["size", "sum", lambda y: (y**2).sum()]).reset_index()
    return cells.set_axis(["channel", "reason", "n", "total", "squares"], axis=1)


def test_berkeley_admissions_by_published_figure(real_data: Path) -> None:
    """Freedman, Pisani and Purves, Statistics, chapter 2: 44.5 % of men and 30.4 % of women were admitted; weighted by
    the size of the departments 39 % of men and 43 % of women."""
    raw = pd.read_csv(real_data / "published_figures" / "ucb_admissions.csv")
    wide = raw.pivot_table(index=["Gender", "Dept"], columns="Admit", values="Freq", aggfunc="sum").reset_index()
    cells = wide.assign(n=wide["Admitted"] + wide["Rejected"], total=wide["Admitted"])
    crude = cells.groupby("Gender")["total"].sum() / cells.groupby("Gender")["n"].sum()
    assert crude.round(3).to_dict() == {"Female": 0.304, "Male": 0.445}
    # Sex and department are one factor: women did far better than men in one department and alike in the others.
    whole = cells.assign(both=cells["Gender"] + cells["Dept"])
    fit = fit_cells(whole, factors=["both"], link="logit")
    weights = whole["n"].to_numpy(dtype=float)
    sexes = {sex: Mix(whole.assign(both=sex + whole["Dept"]), weights) for sex in ("Female", "Male")}
    asked = [Target(sexes["Female"]), Target(sexes["Male"]), Target(sexes["Female"], less=sexes["Male"])]
    found = fit.marginal(asked)
    assert found.value[:2].round(2).tolist() == [0.43, 0.39]
    error = np.sqrt(found.naive_variance(cells["n"], cells["total"], cells["total"])[2])
    assert found.value[2] - 1.96 * error > 0


@pytest.mark.parametrize(("link", "value"), [("logit", "y"), ("identity", "score")])
def test_cells_equal_rows_and_clusters_equal_a_sandwich_by_another_library(link: str, value: str) -> None:
    """statsmodels on rows: coefficients, predictions averaged, cluster-robust delta-method errors."""
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    rows = drawn_rows(3)
    cells = grouped(rows, value)
    family = sm.families.Binomial() if link == "logit" else sm.families.Gaussian()
    model = smf.glm(f"{value} ~ channel + reason", rows, family=family)
    theirs = model.fit(cov_type="cluster", cov_kwds={"groups": rows["who"]}, tol=1e-14, maxiter=100)
    fit = fit_cells(cells, factors=["channel", "reason"], link=link)
    groups, asked = targets(cells, factor="channel", baseline="phone")
    found = fit.marginal(asked)
    design = {group: theirs.model.data.orig_exog.copy() for group in groups}
    for group, table in design.items():
        table["channel[T.email]"], table["channel[T.phone]"] = float(group == "email"), float(group == "phone")
    slope = {}
    for place, group in enumerate(groups):
        expected = theirs.predict(rows.assign(channel=group)).to_numpy()
        assert found.value[place] == pytest.approx(expected.mean(), abs=1e-10)
        steep = expected * (1 - expected) if link == "logit" else np.ones(len(expected))
        slope[group] = (steep[:, None] * design[group].to_numpy()).mean(axis=0)
    number = {
        (channel, reason): place for place, (channel, reason) in enumerate(cells[["channel", "reason"]].to_numpy())
    }
    cell = np.array([number[key] for key in zip(rows["channel"], rows["reason"], strict=True)])
    moved = found.slopes[:, cell] * (rows[value].to_numpy() - found.means[cell])
    each = np.array([np.bincount(rows["who"], weights=one) for one in moved])
    mine = clustered((each**2).sum(axis=1), rows["who"].nunique())
    k = len(theirs.params)
    factor = (len(rows) - 1) / (len(rows) - k)
    for place, group in enumerate(groups):
        for at, gradient in ((place, slope[group]), (place + len(groups), slope[group] - slope["phone"])):
            variance = gradient @ theirs.cov_params().to_numpy() @ gradient
            assert mine[at] == pytest.approx(variance / factor, rel=1e-6, abs=1e-15)


def test_naive_variance_is_that_of_every_row_by_identity() -> None:
    rows = drawn_rows(4)
    cells = grouped(rows, "score")
    fit = fit_cells(cells, factors=["channel", "reason"], link="identity")
    found = fit.marginal(targets(cells, factor="channel", baseline="phone")[1])
    merged = rows.merge(cells.reset_index(), on=["channel", "reason"])
    left = (merged["score"] - fit.means[merged["index"]]) ** 2
    by_hand = [(found.slopes[at, merged["index"]] ** 2 * left).sum() for at in range(len(found.value))]
    assert found.naive_variance(cells["n"], cells["total"], cells["squares"]) == pytest.approx(by_hand)
    each = residual_squares(fit.means, cells["n"], cells["total"], cells["squares"])
    assert each.sum() == pytest.approx(left.sum())


def test_one_factor_gives_plain_shares_by_hand_count() -> None:
    cells = pd.DataFrame({"channel": ["phone", "chat"], "n": [40, 10], "total": [30, 5]})
    found = fit_cells(cells, factors=["channel"], link="logit").marginal(
        targets(cells, factor="channel", baseline="phone")[1]
    )
    assert found.value == pytest.approx([0.5, 0.75, -0.25, 0.0])
    variances = found.naive_variance(cells["n"], cells["total"], cells["total"])
    assert variances == pytest.approx([0.25 / 10, 0.1875 / 40, 0.25 / 10 + 0.1875 / 40, 0.0])


def test_all_resolved_is_no_certainty_by_hand_count() -> None:
    """Three contacts, all resolved: the share is 1 and its limits are those of three of three."""
    cells = pd.DataFrame(
        {
            "channel": ["phone", "phone", "chat", "chat"],
            "reason": ["easy", "hard", "easy", "hard"],
            "n": [50, 50, 2, 1],
            "total": [40, 20, 2, 1],
        }
    )
    fit = fit_cells(cells, factors=["channel", "reason"], link="logit")
    found = fit.marginal(targets(cells, factor="channel", baseline="phone")[1])
    variances = found.naive_variance(cells["n"], cells["total"], cells["total"])
    assert found.value[:2] == pytest.approx([1.0, 0.6], abs=0.01)
    limits = share_limits(found.value[0], variances[0], customers=3, level=0.95)
    assert limits.low < wilson(3, 3).low
    assert limits.high == pytest.approx(1.0)
    everything = fit_cells(cells.assign(total=cells["n"]), factors=["channel", "reason"], link="logit")
    assert everything.means == pytest.approx(1.0, abs=1e-5)


def test_what_no_cell_informs_is_not_known_by_identity() -> None:
    """Chat has one matter that nobody else has: over the others' matters nothing is known of it without the model,
    and nothing at all of a matter that nobody had."""
    cells = pd.DataFrame(
        {"channel": ["phone", "phone", "chat"], "reason": ["a", "b", "c"], "n": [20, 20, 20], "total": [10, 5, 15]}
    )
    fit = fit_cells(cells, factors=["channel", "reason"], link="logit")
    found = fit.marginal(
        [Target(everybody(cells).of("channel", "chat")), Target(everybody(cells[:2]).of("channel", "phone"))]
    )
    assert np.isnan(found.value[0])
    assert (found.slopes[0] == 0).all()
    assert found.value[1] == pytest.approx(15 / 40)
    empty = Mix(cells, np.zeros(3))
    assert np.isnan(fit.marginal([Target(empty)]).value).all()


def test_order_of_cells_and_splitting_them_change_nothing_by_identity() -> None:
    cells = grouped(drawn_rows(5), "y")
    halves = pd.concat([cells.assign(n=cells["n"] - 1, total=cells["total"] - 1), cells.assign(n=1, total=1)])
    for again in (cells[::-1], halves):
        for link in ("logit", "identity"):
            first, second = (
                fit_cells(table, factors=["channel", "reason"], link=link).marginal(
                    targets(table, factor="channel", baseline="chat")[1]
                )
                for table in (cells, again)
            )
            assert first.value == pytest.approx(second.value, abs=1e-10)


@pytest.mark.parametrize("link", ["logit", "identity"])
def test_limits_hold_their_level_with_customers_who_come_often_by_planted_truth(link: str) -> None:
    """Customers of two to six contacts with a temper of their own; hard matters go to the phone. No difference."""
    held, runs, crude = 0, 300, []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(150), rng.integers(2, 7, 150))
        hard = rng.random(len(who)) < 0.5
        phone = rng.random(len(who)) < np.where(hard, 0.8, 0.2)
        linear = rng.normal(0, 0.8, 150)[who] - 1.2 * hard
        y = (
            (rng.random(len(who)) < 1 / (1 + np.exp(-linear))) * 1.0
            if link == "logit"
            else linear + rng.normal(size=len(who))
        )
        rows = pd.DataFrame(
            {"channel": np.where(phone, "phone", "chat"), "reason": hard.astype(str), "y": y, "who": who}
        )
        cells = grouped(rows, "y")
        found = fit_cells(cells, factors=["channel", "reason"], link=link).marginal(
            targets(cells, factor="channel", baseline="phone")[1]
        )
        cell = rows.merge(cells.reset_index(), on=["channel", "reason"])["index"].to_numpy()
        moved = np.bincount(who, weights=found.slopes[2, cell] * (y - found.means[cell]))
        limits = mean_limits(found.value[2], clustered((moved**2).sum(), 150), customers=150, level=0.95)
        held += limits.low <= 0 <= limits.high
        crude.append(rows[~phone]["y"].mean() - rows[phone]["y"].mean())
    assert abs(held / runs - 0.95) < 3 * np.sqrt(0.95 * 0.05 / runs)
    assert np.mean(crude) > 0.1


def test_unfit_cells_are_refused() -> None:
    cells = pd.DataFrame({"channel": ["phone"], "n": [4.0], "total": [5.0]})
    with pytest.raises(DataError, match="no more contacts are a yes"):
        fit_cells(cells, factors=["channel"], link="logit")
    with pytest.raises(DataError, match="number of contacts"):
        fit_cells(cells.assign(n=np.nan), factors=["channel"], link="identity")
    fit = fit_cells(cells, factors=["channel"], link="identity")
    with pytest.raises(DataError, match="do not have"):
        fit.marginal([Target(everybody(cells).of("channel", "chat"))])
