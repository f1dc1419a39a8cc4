"""Reading an engagement: the design's example, the defaults, and what a wrong file is told."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from rootcause_lib.engagement import Constant, Engagement, Grades, Process, RowsWhere, Separated, read_engagement
from rootcause_lib.errors import EngagementError

RESOURCES = Path(__file__).parent / "resources"
LEAST = """\
[engagement]
client = "Lumo Oy"
time_zone = "Europe/Helsinki"

[tables.contacts]
source = "contacts.csv"
"""


def engagement(folder: Path, text: str) -> Engagement:
    file = folder / "engagement.toml"
    file.write_text(text, encoding="utf-8")
    return read_engagement(folder)


def fault(folder: Path, text: str) -> str:
    with pytest.raises(EngagementError) as raised:
        engagement(folder, text)
    assert raised.value.exit_code == 2
    return str(raised.value)


def test_the_designs_example_by_hand() -> None:
    full = read_engagement(RESOURCES / "full.toml")
    contacts = full.tables["contacts"]
    assert full.engagement.client == "Lumo Oy"
    assert full.observed_until == dt.date(2025, 12, 31)
    assert full.definitions.window_of("laskuvirhe") == 30
    assert full.definitions.window_of("muu") == full.definitions.window_of(None) == 14
    assert full.definitions.equivalence.agreed_on == dt.date(2025, 10, 1)
    assert contacts.source == ("kontaktit_*.csv",)
    assert contacts.columns["started_at"] == "Luotu"
    assert contacts.nulls["customer_id"] == ("0", "anonymous")
    assert contacts.values["channel"]["S-posti"] == "email"
    assert full.processes["billing"].bands == (0, 7, 21)
    assert full.processes["delivery"].overdue_bands == (1, 3, 7, 14)
    assert full.processes["delivery"].bands == ()
    assert full.processes["claim"].opened_by_contact
    assert full.costs.per_contact == {"phone": 7.5, "chat": 4.0}
    assert full.targets.service_level is not None
    assert full.targets.service_level.seconds == 20
    assert full.hours["phone"].weekly_minutes == 55 * 60
    assert full.fixes[0].on == dt.date(2025, 8, 11)
    assert full.fixes[0].planned is None
    assert full.guesses[0].share == 0.10
    assert full.answers[0].value == 4
    assert full.client_slug == "lumo-oy"


def test_every_form_of_a_mapping_by_hand() -> None:
    tables = read_engagement(RESOURCES / "every_key.toml").tables
    contacts = tables["contacts"]
    assert contacts.columns["started_at"] == ("Date", "Time")
    assert contacts.columns["channel"] == Constant(value="phone")
    assert isinstance(contacts.rows, RowsWhere)
    assert (contacts.rows.state, contacts.rows.is_) == ("Status", ("Closed",))
    assert contacts.counts["transfers"].changes_of == "Resource"
    assert contacts.values["resolved"] == {"Yes": "true", "No": "false"}
    assert contacts.values["transfers"] == {"none": "0"}
    assert tables["contact_reasons"].columns["reason"] == Separated(column="Syyt", separator="|")
    assert tables["surveys"].columns["scale_low"] == Constant(value="0")


def fields_of(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every key below a section, as dotted text; `*` stands for the client's own names."""
    for name, field in model.model_fields.items():
        yield from (f"{path}{field.alias or name}{rest}" for rest in ["", *below(field.annotation)])


def below(kind: Any) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from fields_of(kind, ".")
    for each in typing.get_args(kind):
        own_names = "Mapping" in str(typing.get_origin(kind))
        yield from (f"{'.*' if own_names else ''}{rest}" for rest in below(each))


def keys_in(data: Any, path: str = "") -> Iterator[str]:
    if isinstance(data, list):
        for each in data:
            yield from keys_in(each, path)
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from {f"{path}.{name}", f"{path}.*"}
            for here in (f"{path}.{name}", f"{path}.*"):
                yield from keys_in(value, here)


def test_every_key_of_the_models_is_in_the_example_of_all_keys_by_introspection() -> None:
    read_engagement(RESOURCES / "every_key.toml")
    given = {key[1:] for key in keys_in(tomllib.loads((RESOURCES / "every_key.toml").read_text(encoding="utf-8")))}
    declared = set(fields_of(Engagement))
    assert {"tables.*.rows.is", "definitions.windows", "fixes.effect.low", "grades.events"} <= declared
    assert sorted(declared - given) == []


