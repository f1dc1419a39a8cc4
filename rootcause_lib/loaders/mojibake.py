"""UTF-8 that somebody read as Windows-1252 and wrote again (Ã¤ for ä): recognised on evidence, and undone.

The same undoes UTF-8 lines in a file of Windows-1252. Only letters of Latin-1 and the punctuation of
word processors are restored, and only in a text in which Ã and Â stand for nothing else.
"""

from __future__ import annotations

import re


def _bytes_of_characters() -> dict[str, int]:
    """Every way a byte from 0x80 to 0xBF shows when it is read as Windows-1252."""
    shown: dict[str, int] = {}
    for byte in range(0x80, 0xC0):
        # What Windows-1252 leaves undefined is kept as a control character by some tools, as an escape here.
        shown[chr(byte)] = shown[chr(0xDC00 + byte)] = byte
        shown[bytes([byte]).decode("cp1252", errors="surrogateescape")] = byte
    return shown


_BYTES = _bytes_of_characters()
_TRAIL = "[" + re.escape("".join(_BYTES)) + "]"
_LETTER = re.compile(f"[ÂÃ]{_TRAIL}")
_TWICE = re.compile(f"[ÂÃ]{_TRAIL}|â[€‚\u0080\u0082]{_TRAIL}")
_LEADS = {"Â": 0xC2, "Ã": 0xC3, "â": 0xE2}
_ESCAPED = re.compile("[\udc80-\udcff]")


class TwiceRead:
    """Evidence over the parts of a text: letters read twice, and Ã or Â that are none."""

    def __init__(self) -> None:
        self._pairs = self._others = 0

    def add(self, part: str) -> None:
        pairs = len(_LETTER.findall(part))
        self._pairs += pairs
        self._others += part.count("Ã") + part.count("Â") - pairs

    @property
    def found(self) -> bool:
        return self._pairs > 0 and self._others == 0


def read_once(text: str) -> str:
    """The text with what was read twice as it was meant; undefined bytes become the replacement character."""
    return without_escapes(_TWICE.sub(_undone, text))


def without_escapes(text: str) -> str:
    """Bytes that stand for no character become the replacement character."""
    return _ESCAPED.sub("\ufffd", text)


def _undone(found: re.Match[str]) -> str:
    text = found[0]
    return bytes([_LEADS[text[0]], *(_BYTES[one] for one in text[1:])]).decode("utf-8", errors="replace")
