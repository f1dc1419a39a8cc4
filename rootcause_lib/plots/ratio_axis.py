"""A logarithmic axis of ratios, with numbers a reader knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rootcause_lib.plots.style import is_narrow
from rootcause_lib.prose.numbers import decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FARTHEST = 300.0
"""How far from 1 the axis reaches; what lies beyond is cut."""

_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def cut(value: float) -> float:
    """The value, or how far the axis reaches."""
    return min(max(value, 1 / FARTHEST), FARTHEST)


def ratio_axis(ax: Axes, ends: Iterable[float], *, ticks: Iterable[float] = _TICKS, language: str) -> None:
    """Make the x axis logarithmic and wide enough for `ends` and 1; few enough `ticks`, 1 among them."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    given = [cut(end) for end in ends]
    low, high = min([0.7, *given]), max([1.5, *given])
    ax.set_xscale("log")
    ax.set_xlim(low / 1.15, high * 1.15)
    inside = [tick for tick in ticks if low / 1.15 <= tick <= high * 1.15]
    step = max(1, -(-len(inside) // (4 if is_narrow(ax) else 8)))
    kept = [tick for place, tick in enumerate(inside) if (place - inside.index(1)) % step == 0]
    ax.xaxis.set_major_locator(FixedLocator(kept))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, language)))


def _tick(value: float, language: str) -> str:
    digits = 0 if float(value).is_integer() else 1 if value >= 0.1 else 2
    return decimal(value, digits=digits, language=language)
