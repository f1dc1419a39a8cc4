"""Every analysis: its frames as the design lists them, its words in both languages, an empty world, sums that agree,
and every parameter doing something. A new analysis is met here by adding it to ANALYSES."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, stitched
from planted import Cut, extract, fill, read
from planted.answers import survey_rows
from planted.events import process_event_rows
from second_opinion import stitched_contacts
from second_opinion.facts import tallies
from second_opinion.worlds import RULES, draw, store_of

import rootcause_lib.analyses as analyses
from rootcause_lib.engine import empty_world
from rootcause_lib.errors import ParameterError
from rootcause_lib.estimates import COLUMNS
from rootcause_lib.findings import Check, Finding, Quantity
from rootcause_lib.journeys import Following
from rootcause_lib.metrics import CATALOGUE
from rootcause_lib.periods import Period
from rootcause_lib.prose import label, sentence
from rootcause_lib.prose.labels import labels
from rootcause_lib.sample_client import make_client
from rootcause_lib.vocabulary import ALL, GRADE_REASONS, GRADES, LANGUAGES, MATCHING_RULES, OUTCOMES, SUPPRESSED

ALL_CELLS = "[definitions]\nsmallest_cell = 1\n"

PROCESSES = """
[processes.invoice]
kind = "normal"
owner = "Accounts"
reasons = ["laskutus"]
bands = [0, 7]
[processes.billing]
owner = "Accounts"
reasons = ["laskuvirhe"]
bands = [0, 7, 21]
instead_of = "invoice"
[processes.delivery]
owner = "Logistics"
reasons = ["toimitus"]
overdue_bands = [1, 3, 7, 14]
[processes.claim]
bands = [0, 28]
opened_by_contact = true
"""

ESTIMATES = {"metric", "statistic", *COLUMNS}

FRAMES: Mapping[str, Mapping[str, set[str]]] = {
    "data_health": {
        "sources": {"table", "source", "rows_read", "rows_accepted", "rows_rejected", "rows_repaired", "first", "last"},
        "rejects": {"table", "source", "row", "column", "rule"},
        "repairs": {"table", "source", "column", "repair", "rows"},
        "readiness": {"analysis", "status", "method_used", "best_grade", "missing", "what_it_would_add"},
        "coverage": {"channel", *ESTIMATES},
        "code_health": {"team", *ESTIMATES},
        "reconciliation": {
            "name", "theirs", "ours", "difference", "explained_by_rejects", "explained_by_direction",
            "explained_by_legs", "explained_by_abandoned", "unexplained",
        },
        "volume": {"week", "channel", "contacts", "suppressed"},
        "orphans": {"table", "column", "rows"},
        "naive": {"name", "value", "denominator", "why"},
        "key_numbers": ESTIMATES,
    },
    "channel_resolution": {
        "resolution": {
            "channel", "reason", "match", "window_days", "outcome", "value", "low", "high", "at_risk", "events",
            "grade", "grade_reasons", "claim", "level", "method",
        },
        "recontact": {"channel", "match", "day", "repeat_share", "low", "high", "at_risk", "expected_by_chance"},
        "mature": {"channel", "reason", *ESTIMATES},
        "flow": {"from_channel", "to_channel", "contacts", "share", "low", "high"},
        "settled": {"opened_in", "settled_in", "cases", "share", "low", "high"},
        "metrics": {"channel", *ESTIMATES},
        "agents": {
            "team", "agent_id", "outcome", "contacts", "observed", "expected", "difference", "low", "high",
            "raw_difference", "raw_low", "raw_high", "funnel_low_95", "funnel_high_95", "funnel_low_998",
            "funnel_high_998", "probability_best", "probability_worst", "method", "claim", "grade", "grade_reasons",
        },
        "consistency": {
            "metric", "channel", "score", "low", "high", "level", "answers", "customers", "response_share",
            "response_low", "response_high", "difference", "difference_low", "difference_high", "margin", "verdict",
            "odds_ratio", "odds_low", "odds_high", "method", "claim", "grade", "grade_reasons",
        },
        "score_by_resolution": {
            "metric", "resolution", "score", "low", "high", "answers", "difference", "difference_low",
            "difference_high", "grade", "grade_reasons",
        },
        "switch_cost": {
            "measure", "switched", "switched_low", "switched_high", "stayed", "stayed_low", "stayed_high",
            "difference", "difference_low", "difference_high", "grade", "grade_reasons",
        },
        "resolution_curve": {
            "channel", "match", "window_days", "value", "low", "high", "level", "contacts", "at_risk", "unobserved",
            "customers", "expected_by_chance", "excess", "excess_low", "excess_high", "method", "grade",
            "grade_reasons",
        },
        "window_advice": {"reason", "day", "low", "high"},
        "journey": {
            "measure", "status", "share", "low", "high", "level", "base", "base_of", "customers", "unobserved",
            "reference", "method", "claim", "grade", "grade_reasons",
        },
        "self_service": {
            "kind", "measure", "match", "window_days", "value", "low", "high", "level", "base", "customers",
            "unobserved", "method", "claim", "grade", "grade_reasons",
        },
        "reuse": {
            "kind", "after", "next_choice", "sessions", "share", "low", "high", "level", "base", "customers",
            "unobserved", "method", "claim", "grade", "grade_reasons",
        },
        "naive": {"name", "value", "denominator", "why"},
        "queue": {
            "channel", "offered", "answered", "abandoned", "abandoned_share", "abandoned_share_low",
            "abandoned_share_high", "short_abandons", "within_seconds", "service_level", "service_level_low",
            "service_level_high", "service_level_formula", "mean_wait", "mean_wait_low", "mean_wait_high", "p50_wait",
            "p90_wait", "level", "unobserved", "customers", "method", "claim", "grade", "grade_reasons",
        },
        "patience": {"channel", "seconds", "still_waiting", "low", "high", "at_risk", "events", "claim"},
        "queue_hours": {
            "channel", "kind_of_day", "hour", "clock_hours", "offered", "abandoned_share", "mean_wait", "grade",
        },
        "bridge": {"step", "name", "value", "low", "high", "numerator", "denominator", "change", "why", "claim"},
        "snowballs": {"length", "cases", "contacts", "case_share", "volume_share", "low", "high"},
        "snowball_positions": {
            "position", "contacts", "handle_seconds", "low", "high", "ratio_to_first", "ratio_low", "ratio_high",
        },
        "steps": {"step", "from_channel", "to_channel", "cases", "share", "low", "high"},
        "leaks": {"from_channel", "to_channel", "contacts", "share", "low", "high", "hours_until", "quick_share"},
        "next_issue": {
            "reason", "next_reason", "customers", "contacts", "share", "low", "high", "baseline", "lift", "lift_low",
            "lift_high", "p_value", "q_value", "told",
        },
        "standardised": {
            "channel", "outcome", "baseline_channel", "resolution", "low", "high", "level", "contacts", "unobserved",
            "customers", "baseline_resolution", "difference", "difference_low", "difference_high", "naive",
            "naive_difference", "naive_low", "naive_high", "coded_difference", "coded_low", "coded_high", "overlap",
            "basis", "method", "claim", "grade", "grade_reasons",
        },
        "overlap": {"outcome", "channel", "reason", "contacts", "compared", "why", "suppressed"},
        "key_numbers": {"channel", *ESTIMATES},
    },
    "churn_risk": {
        "ladder": {
            "rung", "hazard_ratio", "low", "high", "exposed_weeks", "weeks", "events", "customers", "bias", "verdict_4",
            "verdict_1", "method", "claim", "grade", "grade_reasons",
        },
        "contacts_before_exit": {
            "clock", "weeks_before", "per_week", "low", "high", "contacts", "customers", "cancel_share", "grade",
        },
        "leaving": {"ending", "spells", "customers", "suppressed"},
        "survival": {
            "segment", "problem", "since", "months_since", "retained", "low", "high", "level", "at_risk", "events",
            "unobserved", "customers", "method", "claim", "grade", "grade_reasons",
        },
        "left_by_ending": {"ending", "months_since", "share", "low", "high", "at_risk", "events", "grade"},
        "segment_risk": {"segment", "horizon_days", "chance", "low", "high", "weeks_watched", "events", "grade"},
        "retention_value": {
            "segment", "measure", "counted_in", "value", "low", "high", "denominator", "unobserved", "customers",
            "grade",
        },
        "dose": {"split", "level", "hazard_ratio", "low", "high", "per_1000", "risk_difference", "weeks", "events"},
        "placebos": {"placebo", "hazard_ratio", "low", "high", "verdict"},
        "sensitivity": {"hazard_ratio", "low", "high", "e_value", "e_value_limit"},
        "problem_effect": {"process", "handling", "hazard_ratio", "low", "high", "per_1000"},
        "scores": {"place", "customer_id", "risk", "low", "high", "value_at_stake", "drivers", "grade"},
        "validation": {"model", "measure", "value", "low", "high", "customers", "events", "claim", "grade"},
        "calibration": {"bin", "predicted", "observed", "low", "high", "customers", "events", "grade"},
        "lift": {"share_contacted", "lift", "low", "high", "captured_share", "customers", "grade"},
        "profit_curve": {"share_contacted", "profit", "low", "high", "best", "basis", "customers", "grade"},
        "score_drivers": {"driver", "against", "odds_ratio", "low", "high", "customers", "claim", "grade"},
        "naive": {"name", "value", "denominator", "why"},
        "key_numbers": {"rung", *ESTIMATES},
    },
    "root_cause": {
        "reasons": {
            "reason", "contacts", "coded_share", "coded_low", "coded_high", "corrected_share", "corrected_low",
            "corrected_high", "cost", "customers", "per_100_customers", "per_100_events", "score_difference",
            "upsell_difference", "status_share",
        },
        "agreement": {"measure", "reason", "value", "low", "high", "contacts", "verdict"},
        "confusion": {"coded", "found", "contacts", "share", "low", "high"},
        "audit_plan": {"reason", "half_width", "needed", "audited", "further"},
        "incidence": {"process", "kind", "band", "rate_ratio", "low", "high", "contacts", "person_days"},
        "variants": {"variant", "process", "kind", "band", "rate_ratio", "low", "high"},
        "attributable": {"process", "owner", "basis", "contacts", "low", "high", "share", "cost"},
        "eliminable": {"process", "owner", "basis", "contacts", "low", "high", "share", "cost"},
        "dose_response": {"process", "band", "day", "rate_ratio", "low", "high"},
        "dose_trends": {"process", "per_day", "low", "high", "p_value", "departure_p_value"},
        "shocks": {"process", "day", "contacts", "expected", "low", "high"},
        "change": {"period", "dimension", "item", "volume", "mix", "rate", "total", "total_low", "total_high"},
        "segments": {"kind", "attributes", "reason", "contacts", "value", "low", "high", "p_value", "q_value"},
        "persistence": {
            "process", "material_since", "months_in_top_5", "cost_so_far", "low", "high", "cost_of_waiting_per_month",
        },
        "guesses": {"who", "reason", "guessed_share", "measured_share", "low", "high", "verdict"},
        "owners": {"owner", "process", "contacts", "low", "high", "cost"},
        "text_topics": {"reason", "text_share", "coded_share"},
        "text_agreement": {"measure", "value", "low", "high", "contacts"},
        "text_disagreements": {"coded", "by_text", "contacts", "share", "low", "high"},
        "text_hypotheses": {"words", "contacts", "grade"},
        "naive": {"name", "value", "denominator", "why"},
        "key_numbers": {"process", "reason", *ESTIMATES},
    },
}  # fmt: skip
"""The frames of the design's section 7 and at least which columns they have."""

