"""Which column of a table the limits `low` and `high` stand beside, and in what unit a number is said."""

from __future__ import annotations

import pandas as pd
import pytest

from rootcause_lib.prose.tables import limits_of, table_text


@pytest.mark.parametrize(
    ("columns", "whose"),
    [
        (["reason", "day", "low", "high", "contacts", "excess", "excess_low", "excess_high"], "day"),
        (["length", "cases", "contacts", "case_share", "case_low", "case_high", "volume_share", "low", "high"],
         "volume_share"),
        (["position", "contacts", "handle_seconds", "low", "high"], "handle_seconds"),
        (["channel", "repeat_share", "low", "high", "day", "contacts"], "repeat_share"),
        (["process", "contacts", "low", "high"], "contacts"),
    ],
)  # fmt: skip
def test_limits_stand_beside_the_number_they_belong_to_by_hand_count(columns, whose):
    assert limits_of(columns)[whose] == ("low", "high")
    assert [name for name, pair in limits_of(columns).items() if pair == ("low", "high")] == [whose]


def test_an_excess_over_chance_is_said_in_points_and_one_of_contacts_in_contacts_by_definition():
    curve = pd.DataFrame({"window_days": [14], "excess": [0.153]})
    shock = pd.DataFrame({"process": ["invoice"], "excess": [120.0]})
    assert "15\N{NO-BREAK SPACE}points" in table_text(curve, language="en")["excess"].iloc[0]
    assert "points" not in table_text(shock, language="en")["excess"].iloc[0]


def test_what_staying_is_worth_is_said_in_its_own_unit_by_definition():
    frame = pd.DataFrame(
        {
            "segment": ["all"] * 3, "measure": ["yearly_retention", "base_value", "value_over_acquisition"],
            "value": [0.887, 906_658.9, 3.2], "low": [0.871, 886_628.4, 3.1], "high": [0.898, 926_689.4, 3.4],
        }
    )  # fmt: skip
    told = table_text(frame, language="en", currency="EUR")["value"].tolist()
    assert told[0].startswith("89%")
    assert told[1].startswith("€906,659")
    assert told[2].startswith("3.2")
