"""DIRTY_INPUTS.md, written from the cases: `make docs`."""

from __future__ import annotations

from pathlib import Path

from dirty import encodings, rows, values
from dirty.case import Case

PAGE_FILE = "DIRTY_INPUTS.md"

_HEAD = """# Dirty inputs

What becomes of each, written from the cases in `tests/dirty/` by `make docs`; one test loads every case and compares
what is stored, rejected and repaired with counts made by hand, another compares this page. Always: rows read =
accepted + rejected.

- **read**: nothing had to be changed.
- **repaired**: put right and listed with its count (`rootcause check`, notebook `00_data_health`).
- **rejected**: the row is left out and listed with its number, column and rule, its value by shape alone
  (`.rootcause/rejects/`).
- **refused**: nothing is loaded; one error says what to do.
"""
_SECTIONS = {"Files, lines and headers": encodings, "Times, numbers and ids": values, "Rows": rows}


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, section in _SECTIONS.items():
        parts.append(f"## {title}\n")
        parts.append("| input | looks like | what happens | what the user sees |\n| --- | --- | --- | --- |")
        parts.append("\n".join(_row(case) for case in section.CASES) + "\n")
    return "\n".join(parts)


def _row(case: Case) -> str:
    cells = (case.name, case.looks, f"**{case.happens}**: {case.becomes}", _seen(case))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _seen(case: Case) -> str:
    if case.says:
        return f"“… {case.says} …”"
    rejected = [f"row {row}: {f'`{column}` ' if column else ''}`{rule}`" for row, column, rule in case.rejects]
    repaired = [
        f"{f'`{column}` ' if column else ''}`{repair}`: {rows} {'row' if rows == 1 else 'rows'}"
        for (column, repair), rows in case.repairs.items()
    ]
    return "; ".join([*rejected, *repaired]) or f"{case.read} rows"


if __name__ == "__main__":
    Path(PAGE_FILE).write_text(page(), encoding="utf-8")