SCORED = ("consistency", "score_by_resolution")
"""Frames whose metric is what surveys asked for: no Estimates."""

ANALYSES: Mapping[str, Callable[..., object]] = {
    "data_health": analyses.analyse_data_health,
    "channel_resolution": analyses.analyse_channel_resolution,
    "churn_risk": analyses.analyse_churn_risk,
    "root_cause": analyses.analyse_root_cause,
}
PARTS = ("analysis", "frames", "checks", "headline", "key_numbers", "naive", "cannot_tell", "period")
EACH = pytest.mark.parametrize("name", ANALYSES)
BOTH = pytest.mark.parametrize("kind", ["drawn", "lively", "empty", "nameless", "guarded"])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Random contacts with every column full of gaps, and their row-by-row journeys."""
    rows, customers = draw(seed=5)
    contacts = list(stitched_contacts(rows, customers, RULES).values())
    return store_of(tmp_path_factory.mktemp("drawn"), rows, customers), contacts


@pytest.fixture(scope="module")
def stores(drawn, tmp_path_factory):
    """Random contacts, a fictional client of ten weeks, no contact at all, contacts without customers.

    `cases` is the lively client with its case ids. Small cells are shown in these but for the last, which is the lively
    client again, guarded.
    """
    client = make_client(customers=2500, seed=3, start="2025-01-06", days=98)
    cut = Cut(pd.Timestamp("2025-01-27").date(), pd.Timestamp("2025-04-06").date())
    nameless = client.tables["contacts"].assign(customer_id=pd.Series(dtype="string"))
    alone = dataclasses.replace(client, tables={**client.tables, "contacts": nameless})
    cases = client.hidden["case"].astype("Int64").astype("string")
    told = dataclasses.replace(
        client, tables={**client.tables, "contacts": client.tables["contacts"].assign(case_id=cases)}
    )

    def made(of, name: str, more: str):
        return with_events(extract(of, cut, tmp_path_factory.mktemp(name), more=more + PROCESSES), of)

    return {
        "drawn": drawn[0],
        "lively": made(client, "lively", f"{ALL_CELLS}[targets]\nfcr = 0.75\n"),
        "cases": made(told, "cases", ALL_CELLS),
        "nameless": extract(alone, cut, tmp_path_factory.mktemp("nameless"), more=ALL_CELLS),
        "empty": stitched(engagement(tmp_path_factory.mktemp("empty"), until="2025-03-31"), empty_world()),
        "guarded": made(client, "guarded", "[definitions]\nsmallest_cell = 5\n"),
    }


def with_events(store, client):
    """The store with what happened to its customers upstream."""
    fill(store.engine, "process_events", process_event_rows(client.tables["process_events"]))
    fill(store.engine, "surveys", survey_rows(client.tables["surveys"]))
    present = (*store.present, "process_events", "surveys")
    return dataclasses.replace(store, intake=dataclasses.replace(store.intake, present=present))


@pytest.fixture(scope="module")
def results(stores):
    return {(name, kind): analyse(store) for name, analyse in ANALYSES.items() for kind, store in stores.items()}


def findings_of(result):
    return (*result.headline, *result.cannot_tell, *(check.text for check in result.checks))


def test_every_analysis_of_the_package_is_held_to_this():
    public = {name.removeprefix("analyse_") for name in analyses.__all__ if name.startswith("analyse_")}
    assert public == set(ANALYSES) == set(FRAMES)


@EACH
@BOTH
def test_a_result_is_frozen_and_whole(results, name, kind):
    result = results[name, kind]
    assert result.analysis == name
    for part in PARTS:
        assert getattr(result, part) is not None
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError, TypeError)):
        result.analysis = "other"
    with pytest.raises(TypeError):
        result.frames["naive"] = pd.DataFrame()
    assert isinstance(result.period, Period)
    assert all(isinstance(check, Check) and check.passed in (True, False, None) for check in result.checks)
    assert all(isinstance(finding, Finding) for finding in (*result.headline, *result.cannot_tell))
    assert result.headline
    assert result.cannot_tell


@EACH
@BOTH
def test_frames_have_the_columns_of_the_design(results, name, kind):
    frames = results[name, kind].frames
    assert set(frames) >= set(FRAMES[name])
    for frame, columns in FRAMES[name].items():
        assert columns <= set(frames[frame].columns), frame
        assert getattr(results[name, kind], frame) is frames[frame]
        assert frames[frame].index.equals(pd.RangeIndex(len(frames[frame]))), frame
        assert not frames[frame].columns.duplicated().any()


@EACH
def test_frames_keep_their_columns_where_there_is_nothing(results, name):
    full, empty = results[name, "lively"].frames, results[name, "empty"].frames
    for frame in FRAMES[name]:
        assert list(empty[frame].columns) == list(full[frame].columns), frame
    for frame in set(FRAMES[name]) - {"readiness", "sources", "rejects"}:
        assert empty[frame].empty, frame


@EACH
@BOTH
def test_estimates_have_one_schema_wherever_they_stand(results, name, kind):
    for key, frame in results[name, kind].frames.items():
        if "metric" not in frame.columns or key in SCORED:
            continue
        assert list(frame.columns)[:2] == ["metric", "statistic"]
        assert list(frame.columns)[-len(COLUMNS) :] == list(COLUMNS)


@EACH
@BOTH
def test_grades_and_reasons_are_of_the_vocabulary(results, name, kind):
    result = results[name, kind]
    for frame in result.frames.values():
        if "grade" in frame.columns:
            assert set(frame["grade"]) <= set(GRADES)
            given = {reason for text in frame["grade_reasons"] for reason in str(text).split(";") if reason}
            assert given <= set(GRADE_REASONS)
            assert (frame["grade_reasons"] == "").eq(frame["grade"] == "A").all()
        if "best_grade" in frame.columns:
            assert set(frame["best_grade"]) <= set(GRADES)
    for finding in findings_of(result):
        assert finding.grade in (None, *GRADES)
        assert set(finding.grade_reasons) <= set(GRADE_REASONS)


@EACH
@BOTH
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_and_check_is_said_in_both_languages(results, name, kind, language):
    for finding in findings_of(results[name, kind]):
        words = sentence(finding, language=language, currency="EUR")
        assert words.strip()
        assert not any(mark in words for mark in ("{", "}", "nan", "None", "<NA>")), words


@EACH
@BOTH
def test_no_quantity_of_a_finding_stands_alone(results, name, kind):
    for finding in findings_of(results[name, kind]):
        for key, value in finding.fields.items():
            if isinstance(value, Quantity) and value.value is not None:
                assert np.isfinite(value.value), (finding.key, key)
                assert value.denominator is not None, (finding.key, key)
                if value.kind == "share":
                    assert 0 <= value.value <= 1
                if value.low is not None and value.high is not None:
                    assert value.low <= value.value <= value.high


@EACH
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_a_table_shows_has_a_label(results, name, language):
    kinds = {
        "outcome": "outcome", "grade": "grade", "metric": "metric", "status": "status", "method": "estimator",
        "method_used": "method", "match": "match", "verdict": "verdict", "claim": "claim", "statistic": "statistic",
        "analysis": "analysis", "name": "naive", "channel": "channel",
    }  # fmt: skip
    for frame in results[name, "lively"].frames.values():
        for column in frame.columns:
            assert label(column, language=language, kind="column") != column or "_" not in column, column
        for column in kinds.keys() & set(frame.columns):
            for word in frame[column].dropna().unique():
                # Unknown words pass through as they are; the library's own must be known.
                assert str(word) in labels(kinds[column], language=language), (column, word)


@EACH
def test_results_are_not_shared(stores, name):
    first = ANALYSES[name](stores["lively"])
    for frame in first.frames.values():
        if len(frame) > 1:
            frame.iloc[:, 0] = frame.iloc[::-1, 0].to_numpy()
            frame["scribble"] = 1
    second = ANALYSES[name](stores["lively"])
    assert not any("scribble" in frame.columns for frame in second.frames.values())
    third = ANALYSES[name](stores["lively"])
    for frame in second.frames:
        pd.testing.assert_frame_equal(second.frames[frame], third.frames[frame])


def test_channel_and_reason_rows_add_up_by_identity(results):
    counts = ["numerator", "denominator", "unobserved"]
    for kind in ("drawn", "lively"):
        mature = results["channel_resolution", kind].mature
        cells = mature[(mature["channel"] != ALL) & (mature["reason"] != ALL)]
        total = mature[(mature["channel"] == ALL) & (mature["reason"] == ALL)]
        assert len(total) == 1
        by_channel = mature[(mature["channel"] != ALL) & (mature["reason"] == ALL)].set_index("channel")[counts]
        by_reason = mature[(mature["channel"] == ALL) & (mature["reason"] != ALL)]
        assert cells.groupby("channel")[counts].sum().to_dict() == by_channel.to_dict()
        for part in (cells, by_channel, by_reason):
            assert part[counts].sum().tolist() == total[counts].iloc[0].tolist()
        assert mature.iloc[0][["channel", "reason"]].tolist() == [ALL, ALL], "totals first"


def test_mature_resolution_by_second_implementation(drawn, results):
    _store, contacts = drawn
    result = results["channel_resolution", "drawn"]
    asked = {**result.following.values, "view": "customer"}
    for by in (("channel",), ("channel", "reason")):
        expected = tallies("first_contact_resolution", contacts, RULES, values=asked, by=by)
        chosen = result.mature[result.mature["channel"] != ALL]
        chosen = chosen[(chosen["reason"] == ALL) if by == ("channel",) else (chosen["reason"] != ALL)]
        plain = chosen.astype("object").where(chosen.notna(), None)
        found = {
            tuple(row[name] for name in by): (row["numerator"], row["denominator"], row["unobserved"])
            for row in plain.to_dict("records")
        }
        assert found.keys() == expected.keys()
        for cell, numbers in found.items():
            assert tuple(number or 0 for number in numbers) == tuple(expected[cell])


def test_quiet_came_back_and_left_are_all_there_is_by_identity(results):
    for kind in ("drawn", "lively"):
        table = results["channel_resolution", kind].resolution
        assert set(table["outcome"]) == set(OUTCOMES)
        wide = table.pivot(index=["channel", "reason", "match"], columns="outcome", values="value").dropna()
        assert np.allclose(wide.sum(axis=1), 1)
        assert ((wide >= 0) & (wide <= 1)).all(axis=None)
        told = table[table["value"].notna()]
        assert ((told["low"] <= told["value"]) & (told["value"] <= told["high"])).all()
        key = ["channel", "reason", "match", "outcome"]
        assert not table.duplicated(key).any()


def test_recontact_curves_never_fall_by_identity(results):
    for kind in ("drawn", "lively"):
        table = results["channel_resolution", kind].recontact
        for (_channel, match), curve in table.groupby(["channel", "match"]):
            assert curve["day"].tolist() == list(range(1, len(curve) + 1))
            assert curve["repeat_share"].dropna().is_monotonic_increasing
            assert curve["at_risk"].is_monotonic_decreasing
            # Customers watched for too short a time leave the chance figure, which may then give way a little.
            assert curve["expected_by_chance"].dropna().astype("float64").diff().min() > -0.02 or match == "case"
        by_any, by_reason = (
            table[(table["channel"] == ALL) & (table["match"] == rule) & (table["day"] == 14)]
            for rule in ("any", "reason")
        )
        assert float(by_reason["repeat_share"].iloc[0]) < float(by_any["repeat_share"].iloc[0])


def test_recontact_curve_by_second_implementation(drawn, results):
    """Day by day over the rows: at risk, back, left, and their product."""
    _store, contacts = drawn
    table = results["channel_resolution", "drawn"].recontact
    for rule in MATCHING_RULES:
        watched = [_watched(row, rule) for row in contacts if row["judged"] and _matchable(row, rule)]
        quiet, back_share, expected = 1.0, 0.0, {}
        for day in range(1, 31):
            at_risk = [way for way in watched if way[1] >= day]
            back = sum(way == ("back", day) for way in at_risk)
            left = sum(way == ("left", day) for way in at_risk)
            if at_risk:
                back_share += quiet * back / len(at_risk)
                quiet *= 1 - (back + left) / len(at_risk)
            expected[day] = (len(at_risk), back_share)
        found = table[(table["channel"] == ALL) & (table["match"] == rule)].set_index("day")
        for day, (at_risk, share) in expected.items():
            assert found.loc[day, "at_risk"] == at_risk
            assert found.loc[day, "repeat_share"] == pytest.approx(share, rel=1e-9)


def test_resolution_at_each_matters_own_window_by_second_implementation(drawn, results):
    """Openers over the rows, in fourteenths of each one's own window."""
    _store, contacts = drawn
    result = results["channel_resolution", "drawn"]
    rule, table = result.following.matching, result.resolution
    assert result.following.own_windows
    for reason in ("bill", "fault", None):
        watched = []
        for row in contacts:
            window = RULES.window(row["reason"], 14, True)
            before, history = row[f"previous_{rule}_seconds"], row["history_seconds"]
            known = history is None or history >= window
            opens = row["judged"] and _matchable(row, rule) and (known if before is None else before > window)
            if opens and reason in (None, row["reason"]):
                watched.append(_watched(row, rule, step=Fraction(window, 14)))
        quiet, share = 1.0, {"back": 0.0, "left": 0.0}
        for day in range(1, 15):
            at_risk = [way for way in watched if way[1] >= day]
            events = {how: sum(way == (how, day) for way in at_risk) for how in share}
            share = {how: share[how] + quiet * events[how] / len(at_risk) for how in share}
            quiet *= 1 - sum(events.values()) / len(at_risk)
        chosen = table[(table["channel"] == ALL) & (table["reason"] == (reason or ALL)) & (table["match"] == rule)]
        found = chosen.set_index("outcome")
        expected = {"quiet": quiet, "came_back": share["back"], "left": share["left"]}
        assert found["value"].to_dict() == pytest.approx(expected, rel=1e-9)
        assert set(found["window_days"]) == {RULES.window(reason, 14, True) // 86_400}
        assert set(found["contacts"]) == {len(watched)}


def _matchable(row, rule):
    return {"any": True, "reason": row["reason"] is not None, "case": row["case_id"] is not None}[rule]


def _watched(row, rule, step=86_400):
    """How a contact ceased to be watched, and its last day: the d-th `step` seconds after the end are day d."""
    whole = row["follow_up_seconds"] // step
    moments = [(row[f"next_{rule}_seconds"], "back"), (row["left_seconds"], "left")]
    events = sorted(
        (max(-(-seconds // step), 1), how == "left", how) for seconds, how in moments if seconds is not None
    )
    if events and events[0][0] <= whole:
        return events[0][2], events[0][0]
    return "seen", whole


@EACH
@BOTH
def test_what_has_an_interval_has_its_level_unknowns_method_and_grade_too(results, name, kind):
    for frame, table in results[name, kind].frames.items():
        if {"low", "high"} <= set(table.columns) and frame != "naive":
            assert {"level", "unobserved", "method", "grade", "grade_reasons"} <= set(table.columns), frame
            assert (table["unobserved"].isna() == (table["grade_reasons"] == SUPPRESSED)).all(), frame
            assert set(table["grade"]) <= set("ABCD")


def test_flow_and_settled_are_shares_of_their_row_by_identity(results):
    for kind in ("drawn", "lively"):
        result = results["channel_resolution", kind]
        for table, row, count in ((result.flow, "from_channel", "contacts"), (result.settled, "opened_in", "cases")):
            assert np.allclose(table.groupby(row)["share"].sum(), 1)
            assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
            shares = table[count] / table.groupby(row)[count].transform("sum")
            assert np.allclose(shares, table["share"])


def test_flow_and_settled_by_second_implementation(drawn, results):
    store, contacts = drawn
    result = results["channel_resolution", "drawn"]
    rule, window = result.following.matching, result.following.window_days
    expected: dict[tuple[str, str], int] = {}
    for row in contacts:
        days = RULES.window(row["reason"], window, result.following.own_windows)
        following = row[f"next_{rule}_seconds"]
        seen = row["judged"] and _matchable(row, rule) and row["follow_up_seconds"] >= days
        if seen and following is not None and following <= days:
            cell = (row["channel"], row[f"next_{rule}_channel"])
            expected[cell] = expected.get(cell, 0) + 1
    found = result.flow.set_index(["from_channel", "to_channel"])["contacts"].to_dict()
    assert found == expected
    cases = read(store, "cases")
    assert result.settled["cases"].sum() == (cases["opening_known"] & cases["complete"]).sum()


@EACH
def test_every_parameter_changes_something(stores, name):
    other = {"start": "2025-02-10", "end": "2025-03-09", "window_days": 5, "matching": "any",
             "compare": "year_before", "lag_weeks": (1, 4), "segment": "yritys"}  # fmt: skip
    # How far scores look and how many customers they name changes only frames of scores, which need more data.
    silent = {"horizon_days", "customer_list", "score_model"}
    # Without case ids nothing tells a first contact from a follow-up, whatever the rule.
    store, analyse = stores["cases" if name == "root_cause" else "lively"], ANALYSES[name]
    parameters = [each for each in inspect.signature(analyse).parameters if each not in {"store", *silent}]
    assert set(parameters) <= set(other), "a parameter this test does not know"
    before = analyse(store)
    if "matching" in parameters:
        assert before.following.matching != other["matching"]
    for parameter in parameters:
        after = analyse(store, **{parameter: other[parameter]})
        assert any(not before.frames[frame].equals(after.frames[frame]) for frame in before.frames), parameter
        assert all(parameter in (analyse.__doc__ or "") for parameter in parameters)


@EACH
def test_defaults_said_aloud_change_nothing(stores, name):
    store, analyse = stores["lively"], ANALYSES[name]
    before = analyse(store)
    said = {"start": str(store.observed_from), "end": store.observed_until}
    if name == "channel_resolution":
        said |= {"matching": before.following.matching, "window_days": before.following.window_days}
    after = analyse(store, **said)
    for frame in before.frames:
        pd.testing.assert_frame_equal(before.frames[frame], after.frames[frame])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"start": "2030-01-01"}, "No contacts lie|starts"),
        ({"start": "2025-03-01", "end": "2025-02-01"}, "ends.*before it starts"),
        ({"start": "1.2.2025"}, "'start' must be a day"),
        ({"end": "soon"}, "'end' must be a day"),
        ({"matching": "reasn"}, "Did you mean 'reason'"),
        ({"window_days": 0}, "1 to 365"),
        ({"window_days": 400}, "1 to 365"),
    ],
)
def test_a_wrong_parameter_is_one_clear_error(stores, given, message):
    with pytest.raises(ParameterError, match=message):
        analyses.analyse_channel_resolution(stores["lively"], **given)


