"""Agreement between codings: Krippendorff's example, statsmodels as oracle, hand counts, worlds with planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.agreement import (
    CONFUSION_COLUMNS,
    KAPPA_COLUMNS,
    code_kappas,
    confusion,
    krippendorff_alpha,
    topic_alpha,
    topic_weights,
)
from rootcause_lib.statistics.intervals import student_critical, wilson

_ = None
# Krippendorff 2011, "Computing Krippendorff's alpha-reliability": four observers, twelve units, some unseen.
OF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
EXAMPLE = pd.DataFrame(OF_2011).T
SHARES = np.array([0.4, 0.3, 0.15, 0.1, 0.05])


def coded(truth: np.ndarray, accuracy: float, rng: np.random.Generator) -> np.ndarray:
    """Right with that probability, else any code as often as it occurs: two such coders have alpha accuracy squared."""
    wrong = rng.random(truth.shape) > accuracy
    return np.where(wrong, rng.choice(len(SHARES), size=truth.shape, p=SHARES), truth)


def codings(rng: np.random.Generator, units: int, accuracy: float, *, raters: int = 2) -> np.ndarray:
    truth = rng.choice(len(SHARES), size=units, p=SHARES)
    return np.stack([coded(truth, accuracy, rng) for _rater in range(raters)], axis=1)


@pytest.mark.parametrize(
    ("distance", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_the_canonical_example_by_published_figure(distance, published: float) -> None:
    found = krippendorff_alpha(EXAMPLE, distance=distance)
    assert found.value == pytest.approx(published, abs=0.0005)
    assert (found.units, found.ratings) == (11, 40)
    assert found.low < found.value < found.high <= 1


def test_alpha_by_hand_count() -> None:
    """Ten units, two raters, two apart: 4 of 20 pairs; labels a 12, b 8: by chance 2 * 12 * 8 of 20 * 19 pairs."""
    ratings = [("a", "a")] * 5 + [("b", "b")] * 3 + [("a", "b"), ("b", "a")]
    found = krippendorff_alpha(ratings)
    assert found.disagreement == pytest.approx(0.2)
    assert found.by_chance == pytest.approx((2 * 12 * 8) / (20 * 19))
    assert found.value == pytest.approx(1 - 0.2 / (2 * 12 * 8 / 380))


@pytest.mark.parametrize("distance", ["nominal", "ordinal", "interval", "ratio"])
def test_standard_error_is_the_jackknife_by_identity(distance) -> None:
    found = krippendorff_alpha(EXAMPLE, distance=distance)
    paired = EXAMPLE[EXAMPLE.notna().sum(axis=1) >= 2]
    left_out = [krippendorff_alpha(paired.drop(index=unit), distance=distance).value for unit in paired.index]
    expected = np.sqrt(10 / 11 * ((left_out - np.mean(left_out)) ** 2).sum())
    assert found.standard_error == pytest.approx(expected, rel=1e-9)


def test_labels_and_missing_values_of_all_kinds_by_identity() -> None:
    words = EXAMPLE.astype(object).map(lambda label: pd.NA if pd.isna(label) else f"code {label:g}")
    assert krippendorff_alpha(words) == krippendorff_alpha(EXAMPLE)
    alone = pd.concat([EXAMPLE, pd.DataFrame([[4, None, None, None]] * 9)])
    assert krippendorff_alpha(alone).value == krippendorff_alpha(EXAMPLE).value


def test_one_topic_each_is_the_nominal_alpha_by_identity() -> None:
    tables = []
    for rater in EXAMPLE.columns:
        rows = EXAMPLE[rater].rename("topic").rename_axis("unit").reset_index()
        tables.append(topic_weights(rows))
    found, expected = topic_alpha(tables), krippendorff_alpha(EXAMPLE)
    assert found.value == pytest.approx(expected.value, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_several_topics_agree_by_what_they_share_by_hand_count() -> None:
    """Unit 1: half and half against all of one: distance 1/2. Units 2 and 3 agree, in two topics and in one.
    Six ratings: h h h (half and half), a a a. Between h and a 1/2: 2 * 9 of 30 ordered pairs."""
    first = topic_weights(pd.DataFrame({"unit": [1, 1, 2, 2, 3], "topic": ["a", "b", "a", "b", "a"]}))
    second = topic_weights(
        pd.DataFrame({"unit": [1, 2, 2, 3], "topic": ["a", "b", "a", "a"], "weight": [3.0, 2.0, 2.0, 0.1]})
    )
    found = topic_alpha([first, second])
    assert found.disagreement == pytest.approx(1 / 6)
    assert found.by_chance == pytest.approx(0.5 * 18 / 30)
    assert found.value == pytest.approx(1 - (1 / 6) / 0.3)


def test_five_units_that_agree_are_no_proof_by_identity() -> None:
    """The lower limit is what Wilson's upper limit of 0 of 5 disagreements leaves, by Student's t with 4 degrees."""
    found = krippendorff_alpha([("a", "a"), ("b", "b"), ("a", "a"), ("b", "b"), ("a", "a")])
    z2 = float(student_critical(0.95, degrees=4)) ** 2
    assert found.value == found.high == 1
    assert found.low == pytest.approx(1 - z2 / (5 + z2) / (2 * 6 * 4 / 90))
    assert found.low < 0.4


def test_no_variation_is_not_agreement_by_identity() -> None:
    for ratings in ([("a", "a")] * 30, [("a", None)] * 30, pd.DataFrame({"one": [], "two": []})):
        found = krippendorff_alpha(ratings)
        assert np.isnan([found.value, found.low, found.high]).all()
    assert np.isnan(krippendorff_alpha([("a", "b")]).low)


@pytest.mark.parametrize(("units", "accuracy"), [(40, 0.9), (200, 0.7), (200, 0.0)])
def test_alpha_covers_what_was_planted_by_planted_truth(units: int, accuracy: float) -> None:
    """Accuracy 0 is the null world: nothing but chance, alpha 0."""
    rng = np.random.default_rng([units, round(10 * accuracy)])
    found = [krippendorff_alpha(codings(rng, units, accuracy)) for _run in range(400)]
    truth = accuracy**2
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert abs(covered - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 400)
    assert np.mean([one.value for one in found]) == pytest.approx(truth, abs=0.015)


def test_raw_agreement_flatters_codes_that_say_nothing_by_planted_truth() -> None:
    """Two coders who take the default nine times in ten, whatever the contact: they agree on 82 % and know nothing."""
    rng = np.random.default_rng(5)
    blind = rng.random((2000, 2)) < 0.9
    found = krippendorff_alpha(blind)
    assert 1 - found.disagreement == pytest.approx(0.82, abs=0.02)
    assert found.low < 0 < found.high < 0.15


def test_interval_of_numbers_covers_by_planted_truth() -> None:
    """Two readings of one value with equal noise: the interval alpha is the intraclass correlation, 4 / (4 + 1)."""
    rng = np.random.default_rng(6)
    held = 0
    for _run in range(300):
        seen = rng.normal(scale=2, size=(80, 1)) + rng.normal(size=(80, 2))
        found = krippendorff_alpha(seen, distance="interval")
        held += found.low <= 0.8 <= found.high
    assert held / 300 > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 300)


def test_kappa_equals_statsmodels_by_identity() -> None:
    from statsmodels.stats.inter_rater import cohens_kappa

    both = codings(np.random.default_rng(7), 150, 0.6)
    found = code_kappas(pd.Series(both[:, 0]), pd.Series(both[:, 1]))
    assert tuple(found.columns) == KAPPA_COLUMNS
    for row in found.itertuples():
        a, b = both[:, 0] == row.code, both[:, 1] == row.code
        expected = cohens_kappa(pd.crosstab(a, b).to_numpy())
        assert row.value == pytest.approx(expected.kappa, abs=1e-12)
        assert row.standard_error == pytest.approx(expected.std_kappa, rel=1e-9)
        assert (row.first, row.second, row.both) == pytest.approx((a.mean(), b.mean(), (a & b).mean()))
        assert row.low < row.value < row.high


def test_kappa_by_hand_count() -> None:
    """50 units, 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreement .7, by chance .5, kappa .4."""
    one = pd.Series(["yes"] * 25 + ["no"] * 25)
    two = pd.Series(["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15)
    found = code_kappas(one, two).set_index("code")
    assert found.loc["yes", "value"] == pytest.approx(0.4)
    assert found.loc["no", "value"] == pytest.approx(0.4)


def test_codings_meet_by_unit_by_hand_count() -> None:
    one = pd.Series({1: "a", 2: "b", 3: "a", 4: None})
    two = pd.Series({3: "a", 2: "a", 4: "b", 9: "b"})
    found = confusion(one, two).set_index(["given", "found"])
    assert found["contacts"].to_dict() == {("a", "a"): 1, ("a", "b"): 0, ("b", "a"): 1, ("b", "b"): 0}
    assert (code_kappas(one, two)["units"] == 2).all()


def test_confusion_by_hand_count() -> None:
    given = pd.Series(["bill"] * 10 + ["other"] * 5)
    found = pd.Series(["bill"] * 7 + ["delivery"] * 3 + ["bill"] * 5)
    rows = confusion(given, found)
    assert tuple(rows.columns) == CONFUSION_COLUMNS
    cells = rows.set_index(["given", "found"])
    assert cells.loc[("bill", "delivery"), ["contacts", "of", "value"]].tolist() == [3, 10, 0.3]
    limits = wilson(3, 10)
    assert cells.loc[("bill", "delivery"), ["low", "high"]].tolist() == pytest.approx([limits.low, limits.high])
    assert cells.loc[("other", "other"), "value"] == 0
    assert cells.loc["delivery", "value"].isna().all()


def test_confusion_of_several_topics_keeps_its_margins_by_hand_count() -> None:
    """Given half bill and half move, found half bill and half claim: bill is agreed, move was claim."""
    given = topic_weights(pd.DataFrame({"unit": [1, 1, 2], "topic": ["bill", "move", "bill"]}))
    found = topic_weights(pd.DataFrame({"unit": [1, 1, 2], "topic": ["bill", "claim", "bill"]}))
    cells = confusion(given, found).set_index(["given", "found"])["contacts"]
    assert cells[cells > 0].to_dict() == {("bill", "bill"): 1.5, ("move", "claim"): 0.5}


def test_kappa_of_a_code_nobody_used_is_unknown() -> None:
    one = topic_weights(pd.DataFrame({"unit": [1, 2], "topic": ["a", "a"]})).assign(b=0.0)
    assert code_kappas(one, one)["value"].isna().all()
    assert code_kappas(pd.Series([], dtype=object), pd.Series([], dtype=object)).empty


def test_unusable_codings_are_refused() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'nominal'"):
        krippendorff_alpha(EXAMPLE, distance="nominl")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="must be numbers"):
        krippendorff_alpha([("a", "b"), ("b", "b")], distance="interval")
    with pytest.raises(DataError, match="below 0"):
        krippendorff_alpha([(1, -2), (2, 2)], distance="ratio")
    with pytest.raises(DataError, match="sum to 1"):
        topic_alpha([pd.DataFrame({"a": [0.5], "b": [0.2]})])
    with pytest.raises(DataError, match="lack topic"):
        topic_weights(pd.DataFrame({"unit": [1]}))
    with pytest.raises(DataError, match="not above 0"):
        topic_weights(pd.DataFrame({"unit": [1], "topic": ["a"], "weight": [0.0]}))
    with pytest.raises(DataError, match="several labels"):
        code_kappas(pd.Series(["a", "b"], index=[1, 1]), pd.Series(["a"], index=[1]))
