"""What every figure promises, held for all of them by introspection."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from rootcause_lib import plots, prose
from rootcause_lib.errors import ParameterError
from rootcause_lib.vocabulary import CHANNELS, LANGUAGES

FrameOf = Callable[[str], pd.DataFrame]
NAMES = [name for name in plots.__all__ if name.startswith("plot_")]
every_figure = pytest.mark.parametrize("name", NAMES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(autouse=True)
def _no_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    yield
    plt.close("all")


def function(name: str) -> Callable[..., Any]:
    return getattr(plots, name)


def words_of(ax: Any) -> str:
    """Every text on the figure."""
    import matplotlib.text

    ax.figure.canvas.draw()
    return "\n".join(found.get_text() for found in ax.figure.findobj(matplotlib.text.Text) if found.get_visible())


def drawn_words(ax: Any) -> list[Any]:
    """The texts a reader sees; labels of ticks outside the view exist but are not drawn."""
    import matplotlib.text

    hidden = []
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        hidden += [tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]
    found = ax.figure.findobj(matplotlib.text.Text)
    return [one for one in found if one.get_visible() and one.get_text().strip() and one not in hidden]


def test_there_are_figures_by_introspection() -> None:
    assert len(NAMES) >= 9


@every_figure
def test_signature_is_frame_then_options_by_introspection(name: str) -> None:
    first, *options = inspect.signature(function(name)).parameters.values()
    assert first.name == "frame"
    assert {"ax", "language"} <= {option.name for option in options}
    assert all(option.kind is inspect.Parameter.KEYWORD_ONLY for option in options)
    assert inspect.signature(function(name)).return_annotation == "Axes"
    documentation = inspect.getdoc(function(name)) or ""
    assert "`frame`" in documentation or "frame of" in documentation


@every_figure
@every_language
def test_returns_the_given_axes_and_leaves_everything_else_alone(name: str, language: str, frame_of: FrameOf) -> None:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    frame = frame_of(name)
    untouched, settings, seen = frame.copy(deep=True), dict(mpl.rcParams), plt.figure()
    figure, ax = plt.subplots()
    open_before = plt.get_fignums()
    assert function(name)(frame, ax=ax, language=language) is ax
    assert plt.get_fignums() == open_before
    assert dict(mpl.rcParams) == settings
    pd.testing.assert_frame_equal(frame, untouched)
    assert ax.has_data()
    assert seen.axes == []
    assert figure.axes == [ax]


@every_figure
def test_makes_one_figure_of_its_own_when_none_is_given(name: str, frame_of: FrameOf) -> None:
    import matplotlib.pyplot as plt

    ax = function(name)(frame_of(name))
    assert plt.get_fignums() == [ax.figure.number]


@every_figure
@every_language
def test_an_empty_frame_says_so(name: str, language: str, frame_of: FrameOf) -> None:
    empty = frame_of(name).head(0)
    assert prose.text("plot.nothing", language=language) in words_of(function(name)(empty, language=language))
    assert plots.alt_text(name, empty, language=language) == prose.text("alt.nothing", language=language)


@every_figure
def test_texts_are_in_the_readers_language(name: str, frame_of: FrameOf) -> None:
    english, finnish = (words_of(function(name)(frame_of(name), language=one)) for one in ("en", "fi"))
    assert english != finnish
    left = set(re.findall(r"[A-Za-z]{4,}", english)) & set(re.findall(r"[A-Za-zÄÖäö]{4,}", finnish))
    assert not left & {"Phone", "Email", "Share", "contact", "grade", "Rows", "window", "unknown"}


@every_figure
@every_language
def test_alternative_text_names_the_main_rows(name: str, language: str, frame_of: FrameOf) -> None:
    frame = frame_of(name)
    told = plots.alt_text(function(name), frame, language=language)
    assert told == plots.alt_text(name, frame, language=language)
    assert len(told) > 60
    assert "nan" not in told.lower().split()
    if "channel" in frame:
        for channel in frame["channel"].unique():
            assert prose.label(channel, language=language, kind="channel") in told


@every_figure
def test_the_same_frame_gives_the_same_bytes(name: str, frame_of: FrameOf) -> None:
    import matplotlib.pyplot as plt

    for form, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        first, second = (plots.picture(function(name), frame_of(name), language="fi", form=form) for _ in range(2))  # type: ignore[arg-type]
        assert first == second
        assert first.startswith(start)
    assert plt.get_fignums() == []


@every_figure
@every_language
def test_every_word_fits_inside_a_wide_and_a_narrow_figure(name: str, language: str, frame_of: FrameOf) -> None:
    import matplotlib.pyplot as plt

    for width in (plots.WIDE, plots.NARROW):
        with plots.style():
            height = function(name)(frame_of(name), language=language).figure.get_size_inches()[1]
            figure, ax = plt.subplots(
                figsize=(width, height * (1.2 if width < plots.WIDE else 1)), layout="constrained"
            )
            function(name)(frame_of(name), ax=ax, language=language)
            figure.canvas.draw()
        for found in drawn_words(ax):
            box = found.get_window_extent()
            assert box.x0 >= -1, (width, found.get_text())
            assert box.x1 <= figure.bbox.width + 1, (width, found.get_text())


def test_a_channel_has_one_colour_and_no_two_share_it() -> None:
    colours = [plots.channel_colour(channel) for channel in ("all", *CHANNELS)]
    assert len(set(colours)) == len(colours)
    assert plots.channel_colour("a client's own") == plots.channel_colour("other")


def test_an_unknown_plot_is_an_error_with_the_nearest(frame_of: FrameOf) -> None:
    with pytest.raises(ParameterError, match="Did you mean 'plot_flow'"):
        plots.alt_text("plot_flo", frame_of("plot_flow"), language="en")


def test_several_metrics_on_one_figure_are_an_error(frame_of: FrameOf) -> None:
    both = pd.concat([frame_of("plot_estimates"), frame_of("plot_estimates").assign(metric="handle_time")])
    with pytest.raises(ParameterError, match="transfer, handle_time"):
        plots.plot_estimates(both)
