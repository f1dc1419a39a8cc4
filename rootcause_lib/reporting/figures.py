"""Figures as images inside the page: drawn once at twice the screen's resolution, with alternative text."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd

from rootcause_lib.reporting.fragments import text

_DOTS_PER_INCH = 200
_SHOWN_AT = 100


def figure_html(plot: Callable[..., Any], frame: pd.DataFrame, *, caption: str, language: str) -> str:
    """A <figure> of `plot(frame, language=...)`; `caption` is escaped HTML, or empty."""
    from rootcause_lib.plots import alt_text

    axes = plot(frame, language=language)
    image, width, height = _png(axes.figure)
    alternative = alt_text(plot, frame, language=language)
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return (
        f'<figure class="rc rc-figure"><img src="data:image/png;base64,{image}" width="{width}" height="{height}" '
        f'alt="{text(alternative)}">{below}</figure>'
    )


def _png(figure: Any) -> tuple[str, int, int]:
    """The figure as base64 PNG with the width and height to show it at; it is closed afterwards."""
    buffer = io.BytesIO()
    # No date and no software name: the same data give the same bytes.
    figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight", metadata={"Software": None})
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
    data = buffer.getvalue()
    width, height = (int.from_bytes(data[at : at + 4], "big") * _SHOWN_AT // _DOTS_PER_INCH for at in (16, 20))
    return base64.b64encode(data).decode(), width, height
