"""The ladder on a few customers counted by hand, on inputs that have nothing to compare, and against single weeks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import read
from planted.leaving import client_of, store_of, world_of

from rootcause_lib.analyses.churn_risk.asked import asked_about
from rootcause_lib.analyses.churn_risk.ladder import RUNGS, ladder_cells, ladder_rows, verdict
from rootcause_lib.analyses.churn_risk.result import ChurnRisk, analyse_churn_risk
from rootcause_lib.errors import ParameterError
from rootcause_lib.prose import sentence
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import GRADES, LANGUAGES

SETTINGS = '[reasons]\ncancellation = ["cancel"]\n'
DATED = dict.fromkeys(("joined_on", "cancelled_on", "left_on", "leave_reason", "contract_ends_on", "segment"))


def drawn(
    folder: Path, contacts: list[dict[str, object]], customers: list[dict[str, object]], *, more: str = SETTINGS,
    until: str = "2025-06-29",
) -> Store:  # fmt: skip
    """Contacts from 2025-01-06 (a Monday); customers as given."""
    first = {"start": "2025-01-06 08:00", "customer": 999}
    folder.mkdir(exist_ok=True)
    return store(
        engagement(folder, until=until, more=more), [first, *contacts],
        customers=[{**DATED, "joined_on": "2020-01-01", **each} for each in customers],
    )  # fmt: skip


def week(number: int, day: int = 0) -> str:
    """A day of week so many of the data."""
    return str((pd.Timestamp("2025-01-06") + pd.Timedelta(days=7 * number + day)).date())


def said(result: ChurnRisk) -> list[str]:
    findings = (*result.headline, *result.cannot_tell, *(each for told in result.readings.values() for each in told))
    return [sentence(finding, language=language) for finding in findings for language in LANGUAGES]


def by_hand(folder: Path) -> Store:
    """25 weeks. Customers 1 and 2 make contact in week 10; 1 gives notice in week 14, 2 stays. 3 calls to cancel in
    week 14 and gives notice then. 4 stays. 5 dies in week 5. 6 makes contact in the week of notice only (week 12)."""
    contacts = [
        {"start": f"{week(10)} 10:00", "customer": 1},
        {"start": f"{week(10)} 11:00", "customer": 2},
        {"start": f"{week(14)} 11:00", "customer": 3, "reason": "cancel"},
        {"start": f"{week(12, 1)} 11:00", "customer": 6},
        {"start": f"{week(12, 1)} 11:00", "customer": 4, "abandoned": True},
        {"start": f"{week(12, 1)} 11:00", "customer": 4, "direction": "outbound"},
    ]
    customers: list[dict[str, object]] = [
        {"customer_key": 1, "cancelled_on": week(14, 3), "left_on": week(16)},
        {"customer_key": 2},
        {"customer_key": 3, "cancelled_on": week(14), "left_on": week(18)},
        {"customer_key": 4},
        {"customer_key": 5, "cancelled_on": week(5), "left_on": week(5), "leave_reason": "not_choice"},
        {"customer_key": 6, "cancelled_on": week(12, 2), "left_on": week(13)},
    ]
    return drawn(folder, contacts, customers)


def test_what_each_rung_counts_by_hand_count(tmp_path: Path) -> None:
    """Weeks at risk: 15, 25, 15, 25, 5 (dead in week 5), 13; of them after a contact, rung by rung."""
    table = analyse_churn_risk(by_hand(tmp_path)).ladder.set_index("rung")
    assert list(table.index) == list(RUNGS)
    assert table["weeks"].iloc[:3].tolist() == [98, 98, 98]
    assert table["events"].tolist() == [3, 3, 3, 3, 3]
    # 1, 2 and 6 ever made contact (a call to cancel is none): 15 + 25 + 13.
    assert table.loc["ever_contacted", ["exposed_weeks", "exposed_events"]].tolist() == [53, 2]
    # Weeks 10-13 of 1 and 2, the weeks of notice of 3 and 6.
    assert table.loc["recent_contact", ["exposed_weeks", "exposed_events"]].tolist() == [10, 2]
    # Weeks 10-14 of 1, 10-18 of 2, the weeks of notice of 3 and 6.
    assert table.loc["time_varying", ["exposed_weeks", "exposed_events"]].tolist() == [16, 3]
    # From week 9 on (nine weeks of history): 6 + 16 + 6 + 16 + 4, less weeks 11 and 12 of 1 and 2.
    assert table.loc["lagged", ["weeks", "left_out", "unobserved"]].tolist() == [44, 4, 50]
    # Weeks 13 and 14 of 1, 13 to 18 of 2.
    assert table.loc["lagged", ["exposed_weeks", "exposed_events"]].tolist() == [8, 1]


def test_ever_against_never_is_what_a_list_gives_by_hand_count(tmp_path: Path) -> None:
    """Two of three left who ever made contact, one of three who never did: hazards -log(1/3) and -log(2/3)."""
    table = analyse_churn_risk(by_hand(tmp_path)).ladder.set_index("rung")
    assert table.loc["ever_contacted", "hazard_ratio"] == pytest.approx(np.log(1 / 3) / np.log(2 / 3))


def test_who_left_and_how_by_hand_count(tmp_path: Path) -> None:
    found = analyse_churn_risk(by_hand(tmp_path)).leaving.set_index("ending")["spells"].to_dict()
    assert found == {"all": 6, "stayed": 2, "choice": 3, "not_choice": 1}


def test_contacts_before_leaving_by_hand_count(tmp_path: Path) -> None:
    """Notice: 1 made contact 3 weeks and 3 days before; 3 on the day, to cancel; 6 the day before."""
    table = analyse_churn_risk(by_hand(tmp_path)).contacts_before_exit
    notice, leaving = (table[table["clock"] == clock].set_index("weeks_before") for clock in ("notice", "leaving"))
    assert notice.loc[0, ["contacts", "customers", "to_cancel"]].tolist() == [2, 3, 1]
    assert notice.loc[4, ["contacts", "customers"]].tolist() == [1, 3]
    assert notice["contacts"].sum() == 3
    # Four weeks after the call to cancel its customer left: day 28 back is week 4.
    assert leaving.loc[4, ["contacts", "to_cancel"]].tolist() == [1, 1]
    # Notice in week 12, day 2: 87 days of data up to it are twelve whole weeks, so week 12 back has the others alone.
    assert notice.loc[11, "customers"] == 3
    assert notice.loc[12, "customers"] == 2


def test_a_lag_of_ones_own_by_hand_count(tmp_path: Path) -> None:
    """Contact in weeks w-4 to w-2: weeks 12, 13, 14 of 1 and of 2; week 11 is left out."""
    made = by_hand(tmp_path)
    table = analyse_churn_risk(made, lag_weeks=(1, 4)).ladder.set_index("rung")
    assert table.loc["lagged", ["exposed_weeks", "left_out"]].tolist() == [6, 2]


def test_a_period_judges_its_whole_weeks_and_looks_back_before_it_by_hand_count(tmp_path: Path) -> None:
    """From week 12: 3 + 13 + 3 + 13 + 0 + 1 weeks; week 12 of 1 and 2 is left out, their contact of week 10 counts."""
    made = by_hand(tmp_path)
    table = analyse_churn_risk(made, start=week(11, 2)).ladder.set_index("rung")
    assert table.loc["lagged", ["weeks", "left_out", "exposed_weeks", "unobserved"]].tolist() == [31, 2, 8, 0]
    assert table.loc["lagged", "events"] == 3


def test_the_adjusted_ratio_equals_the_fit_on_single_weeks_by_second_implementation(tmp_path: Path) -> None:
    """Every cell as that many rows of one week, fitted by another library: equal to 1e-8."""
    import statsmodels.api as sm

    made = store_of(client_of(world_of(2.0), seed=5, customers=500), tmp_path)
    result = analyse_churn_risk(made)
    cells = ladder_cells(result.asked)
    kept = cells[(cells["recent"] == "no") & (cells["seen"] == "yes")]
    rows = kept.loc[kept.index.repeat(kept["periods"].astype(int))]
    place = rows.groupby(level=0).cumcount()
    left = (place < rows["events"]).astype(float)
    names = [name for name in kept.columns if name not in ("periods", "events", "contact", "recent", "seen")]
    # A level in which nobody left has a hazard of 0, which a fit on rows runs after without end.
    for name in names:
        events = left.groupby(rows[name]).sum()
        rows, left = rows[rows[name].isin(events.index[events > 0])], left[rows[name].isin(events.index[events > 0])]
    dummies = pd.get_dummies(rows[["contact", *names]], drop_first=True, dtype=float)
    dummies = dummies.loc[:, dummies.std() > 0]
    link = sm.families.links.CLogLog()
    fit = sm.GLM(left, sm.add_constant(dummies), family=sm.families.Binomial(link)).fit(tol=1e-13, maxiter=200)
    ours = result.ladder.set_index("rung").loc["adjusted"]
    assert left.sum() == ours["events"]
    assert ours["hazard_ratio"] == pytest.approx(float(np.exp(fit.params["contact_yes"])), rel=1e-8)
    error = np.log(ours["high"] / ours["low"]) / 2 / 1.959963984540054
    assert error == pytest.approx(float(fit.bse["contact_yes"]), rel=1e-4)


def everybody(count: int, **given: object) -> list[dict[str, object]]:
    return [{"customer_key": key, **given} for key in range(1, count + 1)]


def some_contacts(count: int) -> list[dict[str, object]]:
    return [{"start": f"{week(8 + key % 10)} 10:00", "customer": key} for key in range(1, count + 1, 2)]


BAD = {
    "nobody left": (everybody(40), "churn_ladder.no_ratio"),
    "one segment": (
        [*everybody(40, segment="all of them"), {"customer_key": 50, "cancelled_on": week(12), "left_on": week(13)}],
        "churn_ladder.",
    ),
    "left before joined": (
        everybody(40, joined_on="2025-03-01", left_on="2024-03-01"),
        "churn_ladder.nobody_to_follow",
    ),
    "joined after the data": (everybody(40, joined_on="2026-03-01"), "churn_ladder.nobody_to_follow"),
    "never there for a week": (
        everybody(40, joined_on=week(9, 2), cancelled_on=week(9, 4), left_on=week(9, 4)),
        "churn_ladder.nobody_to_follow",
    ),
    "everyone left": (
        [{"customer_key": key, "cancelled_on": week(9 + key % 12, 3), "left_on": week(22)} for key in range(1, 41)],
        "churn_ladder.adjusted_",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_graded_and_said(tmp_path: Path, name: str) -> None:
    customers, key = BAD[name]
    result = analyse_churn_risk(drawn(tmp_path, some_contacts(40), customers))
    assert result.headline[0].key.startswith(key)
    assert set(result.ladder["grade"]) <= set(GRADES)
    assert (result.ladder.loc[result.ladder["hazard_ratio"].isna(), "grade"] == "D").all()
    assert all(text.strip() for text in said(result))


def test_contacts_after_leaving_are_counted_and_said_by_hand_count(tmp_path: Path) -> None:
    gone = everybody(30, cancelled_on=week(9), left_on=week(10))
    stay = [{"customer_key": key} for key in range(31, 61)]
    late = [{"start": f"{week(15)} 10:00", "customer": key} for key in range(1, 9)]
    result = analyse_churn_risk(drawn(tmp_path, late, gone + stay))
    check = next(check for check in result.checks if check.name == "after_leaving")
    assert check.passed is False
    assert check.text.fields["rows"] == 8
    assert result.ladder["exposed_weeks"].sum() == 0


def test_a_hundred_customers_are_graded_not_refused(tmp_path: Path) -> None:
    made = store_of(client_of(world_of(1.5), seed=9, customers=100), tmp_path)
    result = analyse_churn_risk(made)
    assert list(result.ladder["rung"]) == list(RUNGS)
    assert set(result.ladder["grade"]) == {"D"}
    assert all(text.strip() for text in said(result))


def test_who_left_but_not_when_gives_a_cross_section_by_hand_count(tmp_path: Path) -> None:
    """A flag and no dates: of 20 who made contact 5 left, of 20 others 10."""
    customers = everybody(40)
    for one in customers:
        number = int(str(one["customer_key"]))
        contacted, place = number % 2 == 1, number // 2
        one["leave_reason"] = "choice" if place < (5 if contacted else 11) else None
    result = analyse_churn_risk(drawn(tmp_path, some_contacts(40), customers))
    row = result.ladder.iloc[0]
    assert list(result.ladder["rung"]) == ["ever_contacted"]
    assert row["method"] == "cross_section"
    assert row["grade"] == "D"
    assert row["events"] == 15
    assert row["hazard_ratio"] == pytest.approx(np.log(15 / 20) / np.log(10 / 20))
    assert any(finding.key == "churn_ladder.cross_section" for finding in result.cannot_tell)


def test_falling_silent_is_leaving_where_the_engagement_says_so_by_hand_count(tmp_path: Path) -> None:
    """28 days of silence. 1 is heard of in weeks 1 to 8, then no more; 2 every second week to the end; 3 in weeks 2, 3,
    and again in 12, 13: two spells, both ended."""
    heard = {1: range(1, 9), 2: range(0, 26, 2), 3: (2, 3, 12, 13)}
    contacts = [{"start": f"{week(n, 1)} 10:00", "customer": key} for key, weeks in heard.items() for n in weeks]
    customers = [{"customer_key": key} for key in (1, 2, 3, 4)]
    more = SETTINGS + '[definitions]\nchurn = "dormant"\ndormant_days = 28\n'
    result = analyse_churn_risk(drawn(tmp_path, contacts, customers, more=more))
    spells = read(result.asked.store, "churn_spells").set_index(["customer_key", "spell"])
    found = {key: (row["entry_week"], row["last_week"], row["left_by_choice"]) for key, row in spells.iterrows()}
    # 25 weeks of data less four: weeks 0 to 20 can be judged. Who was known before is there from the beginning.
    assert result.asked.clock.weeks == 21
    assert found[1, 1] == (0, 8, True)
    assert found[2, 1] == (0, 20, False)
    assert found[3, 1] == (0, 3, True)
    assert found[3, 2] == (13, 13, True)
    assert (4, 1) not in found, "nothing was ever heard of"
    assert any(finding.key == "churn_ladder.dormant" for finding in result.cannot_tell)
    assert all(text.strip() for text in said(result))


def test_a_verdict_needs_the_whole_interval() -> None:
    assert [verdict(*limits, 4.0) for limits in ((4.1, 6.0), (1.0, 3.9), (3.9, 4.1), (np.nan, np.nan))] == [
        "above", "below", "undecided", "undecided",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lag_weeks": (8, 2)}, "must rise"),
        ({"lag_weeks": (0, 4)}, "must rise"),
        ({"lag_weeks": (2, 40)}, "must rise"),
        ({"lag_weeks": (2,)}, "two whole numbers"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"customer_list": -1}, "customer_list"),
        ({"segment": "nowhere"}, "segment"),
        ({"start": "2031-01-01"}, "before it starts"),
    ],
)
def test_a_wrong_parameter_is_one_clear_error(tmp_path: Path, given: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        analyse_churn_risk(by_hand(tmp_path), **given)  # type: ignore[arg-type]


def test_rungs_of_too_few_customers_have_no_numbers(tmp_path: Path) -> None:
    made = drawn(
        tmp_path, some_contacts(40), [*everybody(40), {"customer_key": 50, "cancelled_on": week(12)}],
        more=SETTINGS + "[definitions]\nsmallest_cell = 5\n",
    )  # fmt: skip
    asked = asked_about(
        made, made.period(None, None), lag_weeks=(2, 8), horizon_days=None, segment=None, customer_list=0
    )
    table = ladder_rows(asked)
    assert set(table["grade_reasons"]) == {"suppressed"}
    assert table[["hazard_ratio", "events", "weeks"]].isna().all(axis=None)
