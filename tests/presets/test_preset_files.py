"""Every preset file says what a preset may say, and has an export to be tried on."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from rootcause_lib.engagement import preset_names, preset_text
from rootcause_lib.errors import EngagementError
from rootcause_lib.loaders.headers import cleaned
from rootcause_lib.presets import Preset, all_presets, read_preset
from rootcause_lib.schemas import TABLES

FIXTURES = Path(__file__).parent / "fixtures"

ISSUED = {"zendesk", "genesys_cloud", "salesforce", "servicenow", "freshdesk", "hubspot", "intercom"}


def header_of(file: Path) -> list[str]:
    """The first row, whatever the delimiter."""
    line = file.read_text(encoding="utf-8-sig").splitlines()[0]
    return next(csv.reader([line], delimiter=";" if line.count(";") > line.count(",") else ","))


def test_the_systems_promised_have_a_preset_by_the_list() -> None:
    assert set(preset_names()) >= ISSUED
    assert tuple(all_presets()) == preset_names()


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_maps_what_its_tables_require(name: str) -> None:
    for table, form in read_preset(name).tables.items():
        assert set(TABLES[table].required) <= set(form.columns)


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_cites_its_facts_and_tells_its_traps(name: str) -> None:
    preset = read_preset(name)
    assert all(fact.startswith("https://") for fact in preset.facts)
    assert all(trap[0].isupper() and trap.endswith(".") for trap in preset.traps)


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_has_a_fixture_that_carries_its_signature(name: str) -> None:
    files = sorted(FIXTURES.glob(f"{name}*.csv"))
    assert files, f"tests/presets/fixtures/{name}.csv is missing"
    folded = {cleaned(header).casefold() for header in read_preset(name).signature}
    for file in files:
        held = folded & {cleaned(header).casefold() for header in header_of(file)}
        assert len(held) >= 2, file.name


def edited(old: str, new: str) -> dict:
    text = preset_text("zendesk")
    assert old in text
    return tomllib.loads(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('agent_id = ["Assignee"', 'agnt_id = ["Assignee"', "Did you mean 'agent_id'"),
        ('"Mail" = "email"', '"Mail" = "e-mail"', "Did you mean 'email'"),
        ('wait_seconds = "minutes"', 'wait_seconds = "min"', "minutes"),
        ('wait_seconds = "minutes"', 'reason = "minutes"', "not a column that units are for"),
        ('drafted = ["direction", "resolved"]', 'drafted = ["resolved"]', "is for drafted columns"),
        ('drafted = ["direction", "resolved"]', 'drafted = ["direction", "cost"]', "'cost' has no headers"),
        ('row_is = "ticket"', 'row_is = "tickets"', "Did you mean 'ticket'"),
        ('export = "', 'exprt = "', "exprt"),
    ],
)
def test_a_mistake_in_a_preset_file_is_named(old: str, new: str, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Preset.model_validate_json(json.dumps(edited(old, new)))
    assert told in str(caught.value)


def test_an_unknown_preset_is_named_with_the_nearest() -> None:
    with pytest.raises(EngagementError, match="Did you mean 'zendesk'"):
        read_preset("zendisk")
