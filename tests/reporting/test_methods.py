"""What a page says of its intervals is what the proofs measured and shipped."""

from __future__ import annotations

import pandas as pd
import pytest

from rootcause_lib.reporting.methods import ESTIMATORS, method_notes
from rootcause_lib.soundness import attained, worlds_measured


def note_on(method: str, level: float = 0.95):
    (note,) = method_notes({"frame": pd.DataFrame({"method": [method, "none"], "level": [level, level]})})
    return note


@pytest.mark.parametrize("method", ["kaplan_meier_cluster", "shifted_beta_geometric", "wilson_cluster", "out_of_time"])
def test_a_method_is_told_with_what_its_proof_attained_by_identity(method: str) -> None:
    reached = attained((*ESTIMATORS.get(method, ()), method)[0])
    note = note_on(method)
    assert note.key == "page.method_note_simulated"
    assert (note.fields["attained"], note.fields["clients"]) == (reached.coverage, reached.simulations)


def test_a_method_nobody_measured_or_at_another_level_says_so() -> None:
    assert note_on("e_value").key == "page.method_note_unproved"
    assert note_on("wilson_cluster", level=0.9).key == "page.method_note_unproved"


def test_every_estimator_named_was_measured() -> None:
    measured = {world.estimator for world in worlds_measured()}
    assert {name for names in ESTIMATORS.values() for name in names} <= measured


def test_the_dose_of_a_contact_is_no_level_of_an_interval() -> None:
    dose = pd.DataFrame({"method": ["cloglog_weeks"] * 2, "level": ["1", "3+"]})
    assert method_notes({"dose": dose}) == ()
