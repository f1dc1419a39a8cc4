"""Result frames as HTML tables: words for keys, numbers beside their intervals, grades as badges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.findings import Finding
from rootcause_lib.prose import label, limits_of, sentence, table_text
from rootcause_lib.reporting.fragments import badge, element, nothing_to_show, text, words
from rootcause_lib.vocabulary import GRADES

_GRADE_COLUMNS = ("grade", "best_grade")
_LONG = 40


def table_html(
    frame: pd.DataFrame, *, columns: Sequence[str] | None, rows: int, language: str, currency: str | None
) -> str:
    """The first `rows` rows as escaped HTML, with a note when there are more.

    `columns` chooses and orders; the bounds of a number always come with it, and the reasons of a grade with the
    grade. Columns without any value are left out unless chosen.
    """
    chosen = _chosen(frame, columns)
    if chosen.empty:
        return nothing_to_show(language=language)
    shown = chosen.head(rows)
    written = table_text(shown, language=language, currency=currency)
    kept = [name for name in written.columns if not (name == "grade_reasons" and "grade" in written)]
    numeric = {name for name in kept if _is_number(shown[name])}
    head = "".join(_head(str(name), name in numeric, language) for name in kept)
    body = "".join(
        _row(plain, record, kept, numeric, language=language)
        for plain, record in zip(_records(written), _records(shown), strict=True)
    )
    table = f'<table class="rc-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    name = text(label(str(kept[0]), language=language))
    return (
        f'<div class="rc rc-scroll" role="region" tabindex="0" aria-label="{name}">{table}</div>'
        f"{_more(len(shown), len(chosen), language)}"
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _chosen(frame: pd.DataFrame, columns: Sequence[str] | None) -> pd.DataFrame:
    if columns is None:
        return frame.loc[:, frame.notna().any()] if len(frame) else frame
    for name in columns:
        if name not in frame.columns:
            raise ParameterError(unknown_choice("column", name, map(str, frame.columns)))
    wanted = list(columns)
    limits = limits_of(list(frame.columns))
    wanted += [limit for name in columns for limit in limits.get(name, ()) if limit not in wanted]
    if "grade" in wanted and "grade_reasons" in frame.columns and "grade_reasons" not in wanted:
        wanted.append("grade_reasons")
    return frame.loc[:, wanted]


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _head(name: str, is_number: object, language: str) -> str:
    of = ' class="rc-num"' if is_number else ""
    return f'<th scope="col"{of}>{text(label(name, language=language))}</th>'


def _row(
    plain: dict[str, str], record: dict[str, object], kept: Sequence[str], numeric: set[str], *, language: str
) -> str:
    cells = []
    for position, name in enumerate(kept):
        inner = _cell(name, plain, record, language)
        if position == 0 and name not in numeric:
            cells.append(f'<th scope="row">{inner}</th>')
        else:
            cells.append(element("td", inner, of="rc-num" if name in numeric else _width(plain[name])))
    return f"<tr>{''.join(cells)}</tr>"


def _width(value: str) -> str:
    return "rc-long" if len(value) > _LONG else ""


def _cell(name: str, plain: dict[str, str], record: dict[str, object], language: str) -> str:
    if name in _GRADE_COLUMNS and record[name] in GRADES:
        why = plain.get("grade_reasons", "–") if name == "grade" else "–"
        reasons = element("span", text(why), of="rc-why") if why not in ("", "–") else ""
        return badge(str(record[name]), language=language) + reasons
    value, bracket, interval = plain[name].partition(" (")
    if bracket and interval.endswith(")") and isinstance(record[name], (int, float)):
        return f"{text(value)} {element('span', text(f'({interval}'), of='rc-range')}"
    return text(plain[name])


def _more(shown: int, rows: int, language: str) -> str:
    if shown == rows:
        return ""
    note = sentence(Finding("page.only_first_rows", {"shown": shown, "total": rows}), language=language)
    return f'<p class="rc rc-more">{words(note)}</p>'
