"""Client headers and labels inside SQL text: the one place that quotes them."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A column or table name as a quoted identifier; NUL, which no engine takes, becomes a space."""
    return '"' + name.replace("\0", " ").replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a string literal; NUL becomes a space. Backslashes mean nothing inside."""
    return "'" + text.replace("\0", " ").replace("'", "''") + "'"
