"""Direct standardisation: Berkeley's admissions of 1973, identities with plain shares, planted differences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.intervals import newcombe, wilson
from rootcause_lib.statistics.standardise import STANDARDISED_COLUMNS, standardised_shares


@pytest.fixture(scope="module")
def berkeley(real_data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Admitted and applicants by sex and department."""
    cells = pd.read_csv(real_data / "published_figures" / "ucb_admissions.csv")
    counts = cells.pivot_table(index="Gender", columns=["Admit", "Dept"], values="Freq", aggfunc="sum")
    return counts["Admitted"], counts["Admitted"] + counts["Rejected"]


def test_berkeley_admissions_by_published_figure(berkeley) -> None:
    """Freedman, Pisani and Purves, Statistics, chapter 2: 44 % of men and 30 % of women admitted; weighted by the
    size of the departments 39 % of men and 43 % of women. (Men: 1198 of 2691, 44.5 %.)"""
    rows = standardised_shares(*berkeley, baseline="Male").set_index("group")
    assert rows["crude"].to_dict() == pytest.approx({"Female": 0.30, "Male": 0.445}, abs=0.005)
    assert rows["value"].round(2).to_dict() == {"Female": 0.43, "Male": 0.39}
    women = rows.loc["Female"]
    assert women["crude_high"] < 0
    assert women["difference"] == pytest.approx(0.0426, abs=0.0005)
    assert women["difference_high"] > women["difference_low"] > 0
    assert (rows["overlap"] == 1).all()
    assert rows.loc["Male", ["difference", "difference_low", "crude_difference"]].tolist() == [0, 0, 0]


def test_one_stratum_is_wilson_and_newcombe_by_identity() -> None:
    events, n = (pd.DataFrame({"all": column}, index=["phone", "chat"]) for column in ([56, 48], [70, 80]))
    rows = standardised_shares(events, n, baseline="chat").set_index("group")
    assert tuple(rows.reset_index().columns) == STANDARDISED_COLUMNS
    plain, gap = wilson(56, 70), newcombe(56, 70, 48, 80)
    assert rows.loc["phone", ["low", "high"]].tolist() == pytest.approx([plain.low, plain.high])
    for prefix in ("difference", "crude"):
        limits = rows.loc["phone", [f"{prefix}_low", f"{prefix}_high"]].tolist()
        assert limits == pytest.approx([gap.low, gap.high])


def test_standardised_by_hand_count() -> None:
    """Phone: 9 of 10 easy, 20 of 40 hard. Standard half and half: .7. With two contacts of that kind: .8667, .5095."""
    events = pd.DataFrame({"easy": [9.0, 40.0], "hard": [20.0, 4.0]}, index=["phone", "chat"])
    n = pd.DataFrame({"easy": [10.0, 50.0], "hard": [40.0, 10.0]}, index=["phone", "chat"])
    row = standardised_shares(events, n, baseline="chat", standard=pd.Series({"hard": 5, "easy": 5})).loc[0]
    easy, hard = (9 + 1.4) / 12, (20 + 1.4) / 42
    assert row["value"] == pytest.approx(0.7)
    assert row["standard_error"] == pytest.approx(
        np.sqrt(0.25 * easy * (1 - easy) / 10 + 0.25 * hard * (1 - hard) / 40)
    )
    assert row["difference"] == pytest.approx(0.7 - 0.6)
    assert row["crude_difference"] == pytest.approx(29 / 50 - 44 / 60)
    wide = standardised_shares(
        events, n, baseline="chat", standard=pd.Series({"hard": 5, "easy": 5}), design_effect=[4, 1]
    )
    assert wide.loc[0, "standard_error"] == pytest.approx(2 * row["standard_error"])


def test_only_common_strata_are_compared_by_hand_count() -> None:
    """Letters never come by chat: phone is held against chat without them, and the overlap says so."""
    events = pd.DataFrame({"easy": [8.0, 6.0, 0.0], "letter": [1.0, 0.0, 2.0]}, index=["phone", "chat", "post"])
    n = pd.DataFrame({"easy": [10.0, 10.0, 0.0], "letter": [10.0, 0.0, 10.0]}, index=["phone", "chat", "post"])
    rows = standardised_shares(events, n, baseline="chat").set_index("group")
    assert rows.loc["phone", ["value", "difference", "overlap"]].tolist() == pytest.approx([0.8, 0.2, 0.5])
    assert rows.loc["post", "overlap"] == 0
    assert rows.loc["post", ["value", "low", "difference", "difference_high"]].isna().all()
    assert rows.loc["post", "crude"] == pytest.approx(0.2)


def test_unanimous_strata_are_not_certain_by_identity() -> None:
    events = pd.DataFrame({"a": [5.0, 0.0], "b": [5.0, 0.0]}, index=["one", "two"])
    n = pd.DataFrame({"a": [5.0, 5.0], "b": [5.0, 5.0]}, index=["one", "two"])
    rows = standardised_shares(events, n, baseline="two")
    assert rows["high"].tolist() == pytest.approx([1, wilson(0, 10).high])
    assert rows["low"].tolist() == pytest.approx([wilson(10, 10).low, 0])


@pytest.mark.parametrize("each", [4, 40])
def test_no_true_difference_is_found_as_none_by_planted_truth(each: int) -> None:
    """Both channels resolve each of ten matters alike; one has the easy ones. The crude difference is 25 points."""
    rng = np.random.default_rng(each)
    resolved = np.linspace(0.2, 0.9, 10)
    sizes = np.array([np.arange(1, 11), np.arange(10, 0, -1)]) * each
    held, crude = 0, []
    for _run in range(400):
        events, n = (pd.DataFrame(table, index=["phone", "chat"]) for table in (rng.binomial(sizes, resolved), sizes))
        row = standardised_shares(events, n, baseline="chat").loc[0]
        held += row["difference_low"] <= 0 <= row["difference_high"]
        crude.append(row["crude_difference"])
    assert abs(held / 400 - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 400)
    assert np.mean(crude) > 0.2


def test_unfit_tables_are_refused() -> None:
    events = pd.DataFrame({"a": [5.0, 0.0], "b": [5.0, 0.0]}, index=["one", "two"])
    with pytest.raises(ParameterError, match="Groups: one, two"):
        standardised_shares(events, events, baseline="three")
    with pytest.raises(DataError, match="same groups"):
        standardised_shares(events, events[["b", "a"]], baseline="one")
    with pytest.raises(DataError, match="from 0 to its contacts"):
        standardised_shares(events, events - 1, baseline="one")
    with pytest.raises(DataError, match="1 of 2 strata"):
        standardised_shares(events, events, baseline="one", standard=pd.Series({"a": 1}))
    with pytest.raises(DataError, match="not all 0"):
        standardised_shares(events * 0, events * 0, baseline="one")
