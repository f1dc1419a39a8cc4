"""What the bytes of a text file show before they are decoded: control characters, quotes, letters read twice."""

from __future__ import annotations

import numpy as np

_FEED, _QUOTE = 10, 34


class Marks:
    """Gathered over the chunks of a file, at a fraction of what decoding it costs."""

    def __init__(self) -> None:
        self.nul = self.controls = self.twice = self.latin = False
        self._last = b""
        self._open = self._breaks = False

    @property
    def quoted_breaks(self) -> bool:
        """Whether a line ends, or the file does, inside quotes."""
        return self._breaks or self._open

    def add(self, chunk: bytes) -> None:
        # A NUL, or the sign by which old systems end a text, is taken out in a copy.
        self.nul = self.nul or b"\0" in chunk or b"\x1a" in chunk
        self.controls = self.controls or _holds_controls(chunk)
        self.latin = self.latin or b"\xc3" in chunk or b"\xc2" in chunk
        edge = self._last + chunk[:1]
        self.twice = self.twice or any(pair in part for part in (edge, chunk) for pair in (b"\xc3\x83", b"\xc3\x82"))
        self._last = chunk[-1:]
        if b'"' in chunk:
            self._follow_quotes(np.frombuffer(chunk, np.uint8))
        elif self._open:
            self._breaks = self._breaks or b"\n" in chunk

    def _follow_quotes(self, values: np.ndarray) -> None:
        # Sums modulo 256 keep what counts: whether a byte stands after an odd number of quotes.
        quotes = np.cumsum(values == _QUOTE, dtype=np.uint8)
        inside = (quotes & 1) ^ int(self._open)
        if not self._breaks:
            self._breaks = bool(inside[values == _FEED].any())
        self._open = bool(inside[-1])


def _holds_controls(chunk: bytes) -> bool:
    low = int(np.count_nonzero(np.frombuffer(chunk, np.uint8) < 32))
    return low > chunk.count(b"\n") + chunk.count(b"\r") + chunk.count(b"\t") or b"\x7f" in chunk
