"""Placebos counted by hand, the rule of what may be claimed, and that no sentence says more than that."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from drawn import at, engagement, store
from planted import fill

import rootcause_lib as rc
from rootcause_lib.analyses.churn_risk import guards, trust
from rootcause_lib.analyses.churn_risk.asked import Asked, asked_about
from rootcause_lib.analyses.churn_risk.claim import ASSOCIATION, NO_SIGN_AGAINST, Claim, Ground, claim_on
from rootcause_lib.analyses.churn_risk.dose_findings import dose_readings
from rootcause_lib.analyses.churn_risk.exposures import RATIO_COLUMNS
from rootcause_lib.analyses.churn_risk.guards import Guarded, guarded
from rootcause_lib.analyses.churn_risk.ladder import ladder_rows
from rootcause_lib.analyses.churn_risk.strength import strength_of
from rootcause_lib.analyses.churn_risk.trust_findings import guard_checks, strength_readings, trust_readings
from rootcause_lib.findings import Finding
from rootcause_lib.prose import labels, sentence
from rootcause_lib.prose.catalogue import section
from rootcause_lib.statements import statement
from rootcause_lib.statistics.dose_steps import dose_steps
from rootcause_lib.vocabulary import CLAIMS

SETTINGS = """
[definitions]
notice_days = 0
{further}
[reasons]
{cancellation}
neutral = ["advice", "hours"]
[processes.billing]
"""
NAMED = 'cancellation = ["cancel"]'
GROUND = Ground(
    notice_known=True, cancellation_named=True, problems_known=True, usable=True, effect_low=1.2, effect_high=1.9
)
PASSED = [("distant_lag", "passed"), ("neutral_reasons", "passed"), ("pre_contact_trend", "passed")]


def asked_of(folder, contacts, *, surveys=(), further="", cancellation=NAMED, until="2025-08-03", customers=9) -> Asked:
    rows = [{"customer_key": key + 1, "joined_on": "2024-01-01", "left_on": None} for key in range(customers)]
    rows[-1]["left_on"] = "2025-07-09"
    more = SETTINGS.format(further=further, cancellation=cancellation)
    made = store(engagement(folder, until=until, more=more), contacts, customers=rows)
    if surveys:
        fill(made.engine, "surveys", pd.DataFrame(surveys))
    made = dataclasses.replace(made, intake=dataclasses.replace(made.intake, present=(*made.present, "process_events")))
    return asked_about(
        made, made.period(None, None), lag_weeks=(2, 8), horizon_days=None, segment=None, customer_list=0
    )


# Weeks count from Monday 6 January 2025; the data end with week 11.
SCALES = {
    "nps": {"metric": "nps"},
    "csat": {"metric": "csat", "scale_low": 1.0, "scale_high": 5.0, "direction": "higher_is_better"},
    "ces": {"metric": "ces", "scale_low": 1.0, "scale_high": 7.0, "direction": "lower_is_better"},
}
SURVEYS = [
    # Low (6 of 10): week 0. A contact in week 5, the first that may be new.
    {**SCALES["nps"], "customer_key": 1, "score": 6.0, "answered_seconds": at("2025-01-07 12:00")},
    # A later answer of the same customer is not looked at.
    {**SCALES["nps"], "customer_key": 1, "score": 10.0, "answered_seconds": at("2025-01-20 12:00")},
    # High: week 1, no contact after it.
    {**SCALES["nps"], "customer_key": 2, "score": 7.0, "answered_seconds": at("2025-01-14 12:00")},
    # Low (2 of 1 to 5): week 2.
    {**SCALES["csat"], "customer_key": 3, "score": 2.0, "answered_seconds": at("2025-01-21 12:00")},
    # A scale whose ends nobody states.
    {"metric": "csat", "customer_key": 4, "score": 2.0, "answered_seconds": at("2025-01-14 12:00")},
    # Effort 2 of 7, little: high. The customer is told by the contact asked about.
    {**SCALES["ces"], "contact_id": "c003", "score": 2.0, "asked_seconds": at("2025-01-14 12:00")},
    # Asked, not answered; and employees.
    {**SCALES["nps"], "customer_key": 6, "asked_seconds": at("2025-01-14 12:00")},
    {"metric": "enps", "customer_key": 7, "score": 2.0, "answered_seconds": at("2025-01-14 12:00")},
]
CALLS = [
    {"start": "2025-01-06 09:00", "customer": None},
    # Week 5 starts on 10 February.
    {"start": "2025-02-10 09:00", "customer": 1},
    # In week 3, about the old matter still; again in week 7 within 28 days, in week 11 after 29.
    {"start": "2025-01-31 09:00", "customer": 3},
    {"start": "2025-01-13 09:00", "customer": 5},
    {"start": "2025-02-24 09:00", "customer": 3},
    {"start": "2025-03-25 09:00", "customer": 3},
    {"start": "2025-02-20 09:00", "customer": 2, "reason": "cancel"},
    {"start": "2025-02-20 09:00", "customer": 2, "direction": "outbound"},
]


def test_contacts_after_scores_by_hand_count(tmp_path):
    asked = asked_of(tmp_path, CALLS, surveys=SURVEYS, until="2025-03-30")
    guarded(asked)
    values = {
        "observed_from_day": asked.clock.first_day, "from_week": 5, "until_week": 27, "before_from": 26,
        "before_until": 5, "window_days": 28,
    }  # fmt: skip
    rows = asked.store.engine.run(statement("contacts_after_scores", values=values))
    found = rows.set_index("low")[["weeks", "events", "customers"]].apply(tuple, axis=1).to_dict()
    # 1: week 5 alone. 3: weeks 7 to 11, the last of which brings a new matter. 2: weeks 6 to 11; 5: the same.
    assert found == {True: (1 + 5, 2, 2), False: (6 + 6, 0, 2)}


def test_weeks_after_neutral_matters_and_distant_contacts_by_hand_count(tmp_path):
    """A contact of week 10 counts in weeks 13 to 18 and is distant in 19 to 36, of which the data have 30 in all.

    Customer 1 asked for advice twice, 2 for advice and then about a bill, 3 about a bill alone. 26 weeks of past are
    seen from week 26 on.
    """
    early = [{"start": "2025-01-06 09:00", "customer": None}]
    pairs = {1: ("advice", "hours"), 2: ("advice", "bill"), 3: ("bill", None)}
    for customer, (first, second) in pairs.items():
        early.append({"start": "2025-03-17 10:00", "customer": customer, "reason": first})
        if second:
            early.append({"start": "2025-03-31 10:00", "customer": customer, "reason": second})
    table = guarded(asked_of(tmp_path, early)).placebos.set_index("placebo")
    # 1: 15-20. 2: only week 10's contact was for advice, and week 12's counts in all of 15-20.
    assert table.loc["neutral_reasons", "weeks"] == 6
    # Weeks 26 to 29 of three customers.
    assert table.loc["distant_lag", "weeks"] == 12
    assert table.loc["pre_contact_trend", "reason_untold"] == "no_scores"
    assert set(table["verdict"]) == {"undecided"}


def test_what_is_not_named_leaves_its_guard_undecided(tmp_path):
    rows = [{"start": "2025-01-06 09:00", "customer": 1}]
    asked = asked_of(tmp_path, rows, cancellation="")
    none = asked.store.engagement.model_copy(
        update={"reasons": asked.store.engagement.reasons.model_copy(update={"neutral": ()})}
    )
    found = guarded(dataclasses.replace(asked, store=dataclasses.replace(asked.store, engagement=none)))
    table = found.placebos.set_index("placebo")
    assert table.loc["neutral_reasons", ["reason_untold", "verdict"]].tolist() == ["no_neutral_reasons", "undecided"]
    assert {"no_cancellation_reasons", "neutral_reasons_undecided"} <= set(found.claim.withheld)


def test_all_must_hold_for_more_than_an_association():
    assert claim_on(GROUND, PASSED) == Claim(NO_SIGN_AGAINST, ())
    assert claim_on(dataclasses.replace(GROUND, effect_low=0.4, effect_high=0.8), PASSED).is_more


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"notice_known": False}, "notice_unknown"),
        ({"cancellation_named": False}, "no_cancellation_reasons"),
        ({"problems_known": False}, "no_process_events"),
        ({"usable": False}, "estimate_unusable"),
        ({"effect_low": 0.9}, "no_difference_shown"),
        ({"effect_low": np.nan, "effect_high": np.nan}, "no_difference_shown"),
    ],
)
def test_each_missing_ground_withholds_it(change, why):
    assert claim_on(dataclasses.replace(GROUND, **change), PASSED) == Claim(ASSOCIATION, (why,))


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("verdict", ["failed", "undecided"])
def test_each_guard_withholds_it(place, verdict):
    verdicts = list(PASSED)
    verdicts[place] = (PASSED[place][0], verdict)
    found = claim_on(GROUND, verdicts)
    assert (found.strength, found.withheld) == (ASSOCIATION, (f"{PASSED[place][0]}_{verdict}",))


def test_no_guard_at_all_withholds_it():
    assert claim_on(GROUND, []).withheld == ("no_placebos",)


def test_every_reason_to_withhold_and_every_claim_has_words():
    for language in ("en", "fi"):
        words = labels("withheld", language=language)
        expected = {f"{name}_{verdict}" for name, _ in PASSED for verdict in ("failed", "undecided")}
        missing = ("notice_unknown", "no_cancellation_reasons", "no_process_events", "estimate_unusable")
        assert set(words) == expected | {*missing, "no_difference_shown", "no_placebos"}
        assert {ASSOCIATION, NO_SIGN_AGAINST} == set(labels("claim_said", language=language)) < {*CLAIMS}


def told(claim: Claim) -> Guarded:
    """A result of the guards with numbers enough for every sentence."""
    effect = dict.fromkeys(RATIO_COLUMNS, 1.5) | {"low": 1.2, "high": 1.9, "per_1000_low": 1.0, "events": 400.0}
    rows = [
        {
            "placebo": name, "hazard_ratio": 1.0, "low": 0.9, "high": 1.1, "allowed_low": 0.8, "allowed_high": 1.2,
            "verdict": "passed" if claim.is_more else "failed", "reason_untold": "", "weeks": 900.0, "grade": "B",
            "grade_reasons": "",
        }
        for name in guards.PLACEBOS
    ]  # fmt: skip
    cells = pd.DataFrame({"periods": [9e5], "events": [2000.0]})
    return Guarded(True, 0.0, effect, None, pd.DataFrame(rows), strength_of(1.5, 1.2, 1.9, cells=cells), claim)


WORDS = {"en": ("This is an association.", "no sign that this is not an effect"),
         "fi": ("Kyse on yhteydestä, ei syystä.", "merkkiä siitä, ettei tämä olisi vaikutus")}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fi"])
def test_every_sentence_on_kinds_of_contacts_has_the_claim_the_guards_allow(tmp_path, language):
    asked = asked_of(tmp_path, CALLS)
    ratio = {"hazard_ratio": 2.0, "low": 1.7, "high": 2.3, "confidence": 0.95, "weeks": 9000.0, "events": 300.0}
    kinds = [
        ("resolution", "resolved"), ("resolution", "unresolved"), ("repeat", "once"), ("repeat", "came_back"),
        ("channel", "phone"), ("reason", "bill"), ("wait", "long"), ("agent", "other"), ("each_contact", "per_contact"),
    ]  # fmt: skip
    table = pd.DataFrame([{"split": split, "level": level, **ratio} for split, level in kinds])
    table = table.assign(grade="A", grade_reasons="")
    steps = dose_steps([0.0, 0.5, 1.0, 1.5], np.diag([0.0, 0.01, 0.01, 0.01]))
    for claim, mine, other in ((Claim(ASSOCIATION, ("no_placebos",)), 0, 1), (Claim(NO_SIGN_AGAINST, ()), 1, 0)):
        said = [sentence(each, language=language) for each in dose_readings(asked, table, steps, told(claim))]
        assert len(said) == 1 + 1 + 1 + 2 + 4
        for words in said[1:]:
            assert WORDS[language][mine] in words
            assert WORDS[language][other] not in words


def test_the_fairest_rung_alone_takes_the_claim(tmp_path):
    asked = asked_of(tmp_path, CALLS)
    claims = ladder_rows(asked, claim=NO_SIGN_AGAINST).set_index("rung")["claim"]
    assert claims.to_dict() == dict.fromkeys(claims.index, ASSOCIATION) | {"adjusted": NO_SIGN_AGAINST}


@pytest.mark.parametrize("language", ["en", "fi"])
def test_guards_are_said_as_they_came_out(language):
    for claim, passed in ((Claim(ASSOCIATION, ("no_placebos",)), False), (Claim(NO_SIGN_AGAINST, (), 2.4, 1.7), True)):
        found = told(claim)
        (check,) = guard_checks(found)
        assert check.passed is passed
        for finding in (check.text, *trust_readings(found)):
            assert sentence(finding, language=language)
    undecided = dataclasses.replace(found, placebos=found.placebos.assign(verdict="undecided"))
    assert guard_checks(undecided)[0].passed is None


FORBIDDEN = {
    "en": r"\b(cause[sd]?|causing|causal|prove[sdn]?|proof|drive[sn]? |drove|leads? to|led to|makes customers leave)\b",
    "fi": r"(aiheut|johtu[ui]|todist|saa asiakkaat lähtemään|ajaa asiakkaat)",
}


@pytest.mark.parametrize("language", ["en", "fi"])
def test_no_sentence_on_leaving_speaks_of_causes(language):
    for area in ("churn_dose", "churn_guards", "churn_ladder"):
        for key, words in section(language, "sentences", area).items():
            assert not re.search(FORBIDDEN[language], words, re.IGNORECASE), (area, key)


def test_e_values_of_a_common_outcome_are_those_of_the_risk_ratio_by_published_formula():
    """VanderWeele and Ding 2017, table 2: (1 - .5 ** sqrt(HR)) / (1 - .5 ** sqrt(1 / HR)); RR + sqrt(RR (RR - 1))."""
    rare = strength_of(2.0, 1.5, 2.7, cells=pd.DataFrame({"periods": [52_000.0], "events": [100.0]}))
    assert (rare["conversion"], rare["risk_ratio"]) == ("rare_outcome", 2.0)
    assert rare["e_value"] == pytest.approx(2 + 2**0.5)
    common = strength_of(2.0, 1.5, 2.7, cells=pd.DataFrame({"periods": [52_000.0], "events": [300.0]}))
    ratio = (1 - 0.5**2**0.5) / (1 - 0.5**0.5**0.5)
    assert common["conversion"] == "common_outcome"
    assert common["leaving_in_a_year"] == pytest.approx(1 - np.exp(-0.3))
    assert (common["risk_ratio"], common["e_value"]) == pytest.approx((ratio, ratio + (ratio * (ratio - 1)) ** 0.5))


def test_no_ratio_has_no_e_value_and_says_nothing(tmp_path):
    asked = asked_of(tmp_path, [{"start": "2025-01-06 09:00", "customer": None}])
    found = guarded(asked)
    assert found.claim.e_value is None
    assert trust.sensitivity(asked, found).empty
    assert trust_readings(found) == strength_readings(trust.sensitivity(asked, found)) == ()
    assert guard_checks(found) == ()


def test_without_a_day_of_notice_there_is_no_more_than_an_association_and_no_better_than_d(tmp_path):
    asked = asked_of(tmp_path, CALLS)
    blind = dataclasses.replace(asked, clock=dataclasses.replace(asked.clock, notice_known=False))
    found = guarded(blind)
    assert "notice_unknown" in found.claim.withheld
    assert set(found.placebos["grade"]) == {"D"}


@pytest.mark.parametrize("customers", [1, 100])
def test_a_whole_analysis_of_few_customers_says_what_it_cannot_tell(tmp_path, customers):
    asked = asked_of(tmp_path, CALLS, customers=customers)
    result = rc.analyse_churn_risk(asked.store)
    assert set(result.dose["grade"]) <= {"D"}
    assert result.cannot_tell
    keys = [finding.key for finding in result.headline]
    assert not [key for key in keys if key.startswith("churn_dose.each") or "no_sign" in key]
    assert isinstance(result.headline[0], Finding)
