"""The reader's word for a word of the library; the client's own labels pass through."""

from __future__ import annotations

from collections.abc import Mapping

from rootcause_lib.errors import unknown_choice
from rootcause_lib.findings import Quantity
from rootcause_lib.prose.catalogue import ProseError, entry, section
from rootcause_lib.prose.numbers import NO_BREAK_SPACE, decimal, plural

OPEN_KINDS = (
    "channel", "column", "naive", "naive_why", "rule", "table", "frame", "missing", "adds", "method",
    "estimator", "parameter",
    "process", "problem", "band_kind", "owner", "part",
    "metric",
    "dose_level",
)  # fmt: skip
"""Kinds whose words may also be the client's; an unknown one is shown as it came."""


def label(key: str, *, language: str, kind: str = "column") -> str:
    """The word readers see for `key`.

    `kind` is a section of [labels]: column, channel, outcome, metric, grade, grade_reason, status, rule,
    analysis, table and more. An unknown kind, or an unknown key of a closed kind, is a ProseError.
    """
    words = labels(kind, language=language)
    if kind == "part" and "=" in key:
        return _part(key, words, language=language)
    if key in words:
        return words[key]
    if kind == "driver":
        return _driver(key, words)
    if kind in OPEN_KINDS:
        return key
    raise ProseError(unknown_choice(f"label of kind '{kind}'", str(key), words))


def parts_of(attributes: str) -> tuple[str, ...]:
    """`segment=firm, channel=chat` as its parts; a comma inside a client's label divides nothing."""
    found: list[str] = []
    for piece in attributes.split(", "):
        if "=" in piece or not found:
            found.append(piece)
        else:
            found[-1] += f", {piece}"
    return tuple(found)


def _part(key: str, words: Mapping[str, str], *, language: str) -> str:
    """An attribute and its value, `channel=chat`, as readers say it; the client's own pass through."""
    name, _, value = key.partition("=")
    ours = labels("channel", language=language) if name == "channel" else words
    said = ours.get(value, value) if name in ("channel", "weekday", "hours") else value
    return f"{words.get(name, name)} {said}"


def _driver(key: str, words: Mapping[str, str]) -> str:
    """A feature of risk scores and its level: `problem=billing=yes`, `attribute=region=north`, `segment=firm`."""
    kind, _, rest = key.partition("=")
    if kind not in ("problem", "attribute", *words):
        return key
    if kind == "problem":
        process, _, level = rest.rpartition("=")
        return f"{words.get(f'problem={level}', level)} {process}"
    name, _, value = rest.partition("=") if kind == "attribute" else (words.get(kind, kind), "", rest)
    return f"{name} {words.get(value, value)}"


def labels(kind: str, *, language: str) -> Mapping[str, str]:
    """Every word of one kind."""
    return section(language, "labels", kind)


def everything(*, language: str) -> str:
    """What a dimension is called on a row that is not split by it."""
    return entry(language, "all", under="numbers")


def left_out(*, language: str) -> str:
    """What stands in place of a number that is left out to protect customers."""
    return entry(language, "suppressed", under="numbers")


def small_groups(*, language: str) -> str:
    """What labels that stand for too few customers are called together."""
    return entry(language, "small", under="numbers")


def counted(count: float | Quantity, *, language: str, kind: str) -> str:
    """A count with its noun, `1,234 contacts`; of a Quantity its denominator is counted."""
    forms = section(language, "counted", kind)
    amount = count.denominator if isinstance(count, Quantity) else count
    if amount is None:
        raise ProseError(f"A number of {kind} is asked for, but the quantity has no denominator.")
    whole = round(float(amount))
    template = str(forms[plural(whole, language=language)]).replace("{n} ", "{n}" + NO_BREAK_SPACE)
    return template.format(n=decimal(whole, digits=0, language=language))
