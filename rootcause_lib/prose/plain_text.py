"""A client's text as readers may see it: what has no shape of its own, or turns other text around, is left out."""

from __future__ import annotations

_CONTROLS = (*range(9), 11, 12, *range(14, 32), *range(127, 160))
_TURNING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_HALVES = range(0xD800, 0xE000)
"""Halves of characters, which no file can hold."""
_DROPPED = dict.fromkeys((*_CONTROLS, *_TURNING, *_HALVES, 0xFEFF))

_LONGEST_NAME = 60


def plain(text: str) -> str:
    """The text without control characters and those that turn its direction, by which a label could pose as another."""
    return text.translate(_DROPPED)


def one_line(text: str) -> str:
    """The text for a terminal: one line, every blank a space, nothing that moves the cursor or hides words."""
    return " ".join(plain(text).split())


def short_name(text: str) -> str:
    """A client's label beside a figure: one line, cut where it is longer than any name."""
    name = one_line(text)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
