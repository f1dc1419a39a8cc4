"""The audit out and back: drawn, written blind, filled in, read as any other source; nobody's work is overwritten."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from openpyxl import load_workbook

from rootcause_lib.analyses.root_cause.audits import Draw, draw_contacts
from rootcause_lib.analyses.root_cause.reasons import reasons
from rootcause_lib.analyses.root_cause.trust import trust
from rootcause_lib.cli import main
from rootcause_lib.errors import DataError, OutputError, ParameterError
from rootcause_lib.periods import Period
from rootcause_lib.reporting.audit_workbook import write_audit
from rootcause_lib.store import Store, open_engagement

PERIOD = Period(dt.date(2025, 1, 1), dt.date(2025, 1, 31))
SETTINGS = """
[engagement]
client = "Lumo Oy"
time_zone = "UTC"
language = "{language}"
observed_until = 2025-01-31
[definitions]
smallest_cell = 1
[reasons]
default = ["muu"]
[tables.contacts]
source = "contacts.csv"
"""
AUDITS = '[tables.audits]\nsource = "audit/*.xlsx"\n'
FORMULA = '=HYPERLINK("http://x","toimitus")'


def client(folder: Path, *, language: str = "fi", contacts: int = 200) -> Path:
    """Bills and others of customers of their own, abandoned attempts and a visit to self-service among them."""
    with (folder / "contacts.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, delimiter=";")
        rows.writerow(["contact_id", "started_at", "channel", "customer_id", "reason", "agent_id", "abandoned", "text"])
        for n in range(contacts):
            reason = FORMULA if n == 0 else "laskuvirhe" if n % 2 else "muu"
            text = f"=1+1 hei {n}, soita 0401234567" if n % 3 == 0 else ""
            day = f"2025-01-{1 + n % 30:02d} 10:{n % 60:02d}"
            rows.writerow([f"00{n:05d}", day, "phone", f"a{n}", reason, f"agentti{n % 5}", "false", text])
        for n in range(30):
            rows.writerow([f"gaveup{n}", "2025-01-03 11:00", "phone", f"x{n}", "", "", "true", ""])
        rows.writerow(["ownself", "2025-01-03 11:00", "self_service", "y1", "laskuvirhe", "", "false", ""])
    (folder / "engagement.toml").write_text(SETTINGS.format(language=language), encoding="utf-8")
    return folder


@pytest.fixture
def opened(tmp_path: Path) -> Store:
    return open_engagement(client(tmp_path))


def sheet_of(file: Path, name: str = "Auditointi"):
    return load_workbook(file)[name]


def columns_of(sheet) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in sheet[2]}


def test_a_draw_is_random_blind_and_the_same_again(opened: Store) -> None:
    first, again, other = (draw_contacts(opened, PERIOD, contacts=60, seed=seed) for seed in (1, 1, 2))
    assert first.contacts.equals(again.contacts)
    assert set(first.contacts["contact_id"]) != set(other.contacts["contact_id"])
    assert list(first.contacts.columns) == ["contact_id", "day", "channel", "text"]
    assert first.contacts["contact_id"].nunique() == 60
    # Nobody answered the one, nobody but the customer coded the other.
    assert first.of == 200
    assert first.reasons[-1] == "muu"
    every = draw_contacts(opened, PERIOD, contacts=1000)
    assert len(every.contacts) == 200
    assert set(every.contacts["contact_id"].str[:2]) == {"00"}


def test_every_contact_has_the_same_chance_by_planted_truth(opened: Store) -> None:
    drawn = [
        id_
        for seed in range(60)
        for id_ in draw_contacts(opened, PERIOD, contacts=50, seed=seed).contacts["contact_id"]
    ]
    number = {id_: drawn.count(id_) for id_ in set(drawn)}
    # 60 draws of a chance of a quarter: 15 on average, standard deviation 3.4.
    assert len(number) == 200
    assert 2 <= min(number.values()) <= max(number.values()) <= 30


def test_a_workbook_holds_no_answer_and_no_formula(opened: Store, tmp_path: Path) -> None:
    draw = draw_contacts(opened, PERIOD, contacts=200)
    files = write_audit(draw, tmp_path / "audit", coders=2, language="fi")
    assert [file.name for file in files] == ["audit_coder_1.xlsx", "audit_coder_2.xlsx"]
    orders = []
    for number, file in enumerate(files, start=1):
        sheet, at = sheet_of(file), columns_of(sheet_of(file))
        assert list(at) == ["coder", "contact_id", "day", "channel", "text", "reason", "weight", "failure_demand"]
        rows = list(sheet.iter_rows(min_row=3, values_only=True))
        assert {row[0] for row in rows} == {f"coder_{number}"}
        assert all(row[at[name] - 1] is None for row in rows for name in ("reason", "weight", "failure_demand"))
        orders.append([row[1] for row in rows])
        everything = load_workbook(file)
        cells = [cell for each in everything for line in each.iter_rows() for cell in line if cell.value is not None]
        assert not [cell for cell in cells if cell.data_type == "f"]
        said = " ".join(str(cell.value) for cell in cells)
        assert "agentti" not in said
        assert "0401234567" not in said
        assert "=1+1 hei" in said
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    choices = [cell.value for cell in sheet_of(files[0], "Syyt")["A"]]
    assert choices[1:] == [*sorted([FORMULA, "laskuvirhe"], key=str.casefold), "muu"]
    lists = sheet_of(files[0]).data_validations.dataValidation
    assert {each.formula1 for each in lists} >= {"'Syyt'!$A$2:$A$4", '"kyllä,ei"'}


def fill(file: Path, answers: dict[int, str], *, failure: str = "kyllä") -> None:
    """Write reasons by row (from 0), as a person would; the rest stays blank."""
    book = load_workbook(file)
    sheet = book["Auditointi"]
    at = columns_of(sheet)
    for row, reason in answers.items():
        sheet.cell(row + 3, at["reason"]).value = reason
        sheet.cell(row + 3, at["failure_demand"]).value = failure
    book.save(file)


def with_audits(folder: Path) -> Store:
    settings = folder / "engagement.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + AUDITS, encoding="utf-8")
    return open_engagement(folder)


def test_a_filled_audit_is_read_unchanged_by_hand_count(opened: Store, tmp_path: Path) -> None:
    """Sixty drawn, the first coder filled all, the second twenty; one contact is about two things, one code is new."""
    draw = draw_contacts(opened, PERIOD, contacts=60)
    first, second = write_audit(draw, tmp_path / "audit", coders=2, language="fi")
    fill(first, dict.fromkeys(range(58), "laskuvirhe") | {58: "muutto", 59: "muutto"})
    fill(second, dict.fromkeys(range(20), "muu"), failure="ei")
    book = load_workbook(first)
    sheet = book["Auditointi"]
    at = columns_of(sheet)
    for name in ("coder", "contact_id"):
        sheet.cell(63, at[name]).value = sheet.cell(3, at[name]).value
    sheet.cell(63, at["reason"]).value = "muu"
    sheet.cell(63, at["weight"]).value = 0.25
    sheet.cell(3, at["weight"]).value = 0.75
    book.save(first)
    store = with_audits(tmp_path)
    assert "audits" in store.present
    sources = store.intake.sources
    read = sources[sources["table"] == "audits"]
    assert read["rows_accepted"].sum() == 81
    # A contact left blank is told of, not guessed.
    assert read["rows_rejected"].sum() == 40
    rejects = store.intake.rejects
    assert set(rejects.loc[rejects["table"] == "audits", "rule"]) == {"missing"}
    found = trust(store, PERIOD)
    assert (found.audited, found.unmatched, found.coders, found.coded_twice) == (60, 0, 2, 20)
    assert found.unknown == ("muutto",)
    shares = reasons(store, PERIOD).set_index("reason")
    assert shares.loc["muutto", "grade"] == "D"
    assert shares["corrected_share"].drop("all").sum() == pytest.approx(1)
    failing = store.engine.connection.execute("select failure_demand, count(*) from audits group by all").fetchall()  # type: ignore[attr-defined]
    assert dict(failing) == {True: 60, False: 20, None: 1}


def test_audited_contacts_are_not_drawn_again(opened: Store, tmp_path: Path) -> None:
    draw = draw_contacts(opened, PERIOD, contacts=60)
    (file,) = write_audit(draw, tmp_path / "audit", coders=1, language="fi")
    fill(file, dict.fromkeys(range(60), "laskuvirhe"))
    again = draw_contacts(with_audits(tmp_path), PERIOD, contacts=200)
    assert again.of == 140
    assert not set(again.contacts["contact_id"]) & set(draw.contacts["contact_id"])


def test_nothing_is_overwritten_and_nothing_half_written(opened: Store, tmp_path: Path) -> None:
    draw = draw_contacts(opened, PERIOD, contacts=5)
    write_audit(draw, tmp_path / "audit", coders=1, language="en")
    before = (tmp_path / "audit" / "audit_coder_1.xlsx").read_bytes()
    with pytest.raises(OutputError, match="Choose another folder"):
        write_audit(draw, tmp_path / "audit", coders=2, language="en")
    assert [file.name for file in (tmp_path / "audit").iterdir()] == ["audit_coder_1.xlsx"]
    assert (tmp_path / "audit" / "audit_coder_1.xlsx").read_bytes() == before


def test_what_makes_no_sense_is_refused(opened: Store, tmp_path: Path) -> None:
    for wrong in (0, 5_001):
        with pytest.raises(ParameterError, match="'contacts' must lie"):
            draw_contacts(opened, PERIOD, contacts=wrong)
    with pytest.raises(DataError, match="can be audited"):
        draw_contacts(opened, Period(dt.date(2025, 1, 31), dt.date(2025, 1, 31)), contacts=5)
    with pytest.raises(ParameterError, match="'coders' must lie"):
        write_audit(Draw(opened.engine.run, (), 0), tmp_path, coders=10, language="en")  # type: ignore[arg-type]


def test_the_command_writes_in_the_engagements_language_and_sizes_the_audit_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = client(tmp_path, language="en", contacts=90)
    assert main(["audit", str(folder), "--into", str(tmp_path / "out"), "--quiet"]) == 0
    files = capsys.readouterr().out.split()
    assert [Path(file).name for file in files] == ["audit_coder_1.xlsx", "audit_coder_2.xlsx"]
    book = load_workbook(files[0])
    assert book.sheetnames == ["Read first", "Audit", "Reasons"]
    # Three points either side cannot be known without all of the ninety.
    assert book["Audit"].max_row == 2 + 90
    assert main(["audit", str(folder), "--into", str(tmp_path / "out"), "--quiet"]) == 6
    assert main(["check", str(folder), "--quiet"]) == 0
