"""What things are called: the words of aliases.toml and how a header or label is held against them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from rootcause_lib.loaders.headers import cleaned

_MARKS = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-zäöå])(?=[A-ZÄÖÅ])")
INSIDE_WORDS = "~"
WEAK = 0.92
NAMED = 0.87
"""The least score of a header that bears a name exactly; what is listed later scores a little less."""


@cache
def aliases() -> Mapping[str, Any]:
    """The whole list."""
    text = resources.files(__package__).joinpath("aliases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def column_aliases(table: str, column: str) -> Sequence[str]:
    """What a canonical column is called; empty for columns nobody is to guess."""
    words: Sequence[str] = aliases()["columns"].get(table, {}).get(column, ())
    return words


def every_name() -> frozenset[str]:
    """Every name that may stand in a header."""
    return frozenset(name for table in aliases()["columns"].values() for names in table.values() for name in names)


def plain(text: str) -> str:
    """Small ASCII letters and digits, words parted by one blank; camelCase comes apart."""
    apart = _CAMEL.sub(" ", cleaned(text).replace("€", " eur ").replace("#", " number "))
    ascii_only = unicodedata.normalize("NFKD", apart).encode("ascii", "ignore").decode().lower()
    return _MARKS.sub(" ", ascii_only).strip()


def unit_of(header: str) -> str | None:
    """The unit a header names, such as `Wait (min)` or `first_response_time_minutes`; None when it names none."""
    words = plain(header).split()
    for unit, names in aliases()["units"].items():
        if any(word in names for word in words[1:]):
            return str(unit)
    return None


def without_unit(header: str) -> str:
    """The plain header less the words that name a unit."""
    names = {name for several in aliases()["units"].values() for name in several} | {"eur", "usd"}
    words = plain(header).split()
    kept = words[:1] + [word for word in words[1:] if word not in names]
    return " ".join(word for word in kept if word != "in" or len(kept) < 2)


def name_score(header: str, names: Sequence[str], *, table: str) -> float:
    """How well a header bears one of the names: 1 exactly, .92 exactly but weak alone, less as a part, 0 not at all."""
    whole, bare = plain(header), without_unit(header)
    weak = aliases()["weak"].get(table, ())
    best = 0.0
    for place, name in enumerate(names):
        score = 0.0
        if name in (whole, bare):
            score = WEAK if name in weak else 1.0
        elif name.replace(" ", "") in (whole.replace(" ", ""), bare.replace(" ", "")):
            score = 0.97
        elif name not in weak and set(name.split()) <= set(bare.split()):
            score = 0.5 + 0.25 * len(name.split()) / len(bare.split())
        elif len(name) >= 5 and " " not in name and any(word.startswith(name) for word in bare.split()):
            score = 0.5
        best = max(best, score - 0.001 * place if score else 0.0)
    return best


def word_for(text: str, words: Mapping[str, Iterable[str]]) -> str | None:
    """The key whose word a label bears: the whole label, else the longest word in it; None when it bears none."""
    label = plain(text)
    tokens = label.split()
    best, length = None, 0
    for key, names in words.items():
        for name in names:
            bare = name.removeprefix(INSIDE_WORDS)
            if bare == label:
                return key
            inside = name.startswith(INSIDE_WORDS) and any(bare in token for token in tokens)
            if len(bare) > length and (inside or f" {bare} " in f" {label} "):
                best, length = key, len(bare)
    return best


def file_score(name: str, table: str) -> float:
    """Whether a file's name says which table it is; 1 or 0."""
    stem = name.replace("::", " ").rsplit(".", 1)[0]
    return 1.0 if word_for(stem, {table: aliases()["files"].get(table, ())}) else 0.0


def is_finnish(headers: Iterable[str]) -> bool:
    """Whether headers are in Finnish: by letters English does not have, or words that are no English."""
    text = " ".join(headers).casefold()
    told = ("asiakas", "kanava", "syy", "paiva", "pvm", "kesto", "luotu", "ratkaistu", "tunnus", "kysely", "numero")
    return any(letter in text for letter in "äöå") or sum(word in text for word in told) >= 2
