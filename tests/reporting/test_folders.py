"""Whose runs a folder holds, where engagements of one client name share it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rootcause_lib.engagement import Engagement, read_engagement
from rootcause_lib.errors import OutputError
from rootcause_lib.reporting.folders import OWNER, reports_folder, require_own, take
from rootcause_lib.reporting.forgetting import what_is_kept


@pytest.fixture
def two(tmp_path: Path) -> tuple[Engagement, Engagement]:
    """Two engagements whose client has one name."""
    made = []
    for name in ("spring", "autumn"):
        folder = tmp_path / name
        folder.mkdir()
        text = '[engagement]\nclient = "Lumo Oy"\ntime_zone = "UTC"\n[tables.contacts]\nsource = "x.csv"\n'
        (folder / "engagement.toml").write_text(text, encoding="utf-8")
        made.append(read_engagement(folder))
    return made[0], made[1]


def test_one_engagement_neither_runs_into_nor_forgets_another_s_reports(
    two: tuple[Engagement, Engagement], tmp_path: Path
) -> None:
    spring, autumn = two
    shared = tmp_path / "shared"
    runs = reports_folder(spring, reports=shared)
    runs.mkdir(parents=True)
    require_own(spring, runs)
    take(spring, runs)
    require_own(spring, runs)
    assert what_is_kept(spring.folder, reports=shared) == (runs,)
    with pytest.raises(OutputError, match="another engagement"):
        require_own(autumn, reports_folder(autumn, reports=shared))
    with pytest.raises(OutputError, match="another engagement"):
        what_is_kept(autumn.folder, reports=shared)
    assert str(tmp_path) not in (runs / OWNER).read_text(encoding="utf-8")


def test_reports_inside_the_engagement_move_with_it(two: tuple[Engagement, Engagement], tmp_path: Path) -> None:
    spring, _ = two
    runs = reports_folder(spring)
    runs.mkdir(parents=True)
    take(spring, runs)
    assert not (runs / OWNER).exists()
    moved = spring.folder.rename(tmp_path / "moved")
    again = read_engagement(moved)
    require_own(again, reports_folder(again))
