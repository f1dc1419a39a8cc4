"""Sentences from named fields: a template of the catalogue, every placeholder filled or an error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from string import Formatter

from rootcause_lib.errors import unknown_choice
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.prose.catalogue import ProseError, entry, locale, section
from rootcause_lib.prose.labels import counted, label
from rootcause_lib.prose.numbers import KINDS, day, number


def sentence(finding: Finding, *, language: str, currency: str | None = None) -> str:
    """The finding in words, as plain text (escape it before it meets HTML).

    `currency` is an ISO code, needed only where a field is money. A key that is not in the catalogue and a
    placeholder without its field raise ProseError; fields that the language does not use are left alone.
    """
    template = entry(language, finding.key)
    written = "".join(_parts(template, finding, language, currency))
    starts_with_field = template.startswith("{")
    return written[:1].upper() + written[1:] if starts_with_field else written


def text(key: str, *, language: str) -> str:
    """A text without fields; one that has fields needs `sentence`."""
    return sentence(Finding(key), language=language)


def placeholders(template: str) -> Iterator[tuple[str, str]]:
    """(name, format) of every field of a template."""
    for _, name, spec, _ in Formatter().parse(template):
        if name is not None:
            yield name, spec or ""


def _parts(template: str, finding: Finding, language: str, currency: str | None) -> Iterator[str]:
    for literal, name, spec, _ in Formatter().parse(template):
        yield literal
        if name is None:
            continue
        if name not in finding.fields:
            raise ProseError(
                f"The sentence '{finding.key}' needs the field '{name}'. Given: {', '.join(finding.fields) or 'none'}."
            )
        yield _written(finding.fields[name], spec or "", language, currency)


def _written(value: Field, spec: str, language: str, currency: str | None) -> str:
    if value is None:
        return entry(language, "unknown", under="numbers")
    if isinstance(value, tuple):
        return _listed([_written(item, spec, language, currency) for item in value], language)
    if spec in section(language, "labels"):
        return label(str(value), language=language, kind=spec)
    if spec in section(language, "counted"):
        return counted(_countable(value), language=language, kind=spec)
    if spec == "alone" or spec in KINDS:
        kind = spec if spec in KINDS else None
        return number(_countable(value), language=language, kind=kind, show="alone", currency=currency)
    if spec:
        known = [*section(language, "labels"), *section(language, "counted"), *KINDS, "alone"]
        raise ProseError(unknown_choice("format of a placeholder", spec, known))
    return _plain(value, language, currency)


def _plain(value: str | float | dt.date | Quantity, language: str, currency: str | None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dt.date):
        return day(value, language=language)
    return number(value, language=language, currency=currency)


def _countable(value: Field) -> float | Quantity:
    if isinstance(value, (int, float, Quantity)):
        return value
    raise ProseError(f"A number was expected in a sentence, not {type(value).__name__}.")


def _listed(items: list[str], language: str) -> str:
    from babel.lists import format_list

    return str(format_list(items, locale=locale(language))) if items else ""
