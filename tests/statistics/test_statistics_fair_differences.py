"""Groups over one mix: Berkeley's admissions of 1973, identities with plain and clustered shares, planted truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.statistics.fair_differences import (
    Comparison,
    Figures,
    bucket_sums,
    clustered_variance,
    compare,
)


def cells_of(rows: dict[str, list[tuple[str, int, int]]]) -> pd.DataFrame:
    """group -> (matter, contacts, of them yes)."""
    return pd.DataFrame(
        [
            {"group": group, "matter": matter, "weight": float(n), "n": float(n), "total": float(yes)}
            for group, own in rows.items()
            for matter, n, yes in own
        ]
    )


def everything(cells: pd.DataFrame, baseline: str, **more: object) -> Comparison:
    groups = tuple(sorted(cells["group"].unique()))
    over = dict.fromkeys(groups, frozenset(cells["matter"]))
    return Comparison(groups, baseline, over, **more)  # type: ignore[arg-type]


def plain_variance(cells: pd.DataFrame, found: Figures) -> np.ndarray:
    left = cells["total"] - 2 * found.means * cells["total"] + found.means**2 * cells["n"]
    return (found.slopes**2 @ left).reshape(-1, 3)


def test_berkeley_admissions_by_published_figure(real_data: Path) -> None:
    """Freedman, Pisani and Purves, Statistics, chapter 2: 44.5 % of men and 30.4 % of women admitted; over the same
    mix of departments 39 % of men and 43 % of women."""
    raw = pd.read_csv(real_data / "published_figures" / "ucb_admissions.csv")
    wide = raw.pivot_table(index=["Gender", "Dept"], columns="Admit", values="Freq", aggfunc="sum").reset_index()
    n = (wide["Admitted"] + wide["Rejected"]).astype(float)
    cells = pd.DataFrame(
        {"group": wide["Gender"], "matter": wide["Dept"], "weight": n, "n": n, "total": wide["Admitted"]}
    )
    crude = compare(cells.assign(matter=""), everything(cells.assign(matter=""), "Male"))
    assert crude.value[:, 0].round(3).tolist() == [0.304, 0.445]
    found = compare(cells, everything(cells, "Male"))
    assert found.value[:, 0].round(2).tolist() == [0.43, 0.39]
    women = found.value[0]
    assert women[2] == pytest.approx(0.0426, abs=0.0005)
    assert women[2] == pytest.approx(women[0] - women[1])
    assert women[2] > 1.96 * np.sqrt(plain_variance(cells, found)[0, 2])
    assert crude.value[0, 2] == pytest.approx(-0.1416, abs=0.0005)
    assert found.overlap.tolist() == [1.0, 1.0]


def test_standardised_by_hand_count() -> None:
    """Phone: 9 of 10 easy, 20 of 40 hard; chat 40 of 50 easy, 4 of 10 hard. Everybody: 60 easy, 50 hard."""
    cells = cells_of({"phone": [("easy", 10, 9), ("hard", 40, 20)], "chat": [("easy", 50, 40), ("hard", 10, 4)]})
    found = compare(cells, everything(cells, "phone"))
    chat, phone = (60 * 0.8 + 50 * 0.4) / 110, (60 * 0.9 + 50 * 0.5) / 110
    assert found.value[0] == pytest.approx([chat, phone, chat - phone])
    assert found.value[1] == pytest.approx([phone, phone, 0.0])
    mix = np.array([60, 50]) / 110
    by_hand = mix**2 @ [0.8 * 0.2 / 50, 0.4 * 0.6 / 10]
    assert plain_variance(cells, found)[0, 0] == pytest.approx(by_hand)
    assert plain_variance(cells, found)[0, 2] == pytest.approx(by_hand + mix**2 @ [0.9 * 0.1 / 10, 0.5 * 0.5 / 40])


def test_contacts_with_no_answer_weigh_in_the_mix_only_by_hand_count() -> None:
    cells = cells_of({"phone": [("easy", 10, 9), ("hard", 40, 20)], "chat": [("easy", 50, 40), ("hard", 10, 4)]})
    cells.loc[0, "weight"] = 70.0
    found = compare(cells, everything(cells, "phone"))
    assert found.value[0, 0] == pytest.approx((120 * 0.8 + 50 * 0.4) / 170)


def test_only_matters_that_both_have_are_compared_by_hand_count() -> None:
    """Letters never come by chat; only the shop sells tickets."""
    cells = cells_of(
        {
            "phone": [("easy", 20, 16), ("letter", 20, 4)],
            "chat": [("easy", 20, 10)],
            "shop": [("ticket", 20, 5)],
            "email": [("easy", 20, 20), ("letter", 0, 0)],
        }
    )
    found = compare(cells, everything(cells, "phone"))
    by_group = dict(zip(("chat", "email", "phone", "shop"), found.value, strict=True))
    assert by_group["chat"] == pytest.approx([0.5, 0.8, -0.3])
    assert by_group["email"] == pytest.approx([1.0, 0.8, 0.2], abs=1e-4)
    assert by_group["phone"] == pytest.approx([(60 * 0.8 + 20 * 0.2) / 80] * 2 + [0.0])
    assert np.isnan(by_group["shop"]).all()
    assert found.overlap == pytest.approx([0.6, 0.6, 0.8, 0.0])


def test_a_machine_has_no_novices_by_hand_count() -> None:
    """Novices settle half as often; the machine is compared as it is, chat over the agents' own mix of tenures."""
    rows = [
        ("phone", "novice", 40, 12), ("phone", "old", 160, 96), ("chat", "novice", 60, 18), ("chat", "old", 60, 36),
        ("machine", "old", 100, 50),
    ]  # fmt: skip
    cells = pd.DataFrame(rows, columns=["group", "tenure", "n", "total"]).assign(matter="any")
    cells = cells.assign(weight=cells["n"].astype(float))
    found = compare(
        cells, everything(cells, "phone", beside=("tenure",), none={"tenure": (frozenset({"machine"}), "old")})
    )
    staffed = (100 * 0.3 + 220 * 0.6) / 320
    by_group = dict(zip(("chat", "machine", "phone"), found.value, strict=True))
    assert by_group["chat"] == pytest.approx([staffed, staffed, 0.0], abs=1e-9)
    assert by_group["machine"] == pytest.approx([0.5, staffed, 0.5 - staffed], abs=1e-9)


