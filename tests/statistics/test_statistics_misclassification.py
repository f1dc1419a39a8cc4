"""Corrected shares of reasons: hand counts, identities with plain intervals, and clients whose miscoding is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.intervals import student_critical, wilson_of_share
from rootcause_lib.statistics.misclassification import SHARE_COLUMNS, audit_size, corrected_shares

REASONS = np.array(["bill", "delivery", "claim", "price", "move", "fault", "praise", "other"], dtype=object)
TRUE = np.array([0.22, 0.18, 0.12, 0.10, 0.08, 0.12, 0.03, 0.15])
LEAN = np.array([0.05, 0.1, 0.05, 0.1, 0.05, 0.05, 0.02, 0.58])
CODED_AS = 0.62 * np.eye(8) + 0.38 * LEAN
"""Six contacts in ten are coded as they were; of the rest most as "other"."""


def client(rng: np.random.Generator, contacts: int) -> pd.DataFrame:
    truth = rng.choice(8, size=contacts, p=TRUE)
    code = (CODED_AS[truth].cumsum(axis=1) > rng.random(contacts)[:, None]).argmax(axis=1)
    return pd.DataFrame({"code": REASONS[code], "truth": REASONS[truth]})


def by_reason(found) -> pd.DataFrame:
    return found.shares.set_index("reason")


def hand_audit() -> pd.DataFrame:
    """Code a: 8 of 10 were a. Code b: 3 of 10 were a."""
    return pd.DataFrame({"code": ["a"] * 10 + ["b"] * 10, "truth": ["a"] * 8 + ["b"] * 2 + ["a"] * 3 + ["b"] * 7})


def test_shares_by_hand_count() -> None:
    found = corrected_shares(hand_audit(), pd.Series({"a": 700, "b": 300}))
    rows = by_reason(found)
    assert tuple(found.shares.columns) == SHARE_COLUMNS
    assert rows["coded_share"].tolist() == [0.7, 0.3]
    assert rows["value"].tolist() == pytest.approx([0.7 * 0.8 + 0.3 * 0.3, 0.7 * 0.2 + 0.3 * 0.7])
    assert rows["audited"].tolist() == [10, 10]
    assert rows["found"].tolist() == [11, 9]
    assert (found.contacts, found.left_out, found.unaudited) == (20, 0, 0)


def test_standard_error_by_hand_count() -> None:
    """Two contacts of the typical kind (.65) join each code: (8 + 1.3) / 12 and (3 + 1.3) / 12; then the codes' own."""
    row = by_reason(corrected_shares(hand_audit(), pd.Series({"a": 700, "b": 300}))).loc["a"]
    a, b = 9.3 / 12, 4.3 / 12
    variance = 0.49 * a * (1 - a) / 10 + 0.09 * b * (1 - b) / 10 + (0.7 * 0.64 + 0.3 * 0.09 - 0.65**2) / 1000
    assert row["standard_error"] == pytest.approx(np.sqrt(variance), rel=1e-12)
    limits = wilson_of_share(0.65, 0.65 * 0.35 / variance, critical=student_critical(0.95, degrees=18))
    assert (row["low"], row["high"]) == pytest.approx((limits.low, limits.high))
    inside = 0.7 * a * (1 - a) + 0.3 * b * (1 - b)
    assert row["explained"] == pytest.approx(1 - inside / (0.65 * 0.35))


def test_one_code_is_a_plain_share_by_identity() -> None:
    audit = pd.DataFrame({"code": "a", "truth": ["a"] * 6 + ["b"] * 4})
    row = by_reason(corrected_shares(audit, pd.Series({"a": 900}))).loc["a"]
    limits = wilson_of_share(0.6, 10, critical=student_critical(0.95, degrees=9))
    assert (row["value"], row["low"], row["high"]) == pytest.approx((0.6, limits.low, limits.high))


