"""Pieces of HTML that pages and displays share; every text is escaped here, and only here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from rootcause_lib.prose import label, labels, plain
from rootcause_lib.prose import text as prose_text
from rootcause_lib.reporting.parameters import GIVEN_BY_THE_RUN, Parameter
from rootcause_lib.reporting.texts import said


def text(value: object) -> str:
    """Any value as HTML text: escaped, without control characters."""
    return escape(plain(str(value)), quote=True)


def words(value: str) -> str:
    """A sentence as HTML; what stands between backticks is set as code."""
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(text(value).split("`")))


def element(tag: str, inner: str, *, of: str = "") -> str:
    """An element around HTML that is already escaped; `of` is its class."""
    return f'<{tag} class="{of}">{inner}</{tag}>' if of else f"<{tag}>{inner}</{tag}>"


NOTHING = "rc-nothing"
"""The class of what stands where a figure or a table has no rows."""


def nothing_to_show(*, language: str) -> str:
    """The line that stands for a figure or a table without rows."""
    return element("p", words(prose_text("page.no_rows", language=language)), of=f"rc {NOTHING}")


def badge(grade: str, *, language: str) -> str:
    """A grade as a letter with its meaning for those who don't see the colour."""
    meaning = text(label(grade, language=language, kind="grade_use"))
    return f'<abbr class="rc-grade rc-grade-{text(grade.lower())}" title="{meaning}">{text(grade)}</abbr>'


def graded(sentence: str, grade: str | None, *, language: str) -> str:
    """A sentence with the badge of its grade before it."""
    mark = badge(grade, language=language) if grade else ""
    return f"{mark}<span>{words(sentence)}</span>"


def simple_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, of: str = "rc-table", numbers_from: int | None = None
) -> str:
    """A table of cells that are already HTML; the first cell of a row is its header.

    Columns from position `numbers_from` on hold numbers.
    """
    classes = [
        ' class="rc-num"' if numbers_from is not None and at >= numbers_from else "" for at in range(len(header))
    ]
    head = "".join(f'<th scope="col"{of_cell}>{text(cell)}</th>' for cell, of_cell in zip(header, classes, strict=True))
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(f"<td{of_cell}>{cell}</td>" for cell, of_cell in zip(rest, classes[1:], strict=True))
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="rc rc-scroll" role="region" tabindex="0" aria-label="{text(header[0])}">'
        f'<table class="{of}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def parameters_table(declared: Sequence[Parameter], given: Mapping[str, object], *, language: str) -> str:
    """The parameters of a page: name, value and meaning, without those that only place the run."""
    shown = [parameter for parameter in declared if parameter.name not in GIVEN_BY_THE_RUN]
    rows = []
    for parameter in shown:
        value = given.get(parameter.name, parameter.default)
        meaning = labels("parameter_help", language=language).get(parameter.name, parameter.help)
        name = label(parameter.name, language=language, kind="parameter")
        rows.append((text(name), parameter_value(parameter.name, value, language=language), text(meaning)))
    if not rows:
        return ""
    header = [label(key, language=language) for key in ("parameter", "value")]
    header.append(said("page.meaning", language=language))
    summary = text(prose_text("page.parameters_heading", language=language))
    table = simple_table(header, rows, of="rc-table rc-small")
    changed = " open" if any(given.get(one.name, one.default) != one.default for one in shown) else ""
    return f'<details class="rc rc-parameters"{changed}><summary>{summary}</summary>{table}</details>'


def parameter_value(name: str, value: object, *, language: str) -> str:
    """A parameter's value as HTML; what an empty one means is said."""
    known = labels("parameter_value", language=language)
    if value is None:
        return f'<span class="rc-muted">{text(known.get(f"none_{name}", known["none"]))}</span>'
    if isinstance(value, bool):
        return text(said("page.yes" if value else "page.no", language=language))
    if isinstance(value, list):
        return text(", ".join(str(one) for one in value))
    return text(known.get(value, value) if isinstance(value, str) else value)
