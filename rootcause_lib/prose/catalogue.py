"""The catalogue of one language: read once, addressed by path, never answering with a default."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from rootcause_lib import vocabulary
from rootcause_lib.errors import ParameterError, RootcauseError, unknown_choice

_LOCALES = {"en": "en_GB", "fi": "fi_FI"}


class ProseError(RootcauseError, LookupError):
    """A text asked for does not exist, or its sentence lacks a field."""

    exit_code = 3


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """The whole catalogue of `language`, its files as one; an unknown language is a ParameterError."""
    locale(language)
    whole: dict[str, Any] = {}
    for file in resources.files(__package__).joinpath(language).iterdir():
        if file.name.endswith(".toml"):
            _add(whole, tomllib.loads(file.read_text(encoding="utf-8")), where=file.name)
    return whole


def _add(whole: dict[str, Any], part: Mapping[str, Any], *, where: str) -> None:
    """Put a file's tables beside those of the others; the same text in two files is an error."""
    for key, value in part.items():
        if isinstance(value, dict) and isinstance(whole.setdefault(key, {}), dict):
            _add(whole[key], value, where=where)
        elif key in whole:
            raise ProseError(f"'{key}' in {where} stands in another file of the catalogue too. Keep one of them.")
        else:
            whole[key] = value


def locale(language: str) -> str:
    """The name under which babel knows how `language` writes numbers and days."""
    if language not in vocabulary.LANGUAGES:
        raise ParameterError(unknown_choice("language", str(language), vocabulary.LANGUAGES))
    return _LOCALES[language]


def section(language: str, *path: str) -> Mapping[str, Any]:
    """A table of the catalogue, such as ("labels", "channel")."""
    found: Any = catalogue(language)
    for step in path:
        if not isinstance(found, dict) or step not in found:
            choices = list(found) if isinstance(found, dict) else []
            raise ProseError(unknown_choice("section of the catalogue", step, choices, where=".".join(path)))
        found = found[step]
    if not isinstance(found, dict):
        raise ProseError(f"'{'.'.join(path)}' is a text, not a section of the catalogue.")
    return found


def entry(language: str, key: str, *, under: str = "sentences") -> str:
    """The text at a dotted key below `under`."""
    *path, last = key.split(".")
    table = section(language, under, *path)
    if last not in table or not isinstance(table[last], str):
        raise ProseError(unknown_choice("text", key, leaves(table, prefix=".".join(path)), where=under))
    text: str = table[last]
    return text


def leaves(table: Mapping[str, Any], *, prefix: str = "") -> Iterator[str]:
    """Dotted keys of every text below `table`."""
    for key, value in table.items():
        dotted = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            yield from leaves(value, prefix=dotted)
        else:
            yield dotted
