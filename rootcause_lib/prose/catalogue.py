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
    """The whole catalogue of `language`; an unknown language is a ParameterError."""
    locale(language)
    text = resources.files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


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