def test_least_file_and_defaults_by_the_design(tmp_path: Path) -> None:
    least = engagement(tmp_path, LEAST)
    definitions = least.definitions
    assert (least.engagement.language, least.engagement.currency, least.observed_until) == ("en", "EUR", None)
    assert (least.engine.url, least.engine.memory_limit, least.spill_folder) == ("duckdb", None, None)
    assert (definitions.window_days, definitions.matching, definitions.level) == (14, "auto", 0.95)
    assert (definitions.smallest_cell, definitions.churn, definitions.notice_days) == (5, "left", None)
    assert (definitions.leg_gap_seconds, definitions.shared_id_daily_cap) == (60, 20)
    assert (definitions.horizon_days, definitions.spill_over_days, definitions.smallest_team) == (90, 21, 10)
    assert definitions.equivalence.resolution is None
    assert (least.privacy.key_env, least.privacy.agents, least.key_file) == ("ROOTCAUSE_KEY", "team", None)
    assert least.targets.false_alarms_per_year == 2
    assert least.costs.service_per_year is None
    assert least.costs.cashable_share is None
    assert least.tables["contacts"].row_is == "interaction"
    assert (least.fixes, least.guesses, least.answers, least.control_totals) == ((), (), (), ())
    assert Process().bands == (0, 7, 21)


def test_grades_by_the_designs_table() -> None:
    assert Grades().model_dump() == {
        "half_width": (0.03, 0.06, 0.12),
        "spread": (1.25, 1.7, 3),
        "clear_at": (0.99, 0.95, 0.80),
        "customers": (200, 50, 30),
        "events": (100, 40, 15),
        "unobserved": (0.10, 0.25, 0.50),
        "identified": (0.90, 0.75, 0.50),
        "default_codes": (0.10, 0.20, 0.40),
        "agreement": (0.80, 0.667, 0.40),
        "response": (0.40, 0.20, 0.05),
        "definition_spread": (1, 2, 4),
        "coverage_gap": 0.15,
        "attained_coverage": 0.92,
    }


def test_a_folder_and_its_file_are_the_same_by_identity(tmp_path: Path) -> None:
    by_folder = engagement(tmp_path, LEAST)
    by_file = read_engagement(str(tmp_path / "engagement.toml"))
    assert by_folder == by_file
    assert by_folder.file == by_file.file == tmp_path / "engagement.toml"
    assert by_folder.folder == tmp_path


def test_windows_editors_files_are_read_by_identity(tmp_path: Path) -> None:
    plain = engagement(tmp_path, LEAST)
    (tmp_path / "engagement.toml").write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert read_engagement(tmp_path) == plain


def test_nothing_can_be_changed(tmp_path: Path) -> None:
    full = read_engagement(RESOURCES / "full.toml")
    with pytest.raises(ValidationError):
        full.definitions.window_days = 7  # type: ignore[misc]
    with pytest.raises(TypeError):
        full.tables["contacts"].columns["channel"] = "x"  # type: ignore[index]
    with pytest.raises(TypeError):
        full.processes["new"] = Process()  # type: ignore[index]


