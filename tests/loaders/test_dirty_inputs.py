"""Every dirty input becomes what its case says, by hand count; the page of them is what the cases say."""

from __future__ import annotations

import datetime as dt

import pytest
from dirty import CASES
from dirty.case import Case
from dirty.page import PAGE_FILE, page

from rootcause_lib.errors import DataError
from rootcause_lib.loaders import REPAIRS, RULES

LOADED_ON = dt.date(2025, 12, 31)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_dirty_input_by_hand_count(client, case: Case) -> None:
    if case.happens == "refused":
        with pytest.raises(DataError) as stopped:
            client(case.toml, case.files(), today=LOADED_ON)
        assert case.says in str(stopped.value)
        assert "\n" not in str(stopped.value)
        return
    loaded = client(case.toml, case.files(), today=LOADED_ON)
    assert tuple(loaded.rows(case.query)) == case.rows
    assert loaded.rejected() == list(case.rejects)
    assert loaded.repairs() == dict(case.repairs)
    counts = loaded.intake.sources[["rows_read", "rows_accepted", "rows_rejected"]].sum().tolist()
    rejected = len({row for row, *_ in case.rejects})
    assert counts == [case.read, case.read - rejected, rejected]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_says_what_it_counts_by_identity(case: Case) -> None:
    kinds = {"rejected": bool(case.rejects), "repaired": bool(case.repairs), "refused": bool(case.says)}
    assert kinds.get(case.happens, not any(kinds.values()))
    assert {rule for *_, rule in case.rejects} <= set(RULES)
    assert {repair for _, repair in case.repairs} <= set(REPAIRS)


def test_names_of_cases_are_different() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_rule_and_repair_has_a_case() -> None:
    assert {rule for case in CASES for *_, rule in case.rejects} == set(RULES)
    assert {repair for case in CASES for _, repair in case.repairs} == set(REPAIRS)


def test_the_page_of_dirty_inputs_is_what_the_cases_say(repository) -> None:
    assert (repository / PAGE_FILE).read_text(encoding="utf-8") == page(), "run `make docs`"
