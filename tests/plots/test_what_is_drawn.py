"""Marks stand where the frame's numbers are: nothing is computed, rounded or left out on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from rootcause_lib import plots
from rootcause_lib.plots.style import channel_colour

FrameOf = Callable[[str], pd.DataFrame]


@pytest.fixture
def ax() -> Iterator[Any]:
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    yield plt.subplots(figsize=(8, 6), layout="constrained")[1]
    plt.close("all")


def bars(ax: Any) -> list[tuple[float, float, float]]:
    """(row, start, width) of every bar, by row and start."""
    found = [(round(p.get_y() + p.get_height() / 2, 3), p.get_x(), p.get_width()) for p in ax.patches]
    return sorted((row, round(start, 9), round(width, 9)) for row, start, width in found)


def test_resolution_bars_are_the_frames_shares_by_identity(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_resolution")
    plots.plot_resolution(frame, ax=ax)
    shown = frame[frame["match"] == "reason"]
    drawn = bars(ax)
    assert len(drawn) == len(shown)
    for row, channel in enumerate(dict.fromkeys(shown["channel"])):
        widths = [width for at, _, width in drawn if at == row]
        wanted = shown[shown["channel"] == channel].set_index("outcome")["value"]
        assert widths == [round(wanted[outcome], 9) for outcome in ("quiet", "came_back", "left")]


def test_resolution_marks_the_other_rule_where_it_is_by_identity(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_resolution")
    plots.plot_resolution(frame, ax=ax)
    diamonds = next(line for line in ax.lines if line.get_marker() == "D")
    other = frame[(frame["match"] == "any") & (frame["outcome"] == "quiet")]
    assert list(diamonds.get_xdata()) == list(other["value"])


def test_resolution_draws_totals_over_reasons_when_split_by_reason_by_hand(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_resolution")
    split = pd.concat([frame.assign(reason="all"), frame.assign(reason="laskuvirhe", value=0.1)])
    plots.plot_resolution(split, ax=ax)
    assert len(ax.patches) == len(frame) / 2
    assert 0.1 not in {round(patch.get_width(), 6) for patch in ax.patches}


def test_resolution_without_leaving_dates_has_no_left_in_its_legend(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_resolution")
    plots.plot_resolution(frame[frame["outcome"] != "left"], ax=ax, language="en")
    assert [found.get_text() for found in ax.get_legend().get_texts()] == ["Quiet", "Came back"]


def test_recontact_draws_curve_and_chance_of_every_channel_by_identity(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_recontact")
    plots.plot_recontact(frame, ax=ax)
    for channel, rows in frame.groupby("channel"):
        lines = [line for line in ax.lines if line.get_color() == channel_colour(str(channel))]
        assert [list(line.get_ydata()) for line in lines] == [
            list(rows["repeat_share"]), list(rows["expected_by_chance"]),
        ]  # fmt: skip
    assert any(set(line.get_xdata()) == {14} for line in ax.lines)


def test_flow_shows_every_cell_and_none_last_by_identity(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_flow")
    plots.plot_flow(frame, ax=ax, language="en")
    assert len(ax.patches) == len(frame)
    shown = [found.get_text() for found in ax.get_xticklabels()]
    assert shown[-1].replace("\n", " ") == "No further contact"


def test_settled_bars_start_with_the_own_channel_by_identity(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_settled")
    plots.plot_settled(frame, ax=ax)
    for row, channel in enumerate(dict.fromkeys(frame["opened_in"])):
        own = frame[(frame["opened_in"] == channel) & (frame["settled_in"] == channel)]["share"].iloc[0]
        first = next(width for at, start, width in bars(ax) if at == row and start == 0)
        assert first == round(own, 9)


def test_estimates_draw_dot_and_interval_and_write_what_is_unknown(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_estimates")
    plots.plot_estimates(frame, ax=ax, language="en")
    known = frame.dropna(subset="value")
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == list(known["value"])
    spans = [tuple(line.get_xdata()) for line in ax.lines if line.get_marker() == "|"]
    assert spans == list(zip(known["low"], known["high"], strict=True))
    assert "not known" in [found.get_text() for found in ax.texts]


def test_estimates_mark_the_target_by_hand(ax: Any, frame_of: FrameOf) -> None:
    plots.plot_estimates(frame_of("plot_estimates").assign(threshold=0.15), ax=ax)
    assert any(list(line.get_xdata()) == [0.15, 0.15] for line in ax.lines)


def test_volume_draws_one_line_per_channel_by_identity(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_volume")
    plots.plot_volume(frame, ax=ax)
    drawn = {line.get_color(): list(line.get_ydata()) for line in ax.lines}
    for channel, rows in frame.groupby("channel"):
        assert drawn[channel_colour(str(channel))] == list(rows["contacts"])


def test_rejects_count_rows_or_take_their_counts_by_hand(ax: Any, frame_of: FrameOf) -> None:
    plots.plot_rejects(frame_of("plot_rejects"), ax=ax)
    assert [width for _, _, width in bars(ax)] == [90, 44, 31, 25]
    counted = pd.DataFrame({"table": ["contacts"], "column": ["Luotu"], "rule": ["unreadable"], "rows": [7]})
    ax.clear()
    plots.plot_rejects(counted, ax=ax)
    assert [width for _, _, width in bars(ax)] == [7]


def test_sources_leave_out_what_is_zero_and_never_what_is_not_by_hand(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_sources")
    plots.plot_sources(frame, ax=ax)
    dots = [line for line in ax.lines if line.get_marker() in ("o", "s", "X")]
    counts = [int(dot.get_xdata()[0]) for dot in dots]
    columns = frame[["rows_accepted", "rows_repaired", "rows_rejected"]].to_numpy().ravel()
    assert sorted(counts) == sorted(int(count) for count in columns if count)


def test_snowballs_draw_a_bar_of_cases_and_one_of_contacts_by_identity(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_snowballs")
    plots.plot_snowballs(frame, ax=ax)
    shown = frame[(frame["length"] != "3+") & frame["volume_share"].notna()]
    wanted = [
        round(value, 9) for pair in zip(shown["case_share"], shown["volume_share"], strict=True) for value in pair
    ]
    assert [width for _, _, width in bars(ax)] == wanted
    spans = [tuple(line.get_xdata()) for line in ax.lines if line.get_marker() == "|"]
    assert spans[:2] == [tuple(shown[["case_low", "case_high"]].iloc[0]), tuple(shown[["low", "high"]].iloc[0])]


def test_positions_draw_dot_and_interval_by_identity(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_snowball_positions")
    plots.plot_snowball_positions(frame, ax=ax)
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert dots == list(frame["handle_seconds"].dropna())


def test_steps_bands_are_as_wide_as_their_shares_by_identity(ax: Any, frame_of: FrameOf) -> None:
    """Nodes and bands at one scale; what reaches a channel leaves it; first contacts that end are not drawn."""
    from matplotlib.patches import PathPatch, Rectangle

    frame = frame_of("plot_steps")
    plots.plot_steps(frame, ax=ax)
    told = frame[frame["share"].notna()]
    drawn = told[(told["step"] == 2) | (told["to_channel"] != "ended")]
    bands = [patch.get_path().vertices for patch in ax.patches if isinstance(patch, PathPatch)]
    assert len(bands) == len(drawn)
    nodes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    first = [node for node in nodes if node.get_x() == 0]
    scale = sum(node.get_height() for node in first) / drawn[drawn["step"] == 1]["share"].sum()
    last = [node for node in nodes if node.get_x() == 2]
    assert sum(node.get_height() for node in last) / scale == pytest.approx(drawn[drawn["step"] == 2]["share"].sum())
    ends = sorted(round(float(points[7][1] - points[0][1]) / scale, 9) for points in bands)
    assert ends == sorted(round(share, 9) for share in drawn["share"])


def test_leaks_draw_their_shares_by_identity(ax: Any, frame_of: FrameOf) -> None:
    frame = frame_of("plot_leaks")
    plots.plot_leaks(frame, ax=ax)
    assert [width for _, _, width in bars(ax)] == [round(share, 9) for share in frame["share"].dropna()]


def test_next_issue_colours_what_stands_out_by_identity(ax: Any, frame_of: FrameOf) -> None:
    from rootcause_lib.plots.style import GOOD, QUIET_INK

    frame = frame_of("plot_next_issue")
    plots.plot_next_issue(frame, ax=ax)
    dots = {float(line.get_xdata()[0]): line.get_color() for line in ax.lines if line.get_marker() == "o"}
    told = frame.dropna(subset=["lift"]).set_index("lift")["told"]
    assert dots == {lift: GOOD if stands else QUIET_INK for lift, stands in told.items()}
