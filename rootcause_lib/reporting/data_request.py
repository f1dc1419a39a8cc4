"""The data request a client's IT gets: per table its columns, an example row, why it is asked, what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator

from rootcause_lib.prose import label
from rootcause_lib.prose.catalogue import entry
from rootcause_lib.schemas import TABLES, Column, Table

_PERSONS = ("customer_id", "agent_id", "lead", "coder", "rater")


def data_request(*, language: str = "en") -> str:
    """The request as Markdown, made from the canonical tables; an unknown language is a ParameterError."""
    lines = [f"# {_say(language, 'words.title')}", "", _say(language, "words.intro"), ""]
    lines += [f"## {_say(language, 'words.period_heading')}", ""]
    lines += [f"- {_say(language, f'words.{key}')}" for key in ("period", "form", "names")]
    for key in ("totals", "privacy"):
        lines += ["", f"## {_say(language, f'words.{key}_heading')}", "", _say(language, f"words.{key}")]
    for table in TABLES.values():
        lines += ["", *_table(table, language)]
    return "\n".join(lines) + "\n"


def _table(table: Table, language: str) -> Iterator[str]:
    need = _say(language, "words.needed" if table.name == "contacts" else "words.wanted")
    yield f"## {label(table.name, language=language, kind='table')} (`{table.name}`, {need})"
    yield ""
    yield _say(language, f"table.{table.name}")
    yield ""
    yield f"- {_say(language, 'words.why')}: {_say(language, f'why.{table.name}')}"
    yield f"- {_say(language, 'words.lost')}: {_say(language, f'lost.{table.name}')}"
    yield ""
    heads = [_say(language, f"words.{key}") for key in ("column", "type_heading", "required", "meaning", "private")]
    yield _row(heads)
    yield _row(["---"] * len(heads))
    for column in table:
        meaning = _say(language, f"column.{table.name}.{column.name}")
        needed = _required(table, column, language)
        kind = _say(language, f"type.{column.type}")
        yield _row([f"`{column.name}`", kind, needed, meaning, _privacy(table, column, language)])
    yield ""
    yield f"{_say(language, 'words.example_heading')}:"
    yield ""
    yield "```"
    yield ";".join(table.column_names)
    yield ";".join(_say(language, f"example.{name}") for name in table.column_names)
    yield "```"


def _required(table: Table, column: Column, language: str) -> str:
    key = "yes" if column.required else "one_of" if column.name in table.one_of else "no"
    return _say(language, f"words.{key}")


def _privacy(table: Table, column: Column, language: str) -> str:
    if column.name in _PERSONS or (table.name, column.name) == ("identities", "value"):
        return _say(language, "privacy.person")
    return _say(language, "privacy.words") if column.type == "text" else ""


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _say(language: str, key: str) -> str:
    return entry(language, key, under="request")
