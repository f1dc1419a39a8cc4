"""Parameters are refused by name and type before anything runs; names, types and values as the design lists them."""

from __future__ import annotations

import datetime as dt

import pytest

from rootcause_lib.errors import ParameterError
from rootcause_lib.reporting.parameters import check_values, parse_parameters, typed_value

CELL = '''"""Parameters."""
engagement: str = "a=b"  # the folder, with = in it
start: str | None = None  # first day
window_days: int = 14  # days
share: float = 0.5
deep: bool = False
reasons: list[str] = []  # only these
matching: str = "auto"
free = 3
'''
DECLARED = {one.name: one for one in parse_parameters(CELL, name="nb")}


def test_declared_names_types_defaults_and_help_as_written_in_the_cell() -> None:
    assert list(DECLARED) == ["engagement", "start", "window_days", "share", "deep", "reasons", "matching", "free"]
    assert DECLARED["engagement"].default == "a=b"
    assert DECLARED["engagement"].help == "the folder, with = in it"
    assert DECLARED["start"].kinds == ("str", "None")
    assert DECLARED["reasons"].kinds == ("list[str]",)
    assert DECLARED["free"].kinds == ("int",)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"windw_days": 7}, "Did you mean 'window_days'"),
        ({'a;import os;os.system("id")#': 1}, "Unknown parameter"),
        ({"window_days": "7"}, "takes int, not text"),
        ({"window_days": 7.0}, "takes int, not float"),
        ({"window_days": True}, "takes int, not bool"),
        ({"window_days": None}, "takes int, not None"),
        ({"share": "half"}, "takes float"),
        ({"share": float("nan")}, "JSON"),
        ({"start": dt.date(2025, 1, 1)}, "JSON"),
        ({"start": "1.2.2025"}, "YYYY-MM-DD"),
        ({"start": "2025-02-30"}, "YYYY-MM-DD"),
        ({"reasons": ["a", 1]}, "takes list[str]"),
        ({"reasons": ("a",)}, "JSON"),
        ({"matching": "resaon"}, "Did you mean 'reason'"),
    ],
)
def test_refused_with_a_message_that_names_the_fault_by_design(given: dict[str, object], named: str) -> None:
    with pytest.raises(ParameterError) as caught:
        check_values(given, DECLARED.values(), where="notebook 'nb'")
    assert named in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_period_that_ends_before_it_starts_is_refused_by_design() -> None:
    declared = parse_parameters("start: str | None = None\nend: str | None = None", name="nb")
    with pytest.raises(ParameterError, match="ends"):
        check_values({"start": "2025-02-01", "end": "2025-01-01"}, declared, where="x")


def test_accepted_values_by_declared_type() -> None:
    good = {"window_days": 7, "share": 1, "start": None, "reasons": ["a"], "deep": True, "matching": "case"}
    check_values(good, DECLARED.values(), where="x")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("window_days", "7", 7),
        ("share", "0.25", 0.25),
        ("share", "3", 3.0),
        ("deep", "true", True),
        ("deep", "No", False),
        ("start", "none", None),
        ("start", "2025-01-01", "2025-01-01"),
        ("reasons", "a,b c", ["a", "b c"]),
        ("reasons", '["a,b", "c"]', ["a,b", "c"]),
        ("engagement", "00123", "00123"),
        ("engagement", "true", "true"),
    ],
)
def test_command_line_text_read_by_the_declared_type(name: str, text: str, value: object) -> None:
    read = typed_value(text, DECLARED[name], where="x")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("window_days", "x"), ("window_days", "1_000"), ("window_days", "1.5"), ("share", "nan"), ("deep", "maybe")],
)
def test_command_line_text_of_another_type_is_refused_by_the_declared_type(name: str, text: str) -> None:
    with pytest.raises(ParameterError, match=name):
        typed_value(text, DECLARED[name], where="x")


@pytest.mark.parametrize(
    "cell", ["x = f()", "a, b = 1, 2", "import os", "x: int = 'text'", "x = 1\nx = 2", "x: int", "x ="]
)
def test_a_parameters_cell_of_another_form_is_refused_by_design(cell: str) -> None:
    with pytest.raises(ParameterError, match="nb"):
        parse_parameters(cell, name="nb")
