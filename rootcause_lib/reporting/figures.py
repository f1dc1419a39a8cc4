"""Figures as images inside the page, sharp at any size, with alternative text; a report holds one for phones too."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from rootcause_lib.reporting.fragments import text

_PHONE = "(max-width: 40rem)"
_PIXELS_PER_POINT = 96 / 72


def figure_html(
    plot: Callable[..., Any],
    frame: pd.DataFrame,
    *,
    caption: str,
    language: str,
    output: str,
    currency: str | None = None,
) -> str:
    """A <figure> of `plot(frame, language=...)`; `caption` is escaped HTML, or empty.

    On a screen (`output` "screen") the figure is drawn once; in a report once more, narrow, for phones.
    """
    from rootcause_lib.plots import NARROW, WIDE, alt_text, picture

    wide = picture(plot, frame, language=language, currency=currency, width=WIDE, form="svg")
    words = text(alt_text(plot, frame, language=language, currency=currency))
    image = f'<img src="{_data(wide)}"{_size(wide)} alt="{words}">'
    if output == "report":
        narrow = picture(plot, frame, language=language, currency=currency, width=NARROW, form="svg")
        image = f'<picture><source media="{_PHONE}" srcset="{_data(narrow)}"{_size(narrow)}>{image}</picture>'
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure class="rc rc-figure">{image}{below}</figure>'


def _data(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def _size(svg: bytes) -> str:
    """The figure's own size as attributes, so that nothing moves while a page loads."""
    opening = svg[: svg.index(b">", svg.index(b"<svg"))].decode()
    found = {name: re.search(rf'\s{name}="([\d.]+)pt"', opening) for name in ("width", "height")}
    return "".join(f' {name}="{round(float(one[1]) * _PIXELS_PER_POINT)}"' for name, one in found.items() if one)
