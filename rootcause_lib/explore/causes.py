"""One explorer: how much more often customers make contact around a process, under another window or rule."""

from __future__ import annotations

import html
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from rootcause_lib.analyses.channel_resolution.resolution import available_rules
from rootcause_lib.analyses.root_cause.windows import incidence_at
from rootcause_lib.errors import RootcauseError
from rootcause_lib.explore.displays import pictured, stacked
from rootcause_lib.explore.escaped import words
from rootcause_lib.findings import Finding
from rootcause_lib.journeys import following
from rootcause_lib.periods import Period
from rootcause_lib.plots import alt_text, picture, plot_incidence
from rootcause_lib.prose import label, sentence, text

if TYPE_CHECKING:
    from ipywidgets import VBox

    from rootcause_lib.store import Store

LONGEST_WINDOW = 60
"""Days of the slider."""
FIRST_WINDOW = 14

_STYLE = {"description_width": "9.5em"}
_LAYOUT = {"width": "30em"}


def explore_causes(store: Store, period: Period | None, *, language: str = "en") -> VBox:
    """The processes of the engagement, a slider for the risk window, the matching rules the data allow, one figure.

    `period` selects the contacts judged, as `RootCause.period` does; None is all days of the data. A change is drawn
    once, when the slider is let go; a choice seen before is not computed again. What cannot be shown says why.
    """
    judged = period or store.period(None, None)

    @cache
    def analysed(process: str, window_days: int, matching: str) -> pd.DataFrame:
        followed = following(store.engagement, store.extent, matching=matching, window_days=None)
        return incidence_at(store, judged, followed, process=process, window_days=window_days)

    choices = _Choices(store, language)
    status, figure = words(""), words("")

    def draw() -> None:
        status.value = html.escape(text("explorer.working", language=language))
        try:
            frame = analysed(*choices.chosen())
            figure.value = pictured(
                picture(plot_incidence, frame, language=language), alt_text(plot_incidence, frame, language=language)
            )
            status.value = ""
        except RootcauseError as error:
            told = sentence(Finding("explorer.failed", {"reason": str(error)}), language=language)
            status.value = html.escape(told)

    choices.on_change(draw)
    if store.engagement.processes and store.extent.contacts:
        draw()
    else:
        status.value = html.escape(text("explorer.no_processes", language=language))
    return stacked([choices.box(), status, figure])


class _Choices:
    """The three controls, starting at the engagement's first process and own rule."""

    def __init__(self, store: Store, language: str) -> None:
        import ipywidgets as widgets

        rules = available_rules(store)
        own = following(store.engagement, store.extent, matching=None, window_days=None)

        def named(key: str) -> dict[str, Any]:
            return {"description": text(f"explorer.{key}", language=language), "style": _STYLE, "layout": _LAYOUT}

        self.process = widgets.Dropdown(options=list(store.engagement.processes), **named("process"))
        self.window = widgets.IntSlider(
            value=FIRST_WINDOW, min=1, max=LONGEST_WINDOW, continuous_update=False, **named("risk_window")
        )
        self.matching = widgets.Dropdown(
            options=[(label(rule, language=language, kind="match"), rule) for rule in rules],
            value=own.matching if own.matching in rules else None, **named("matching"),
        )  # fmt: skip

    def chosen(self) -> tuple[str, int, str]:
        return str(self.process.value), int(self.window.value), str(self.matching.value)

    def on_change(self, redraw: Any) -> None:
        for control in (self.process, self.window, self.matching):
            control.observe(lambda _change: redraw(), names="value")

    def box(self) -> Any:
        return stacked([self.process, self.window, self.matching])
