"""The explorer of causes draws a choice once, computes it once, and says what cannot be shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from rootcause_lib.errors import ParameterError
from rootcause_lib.explore import causes as explorer
from rootcause_lib.journeys import Following


@dataclass
class World:
    """An analysis that keeps what it was asked, and a painter that counts its pictures."""

    asked: list[tuple[str, int, str]] = field(default_factory=list)
    drawn: list[pd.DataFrame] = field(default_factory=list)
    fault: str | None = None

    def analyse(
        self, _store: object, _period: object, followed: Following, *, process: str, window_days: int
    ) -> pd.DataFrame:
        self.asked.append((process, window_days, followed.matching))
        if self.fault:
            raise ParameterError(self.fault)
        return pd.DataFrame({"process": [process], "band": [f"0-{window_days - 1}"]})

    def paint(self, _plot: Callable[..., Any], frame: pd.DataFrame, *, language: str) -> bytes:
        self.drawn.append(frame)
        return f"{len(self.drawn)}{language}".encode()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(explorer, "incidence_at", made.analyse)
    monkeypatch.setattr(explorer, "available_rules", lambda _store: ("any", "reason"))
    monkeypatch.setattr(
        explorer, "following", lambda *_a, matching=None, **_k: Following(matching or "reason", 14, own_windows=False)
    )
    monkeypatch.setattr(explorer, "picture", made.paint)
    monkeypatch.setattr(explorer, "alt_text", lambda *_a, **_k: 'words "quoted" <b>')
    return made


def store_of(*processes: str) -> Any:
    return SimpleNamespace(
        engagement=SimpleNamespace(processes=dict.fromkeys(processes)),
        extent=SimpleNamespace(contacts=10),
        period=lambda _start, _end: "all days",
    )


def opened(*processes: str) -> list[Any]:
    choices, status, figure = explorer.explore_causes(store_of(*processes), None).children
    return [*choices.children, status, figure]


def test_it_opens_at_the_first_process_and_the_own_rule(world: World) -> None:
    process, window, matching, status, figure = opened("billing", "outage")
    assert (process.value, window.value, matching.value) == ("billing", explorer.FIRST_WINDOW, "reason")
    assert world.asked == [("billing", explorer.FIRST_WINDOW, "reason")]
    assert "data:image/png" in figure.value
    assert status.value == ""


def test_a_change_is_drawn_once_and_a_choice_seen_before_is_not_computed_again(world: World) -> None:
    process, window, matching, _, _ = opened("billing", "outage")
    window.value = 7
    process.value = "outage"
    matching.value = "any"
    process.value = "billing"
    matching.value = "reason"
    assert world.asked[1:] == [("billing", 7, "reason"), ("outage", 7, "reason"), ("outage", 7, "any"),
                               ("billing", 7, "any")]  # fmt: skip
    assert len(world.drawn) == 6
    assert window.continuous_update is False


def test_a_fault_is_told_escaped_inside_the_widget(world: World) -> None:
    _, window, _, status, figure = opened("billing")
    world.fault = "No <script>alert(1)</script> here."
    window.value = 3
    assert "&lt;script&gt;" in status.value
    assert "<script>" not in status.value
    assert 'alt="words &quot;quoted&quot; &lt;b&gt;"' in figure.value


def test_without_processes_it_says_so(world: World) -> None:
    *_, status, figure = opened()
    assert status.value
    assert figure.value == ""
    assert not world.asked
