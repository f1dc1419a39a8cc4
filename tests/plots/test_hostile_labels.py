"""A client's labels on a figure: drawn as they are, in a picture that can be opened."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd
import pytest

from rootcause_lib.plots import alt_text, picture, plot_estimates
from rootcause_lib.prose import one_line, plain, short_name

LABELS = ("$\\frac{1}{0$ $x$", "a\x00b\x01\x1b[31m", "-->]]><script>", "\u202eeno", "L" * 5000, "{0} {} %s")


@pytest.fixture
def frame() -> pd.DataFrame:
    numbers = {"value": 0.5, "low": 0.4, "high": 0.6, "denominator": 100.0, "grade": "B"}
    return pd.DataFrame([{"metric": "transfer", "reason": one, **numbers} for one in LABELS])


@pytest.mark.filterwarnings("ignore:Glyph")
def test_any_label_gives_a_picture_that_is_well_formed(frame: pd.DataFrame) -> None:
    written = picture(plot_estimates, frame, language="en", form="svg")
    assert ElementTree.fromstring(written.decode("utf-8")).tag.endswith("svg")
    assert b"<script" not in written
    words = alt_text(plot_estimates, frame, language="en")
    assert "$\\frac{1}{0$ $x$" in words
    assert "L" * 100 not in words
    assert "\x1b" not in words


def test_texts_lose_what_has_no_shape_by_hand() -> None:
    assert plain("a\x00\x1b[31mb\x9bc\u202ed\u2066e\ud800f\tg\nh") == "a[31mbcdef\tg\nh"
    assert one_line(" a\n\tb\u2028c ") == "a b c"
    assert short_name("x" * 60) == "x" * 60
    assert short_name("x" * 61) == "x" * 59 + "…"
