"""One look for every figure: colours fixed per channel, a calm grid, type that reads on a phone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from rootcause_lib.findings import QuantityKind
from rootcause_lib.prose import number, text
from rootcause_lib.prose.numbers import decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

INK = "#1f2933"
QUIET_INK = "#5b6770"
GRID = "#e3e7eb"
PAPER = "#ffffff"
BAD = "#a8201a"
WARN = "#c77700"
GOOD = "#0b6e99"

# Okabe and Ito's colour-blind safe set (2008), darkened where white paper asks for it, and two neutrals.
_CHANNEL_COLOURS: Mapping[str, str] = {
    "all": "#4a5560",
    "phone": "#0072b2",
    "email": "#e08e00",
    "chat": "#d0490c",
    "messaging": "#00926a",
    "bot": "#b8639a",
    "self_service": "#4aa8dc",
    "social": "#8f7a00",
    "store": "#5e3c99",
    "letter": "#8c5a2b",
    "other": "#98a2ab",
}
_BASE_SIZE = 9.5
_NARROW = 3.9


def channel_colour(channel: str) -> str:
    """The colour of a channel in every figure; what is no known channel gets the colour of `other`."""
    return _CHANNEL_COLOURS.get(channel, _CHANNEL_COLOURS["other"])


@contextmanager
def style() -> Iterator[None]:
    """The type and line settings of our figures, for as long as the block runs; nothing global is left changed."""
    import matplotlib as mpl

    settings: dict[Any, Any] = {
        "font.family": ["DejaVu Sans"],
        "font.size": _BASE_SIZE,
        # A client's label with two dollar signs is no formula, and may not even be one that can be set.
        "text.parse_math": False,
        "axes.labelsize": _BASE_SIZE,
        "axes.unicode_minus": True,
        "xtick.labelsize": _BASE_SIZE,
        "ytick.labelsize": _BASE_SIZE,
        "legend.fontsize": _BASE_SIZE,
        "text.color": INK,
        "axes.labelcolor": QUIET_INK,
        "xtick.color": QUIET_INK,
        "ytick.color": INK,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "axes.facecolor": PAPER,
        # Names inside an SVG are otherwise drawn at random: the same frame should give the same bytes.
        "svg.hashsalt": "rootcause_lib",
    }
    with mpl.rc_context(settings):
        yield


def axes_or_new(ax: Axes | None, *, width: float, height: float) -> Axes:
    """The Axes given, or that of a new figure of `width` x `height` inches that makes room for its labels."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    figure, made = plt.subplots(figsize=(width, height), layout="constrained")
    engine: Any = figure.get_layout_engine()
    engine.set(w_pad=0.08, h_pad=0.08)
    return made


def dress(ax: Axes, *, grid: Literal["x", "y", "none"]) -> None:
    """Take away the frame, lay a light grid along the axis of values."""
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="x", length=0, labelcolor=QUIET_INK, labelsize=_BASE_SIZE)
    ax.tick_params(axis="y", length=0, labelcolor=INK if grid != "y" else QUIET_INK, labelsize=_BASE_SIZE)
    ax.set_axisbelow(True)
    if grid != "none":
        ax.grid(visible=True, axis=grid, color=GRID, linewidth=0.9)
        ax.spines["left" if grid == "x" else "bottom"].set(visible=True, color="#b9c1c8", linewidth=0.9)


def empty(ax: Axes, *, language: str) -> Axes:
    """An Axes that says there is nothing to draw."""
    dress(ax, grid="none")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(
        0.5, 0.5, text("plot.nothing", language=language),
        transform=ax.transAxes, ha="center", va="center", color=QUIET_INK, wrap=True,
    )  # fmt: skip
    return ax


def write_ticks(axis: Axis, *, kind: QuantityKind, language: str, currency: str | None = None) -> None:
    """Tick labels in the language's own number format; percent for shares."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    most = 3 if axis is axis.axes.xaxis and is_narrow(axis.axes) else 5
    # Steps of 1.5 or 2.5 would be written as percents that are not evenly spaced.
    steps = [1, 2, 5, 10] if kind == "share" else None
    locator = MaxNLocator(nbins=most, integer=kind == "count", steps=steps)
    if kind == "seconds":
        low, high = axis.get_view_interval()
        unit = next((size for size in (86_400, 3600, 60) if high >= 2 * size), 1)
        axis.set_ticks([place * unit for place in locator.tick_values(low / unit, high / unit)])
        axis.set_view_interval(low, high, ignore=True)
    else:
        axis.set_major_locator(locator)

    @cache
    def words(value: float) -> str:
        return number(value, language=language, kind=kind, show="alone", currency=currency)

    def written(value: float, _position: int | None) -> str:
        if kind in ("ratio", "rate", "mean", "score"):
            return decimal(value, digits=_decimals(axis), language=language)
        # Asked for anew each time that anything of the figure is measured or drawn.
        return words(round(value, 6))

    axis.set_major_formatter(FuncFormatter(written))


def whole_axis(ax: Axes, *, language: str) -> None:
    """An x axis from 0 to 100 %."""
    steps = 2 if is_narrow(ax) else 4
    places = [step / steps for step in range(steps + 1)]
    ax.set_xlim(0, 1)
    ax.set_xticks(places, [number(one, language=language, kind="share") for one in places])


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on `colour`."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.6 else PAPER


def pale(colour: str, *, strength: float = 0.35) -> str:
    """The colour mixed with paper; `strength` is the share of the colour."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(colour))
    return to_hex((red, green, blue))


def is_narrow(ax: Axes) -> bool:
    """Whether the Axes is drawn for a phone: names then stand above their rows instead of beside them."""
    return width_in_inches(ax) < _NARROW


def name_axis(ax: Axes, words: str, *, axis: Literal["x", "y"] = "x") -> None:
    """The axis title, broken where the Axes is too narrow for it."""
    room = max(int((width_in_inches(ax) if axis == "x" else height_in_inches(ax)) * 14), 16)
    lines = [line for part in words.split("\n") for line in textwrap.wrap(part, room)]
    ax.set(**{f"{axis}label": "\n".join(lines)})
    label = ax.xaxis.label if axis == "x" else ax.yaxis.label
    label.set(color=QUIET_INK, fontsize=_BASE_SIZE)


def width_in_inches(ax: Axes) -> float:
    """How wide the Axes is drawn."""
    figure_width = float(ax.figure.get_figure(root=True).get_size_inches()[0])
    return figure_width * float(ax.get_position().width)


def height_in_inches(ax: Axes) -> float:
    """How high the Axes is drawn."""
    figure_height = float(ax.figure.get_figure(root=True).get_size_inches()[1])
    return figure_height * float(ax.get_position().height)


def _decimals(axis: Axis) -> int:
    import math

    places = axis.get_majorticklocs()
    step = abs(places[1] - places[0]) if len(places) > 1 else 1.0
    return max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
