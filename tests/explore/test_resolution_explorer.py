"""The explorer redraws once per change, computes a choice once, and shows what went wrong instead of raising."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from rootcause_lib.errors import ParameterError
from rootcause_lib.explore import resolution as explorer
from rootcause_lib.journeys import Following
from rootcause_lib.periods import Period

CHANNELS = ("all", "phone", "chat")


WHOLE = Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31))


@dataclass
class World:
    """An analysis that counts its calls and a painter that keeps what it was asked to draw."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    drawn: list[tuple[str, pd.DataFrame]] = field(default_factory=list)
    fault: str | None = None
    pictures: int = 0
    own_windows: list[bool] = field(default_factory=list)

    def analyse(self, _store: object, followed: Following, period: Period) -> SimpleNamespace:
        self.asked.append({"period": period, "window_days": followed.window_days, "matching": followed.matching})
        self.own_windows.append(followed.own_windows)
        if self.fault:
            raise ParameterError(self.fault)
        rows = [
            {"channel": channel, "match": match, "window_days": followed.window_days}
            for match in ("any", "reason")
            for channel in CHANNELS
        ]
        return SimpleNamespace(resolution=pd.DataFrame(rows), recontact=pd.DataFrame(rows))

    def paint(self, plot: Callable[..., Any], frame: pd.DataFrame, *, language: str) -> bytes:
        self.drawn.append((plot.__name__, frame))
        self.pictures += 1
        return f"{plot.__name__}{self.pictures}{language}".encode()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(explorer, "resolution_curves", made.analyse)
    monkeypatch.setattr(explorer, "available_rules", lambda _store: ("any", "reason"))
    own = Following("reason", 14, own_windows=True)
    monkeypatch.setattr(explorer, "following", lambda *_a, **_k: own)
    monkeypatch.setattr(explorer, "picture", made.paint)
    monkeypatch.setattr(explorer, "alt_text", lambda *_a, **_k: 'words "quoted" <b>')
    return made


def opened(world: World, *, period: Period | None = None) -> tuple[Any, Any, Any, Any, Any]:
    """window, matching, channels, status and the first figure of a new explorer."""
    store: Any = SimpleNamespace(engagement=None, extent=None, period=lambda _start, _end: WHOLE)
    box = explorer.explore_resolution(store, period, language="en")
    window, matching, channels, _ = box.children[0].children
    status, _, figure, _, _ = box.children[1].children
    return window, matching, channels, status, figure


def test_starts_at_the_engagements_own_window_and_rule(world: World) -> None:
    window, matching, channels, status, figure = opened(world)
    assert (window.value, window.min, window.max) == (14, 1, 30)
    assert matching.value == "reason"
    assert [value for _, value in channels.options] == list(CHANNELS)
    assert status.value == ""
    assert "<img" in figure.value
    assert world.asked == [{"period": WHOLE, "window_days": 14, "matching": "reason"}]


def test_matters_keep_their_own_windows_until_the_slider_is_moved(world: World) -> None:
    window, *_ = opened(world)
    window.value = 7
    assert world.own_windows == [True, False]


def test_judges_the_period_of_the_page(world: World) -> None:
    first, last = dt.date(2025, 1, 1), dt.date(2025, 3, 31)
    opened(world, period=Period(first, last))
    assert world.asked[0]["period"] == Period(first, last)


def test_a_change_is_drawn_once_and_only_when_the_slider_is_let_go(world: World) -> None:
    window, _, _, _, figure = opened(world)
    before = figure.value
    world.drawn.clear()
    window.value = 7
    assert [name for name, _ in world.drawn] == ["plot_resolution", "plot_recontact"]
    assert figure.value != before
    assert window.continuous_update is False
    assert set(world.drawn[1][1]["window_days"]) == {7}


def test_a_choice_seen_before_is_not_computed_again(world: World) -> None:
    window, matching, channels, _, _ = opened(world)
    window.value = 7
    matching.value = "any"
    channels.value = ("phone",)
    window.value = 14
    window.value = 7
    asked = [(one["window_days"], one["matching"]) for one in world.asked]
    assert asked == [(14, "reason"), (7, "reason"), (7, "any"), (14, "any")]


def test_only_the_chosen_channels_are_drawn_and_the_chosen_rule_first(world: World) -> None:
    _, matching, channels, _, _ = opened(world)
    matching.value = "any"
    channels.value = ("chat", "phone")
    frame = world.drawn[-2][1]
    assert set(frame["channel"]) == {"chat", "phone"}
    assert list(frame["match"]) == ["any", "any", "reason", "reason"]
    channels.value = ()
    assert set(world.drawn[-2][1]["channel"]) == set(CHANNELS)


def test_a_fault_is_told_escaped_inside_the_widget_and_the_next_choice_works(world: World) -> None:
    window, _, _, status, _ = opened(world)
    world.fault = "No <script>alert(1)</script> here."
    window.value = 3
    assert "cannot be shown" in status.value
    assert "<script>" not in status.value
    assert "&lt;script&gt;" in status.value
    world.fault = None
    window.value = 4
    assert status.value == ""


def test_alternative_text_cannot_leave_its_attribute(world: World) -> None:
    figure = opened(world)[4]
    assert 'alt="words &quot;quoted&quot; &lt;b&gt;"' in figure.value