def test_shares_sum_to_one_and_lie_within_limits_by_identity() -> None:
    everything = client(np.random.default_rng(1), 5000)
    rows = corrected_shares(everything.sample(300, random_state=1), everything["code"].value_counts()).shares
    assert rows["value"].sum() == pytest.approx(1)
    assert ((rows["low"] >= 0) & (rows["low"] < rows["value"]) & (rows["value"] < rows["high"])).all()


def test_several_topics_of_a_contact_count_by_weight_by_hand_count() -> None:
    """Contact 1 is three parts a and one part b, contact 2 half a and half b, eight more are a."""
    audit = pd.DataFrame(
        {
            "unit": [1, 1, 2, 2, *range(3, 11)],
            "code": "a",
            "truth": ["a", "b", "a", "b", *["a"] * 8],
            "weight": [3.0, 1.0, 0.5, 0.5, *[1.0] * 8],
        }
    )
    found = corrected_shares(audit, pd.Series({"a": 50}))
    assert by_reason(found)["value"].to_dict() == pytest.approx({"a": 0.925, "b": 0.075})
    assert found.contacts == 10


def test_code_never_audited_by_hand_count() -> None:
    """A tenth of contacts has code c. Drawn by code nothing is known of them; drawn at random there are no thin codes
    to learn from either, so limits allow none or all."""
    coded = pd.Series({"a": 600, "b": 300, "c": 100})
    for drawn in ("by_code", "at_random"):
        found = corrected_shares(hand_audit(), coded, drawn=drawn)
        row = by_reason(found).loc["a"]
        assert found.unaudited == pytest.approx(0.1)
        assert row["value"] == pytest.approx((0.6 * 0.8 + 0.3 * 0.3) / 0.9)
        seen = by_reason(corrected_shares(hand_audit(), coded.drop("c"))).loc["a"]
        assert row["low"] == pytest.approx(0.9 * seen["low"], abs=0.001)
        assert row["high"] == pytest.approx(0.9 * seen["high"] + 0.1, abs=0.001)


def test_thin_codes_share_what_was_found_only_if_drawn_at_random_by_hand_count() -> None:
    """Code c: both audited contacts were b. Code d: none audited, as large as c."""
    audit = pd.concat([hand_audit(), pd.DataFrame({"code": ["c", "c"], "truth": ["b", "b"]})])
    coded = pd.Series({"a": 500, "b": 300, "c": 100, "d": 100})
    at_random = corrected_shares(audit, coded)
    assert by_reason(at_random).loc["a", "value"] == pytest.approx(0.5 * 0.8 + 0.3 * 0.3)
    assert at_random.unaudited == 0
    by_code = corrected_shares(audit, coded, drawn="by_code")
    assert by_reason(by_code).loc["a", "value"] == pytest.approx((0.5 * 0.8 + 0.3 * 0.3) / 0.9)
    assert by_code.unaudited == pytest.approx(0.1)


def test_contact_the_auditor_could_not_tell_is_left_out_by_hand_count() -> None:
    unclear = pd.DataFrame({"code": ["a", "b"], "truth": [None, pd.NA]})
    found = corrected_shares(pd.concat([hand_audit(), unclear]), pd.Series({"a": 700, "b": 300}))
    assert (found.contacts, found.left_out) == (20, 2)
    assert by_reason(found).loc["a", "value"] == pytest.approx(0.65)


def test_customers_audited_twice_do_not_make_it_surer_by_identity() -> None:
    """Forty customers, each contact seen twice: as sure as forty contacts, not eighty."""
    rng = np.random.default_rng(2)
    once = client(rng, 40).assign(customer=range(40))
    coded = client(rng, 4000)["code"].value_counts()
    twice = pd.concat([once, once], ignore_index=True)
    known = corrected_shares(twice, coded, drawn="by_code").shares["standard_error"]
    blind = corrected_shares(twice.drop(columns="customer"), coded, drawn="by_code").shares["standard_error"]
    found = corrected_shares(once, coded, drawn="by_code").shares["found"] >= 3
    assert (known / blind)[found].to_numpy() == pytest.approx(np.sqrt(2), rel=0.03)
    alone = twice.assign(customer=pd.NA)
    nobody = corrected_shares(alone, coded, drawn="by_code").shares["standard_error"]
    assert nobody.to_numpy() == pytest.approx(blind.to_numpy(), rel=0.01)


