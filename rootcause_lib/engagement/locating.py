"""On which line of a TOML text each key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

Key = tuple[str | int, ...]
"""A path of table keys and list positions (from 0)."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r"""[ \t]*([A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*""")
_TEXT = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    + r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    + r'|"(?:[^"\\\n]|\\.)*"|'
    + r"'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}#\n]*")


def key_lines(text: str) -> Mapping[Key, int]:
    """The line (from 1) of every key, table and list element of a valid TOML text; where first named, if several."""
    return _Scan(text).lines


def line_of(lines: Mapping[Key, int], key: Key) -> int | None:
    """The line of a key, or of the nearest table above it that is written down; None when there is none."""
    for length in range(len(key), 0, -1):
        if (line := lines.get(key[:length])) is not None:
            return line
    return None


class _Scan:
    """One pass over a text that is known to be valid TOML."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Key, int] = {}
        self._line, self._counted = 1, 0
        self._counts: dict[Key, int] = {}
        table: Key = ()
        while self._skip() < len(text):
            if self._next("[["):
                table = self._list_table()
            elif self._next("["):
                table = self._resolved(self._key())
                self._note(table)
                self._next("]")
            else:
                self._pair(table)

    def _skip(self) -> int:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def _next(self, mark: str) -> bool:
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def _note(self, key: Key) -> None:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        for length in range(1, len(key) + 1):
            self.lines.setdefault(key[:length], self._line)

    def _key(self) -> tuple[str, ...]:
        parts = []
        while found := _KEY_PART.match(self.text, self.at):
            self.at = found.end()
            part = found.group(1)
            parts.append(tomllib.loads(f"part = {part}")["part"] if part[0] in "\"'" else part)
            if not self._next("."):
                break
        return tuple(parts)

    def _resolved(self, parts: tuple[str, ...]) -> Key:
        """The path of a table header: below a list of tables its last element is meant."""
        key: Key = ()
        for part in parts:
            key += (part,)
            if key in self._counts:
                key += (self._counts[key] - 1,)
        return key

    def _list_table(self) -> Key:
        *above, last = self._key()
        key = (*self._resolved(tuple(above)), last)
        position = self._counts.get(key, 0)
        self._counts[key] = position + 1
        self._note((*key, position))
        self._next("]]")
        return (*key, position)

    def _pair(self, table: Key) -> None:
        key = (*table, *self._key())
        self._note(key)
        self._next("=")
        self._value(key)

    def _value(self, key: Key) -> None:
        self._skip()
        if self._next("["):
            position = 0
            while self._skip() < len(self.text) and not self._next("]"):
                self._note((*key, position))
                self._value((*key, position))
                position += 1
                self._skip()
                self._next(",")
        elif self._next("{"):
            while self._skip() < len(self.text) and not self._next("}"):
                self._pair(key)
                self._skip()
                self._next(",")
        else:
            found = _TEXT.match(self.text, self.at) or _BARE.match(self.text, self.at)
            self.at = found.end() if found else self.at
