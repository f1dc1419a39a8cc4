"""In which encoding a text file is written, on evidence, and a clean UTF-8 copy where it needs one."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from rootcause_lib.errors import DataError
from rootcause_lib.loaders.byte_marks import Marks
from rootcause_lib.loaders.mojibake import TwiceRead, read_once, without_escapes

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the mark of UTF-16
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_END_OF_FILE = "\x1a"
"""What old systems end a text with."""
_REMOVED = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
_NUL_SHOWN = "\x01"
"""NUL reaches no engine; another control character stands for it until it is counted and taken out."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` is Python's; `clean` says that an engine reads the file's bytes as they are.

    read_twice: UTF-8 was read as Windows-1252 once, here or in the client's system, at least in parts.
    controls: it holds control characters. quoted_breaks: a line may end inside quotes.
    """

    name: str
    clean: bool
    read_twice: bool = False
    controls: bool = False
    quoted_breaks: bool = False

    @property
    def is_utf8(self) -> bool:
        return self.name == "utf-8"

    @property
    def repaired(self) -> str | None:
        """The encoding where it is a repair; None for plain UTF-8."""
        return "utf-8 read twice" if self.read_twice else None if self.is_utf8 else self.name


def detect_encoding(path: Path, *, name: str) -> Encoding:
    """Read the whole file once: byte order mark, NUL pattern, valid UTF-8 to the last byte, else Windows-1252.

    `clean` also needs one kind of line end and no NUL. Raises DataError when a compressed file is cut short.
    """
    start = next(_chunks(path, name=name), b"")
    for mark, encoding in _MARKS:
        if start.startswith(mark) and encoding != "utf-8":
            return Encoding(encoding, clean=False, controls=True, quoted_breaks=True)
    if (wide := _wide(start[:4096])) is not None:
        return Encoding(wide, clean=False, controls=True, quoted_breaks=True)
    decoder = codecs.getincrementaldecoder("utf-8")()
    marks = Marks()
    valid = True
    for chunk in _chunks(path, name=name):
        marks.add(chunk)
        valid = valid and _decodes(decoder, chunk)
    valid = valid and _decodes(decoder, b"", final=True)
    encoding = "utf-8" if valid else "cp1252"
    doubtful = marks.twice if valid else marks.latin
    twice = doubtful and _is_read_twice(path, encoding, name=name)
    clean = valid and marks.ends_alike and not marks.nul and not twice
    return Encoding(encoding, clean, read_twice=twice, controls=marks.controls, quoted_breaks=marks.quoted_breaks)


def write_utf8(path: Path, encoding: Encoding, target: Path, *, name: str) -> None:
    """A UTF-8 copy with one kind of line end and without NUL, written as a stream."""
    with target.open("w", encoding="utf-8", newline="\n") as out:
        for part in _parts(path, encoding, name=name):
            out.write(part.replace("\0", _NUL_SHOWN).replace(_END_OF_FILE, ""))


def head(path: Path, encoding: Encoding, *, name: str, size: int = 1 << 18) -> str:
    """The first characters of a file, without control characters; the last line may be cut."""
    with _opened(path, name=name) as raw:
        data = raw.read(size)
    # A character cut in half at the end is no fault of the file.
    decoder = codecs.getincrementaldecoder(encoding.name)(errors=_errors(encoding))
    text = decoder.decode(data).removeprefix("\ufeff").translate(_REMOVED)
    return read_once(text) if encoding.read_twice else without_escapes(text)


def _parts(path: Path, encoding: Encoding, *, name: str) -> Iterator[str]:
    """The decoded text in parts that end with a line; line ends are alike."""
    with _opened(path, name=name) as raw:
        text = io.TextIOWrapper(raw, encoding=encoding.name, errors=_errors(encoding), newline=None)
        try:
            first = True
            while part := text.read(_CHUNK) + text.readline():
                part = part.removeprefix("\ufeff") if first else part
                first = False
                yield read_once(part) if encoding.read_twice else without_escapes(part)
            if encoding.name.startswith("utf-16") and text.buffer.tell() % 2:
                raise DataError(f"{name} is cut short: its last character is only half there. Export it again.")
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise _cut_short(name) from None


def _errors(encoding: Encoding) -> str:
    # What Windows-1252 leaves undefined becomes the replacement character at last instead of stopping the load.
    return "surrogateescape" if encoding.name == "cp1252" else "replace"


def _is_read_twice(path: Path, encoding: str, *, name: str) -> bool:
    evidence = TwiceRead()
    with _opened(path, name=name) as raw:
        text = io.TextIOWrapper(raw, encoding=encoding, errors="surrogateescape", newline=None)
        while part := text.read(_CHUNK) + text.readline():
            evidence.add(part)
    return evidence.found


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark shows as NUL at every other byte."""
    if len(start) < 4:
        return None
    even, odd = start[0::2], start[1::2]
    if odd.count(0) > len(odd) * 0.4 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.4 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return None


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    if chunk.isascii() and not final and decoder.getstate()[0] == b"":
        return True
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _opened(path: Path, *, name: str) -> BinaryIO:
    try:
        return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix.lower() == ".gz" else path.open("rb")
    except OSError:
        raise DataError(f"{name} can't be opened. Check that it may be read and is not open elsewhere.") from None


def _chunks(path: Path, *, name: str) -> Iterator[bytes]:
    with _opened(path, name=name) as raw:
        try:
            while chunk := raw.read(_CHUNK):
                yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise _cut_short(name) from None


def _cut_short(name: str) -> DataError:
    return DataError(f"{name} is cut short or no gzip file. Copy or export it again.")