@pytest.mark.parametrize("audited", [100, 400])
def test_miscoding_is_undone_and_coded_counts_are_wrong_by_planted_truth(audited: int) -> None:
    rng = np.random.default_rng(audited)
    found, naive = [], []
    for _run in range(120):
        everything = client(rng, 10_000)
        rows = by_reason(
            corrected_shares(everything.sample(audited, random_state=rng), everything["code"].value_counts())
        ).loc[REASONS]
        found.append(rows[["value", "low", "high"]].to_numpy())
        naive.append(rows["coded_share"].to_numpy())
    value, low, high = np.moveaxis(np.array(found), 2, 0)
    noise = 2 * value.std(axis=0) / np.sqrt(120)
    assert (np.abs(value.mean(axis=0) - TRUE) < 0.005 + noise).all()
    covered = ((low <= TRUE) & (high >= TRUE)).mean(axis=0)
    assert (covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 120)).all()
    off = np.mean(naive, axis=0) - TRUE
    assert off[0] < -0.05
    assert off[7] > 0.15


def test_five_contacts_are_not_enough_by_planted_truth() -> None:
    everything = client(np.random.default_rng(3), 2000)
    rows = corrected_shares(everything.sample(5, random_state=3), everything["code"].value_counts()).shares
    likely = rows[rows["found"] > 0]
    assert ((likely["high"] - likely["low"]) > 0.5).all()


def test_audit_size_by_published_figure() -> None:
    """Cochran's n = z^2 p q / d^2: 545 contacts for +- 3 points at 15 %, 196 for +- 5, 385 at worst."""
    assert audit_size(0.03, share=0.15) == 545
    assert audit_size(0.05, share=0.15) == 196
    assert audit_size(0.05) == 385
    assert audit_size(0.05, share=0.15, explained=0.5) == 98
    assert audit_size(0.05, share=0.15, design_effect=2) == 392


def test_audit_of_that_size_reaches_its_width_by_planted_truth() -> None:
    rng = np.random.default_rng(4)
    everything = client(rng, 20_000)
    coded = everything["code"].value_counts()
    pilot = by_reason(corrected_shares(everything.sample(4000, random_state=1), coded)).loc["bill"]
    size = audit_size(0.025, share=pilot["value"], explained=pilot["explained"])
    assert size < 0.7 * audit_size(0.025, share=pilot["value"])
    audits = [corrected_shares(everything.sample(size, random_state=seed), coded) for seed in range(20)]
    rows = pd.concat([by_reason(found).loc[["bill"]] for found in audits])
    assert ((rows["high"] - rows["low"]) / 2).mean() == pytest.approx(0.025, rel=0.05)


def test_unusable_audits_are_refused() -> None:
    coded = pd.Series({"a": 5, "b": 5})
    with pytest.raises(DataError, match="1 of 21 rows of the audit have a code"):
        corrected_shares(pd.concat([hand_audit(), pd.DataFrame({"code": ["x"], "truth": ["a"]})]), coded)
    with pytest.raises(DataError, match="lacks truth"):
        corrected_shares(hand_audit()[["code"]], coded)
    with pytest.raises(DataError, match="no contact whose reason"):
        corrected_shares(hand_audit().assign(truth=None), coded)
    with pytest.raises(DataError, match="no contact whose reason"):
        corrected_shares(hand_audit().iloc[:0], coded)
    with pytest.raises(DataError, match="one code"):
        corrected_shares(pd.DataFrame({"unit": [1, 1], "code": ["a", "b"], "truth": ["a", "b"]}), coded)
    with pytest.raises(ParameterError, match="Did you mean 'by_code'"):
        corrected_shares(hand_audit(), coded, drawn="bycode")  # type: ignore[arg-type]
    for wrong in ({"share": 0.0}, {"explained": 1.0}, {"design_effect": 0.5}):
        with pytest.raises(ParameterError, match="audit_size"):
            audit_size(0.03, **wrong)