def test_every_metric_stands_in_the_analysis(results):
    result = results["channel_resolution", "lively"]
    shown = {*result.metrics["metric"], *result.mature["metric"]}
    # The sample's export has neither reopenings nor costs: such rows are left out, not shown as nothing.
    assert shown == set(CATALOGUE) - {"reopen", "contact_cost"}
    drawn = results["channel_resolution", "drawn"]
    assert {*drawn.metrics["metric"], *drawn.mature["metric"]} == set(CATALOGUE)


def test_a_client_without_ids_is_told_so(results):
    result = results["channel_resolution", "nameless"]
    keys = [finding.key for finding in result.headline]
    assert keys[0] == "channel_resolution.no_customer_ids"
    assert any(check.name == "identified" and check.passed is False for check in result.checks)
    ready = results["data_health", "nameless"].readiness.set_index("analysis")
    assert ready.loc["channel_resolution", "best_grade"] == "C"
    assert ready.loc["churn_risk", "status"] == "blocked"


def test_the_bridge_leads_from_the_clients_mark_to_the_headline_by_identity(results):
    for kind in ("drawn", "lively", "cases"):
        result = results["channel_resolution", kind]
        steps, rule = result.bridge.set_index("name"), result.following.matching
        total = result.resolution[(result.resolution["channel"] == ALL) & (result.resolution["reason"] == ALL)]
        ours = total[(total["match"] == rule) & (total["outcome"] == "quiet")].iloc[0]
        assert result.bridge["name"].iloc[-1] == "ours"
        assert steps.loc["ours", ["value", "low", "high"]].tolist() == ours[["value", "low", "high"]].tolist()
        own = result.naive.set_index("name").loc["own_flag", ["value", "low", "high", "numerator", "denominator"]]
        assert steps.iloc[0][list(own.index)].tolist() == own.tolist()
        mature = result.mature[(result.mature["channel"] == ALL) & (result.mature["reason"] == ALL)].iloc[0]
        assert steps.loc["leaving", ["value", "numerator"]].tolist() == mature[["value", "numerator"]].tolist()
    assert list(results["channel_resolution", "nameless"].bridge["name"]) == ["client_tool", "one_touch"]


def test_waiting_agrees_with_the_metrics_by_identity(results):
    """The shares and means are the metrics' own; their intervals here allow for days, there for customers."""
    for kind in ("drawn", "lively"):
        result = results["channel_resolution", kind]
        shared = {"abandonment": ("abandoned_share", "offered"), "wait_time": ("mean_wait", "waits")}
        for metric, (value, weight) in shared.items():
            theirs = result.metrics[(result.metrics["metric"] == metric)].set_index("channel")
            for row in result.queue[result.queue[weight] > 0].to_dict("records"):
                assert row[value] == pytest.approx(theirs.loc[row["channel"], "value"])
                assert row[weight] == theirs.loc[row["channel"], "denominator"]


def test_a_target_is_judged_in_words_and_table(results):
    mature = results["channel_resolution", "lively"].mature
    assert set(mature["threshold"]) == {0.75}
    assert set(mature.loc[mature["value"].notna(), "verdict"]) <= {"above", "below", "undecided"}


def test_the_following_is_what_the_engagement_says(results):
    assert results["channel_resolution", "drawn"].following == Following("any", 14, own_windows=True)
    assert results["channel_resolution", "lively"].following.matching == "reason"
