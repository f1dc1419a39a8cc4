"""The workbooks auditors fill: one for each, with the contacts drawn and nothing that tells what others thought."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.audits import Draw
from rootcause_lib.errors import OutputError, ParameterError
from rootcause_lib.prose import label
from rootcause_lib.reporting.texts import said
from rootcause_lib.reporting.workbook import typed_cell

ASKED = ("reason", "weight", "failure_demand")
"""The columns auditors fill, under their canonical names."""

MOST_CODERS = 9
_WIDTHS = {"contact_id": 22, "day": 12, "channel": 16, "coder": 12, "text": 70, "reason": 26, "weight": 10}
_SPARE = 200
"""Rows below the contacts in which a second reason of a contact can be entered."""


def write_audit(draw: Draw, into: Path, *, coders: int, language: str, seed: int = 1) -> tuple[Path, ...]:
    """Write `audit_coder_1.xlsx` and so on into a folder, made if need be; contacts in an order of their own in each.

    Filled in they are read by `[tables.audits]` as they stand. Nothing is overwritten: an OutputError names the first
    file that exists, and nothing is written then.
    """
    if not 1 <= coders <= MOST_CODERS:
        raise ParameterError(f"'coders' must lie from 1 to {MOST_CODERS}; given {coders}.")
    files = tuple(into / f"audit_coder_{number}.xlsx" for number in range(1, coders + 1))
    if there := [file for file in files if file.exists()]:
        raise OutputError(f"'{there[0]}' exists and may be filled in. Choose another folder with --into, or move it.")
    try:
        into.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(files, start=1):
            order = np.random.default_rng([seed, number]).permutation(len(draw.contacts))
            book = _book(draw.contacts.iloc[order], draw.reasons, coder=f"coder_{number}", language=language)
            # Somebody may have put a file there meanwhile: it is left alone.
            with file.open("xb") as stream:
                book.save(stream)
    except OSError as error:
        raise OutputError(f"Could not write into '{into}': {error.strerror}.") from None
    return files


def _book(contacts: pd.DataFrame, reasons: Sequence[str], *, coder: str, language: str) -> Any:
    from openpyxl import Workbook

    book = Workbook()
    guide, audit = book.active, book.create_sheet(said("audit.sheet", language=language))
    assert guide is not None
    guide.title = said("audit.guide", language=language)
    choices = book.create_sheet(said("audit.reasons", language=language))
    _instruct(guide, language=language)
    _fill(audit, contacts, coder=coder, language=language)
    for place, reason in enumerate((said("audit.reasons", language=language), *reasons), start=1):
        typed_cell(choices.cell(place, 1), reason)
    choices.column_dimensions["A"].width = 40
    _validate(audit, len(contacts), listed=f"'{choices.title}'!$A$2:$A${len(reasons) + 1}", language=language)
    book.active = book.index(audit)
    return book


def _instruct(sheet: Any, *, language: str) -> None:
    from openpyxl.styles import Alignment, Font

    lines = ("title", "listen", "blind", "choose", "several", "failure", "unsure", "leave", "back")
    for row, key in enumerate(lines, start=1):
        cell = typed_cell(sheet.cell(row, 1), said(f"audit.{key}", language=language))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=row == 1, size=14 if row == 1 else 11)
    sheet.column_dimensions["A"].width = 90


def _columns(contacts: pd.DataFrame) -> tuple[str, ...]:
    shown = [name for name in contacts.columns if name != "text" or contacts["text"].notna().any()]
    return ("coder", *shown, *ASKED)


def _fill(sheet: Any, contacts: pd.DataFrame, *, coder: str, language: str) -> None:
    """Two rows of names (the reader's and, as they will be read, the library's), then one row per contact."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    columns = _columns(contacts)
    for place, name in enumerate(columns, start=1):
        head = typed_cell(sheet.cell(1, place), said(f"audit.{name}", language=language))
        head.font = Font(bold=True)
        typed_cell(sheet.cell(2, place), name).font = Font(color="808080", size=9)
        if name in ASKED:
            head.fill = PatternFill("solid", fgColor="DDEBF7")
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(name, 18)
    for row, record in enumerate(contacts.to_dict("records"), start=3):
        own = {**record, "coder": coder, "channel": label(str(record["channel"]), language=language, kind="channel")}
        own["day"] = str(pd.Timestamp(record["day"]).date())
        for place, name in enumerate(columns, start=1):
            cell = typed_cell(sheet.cell(row, place), own.get(name))
            cell.alignment = Alignment(wrap_text=name == "text", vertical="top")
    sheet.freeze_panes = "C3"


def _validate(sheet: Any, contacts: int, *, listed: str, language: str) -> None:
    """Drop-down lists; a reason that is missing from the list may be written after a warning."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    last = contacts + 2 + _SPARE
    heads = {str(cell.value): get_column_letter(cell.column) for cell in sheet[2]}
    answers = ",".join(said(f"audit.{key}", language=language) for key in ("yes", "no"))
    kinds = {
        "reason": DataValidation(type="list", formula1=listed, allow_blank=True, errorStyle="warning"),
        "weight": DataValidation(type="decimal", operator="between", formula1="0", formula2="1", allow_blank=True),
        "failure_demand": DataValidation(type="list", formula1=f'"{answers}"', allow_blank=True),
    }
    for name, kind in kinds.items():
        kind.error = said(f"audit.{name}_wrong", language=language)
        kind.showErrorMessage = True
        sheet.add_data_validation(kind)
        kind.add(f"{heads[name]}3:{heads[name]}{last}")
