"""One explorer: leaving after a contact under another lag, in one group, other contacts left out; risk by horizon."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import LONGEST_HORIZON, LONGEST_LAG, Asked, asked_about
from rootcause_lib.analyses.churn_risk.ladder import ladder_rows
from rootcause_lib.analyses.churn_risk.retention import protected_risk
from rootcause_lib.analyses.churn_risk.retention_counts import groups
from rootcause_lib.errors import RootcauseError
from rootcause_lib.explore.displays import pictured, stacked
from rootcause_lib.explore.escaped import words
from rootcause_lib.findings import Finding
from rootcause_lib.periods import Period
from rootcause_lib.plots import alt_text, picture, plot_ladder, plot_segment_risk
from rootcause_lib.prose import label, sentence, short_name, text
from rootcause_lib.vocabulary import ALL, SUPPRESSED

if TYPE_CHECKING:
    from ipywidgets import VBox

    from rootcause_lib.store import Store

FIRST_LAG = (2, 8)
MEANINGS = ("cancellation", "neutral", "complaint", "default")
"""Of reasons in the engagement's [reasons]: contacts of one can be left out."""
LONGEST_SHOWN = min(365, LONGEST_HORIZON)

_STYLE = {"description_width": "11em"}
_LAYOUT = {"width": "32em"}

Chosen = tuple[tuple[int, int], str, tuple[str, ...]]


def explore_churn(store: Store, period: Period | None, *, language: str = "en") -> VBox:
    """Sliders for the lag and the horizon, customer groups, contacts to leave out; the ladder and the risks as figures.

    `period` selects the weeks judged, as `ChurnRisk.period` does; None is all of the data. Moving the horizon reads
    small frames and asks the store nothing; another lag, group or exclusion is counted once and kept. A change is
    drawn once, when a slider is let go. What cannot be shown says why inside the widget.
    """
    judged = period or store.period(None, None)
    shown = _Pictures(language)
    try:
        asked = _asked(store, judged, FIRST_LAG, None)
        counted = groups(asked)
    except RootcauseError as error:
        shown.tell(error)
        return stacked([shown.box()])

    @cache
    def climbed(lag: tuple[int, int], segment: str, excluded: tuple[str, ...]) -> pd.DataFrame:
        own = dataclasses.replace(store, engagement=without_reasons(store, excluded))
        return ladder_rows(_asked(own, judged, lag, None if segment == ALL else segment))

    @cache
    def risks(days: int) -> pd.DataFrame:
        return protected_risk(dataclasses.replace(asked, horizon_days=days), counted)

    choices = _Choices(store, risks(asked.horizon_days), asked.horizon_days, language)
    choices.on_change(lambda: shown.climb(climbed, choices), lambda: shown.risk(risks, choices))
    shown.climb(climbed, choices)
    shown.risk(risks, choices)
    return stacked([choices.box(text("explorer.churn_hint", language=language)), shown.box()])


def without_reasons(store: Store, excluded: tuple[str, ...]) -> Any:
    """The engagement with the reasons of some meanings read as reasons to cancel: their contacts count for nothing."""
    reasons = store.engagement.reasons
    named = tuple(dict.fromkeys(reason for meaning in excluded for reason in getattr(reasons, meaning)))
    return store.engagement.model_copy(update={"reasons": reasons.model_copy(update={"cancellation": named})})


def _asked(store: Store, period: Period, lag: tuple[int, int], segment: str | None) -> Asked:
    return asked_about(store, period, lag_weeks=lag, horizon_days=None, segment=segment, customer_list=0)


class _Choices:
    """The four controls, starting at the engagement's own horizon and reasons to cancel."""

    def __init__(self, store: Store, risks: pd.DataFrame, horizon: int, language: str) -> None:
        import ipywidgets as widgets

        def named(key: str) -> dict[str, Any]:
            return {"description": text(f"explorer.{key}", language=language), "style": _STYLE, "layout": _LAYOUT}

        told = risks[risks["grade_reasons"] != SUPPRESSED]["segment"] if len(risks) else pd.Series(dtype="str")
        everybody = text("explorer.every_segment", language=language)
        segments = [ALL, *(one for one in told if one != ALL)]
        self.lag = widgets.IntRangeSlider(
            value=FIRST_LAG, min=1, max=LONGEST_LAG, continuous_update=False, **named("lag")
        )
        self.horizon = widgets.IntSlider(
            value=min(horizon, LONGEST_SHOWN), min=7, max=LONGEST_SHOWN, continuous_update=False, **named("horizon")
        )
        self.segment = widgets.Dropdown(
            options=[(everybody if one == ALL else short_name(str(one)), str(one)) for one in segments], value=ALL,
            **named("segment"),
        )  # fmt: skip
        given = [one for one in MEANINGS if getattr(store.engagement.reasons, one)]
        self.excluded = widgets.SelectMultiple(
            options=[(label(one, language=language, kind="excluded"), one) for one in given],
            value=tuple(one for one in given if one == "cancellation"), rows=max(len(given), 2), **named("excluded"),
        )  # fmt: skip

    def on_change(self, climb: Callable[[], None], risk: Callable[[], None]) -> None:
        for control in (self.lag, self.segment, self.excluded):
            control.observe(lambda _change: climb(), names="value")
        for control in (self.horizon, self.segment):
            control.observe(lambda _change: risk(), names="value")

    def climbed_from(self) -> Chosen:
        """What the ladder depends on."""
        first, last = (int(week) for week in self.lag.value)
        return (first, last), str(self.segment.value), tuple(self.excluded.value)

    def box(self, hint: str) -> Any:
        return stacked([self.lag, self.segment, self.excluded, self.horizon, words(hint)])


class _Pictures:
    """The two figures as images, and a line that says what is going on."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.status, self.ladder, self.risks = words(""), words(""), words("")
        self._painted = cache(self._painted_ladder)
        self._climbed: Callable[..., pd.DataFrame] | None = None

    def climb(self, climbed: Callable[..., pd.DataFrame], choices: _Choices) -> None:
        """Draw the ladder of what is chosen; one seen before is not drawn again."""
        self.status.value = html.escape(text("explorer.working", language=self.language))
        self._climbed = climbed
        try:
            self.ladder.value = self._painted(choices.climbed_from())
            self.status.value = ""
        except RootcauseError as error:
            self.tell(error)

    def risk(self, risks: Callable[[int], pd.DataFrame], choices: _Choices) -> None:
        """Draw the risks within the horizon: of every group, or of the chosen one beside everybody."""
        try:
            frame, segment = risks(int(choices.horizon.value)), str(choices.segment.value)
            kept = frame if segment == ALL else frame[frame["segment"].isin([ALL, segment])]
            self.risks.value = self._picture(plot_segment_risk, kept)
            self.status.value = ""
        except RootcauseError as error:
            self.tell(error)

    def tell(self, error: RootcauseError) -> None:
        told = sentence(Finding("explorer.failed", {"reason": str(error)}), language=self.language)
        self.status.value = html.escape(told)

    def _painted_ladder(self, chosen: Chosen) -> str:
        assert self._climbed is not None
        return self._picture(plot_ladder, self._climbed(*chosen))

    def _picture(self, plot: Callable[..., Any], frame: pd.DataFrame) -> str:
        told = alt_text(plot, frame, language=self.language)
        return pictured(picture(plot, frame, language=self.language), told)

    def box(self) -> Any:
        heads = [text(f"explorer.{key}_heading", language=self.language) for key in ("ladder", "risk")]
        return stacked([self.status, words(heads[0]), self.ladder, words(heads[1]), self.risks])
