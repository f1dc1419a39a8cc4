"""An engagement.toml from what was recognised, with the evidence beside every line and guesses marked."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rootcause_lib.engagement.definitions import Client, Definitions
from rootcause_lib.engagement.places import INSIDE
from rootcause_lib.errors import ParameterError
from rootcause_lib.presets import read_preset
from rootcause_lib.recognition.guesses import ColumnGuess, LabelGuess, Recognition, Source, TableGuess, Unsure

UNSURE = "unsure"
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_FINNISH_ZONE, _ELSEWHERE = "Europe/Helsinki", "UTC"
_DEFINITIONS = ("window_days", "matching", "level", "smallest_cell", "churn", "leg_gap_seconds", "shared_id_daily_cap")


def draft(
    recognition: Recognition,
    *,
    into: str | Path,
    client: str | None = None,
    time_zone: str | None = None,
    language: str | None = None,
) -> str:
    """The text of an engagement.toml for the folder `into`, which it names its exports from.

    What is not given is assumed and marked so. Every mapping has its evidence behind it; what a person must
    look at is marked `# unsure:` and, for columns, named under the table's `unsure`.
    """
    folder = Path(into)
    lines = [
        "# Lines marked 'unsure' are guesses, and figures from them are for direction only: change them or agree with",
        "# them, then take the column's name out of its table's `unsure`. Lines marked 'assumed' are defaults.",
        "",
        *_engagement(recognition, folder, client, time_zone, language),
        *_definitions(),
        *_reasons(recognition),
    ]
    for table in recognition.tables:
        lines += _table(table, folder)
    lines += _left_out(recognition)
    return "\n".join(lines).rstrip("\n") + "\n"


def assumed_settings(
    recognition: Recognition, *, time_zone: str | None = None, language: str | None = None
) -> tuple[Unsure, ...]:
    """What a draft assumes of the client beside the tables, of what is not given."""
    found = []
    if time_zone is None:
        zone = _zone(recognition, language)
        found.append(Unsure("engagement.time_zone", f"nothing in the exports tells it; {zone} is assumed"))
    return tuple(found)


def _engagement(
    recognition: Recognition, folder: Path, client: str | None, time_zone: str | None, language: str | None
) -> Iterator[str]:
    yield "[engagement]"
    name = client or folder.resolve().name or "Client"
    yield _line("client", _text(name), "" if client else "assumed: the folder's name")
    zone = time_zone or _zone(recognition, language)
    yield _line("time_zone", _text(zone), "" if time_zone else f"{UNSURE}: nothing in the exports tells it")
    yield _line("currency", _text(str(Client.model_fields["currency"].default)), "assumed")
    told = "" if language else f"assumed: the headers are in {'Finnish' if recognition.language == 'fi' else 'English'}"
    yield _line("language", _text(language or recognition.language), told)
    yield "# observed_until = 2025-12-31   the last day the exports cover, where that is not the last contact's"
    yield ""


def _zone(recognition: Recognition, language: str | None) -> str:
    return _FINNISH_ZONE if "fi" in (recognition.language, language) else _ELSEWHERE


def _definitions() -> Iterator[str]:
    yield "[definitions]   # assumed: the defaults; agree on them with the client before looking at results"
    defaults = Definitions()
    for name in _DEFINITIONS:
        yield _line(name, _value(getattr(defaults, name)), "")
    yield ""


def _reasons(recognition: Recognition) -> Iterator[str]:
    contacts = recognition.table("contacts")
    if contacts is not None and contacts.default_reasons:
        yield "[reasons]"
        codes = ", ".join(_text(code) for code in contacts.default_reasons)
        yield _line("default", f"[{codes}]", "assumed: codes that say nothing about why the customer made contact")
        yield ""


def _table(table: TableGuess, folder: Path) -> Iterator[str]:
    key = f"tables.{table.table}"
    for doubt in table.doubts:
        yield f"# {UNSURE}: {_words(doubt)}"
    yield f"[{key}]"
    sources = [_text(_place(source, folder)) for source in table.sources]
    yield f"source = {sources[0]}" if len(sources) == 1 else f"source = [{', '.join(sources)}]"
    if table.preset is not None:
        yield _line("preset", _text(table.preset), f"recognised by its headers: {read_preset(table.preset).system}")
    if table.row_is is not None:
        yield _line("row_is", _text(table.row_is), "what one row is")
    if table.rows is not None:
        yield _line("rows", _text(table.rows), "several rows per contact")
    unsure = [each.column for each in table.columns if each.unsure]
    if unsure:
        yield f"unsure = [{', '.join(_text(name) for name in unsure)}]"
    yield from _notation(table)
    yield f"[{key}.columns]"
    for each in table.columns:
        yield _column(each)
    for each in table.columns:
        yield from _values(key, each)
    if table.unused:
        yield f"# not used: {_words('; '.join(table.unused))[:600]}"
    if table.table == "contacts":
        yield '# Free words are not read unless mapped: text = "..."'
    for note in table.notes:
        yield f"# note: {_words(note)}"
    yield ""


def _notation(table: TableGuess) -> Iterator[str]:
    formats = {each.column: each.format for each in table.columns if each.format is not None}
    if table.decimal is not None:
        formats["decimal"] = table.decimal
    units = {each.column: each.unit for each in table.columns if each.unit is not None}
    nulls = {each.column: each.nulls for each in table.columns if each.nulls}
    if formats:
        yield f"formats = {{ {', '.join(f'{name} = {_text(form)}' for name, form in formats.items())} }}"
    if units:
        yield f"units = {{ {', '.join(f'{name} = {_text(unit)}' for name, unit in units.items())} }}"
    if nulls:
        listed = (f"{name} = [{', '.join(_text(word) for word in words)}]" for name, words in nulls.items())
        yield f"nulls = {{ {', '.join(listed)} }}"


def _column(guess: ColumnGuess) -> str:
    if guess.constant is not None:
        value = f"{{ value = {_text(guess.constant)} }}"
    elif len(guess.headers) == 1:
        value = _text(guess.headers[0])
    else:
        value = f"[{', '.join(_text(header) for header in guess.headers)}]"
    because = f" ({guess.evidence})" if guess.headers else ""
    evidence = f"{UNSURE}: {guess.doubt}{because}" if guess.doubt else guess.evidence
    return _line(guess.column, value, evidence)


def _values(key: str, guess: ColumnGuess) -> Iterator[str]:
    mapped = [each for each in guess.labels if each.value is not None]
    if mapped:
        yield f"[{key}.values.{guess.column}]"
        for each in mapped:
            yield _label(each)
    for each in guess.labels:
        if each.value is None:
            yield f"# {UNSURE}: {guess.column} {_text(each.label)}: {_words(each.doubt)}"


def _label(guess: LabelGuess) -> str:
    return _line(_text(guess.label), _text(str(guess.value)), f"{UNSURE}: {guess.doubt}" if guess.doubt else "")


def _left_out(recognition: Recognition) -> Iterable[str]:
    return [f"# {UNSURE}: {_words(name)} {_words(why)}" for name, why in recognition.left_out]


def _place(source: Source, folder: Path) -> str:
    """The source as the engagement names it: from its own folder wherever there is a way."""
    try:
        place = Path(os.path.relpath(source.path, folder.resolve())).as_posix()
    except ValueError:
        # Another drive has no way from here.
        place = source.path.as_posix()
    if "$" in place:
        raise ParameterError(f"'{place}' has a $ in its name, which an engagement reads as a variable. Rename it.")
    return place + (f"{INSIDE}{source.inner}" if source.inner is not None else "")


def _line(key: str, value: str, evidence: str) -> str:
    said = f"{key} = {value}"
    return f"{said:<58}  # {_words(evidence)}" if evidence else said


def _words(text: str) -> str:
    """One line without characters that TOML or a terminal would take for more than a comment."""
    return "".join(character if character.isprintable() else " " for character in text)


def _text(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    return _text(value) if isinstance(value, str) else str(value)
