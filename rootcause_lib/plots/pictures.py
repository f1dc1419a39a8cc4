"""Figures as bytes, for pages and widgets: drawn, written and closed, so that none stays open."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 7.6
NARROW = 3.9
"""Widths in inches: for a page on a screen, and for a phone."""

_TALLER_WHEN_NARROW = 1.2
_DOTS_PER_INCH = 144


def picture(
    plot: Callable[..., Axes],
    frame: pd.DataFrame,
    *,
    language: str,
    currency: str | None = None,
    width: float = WIDE,
    form: Literal["png", "svg"] = "png",
) -> bytes:
    """The figure `plot(frame)` at `width` inches as PNG (144 dots per inch) or SVG; leaves no figure open.

    `currency` (an ISO code) reaches the figures that show money.
    """
    import matplotlib.pyplot as plt

    from rootcause_lib.plots.style import style

    money = {"currency": currency} if "currency" in inspect.signature(plot).parameters else {}
    with style():
        figure: Any = plot(frame, language=language, **money).figure
        if width != WIDE:
            height = figure.get_size_inches()[1] * (_TALLER_WHEN_NARROW if width < WIDE else 1)
            plt.close(figure)
            figure, ax = plt.subplots(figsize=(width, height), layout="constrained")
            plot(frame, ax=ax, language=language, **money)
        try:
            return _written(figure, form)
        finally:
            plt.close(figure)


def _written(figure: Figure, form: Literal["png", "svg"]) -> bytes:
    """The figure's bytes as `savefig` writes them, drawn once: it draws a second time only to lay out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    canvas: Any = FigureCanvasAgg(figure) if form == "png" else FigureCanvasSVG(figure)
    figure.set_dpi(_DOTS_PER_INCH)
    if (layout := figure.get_layout_engine()) is not None:
        layout.execute(figure)
        figure.set_layout_engine("none")
    written = BytesIO()
    getattr(canvas, f"print_{form}")(written, metadata=_UNDATED[form])
    return written.getvalue()


_UNDATED: dict[str, dict[str, str | None]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
"""Without date and maker, the same frame gives the same bytes."""