# Each: what is put below the least file, the line it is on, and what the message must hold.
KEY_FAULTS = [
    ("[definitions]\nwindow_dais = 7", 8, ["definitions.window_dais", "Did you mean 'window_days'"]),
    ("[definition]\nwindow_days = 7", 7, ["Did you mean 'definitions'"]),
    (
        "[definitions]\n\nmatching = 'aut'",
        9,
        ["definitions.matching", "Did you mean 'auto'", "auto, any, reason, case"],
    ),
    ("[definitions]\nwindow_days = '7'", 8, ["definitions.window_days", "a whole number", "not text"]),
    ("[definitions]\nwindow_days = 7.5", 8, ["a whole number", "not a decimal number"]),
    ("[definitions]\nwindow_days = 0", 8, ["at least 1"]),
    ("[definitions]\nwindows = { late = 0 }", 8, ["definitions.windows.late", "at least 1"]),
    ("[definitions]\nlevel = 95", 8, ["definitions.level", "below 1"]),
    ("[definitions]\nlevel = 0", 8, ["above 0"]),
    ("[definitions]\nlevel = nan", 8, ["finite"]),
    ("[definitions]\nbaseline_channel = 'fone'", 8, ["Did you mean 'phone'"]),
    ("[definitions]\nequivalence = { resolutoin = 0.1 }", 8, ["equivalence.resolutoin", "Did you mean 'resolution'"]),
    ("[definitions]\nequivalence = { nps = 0 }", 8, ["equivalence.nps", "above 0"]),
    ("[engine]\nurl = 'mysql://x'", 8, ["engine.url", "postgresql://"]),
    ("[engine]\nmemory_limit = '4 gigs'", 8, ["4GB"]),
    ("[tables.contact_reason]\nsource = 'x'", 7, ["Did you mean 'contact_reasons'"]),
    ("[tables.visits]\nsorce = 'x'", 8, ["tables.visits.sorce", "Did you mean 'source'"]),
    ("[tables.visits]", 7, ["tables.visits.source", "is missing", "a pattern"]),
    ("[tables.visits]\nsource = []", 8, ["at least one"]),
    ("[tables.visits]\nsource = ''", 8, ["not empty"]),
    ("[tables.visits]\nsource = 'x'\npreset = 'zendisk'", 9, ["Did you mean 'zendesk'"]),
    ("[tables.visits]\nsource = 'x'\nrows = 'lst'", 9, ["Did you mean 'last'"]),
    ("[tables.visits]\nsource = 'x'\nrows = { state = 'S', iss = 'C' }", 9, ["rows.iss", "Did you mean 'is'"]),
    ("[tables.visits]\nsource = 'x'\ncolumns = { topic = 3 }", 9, ["visits.columns.topic", "a source column"]),
    (
        "[tables.visits]\nsource = 'x'\ncolumns = { topic = { vaule = 'a' } }",
        9,
        ["topic.vaule", "Did you mean 'value'"],
    ),
    ("[processes.billing]\nkind = 'fail'", 8, ["failure, normal", "Did you mean"]),
    ("[processes.billing]\nbands = [7, 0]", 8, ["processes.billing.bands", "ascending"]),
    ("[processes.billing]\nbands = [7]", 8, ["at least two"]),
    ("[processes.billing]\nbands = [0, '7']", 8, ["bands (number 2)", "a whole number"]),
    ("[costs]\nper_contact = { fone = 1 }", 8, ["costs.per_contact.fone", "Did you mean 'phone'"]),
    ("[costs]\nper_contact = { phone = 1 }\nper_minute = 1", 7, ["costs", "phone", "not both"]),
    ("[costs]\ncashable_share = { low = 0.5, mode = 0.2, high = 0.8 }", 8, ["low <= mode <= high"]),
    ("[costs]\ncashable_share = { low = 0.5, mode = 0.6, high = 1.8 }", 8, ["between 0 and 1"]),
    ("[costs]\nchat_concurrency = 0.5", 8, ["at least 1"]),
    ("[targets]\nfcr = 75", 8, ["targets.fcr", "at most 1"]),
    ("[[control_totals]]\nname = 'a'\nmonth = '3/2025'\ncount = 1", 9, ["control_totals (number 1).month", "2025-03"]),
    ("[hours]\nphone = 'mon-fry 8-18'", 8, ["hours.phone", "Did you mean 'fri'"]),
    ("[hours]\nfone = 'mon-fri 8-18'", 8, ["Did you mean 'phone'"]),
    ("[fixes]\nname = 'a'", 7, ["fixes", "[[fixes]]"]),
    ("[[privacy]]\nagents = 'team'", 7, ["privacy", "[privacy]"]),
    ("[privacy]\nagents = 'teams'", 8, ["Did you mean 'team'"]),
    ("[privacy]\nkey_env = '$KEY'", 8, ["environment variable"]),
    ("[grades]\ncustomers = [1, 2, 3]", 8, ["grades.customers", "fall"]),
    ("[grades]\nhalf_width = [0.1, 0.05, 0.2]", 8, ["grades.half_width", "rise"]),
    ("[grades]\nunobserved = [10, 25, 50]", 8, ["between 0 and 1"]),
    ("[grades]\nevents = [50, 20]", 8, ["three numbers"]),
    ("[[answers]]\nsignal = 'a'\nvalue = 1\nasked_on = 2025-11-03T10:00:00", 10, ["a day without a time"]),
]


@pytest.mark.parametrize(
    ("text", "line", "parts"), KEY_FAULTS, ids=[text.replace("\n", " ") for text, *_ in KEY_FAULTS]
)
def test_a_wrong_key_is_named_with_line_expectation_and_choice(
    tmp_path: Path, text: str, line: int, parts: list[str]
) -> None:
    message = fault(tmp_path, LEAST + text)
    assert f"engagement.toml, line {line}, " in message
    for part in parts:
        assert part in message