def test_what_goes_with_the_group_is_not_held_alike_but_no_figure_is_lost() -> None:
    """All of chat is in a segment nobody else is in: the segment goes, and the figures are those without it."""
    cells = cells_of({"phone": [("easy", 30, 20), ("hard", 30, 10)], "chat": [("easy", 30, 15), ("hard", 30, 5)]})
    cells = cells.assign(segment=cells["group"].map({"phone": "old", "chat": "young"}))
    found = compare(cells, everything(cells, "phone", beside=("segment",)))
    assert found.value == pytest.approx(compare(cells, everything(cells, "phone")).value)


def test_as_many_buckets_as_customers_is_the_usual_sandwich_by_identity() -> None:
    """Plain shares with customers of several contacts: G/(G-1) sum of (y - p n)^2 / N^2."""
    rng = np.random.default_rng(3)
    who = np.repeat(np.arange(80), rng.integers(1, 5, 80))
    yes = (rng.random(len(who)) < rng.random(80)[who]).astype(float)
    cells = cells_of({"phone": [("any", len(who), int(yes.sum()))]})
    found = compare(cells, everything(cells, "phone"))
    row = np.zeros(len(who), dtype=np.int64)
    sums = bucket_sums(found.slopes, found.means, row=row, bucket=who, n=np.ones(len(who)), total=yes)
    share = yes.mean()
    own = np.array([yes[who == one].sum() - share * (who == one).sum() for one in range(80)])
    assert clustered_variance(sums)[0] == pytest.approx(80 / 79 * (own**2).sum() / len(who) ** 2)


@pytest.mark.parametrize("each", [10, 60])
def test_no_true_difference_is_found_as_none_by_planted_truth(each: int) -> None:
    """Both channels settle each of ten matters alike; one has the easy ones. As counted the difference is 25 points."""
    rng = np.random.default_rng(each)
    settled = np.linspace(0.2, 0.9, 10)
    sizes = np.array([np.arange(1, 11), np.arange(10, 0, -1)]) * each
    held, crude, runs = 0, [], 300
    for _run in range(runs):
        yes = rng.binomial(sizes, settled)
        rows = {
            group: [(str(matter), int(sizes[at, matter]), int(yes[at, matter])) for matter in range(10)]
            for at, group in enumerate(("chat", "phone"))
        }
        cells = cells_of(rows)
        found = compare(cells, everything(cells, "phone"))
        reach = 1.96 * np.sqrt(plain_variance(cells, found)[0, 2])
        held += abs(found.value[0, 2]) <= reach
        crude.append(yes[0].sum() / sizes[0].sum() - yes[1].sum() / sizes[1].sum())
    assert held / runs > 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs) - 0.01
    assert np.mean(crude) > 0.2
