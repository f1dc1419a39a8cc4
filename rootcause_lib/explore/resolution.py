"""One explorer: how resolution looks under another window, another matching rule, fewer channels."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from rootcause_lib.analyses.channel_resolution.resolution import ResolutionCurves, available_rules, resolution_curves
from rootcause_lib.errors import RootcauseError
from rootcause_lib.explore.displays import pictured, stacked
from rootcause_lib.explore.escaped import words
from rootcause_lib.findings import Finding
from rootcause_lib.journeys import Following, following
from rootcause_lib.periods import Period
from rootcause_lib.plots import alt_text, picture, plot_recontact, plot_resolution
from rootcause_lib.prose import label, sentence, text

if TYPE_CHECKING:
    from ipywidgets import VBox

    from rootcause_lib.store import Store

LONGEST_WINDOW = 30
"""Days; as far as the recontact curve is drawn."""

_STYLE = {"description_width": "9.5em"}


def explore_resolution(store: Store, period: Period | None, *, language: str = "en") -> VBox:
    """A slider for the window, the matching rules the data allow, a choice of channels, and two figures of them.

    `period` selects the contacts judged, as `ChannelResolution.period` does; None is all days of the data.
    A change is drawn once, when the slider is let go; a window and rule seen before are not computed again.
    What cannot be shown says why inside the widget.
    """
    judged = period or store.period(None, None)
    own = following(store.engagement, store.extent, matching=None, window_days=None)

    @cache
    def analysed(window_days: int, matching: str) -> ResolutionCurves:
        # Until the slider is moved, the figures are those of the report.
        moved = window_days != min(own.window_days, LONGEST_WINDOW)
        return resolution_curves(store, Following(matching, window_days, own.own_windows and not moved), judged)

    shown = _Pictures(language)
    choices = _Choices(store, language)
    choices.on_change(lambda: shown.draw(analysed, choices))
    shown.draw(analysed, choices)
    return stacked([choices.box(), shown.box()])


class _Choices:
    """The three controls, starting at the engagement's own window and rule."""

    def __init__(self, store: Store, language: str) -> None:
        import ipywidgets as widgets

        rules = available_rules(store)
        own = following(store.engagement, store.extent, matching=None, window_days=None)
        self.language = language
        self.window = widgets.IntSlider(
            value=min(own.window_days, LONGEST_WINDOW), min=1, max=LONGEST_WINDOW, continuous_update=False,
            description=text("explorer.window", language=language), style=_STYLE, layout={"width": "30em"},
        )  # fmt: skip
        self.matching = widgets.Dropdown(
            options=[(label(rule, language=language, kind="match"), rule) for rule in rules],
            value=own.matching if own.matching in rules else None,
            description=text("explorer.matching", language=language), style=_STYLE, layout={"width": "30em"},
        )  # fmt: skip
        self.channels = widgets.SelectMultiple(
            options=[], rows=7, description=text("explorer.channels", language=language), style=_STYLE,
            layout={"width": "30em"},
        )  # fmt: skip

    def on_change(self, redraw: Callable[[], None]) -> None:
        for control in (self.window, self.matching, self.channels):
            control.observe(lambda _change: redraw(), names="value")

    def offer(self, channels: list[str]) -> None:
        """Fill the list of channels once they are known; choosing is the reader's."""
        if not self.channels.options:
            self.channels.options = [(label(one, language=self.language, kind="channel"), one) for one in channels]

    def kept(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of the chosen channels and rule; all channels when none is chosen."""
        chosen = self.channels.value
        rows = frame[frame["channel"].isin(chosen)] if chosen else frame
        ours = rows["match"] == self.matching.value
        return pd.concat([rows[ours], rows[~ours]])

    def box(self) -> Any:
        hints = [text(f"explorer.{key}", language=self.language) for key in ("all_channels", "hint")]
        return stacked([self.window, self.matching, self.channels, words(" ".join(hints))])


class _Pictures:
    """The two figures as images, and a line that says what is going on."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.status, self.resolution, self.recontact = words(""), words(""), words("")

    def draw(self, analysed: Callable[[int, str], ResolutionCurves], choices: _Choices) -> None:
        window = int(choices.window.value)
        self.status.value = html.escape(text("explorer.working", language=self.language))
        try:
            result = analysed(window, str(choices.matching.value))
            choices.offer(list(dict.fromkeys(result.resolution["channel"])))
            self._show(self.resolution, plot_resolution, choices.kept(result.resolution))
            self._show(self.recontact, plot_recontact, choices.kept(result.recontact))
            self.status.value = ""
        except RootcauseError as error:
            told = sentence(Finding("explorer.failed", {"reason": str(error)}), language=self.language)
            self.status.value = html.escape(told)

    def _show(self, place: Any, plot: Callable[..., Any], frame: pd.DataFrame) -> None:
        words = alt_text(plot, frame, language=self.language)
        place.value = pictured(picture(plot, frame, language=self.language), words)

    def box(self) -> Any:
        heads = [text(f"explorer.{key}_heading", language=self.language) for key in ("resolution", "recontact")]
        return stacked([self.status, words(heads[0]), self.resolution, words(heads[1]), self.recontact])