def test_the_first_lines_keys_are_found_by_hand(tmp_path: Path) -> None:
    message = fault(tmp_path, LEAST.replace("Helsinki", "Helsinky").replace("client", "langage = 1\nclient"))
    assert message.splitlines()[0] == f"2 faults in {tmp_path / 'engagement.toml'}:"
    assert message.splitlines()[1].startswith("- line 2, engagement.langage: Unknown key 'langage'.")
    assert "line 4, engagement.time_zone" in message
    assert "Did you mean 'Europe/Helsinki'?" in message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["engagement", "client and time_zone", "tables", "[tables.contacts] with a source"]),
        ("[engagement]\n", ["line 1, engagement.client: is missing", "time_zone: is missing", "Lumo Oy"]),
        (LEAST.replace("tables.contacts", "tables.customers"), ["line 5", "[tables.contacts]", "is missing"]),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, text: str, parts: list[str]) -> None:
    message = fault(tmp_path, text)
    for part in parts:
        assert part in message


def test_faults_of_all_kinds_are_listed_at_once_by_hand_count(tmp_path: Path) -> None:
    wrong_key = "[definitions]\nlevel = 2\n"
    wrong_column = "[tables.visits]\nsource = 'x'\ncolumns = { topik = 'a' }\n"
    wrong_process = "[[fixes]]\nname = 'a'\nprocess = 'biling'\non = 2025-01-01\n[processes.billing]\nowner = 'b'\n"
    message = fault(tmp_path, LEAST + wrong_key + wrong_column + wrong_process)
    assert message.startswith("3 faults in ")
    assert "line 8, definitions.level" in message
    assert (
        "line 11, tables.visits.columns.topik: Unknown column 'topik' in table visits. Did you mean 'topic'" in message
    )
    assert "line 14, fixes (number 1).process: Unknown process 'biling'. Did you mean 'billing'" in message


def test_at_most_ten_faults_are_listed_by_hand_count(tmp_path: Path) -> None:
    message = fault(tmp_path, LEAST + "[leaving]\n" + "".join(f"key{number} = 1\n" for number in range(13)))
    assert len(message.splitlines()) == 1 + 10 + 1
    assert message.startswith("13 faults in ")
    assert message.endswith("and 3 more")


def test_a_mistyped_process_table_hides_no_fault_and_invents_none_by_hand(tmp_path: Path) -> None:
    fix = "[[fixes]]\nname = 'a'\nprocess = 'billing'\non = 2025-01-01\n"
    message = fault(tmp_path, LEAST + fix + "[processes]\nbilling = 3\n")
    assert "processes.billing: expected a table" in message
    assert "fixes" not in message


@pytest.mark.parametrize(
    ("text", "line"),
    [(LEAST + "x = \n", 7), ("a = 1\na = 2\n", 2), ("[a]\nx = 'open\n", 2), (LEAST + 'x = """', 7)],
)
def test_broken_toml_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    message = fault(tmp_path, text)
    assert f"engagement.toml, line {line}: this is not TOML: " in message


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "engagement.toml").write_bytes(LEAST.replace("Lumo", "Åland").encode("cp1252"))
    with pytest.raises(EngagementError, match=r"engagement\.toml, line 2: this is not UTF-8"):
        read_engagement(tmp_path)


def test_a_path_that_is_not_there_names_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lumo").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EngagementError, match=r"There is no 'lmo'\. Did you mean 'lumo'\?"):
        read_engagement("lmo")
    with pytest.raises(EngagementError, match=r"There is no engagement\.toml in 'lumo'\..*rootcause sample"):
        read_engagement("lumo")
    (tmp_path / "lumo" / "lumo.toml").write_text(LEAST)
    with pytest.raises(EngagementError, match=r"There is lumo\.toml: rename it"):
        read_engagement("lumo")
    with pytest.raises(EngagementError, match="Nor is there a folder"):
        read_engagement("nowhere/lumo")


def test_messages_show_the_path_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(RESOURCES, tmp_path / "lumo")
    (tmp_path / "lumo" / "engagement.toml").write_text(LEAST + "[hours]\nphone = 3\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EngagementError) as raised:
        read_engagement("lumo")
    assert str(raised.value).startswith(f"{Path('lumo/engagement.toml')}, line 8, hours.phone: ")


def test_the_import_is_light() -> None:
    heavy = "{'pandas', 'numpy', 'duckdb'} & set(sys.modules)"
    code = f"import sys, rootcause_lib.engagement; sys.exit(' '.join({heavy}) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")
