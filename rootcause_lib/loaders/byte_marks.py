"""What the bytes of a text file show undecoded: line ends, control characters, quotes, letters read twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_TAB, _FEED, _RETURN, _BLANK, _QUOTE = 9, 10, 13, 32, 34


class Marks:
    """Gathered over the chunks of a file, at a fraction of what decoding it costs."""

    def __init__(self) -> None:
        self.nul = self.controls = self.twice = self.latin = self._odd_line = self._quoted = False
        self._feeds = self._returns = self._pairs = self._quotes = 0
        self._last = b""

    @property
    def quoted_breaks(self) -> bool:
        """Whether a line, or the file, may end inside quotes: where none does, each line has an even number of them."""
        lone_returns = self._returns != self._pairs
        return self._odd_line or self._quotes % 2 == 1 or (self._quoted and lone_returns)

    @property
    def ends_alike(self) -> bool:
        """Only line feeds, or only pairs; a lone return counts as another kind."""
        return self._returns == self._pairs and self._pairs in (0, self._feeds)

    def add(self, chunk: bytes) -> None:
        values = np.frombuffer(chunk, np.uint8)
        low, feeds = int(np.count_nonzero(values < _BLANK)), int(np.count_nonzero(values == _FEED))
        returns = chunk.count(b"\r") if b"\r" in chunk else 0
        self._pairs += (chunk.count(b"\r\n") if returns else 0) + (self._last + chunk[:1] == b"\r\n")
        self._feeds, self._returns = self._feeds + feeds, self._returns + returns
        if low > feeds + returns:
            self.controls = self.controls or low > feeds + returns + int(np.count_nonzero(values == _TAB))
            # A NUL, or the sign by which old systems end a text, is taken out in a copy.
            self.nul = self.nul or b"\0" in chunk or b"\x1a" in chunk
        self.controls = self.controls or b"\x7f" in chunk
        self._look_for_letters(chunk)
        if not self._odd_line:
            self._count_quotes(chunk, values)
        self._last = chunk[-1:]

    def _look_for_letters(self, chunk: bytes) -> None:
        self.latin = self.latin or b"\xc3" in chunk or b"\xc2" in chunk
        # The second bytes of Ã and Â are rare, and one byte is found faster than two.
        if not self.twice and (b"\x83" in chunk or b"\x82" in chunk):
            text = self._last + chunk
            self.twice = b"\xc3\x83" in text or b"\xc3\x82" in text

    def _count_quotes(self, chunk: bytes, values: NDArray[np.uint8]) -> None:
        """Quotes of each line modulo 256, which tells odd from even."""
        if b'"' not in chunk and not self._quotes % 2:
            return
        self._quoted = True
        feeds = np.flatnonzero(values == _FEED)
        starts = np.concatenate(([0], feeds[feeds < len(values) - 1] + 1))
        counts = np.add.reduceat((values == _QUOTE).view(np.uint8), starts, dtype=np.uint8)
        counts[0] += self._quotes % 2
        ends = values[-1] == _FEED
        self._odd_line = bool((counts[: len(counts) if ends else -1] & 1).any())
        self._quotes = 0 if ends else int(counts[-1])
