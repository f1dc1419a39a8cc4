"""What is said beside the frames about reasons: the right sentence for what was found, whole in both languages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from drawn import engagement, store
from drawn.reasons import AUDIT, EVENTS, MIXED, PERIOD, SETTINGS, audit_of, by_reason, many, two_teams, world
from planted import fill

from rootcause_lib.analyses.root_cause.reason_findings import reason_readings
from rootcause_lib.analyses.root_cause.reasons import reasons
from rootcause_lib.analyses.root_cause.trust import trust
from rootcause_lib.findings import Quantity
from rootcause_lib.prose import sentence, table_text
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import LANGUAGES


def keys(made: Store, frame: str) -> list[str]:
    """The sentences beside a frame, every one of them written in both languages on the way."""
    trusted = trust(made, PERIOD)
    said = reason_readings(reasons(made, PERIOD), trusted)
    for findings in said.values():
        for finding in findings:
            for language in LANGUAGES:
                written = sentence(finding, language=language, currency="EUR")
                assert "nan" not in written.lower().split()
                assert "unknown" not in written
                assert "ei tiedossa" not in written
    return [finding.key.removeprefix("root_cause_reasons.") for finding in said[frame]]


def test_without_an_audit_codes_are_a_direction_and_the_next_audit_is_sized(tmp_path: Path) -> None:
    made = world(tmp_path, contacts=MIXED)
    assert keys(made, "reasons") == ["weightiest", "no_audit", "reading"]
    assert keys(made, "agreement") == []
    assert keys(made, "audit_plan") == ["plan", "reading_plan"]


def test_what_codes_hide_and_overstate_is_named(tmp_path: Path) -> None:
    """Of 100 bills 50 were deliveries: codes say three bills in four, the audit three in eight."""
    audit = [(n, "bill" if n % 2 else "delivery") for n in range(100)] + [(n, "delivery") for n in range(300, 340)]
    made = world(tmp_path, contacts=MIXED, tables={"audits": audit_of(audit)})
    said = keys(made, "reasons")
    assert said[:3] == ["weightiest_corrected", "hidden", "overstated"]
    assert "coders_few" in keys(made, "agreement")
    hidden = reason_readings(by_reason(made).reset_index(), trust(made, PERIOD))["reasons"][1]
    assert hidden.fields["reason"] == "delivery"
    corrected = hidden.fields["corrected"]
    assert isinstance(corrected, Quantity)
    assert corrected.value == pytest.approx(0.25 + 0.75 / 2)


def test_an_order_that_is_not_known_is_not_told(tmp_path: Path) -> None:
    even = [*many(205), *many(195, code="delivery", start=205)]
    assert keys(world(tmp_path, contacts=even), "reasons")[0] == "several_coded"


def test_what_is_strange_about_an_audit_is_said(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "lost").mkdir()
    audit = [(n, "price" if n < 30 else "bill") for n in range(80)] + [(999, "bill")]
    strange = world(tmp_path / "other", contacts=MIXED, tables={"audits": audit_of(audit)})
    assert "unknown_reasons" in keys(strange, "reasons")
    assert "unmatched" in keys(strange, "agreement")
    lost = world(tmp_path / "lost", contacts=MIXED, tables={"audits": audit_of([(999, "bill")])})
    assert "audit_not_matched" in keys(lost, "reasons")


def test_questions_about_open_matters_and_unknown_costs_are_told(tmp_path: Path) -> None:
    rows = [{**row, "cost": 2.0} if n % 2 else row for n, row in enumerate(MIXED)]
    waits = [
        {**EVENTS[0], "event_id": f"w{n}", "customer_key": n, "ended_seconds": EVENTS[0]["ended_seconds"]}
        for n in range(1, 200)
    ]
    said = keys(world(tmp_path, contacts=rows, tables={"process_events": waits}), "reasons")
    assert {"status", "cost_unknown"} <= set(said)


def test_the_matrix_the_teams_and_the_verdict_have_their_sentence(tmp_path: Path) -> None:
    more = "[definitions]\nsmallest_cell = 1\nsmallest_team = 1\n"
    made = store(engagement(tmp_path, more=more, until="2025-01-12"), two_teams())
    wrong = [(n, "ben", "price" if n < 60 else reason) for n, _, reason in AUDIT]
    rows = [
        row for coding in (AUDIT, wrong) for n, coder, reason in coding for row in audit_of([(n, reason)], coder=coder)
    ]
    fill(made.engine, "audits", pd.DataFrame(rows))
    assert keys(made, "agreement")[:2] == ["not_usable", "coders"]
    assert keys(made, "confusion")[-1] == "reading_confusion"
    assert keys(made, "code_accuracy")[-1] == "reading_accuracy"


def test_tables_are_whole_in_both_languages(tmp_path: Path) -> None:
    made = world(tmp_path, contacts=MIXED, more=SETTINGS, tables={"audits": audit_of([(n, "bill") for n in range(60)])})
    trusted = trust(made, PERIOD)
    frames = [reasons(made, PERIOD), trusted.agreement, trusted.confusion, trusted.code_accuracy, trusted.audit_plan]
    for frame in frames:
        english, finnish = (table_text(frame, language=language, currency="EUR") for language in LANGUAGES)
        assert list(english.columns) == list(finnish.columns)
        assert not english.astype(str).isin(["nan", "None", "NaN"]).any(axis=None)
