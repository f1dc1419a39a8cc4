"""One explorer: how resolution looks under another window or matching rule, in fewer channels, for one group."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import asked_about
from rootcause_lib.analyses.channel_resolution.curves import explored_curves
from rootcause_lib.errors import RootcauseError
from rootcause_lib.explore.displays import pictured, stacked
from rootcause_lib.explore.escaped import words
from rootcause_lib.findings import Finding
from rootcause_lib.journeys import following
from rootcause_lib.opening_windows import LONGEST_WINDOW
from rootcause_lib.periods import Period
from rootcause_lib.plots import alt_text, picture, plot_resolution, plot_resolution_curve
from rootcause_lib.prose import label, sentence, text
from rootcause_lib.vocabulary import ALL

if TYPE_CHECKING:
    from ipywidgets import VBox

    from rootcause_lib.store import Store

_STYLE = {"description_width": "9.5em"}
_LAYOUT = {"width": "30em"}


def explore_resolution(store: Store, period: Period | None, *, language: str = "en") -> VBox:
    """A slider for the window, the matching rules the data allow, customer groups, channels, and two figures of them.

    `period` selects the contacts judged, as `ChannelResolution.period` does; None is all days of the data. Everything
    that can be asked for is counted once, when the explorer opens: a change reads small frames, whatever the number of
    contacts, and is drawn once, when the slider is let go. What cannot be shown says why inside the widget.
    """
    judged = period or store.period(None, None)
    own = following(store.engagement, store.extent, matching=None, window_days=None)
    shown = _Pictures(language)
    try:
        counted = explored_curves(asked_about(store, judged, own))
    except RootcauseError as error:
        shown.tell(error)
        return stacked([shown.box()])
    choices = _Choices(counted, own.matching, own.window_days, language)
    choices.on_change(lambda: shown.draw(counted, choices))
    shown.draw(counted, choices)
    hints = [text(f"explorer.{key}", language=language) for key in ("all_channels", "hint")]
    if own.own_windows:
        apart = Finding("explorer.own_windows", {"reasons": tuple(sorted(store.engagement.definitions.windows))})
        hints.append(sentence(apart, language=language))
    return stacked([choices.box(" ".join(hints)), shown.box()])


class _Choices:
    """The four controls, starting at the engagement's own window and rule."""

    def __init__(self, counted: pd.DataFrame, matching: str, window_days: int, language: str) -> None:
        import ipywidgets as widgets

        def named(key: str) -> dict[str, Any]:
            return {"description": text(f"explorer.{key}", language=language), "style": _STYLE, "layout": _LAYOUT}

        rules, groups, channels = (list(dict.fromkeys(counted[name])) for name in ("match", "segment", "channel"))
        self.window = widgets.IntSlider(
            value=min(window_days, LONGEST_WINDOW), min=1, max=LONGEST_WINDOW, continuous_update=False,
            **named("window"),
        )  # fmt: skip
        self.matching = widgets.Dropdown(
            options=[(label(rule, language=language, kind="match"), rule) for rule in rules],
            value=matching if matching in rules else None, **named("matching"),
        )  # fmt: skip
        everybody = text("explorer.every_segment", language=language)
        self.segment = widgets.Dropdown(
            options=[(everybody if one == ALL else str(one), one) for one in groups],
            value=ALL if ALL in groups else None, **named("segment"),
        )  # fmt: skip
        self.channels = widgets.SelectMultiple(
            options=[(label(one, language=language, kind="channel"), one) for one in channels], rows=7,
            **named("channels"),
        )  # fmt: skip

    def on_change(self, redraw: Callable[[], None]) -> None:
        for control in (self.window, self.matching, self.segment, self.channels):
            control.observe(lambda _change: redraw(), names="value")

    def drawn_from(self) -> tuple[str, str, tuple[str, ...]]:
        """What the curves depend on: rule, customer group and channels."""
        return str(self.matching.value), str(self.segment.value), tuple(self.channels.value)

    def kept(self, counted: pd.DataFrame) -> pd.DataFrame:
        """The rows of the chosen group and channels at every window, the chosen rule first."""
        rule, segment, channels = self.drawn_from()
        rows = counted[counted["segment"] == segment]
        rows = rows[rows["channel"].isin(channels)] if channels else rows
        ours = rows["match"] == rule
        return pd.concat([rows[ours], rows[~ours]])

    def box(self, hints: str) -> Any:
        return stacked([self.window, self.matching, self.segment, self.channels, words(hints)])


class _Pictures:
    """The two figures as images, and a line that says what is going on."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.status, self.resolution, self.curve = words(""), words(""), words("")
        self._curve_of: tuple[str, str, tuple[str, ...]] | None = None
        self._painted = cache(self._painted_curve)
        self._rows = pd.DataFrame()

    def draw(self, counted: pd.DataFrame, choices: _Choices) -> None:
        self.status.value = html.escape(text("explorer.working", language=self.language))
        try:
            self._rows = choices.kept(counted)
            at = self._rows[self._rows["window_days"] == int(choices.window.value)]
            self.resolution.value = self._picture(plot_resolution, at)
            # The curves hold every window: moving the slider leaves them as they are.
            if choices.drawn_from() != self._curve_of:
                self._curve_of = choices.drawn_from()
                self.curve.value = self._painted(self._curve_of)
            self.status.value = ""
        except RootcauseError as error:
            self.tell(error)

    def tell(self, error: RootcauseError) -> None:
        told = sentence(Finding("explorer.failed", {"reason": str(error)}), language=self.language)
        self.status.value = html.escape(told)

    def _painted_curve(self, _chosen: tuple[str, str, tuple[str, ...]]) -> str:
        return self._picture(plot_resolution_curve, self._rows[self._rows["outcome"] == "quiet"])

    def _picture(self, plot: Callable[..., Any], frame: pd.DataFrame) -> str:
        told = alt_text(plot, frame, language=self.language)
        return pictured(picture(plot, frame, language=self.language), told)

    def box(self) -> Any:
        heads = [text(f"explorer.{key}_heading", language=self.language) for key in ("resolution", "curve")]
        return stacked([self.status, words(heads[0]), self.resolution, words(heads[1]), self.curve])
