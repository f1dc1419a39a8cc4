"""What the reporting floor itself says, in every language: `said("banner.period", language="fi")`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.vocabulary import LANGUAGES


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All texts of a language by dotted key."""
    if language not in LANGUAGES:
        raise ParameterError(unknown_choice("language", language, LANGUAGES))
    path = Path(__file__).parent / f"{language}.toml"
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, texts in sections.items() for key, text in texts.items()}


def said(key: str, *, language: str, fields: Mapping[str, object] | None = None) -> str:
    """The text of a key, its placeholders filled; plain text, not HTML."""
    text = catalogue(language)[key]
    return text.format_map(dict(fields)) if fields else text
