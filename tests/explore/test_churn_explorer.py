"""The explorer of leaving: moving the horizon asks the store nothing, others are counted once, faults are told."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from planted import Cut, extract

from rootcause_lib.analyses.churn_risk.ladder import ladder_rows
from rootcause_lib.analyses.churn_risk.retention import retention
from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import ParameterError
from rootcause_lib.explore import churn as explorer
from rootcause_lib.sample_client import make_client
from rootcause_lib.statements import Statement
from rootcause_lib.store import Store

REASONS = '[reasons]\ncancellation = ["irtisanominen"]\nneutral = ["neuvonta"]\n'


@dataclass
class World:
    """Ladders that count how often they were asked for, and a painter that keeps what it drew."""

    climbed: list[tuple[Any, ...]] = field(default_factory=list)
    drawn: list[tuple[str, pd.DataFrame]] = field(default_factory=list)
    fault: str | None = None

    def ladder(self, asked: Any) -> pd.DataFrame:
        if self.fault:
            raise ParameterError(self.fault)
        left_out = tuple(asked.store.engagement.reasons.cancellation)
        self.climbed.append((asked.lag_weeks, asked.segment, left_out))
        return pd.DataFrame({"rung": [str(len(self.climbed))]})

    def paint(self, plot: Callable[..., Any], frame: pd.DataFrame, *, language: str) -> bytes:
        self.drawn.append((plot.__name__, frame))
        return f"{plot.__name__}{len(self.drawn)}{language}".encode()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(explorer, "ladder_rows", made.ladder)
    monkeypatch.setattr(explorer, "picture", made.paint)
    monkeypatch.setattr(explorer, "alt_text", lambda *_a, **_k: 'words "quoted" <b>')
    return made


class Counting:
    """An engine that counts what it is asked."""

    dialect = "duckdb"
    contacts_at_once = 10**9

    def __init__(self, engine: Any) -> None:
        self.engine, self.calls = engine, 0

    def run(self, statement: Statement) -> pd.DataFrame:
        self.calls += 1
        return self.engine.run(statement)

    def materialise(self, name: str, *parts: Statement) -> None:
        self.calls += 1
        self.engine.materialise(name, *parts)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = make_client(customers=700, seed=4, start="2025-01-06", days=180)
    cut = Cut(dt.date(2025, 1, 6), dt.date(2025, 6, 29))
    return extract(made, cut, Path(tmp_path_factory.mktemp("churned")), more=REASONS)


def opened(store: Store) -> Any:
    controls, places = (each.children for each in explorer.explore_churn(store, None, language="en").children)
    names = ("lag", "segment", "excluded", "horizon", "hint", "status", "_", "ladder", "__", "risks")
    return SimpleNamespace(**dict(zip(names, (*controls, *places), strict=True)))


def test_starts_at_the_engagements_own_choices(world: World, client: Store) -> None:
    shown = opened(client)
    assert world.climbed == [((2, 8), None, ("irtisanominen",))]
    assert (shown.lag.value, shown.horizon.value, shown.segment.value) == ((2, 8), 90, "all")
    assert [value for _, value in shown.excluded.options] == ["cancellation", "neutral"]
    assert shown.excluded.value == ("cancellation",)
    assert [name for name, _ in world.drawn] == ["plot_ladder", "plot_segment_risk"]
    assert 'alt="words &quot;quoted&quot; &lt;b&gt;"' in shown.ladder.value
    assert shown.status.value == ""


def test_moving_the_horizon_asks_the_store_nothing_and_leaves_the_ladder(world: World, client: Store) -> None:
    engine: Any = Counting(client.engine)
    shown = opened(dataclasses.replace(client, engine=engine))
    assert engine.calls > 0
    engine.calls, before = 0, shown.ladder.value
    for days in (30, 365, 7, 90):
        shown.horizon.value = days
        name, frame = world.drawn[-1]
        assert (name, set(frame["horizon_days"])) == ("plot_segment_risk", {days})
    assert engine.calls == 0
    assert len(world.climbed) == 1
    assert shown.ladder.value == before
    assert shown.horizon.continuous_update is shown.lag.continuous_update is False


def test_another_lag_group_or_exclusion_is_counted_once(world: World, client: Store) -> None:
    shown = opened(client)
    shown.lag.value = (3, 12)
    segment = shown.segment.options[1][1]
    shown.segment.value = segment
    shown.excluded.value = ("cancellation", "neutral")
    assert world.climbed[1:] == [
        ((3, 12), None, ("irtisanominen",)),
        ((3, 12), segment, ("irtisanominen",)),
        ((3, 12), segment, ("irtisanominen", "neuvonta")),
    ]
    assert set(world.drawn[-2][1].get("segment", [segment])) <= {"all", segment}
    known = len(world.climbed)
    shown.excluded.value = ("cancellation",)
    shown.segment.value = "all"
    shown.lag.value = (2, 8)
    assert len(world.climbed) == known
    shown.excluded.value = ()
    assert world.climbed[-1] == ((2, 8), None, ())


def test_a_fault_is_told_escaped_and_the_next_choice_works(world: World, client: Store) -> None:
    shown = opened(client)
    world.fault = "No <script>alert(1)</script> here."
    shown.lag.value = (4, 9)
    assert "&lt;script&gt;" in shown.status.value
    assert "<script>" not in shown.status.value
    world.fault = None
    shown.lag.value = (5, 9)
    assert shown.status.value == ""


def test_what_cannot_be_counted_says_so(world: World, client: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object, **_options: object) -> None:
        raise ParameterError("no <b>ids</b>")

    monkeypatch.setattr(explorer, "asked_about", refuse)
    box = explorer.explore_churn(client, None, language="fi")
    assert "&lt;b&gt;" in box.children[0].children[0].value


def test_the_explorers_figures_are_those_of_the_report_by_identity(client: Store) -> None:
    """Without stand-ins: the ladder and the risks drawn are the page's own frames."""
    assert isinstance(client.engine, DuckDB)
    asked = explorer._asked(client, client.period(None, None), (2, 8), None)
    own = explorer._asked(
        dataclasses.replace(client, engagement=explorer.without_reasons(client, ("cancellation",))),
        client.period(None, None), (2, 8), None,
    )  # fmt: skip
    pd.testing.assert_frame_equal(ladder_rows(own), ladder_rows(asked))
    report = retention(asked).frames["segment_risk"]
    pd.testing.assert_frame_equal(explorer.protected_risk(asked, explorer.groups(asked)), report)
    shown = opened(client)
    assert "<img" in shown.ladder.value
    assert "<img" in shown.risks.value
    assert shown.status.value == ""
