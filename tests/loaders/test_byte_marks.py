"""What the bytes of a file show, however it is cut into chunks."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rootcause_lib.loaders.byte_marks import Marks

texts = st.lists(st.sampled_from([b"a", b'"', b"\n", b"\r", b"\r\n", b"\t", b"\0", b"\x7f", b"\xc3", b"\x83", b"\xc2"]))


def marked(chunks: list[bytes]) -> Marks:
    marks = Marks()
    for chunk in chunks:
        if chunk:
            marks.add(chunk)
    return marks


@given(text=texts.map(b"".join), cuts=st.lists(st.integers(0, 40), max_size=4))
def test_marks_do_not_depend_on_the_chunks_by_identity(text, cuts) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut <= len(text))})
    marks = marked([text[start:end] for start, end in pairwise(places)])
    assert marks.controls == any((byte < 32 and byte not in b"\t\n\r") or byte == 127 for byte in text)
    assert marks.nul == (b"\0" in text)
    assert marks.twice == (b"\xc3\x83" in text)
    assert marks.latin == (b"\xc3" in text or b"\xc2" in text)
    pairs = text.count(b"\r\n")
    odd_lines = any(line.count(b'"') % 2 for line in text.split(b"\n"))
    assert marks.quoted_breaks == (odd_lines or (b'"' in text and text.count(b"\r") != pairs))
    assert marks.ends_alike == (text.count(b"\r") == pairs and pairs in (0, text.count(b"\n")))
