"""How far codes can be trusted: an audit counted by hand, identities, and what clients get wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from drawn.reasons import AUDIT, CODES, PERIOD, TRUE, WHICH, two_teams
from planted import fill

from rootcause_lib.analyses.root_cause.trust import ACCURACY, CONFUSION, HALF_WIDTHS, PLAN, Trust, trust
from rootcause_lib.periods import Period
from rootcause_lib.statistics.agreement import krippendorff_alpha
from rootcause_lib.statistics.misclassification import audit_size
from rootcause_lib.statistics.shrinkage import shrunken_shares

Found = tuple[int, str, str]


def trusted(
    folder: Path,
    audit: Sequence[Found],
    *,
    agents: str = "team",
    smallest: int = 1,
    team: int = 1,
    period: Period = PERIOD,
) -> Trust:
    """The trust of the drawn client; an audit is (number, coder, reason)."""
    more = f'[privacy]\nagents = "{agents}"\n[definitions]\nsmallest_cell = {smallest}\nsmallest_team = {team}\n'
    made = store(engagement(folder, more=more, until="2025-01-12"), two_teams())
    rows = [{"contact_id": f"c{n:03d}", "coder": coder, "reason": reason} for n, coder, reason in audit]
    if rows:
        fill(made.engine, "audits", pd.DataFrame(rows))
    return trust(made, period)


def test_alpha_accuracy_and_verdict_by_identity(tmp_path: Path) -> None:
    found = trusted(tmp_path, AUDIT)
    rows = found.agreement.set_index(["between", "measure", "reason"])
    alpha = krippendorff_alpha(pd.DataFrame({"code": CODES, "truth": TRUE}))
    row = rows.loc[("codes", "alpha", "all")]
    assert row[["value", "low", "high"]].tolist() == pytest.approx([alpha.value, alpha.low, alpha.high])
    assert (row["contacts"], row["verdict"]) == (100, "not_usable" if alpha.high < 0.667 else "undecided")
    assert rows.loc[("codes", "accuracy", "all"), "value"] == pytest.approx(0.75)
    assert found.audited == 100
    assert (found.outside, found.unmatched, found.unknown) == (0, 0, ("price",))
    # Never coded as a price: nothing can be said of that code.
    assert np.isnan(rows.loc[("codes", "kappa", "price"), "value"])


def test_kappa_of_a_code_by_hand_count(tmp_path: Path) -> None:
    """Delivery: coded 40, found 30, both 30 of 100. Agreement .90, by chance .4 x .3 + .6 x .7 = .54."""
    rows = trusted(tmp_path, AUDIT).agreement.set_index(["between", "measure", "reason"])
    assert rows.loc[("codes", "kappa", "delivery"), "value"] == pytest.approx((0.90 - 0.54) / (1 - 0.54))


def test_the_confusion_matrix_by_hand_count(tmp_path: Path) -> None:
    found = trusted(tmp_path, AUDIT).confusion
    assert tuple(found.columns) == CONFUSION
    told = found.set_index(["coded", "found"])
    assert told["contacts"].to_dict() == {
        ("bill", "bill"): 45, ("bill", "price"): 15, ("delivery", "delivery"): 30, ("delivery", "bill"): 10
    }  # fmt: skip
    assert told["share"].tolist() == pytest.approx([0.75, 0.25, 0.75, 0.25])
    assert told["of"].tolist() == [60, 60, 40, 40]


def test_small_cells_of_the_matrix_are_left_out_and_few_are_put_together(tmp_path: Path) -> None:
    """Two small cells of bills are one together; the single small one of deliveries takes the other with it."""
    true = ["bill"] * 54 + ["price"] * 3 + ["delivery"] * 3 + ["delivery"] * 37 + ["bill"] * 3
    audit = [(n, "anna", reason) for n, reason in zip(WHICH, true, strict=True)]
    found = trusted(tmp_path, audit, smallest=5).confusion.set_index(["coded", "found"])
    # The reason found three times that is no code stands unnamed for the same reason.
    assert set(found.index) == {
        ("bill", "bill"), ("bill", "(small)"), ("delivery", "delivery"), ("delivery", "bill")
    }  # fmt: skip
    assert found.loc[("bill", "(small)"), "contacts"] == 6
    assert found.loc["delivery", "contacts"].isna().all()
    assert set(found.loc["delivery", "grade_reasons"]) == {"suppressed"}


def test_two_coders_among_themselves_by_identity(tmp_path: Path) -> None:
    """Ben coded the first forty too and called every fourth a price."""
    ben = [(n, "ben", "price" if n % 4 == 0 else reason) for n, _, reason in AUDIT[:40]]
    found = trusted(tmp_path, [*AUDIT, *ben])
    rows = found.agreement.set_index(["between", "measure", "reason"])
    anna = [reason for _, _, reason in AUDIT[:40]]
    alpha = krippendorff_alpha(pd.DataFrame({"anna": anna, "ben": [reason for _, _, reason in ben]}))
    assert rows.loc[("coders", "alpha", "all"), ["value", "contacts"]].tolist() == pytest.approx([alpha.value, 40])
    assert (found.coders, found.coded_twice) == (2, 40)


def test_accuracy_of_teams_is_shrunken_by_identity(tmp_path: Path) -> None:
    found = trusted(tmp_path, AUDIT).code_accuracy
    assert tuple(found.columns) == ACCURACY
    teams = found[found["team"] != "all"].set_index("team")
    expected = shrunken_shares(np.array([45, 30]), np.array([60, 40]))
    assert teams.loc[["north", "south"], "correct_share"].tolist() == pytest.approx(expected.value.tolist())
    assert teams.loc[["north", "south"], "raw_share"].tolist() == [0.75, 0.75]
    assert found.loc[found["team"] == "all", "audited"].tolist() == [100]


def test_who_may_be_shown_is_the_engagements_choice(tmp_path: Path) -> None:
    shown = {view: trusted(tmp_path, AUDIT, agents=view).code_accuracy for view in ("none", "team", "pseudonym")}
    assert shown["none"].empty
    assert set(shown["team"]["agent_id"]) == {"all"}
    assert set(shown["pseudonym"]["agent_id"]) == {"all", "a0", "a1", "a2", "a3", "b0", "b1"}


def test_a_team_of_few_people_is_left_out_and_nobody_gives_it_back(tmp_path: Path) -> None:
    found = trusted(tmp_path, AUDIT, team=3).code_accuracy.set_index("team")
    assert found.loc[["north", "south"], "correct_share"].isna().all()
    assert found.loc["south", "grade_reasons"] == "suppressed"
    assert found.loc["all", "audited"] == 100


def test_the_plan_asks_for_what_the_codes_leave_open_by_identity(tmp_path: Path) -> None:
    plan = trusted(tmp_path, AUDIT).audit_plan
    assert tuple(plan.columns) == PLAN
    assert plan["reason"].tolist()[:3] == ["all"] * 3
    assert sorted(set(plan["half_width"])) == sorted(HALF_WIDTHS)
    for row in plan[plan["reason"] != "all"].itertuples():
        needed = min(audit_size(row.half_width, share=row.share, explained=row.explained), 400)
        assert (row.needed, row.audited) == (needed, 100)
        assert row.further == max(needed - 100, 0)
    whole = plan.groupby("half_width")["needed"].max()
    assert plan[plan["reason"] == "all"].set_index("half_width")["needed"].to_dict() == whole.to_dict()


def test_without_an_audit_there_is_a_plan_and_nothing_else(tmp_path: Path) -> None:
    found = trusted(tmp_path, [])
    assert found.agreement.empty
    assert found.confusion.empty
    assert found.code_accuracy.empty
    assert (found.audit_plan["further"] == found.audit_plan["needed"]).all()
    assert (found.audit_plan["needed"] > 0).all()


def test_an_audit_of_five_contacts_decides_nothing(tmp_path: Path) -> None:
    found = trusted(tmp_path, AUDIT[:5])
    assert set(found.agreement["grade"]) <= {"D"}
    assert set(found.agreement["verdict"].dropna()) <= {"undecided"}


def test_an_audit_whose_contacts_are_not_in_the_data_is_counted(tmp_path: Path) -> None:
    found = trusted(tmp_path, [(999, "anna", "bill"), (998, "anna", "bill")])
    assert (found.audited, found.unmatched) == (0, 2)
    assert found.agreement.empty


def test_an_audit_of_other_days_judges_the_codes_all_the_same(tmp_path: Path) -> None:
    found = trusted(tmp_path, AUDIT, period=Period(dt.date(2025, 1, 3), dt.date(2025, 1, 10)))
    assert (found.audited, found.outside) == (0, 100)
    assert found.agreement.set_index("measure").loc["accuracy", "value"] == pytest.approx(0.75)
