"""What a notebook shows, on a small fictional client: everything escaped, nothing without its grade and interval."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from rootcause_lib.errors import ParameterError
from rootcause_lib.findings import Check, Finding, Quantity
from rootcause_lib.periods import Period
from rootcause_lib.reporting.page import Page, open_page
from rootcause_lib.reporting.recording import read_results
from rootcause_lib.reporting.tables import table_html

EVIL = "<script>alert(1)</script>\"'>"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from rootcause_lib.sample_client import write_sample

    return write_sample(tmp_path_factory.mktemp("client") / "lumo", customers=120, seed=3)


def variables(client: Path, **given: Any) -> dict[str, Any]:
    standard = {"engagement": str(client), "start": None, "end": None, "language": "en", "output": "screen"}
    return {**standard, "window_days": None, "matching": None, **given}


@pytest.fixture(scope="module")
def page(client: Path) -> Page:
    return open_page("02_channel_resolution", variables(client))


def result(**given: Any) -> Any:
    frame = pd.DataFrame({"channel": ["phone"], "value": [0.5]})
    standard: Mapping[str, Any] = {
        "analysis": "tiny",
        "period": Period(dt.date(2025, 1, 1), dt.date(2025, 1, 31)),
        "frames": {"mature": frame},
        "checks": (),
        "headline": (),
        "cannot_tell": (),
        "key_numbers": frame,
    }
    return SimpleNamespace(**{**standard, **given})


QUIET = Finding(
    "channel_resolution.overall_no_leaving",
    {
        "quiet": Quantity("share", 0.8, 0.75, 0.85, denominator=200),
        "came_back": Quantity("share", 0.2, 0.15, 0.25),
        "window_days": 14,
    },
    grade="B",
)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"windw_days": 7}, "Did you mean 'window_days'"),
        ({"window_days": "7"}, "takes int"),
        ({"start": "1.1.2025"}, "YYYY-MM-DD"),
        ({"languge": "fi"}, "Did you mean 'language'"),
        ({"engagement": 3}, "'engagement'"),
    ],
)
def test_plain_papermill_can_not_slip_a_wrong_parameter_past_the_first_call(
    client: Path, given: dict[str, Any], named: str
) -> None:
    with pytest.raises(ParameterError, match=named):
        open_page("02_channel_resolution", variables(client, **given))


def test_other_names_of_a_notebook_are_none_of_our_business(client: Path) -> None:
    typed_later = [""] * 12
    others = {"pd": pd, "_private": 1, "In": typed_later, "Out": {}, "colours": ["red"], "path": Path()}
    assert open_page("02_channel_resolution", variables(client, **others)).language == "en"


def test_a_plain_value_beside_the_parameters_of_a_fresh_kernel_was_injected_and_is_refused(client: Path) -> None:
    with pytest.raises(ParameterError, match=r"Unknown parameter 'days'.*Choices: end, engagement"):
        open_page("02_channel_resolution", variables(client, In=["", "a", "b", "c"], days=7))


def test_the_cell_that_opens_the_page_can_be_run_again_in_the_same_kernel(client: Path, page: Page) -> None:
    again = open_page("02_channel_resolution", variables(client))
    assert again.store.observed_until == page.store.observed_until


def test_language_is_the_engagements_unless_given(client: Path) -> None:
    assert open_page("02_channel_resolution", variables(client, language=None)).language == "fi"


def test_banner_names_client_period_rows_and_coverage_by_the_intake(page: Page) -> None:
    sources = page.store.intake.sources
    contacts = sources[sources["table"] == "contacts"]
    html = page.banner().html
    text = re.sub(r"<style>.*</style>|<[^>]*>", " ", html, flags=re.S)
    assert "Lumo Oy" in text
    for count in (contacts["rows_read"].sum(), contacts["rows_accepted"].sum(), contacts["rows_rejected"].sum()):
        assert f"{count:,}" in text
    assert str(page.store.observed_until.year) in text


def test_headline_holds_sentence_interval_and_grade_and_failed_checks_stand_above(page: Page) -> None:
    bad = Check("rows", False, Finding("check.shares_sum_failed"))
    html = page.headline(result(headline=(QUIET,), checks=(bad,))).html
    assert "rc-grade-b" in html
    assert "75" in html
    assert "85" in html
    assert html.index('role="alert"') < html.index("rc-headline")


def test_a_record_on_the_screen_writes_nothing(page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROOTCAUSE_RUN_FOLDER", str(tmp_path))
    assert "tiny.mature" in page.record(result()).html
    assert list(tmp_path.iterdir()) == []


def test_a_record_in_a_run_comes_back_by_identity(page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROOTCAUSE_RUN_FOLDER", str(tmp_path))
    replace(page, output="report").record(result(headline=(QUIET,)))
    (recorded,) = read_results(tmp_path)
    assert (recorded.analysis, recorded.start, recorded.end) == ("tiny", "2025-01-01", "2025-01-31")
    assert recorded.headline[0].grade == "B"
    assert recorded.tables == {"tiny.mature": 1}
    assert (tmp_path / "tables" / "tiny.mature.parquet").exists()


def test_an_explorer_is_a_widget_on_the_screen_and_a_note_in_a_report(page: Page) -> None:
    def explore(store: object, *, language: str) -> str:
        return f"widget in {language}"

    assert page.explorer(explore, page.store) == "widget in en"
    report = replace(page, output="report")
    assert "rootcause explore" in report.explorer(explore, page.store).html


def test_figures_are_images_with_words_for_those_who_can_not_see_them(page: Page) -> None:
    from rootcause_lib import analyse_data_health, plots

    health = analyse_data_health(page.store)
    html = page.figure(plots.plot_volume, health.volume, reading=Finding("data_health.reading_volume")).html
    assert html.count("data:image/svg+xml;base64,") == 1
    assert re.search(r'alt="[^"]{20,}"', html)
    assert "<figcaption>" in html
    report = replace(page, output="report")
    assert "<source media=" in report.figure(plots.plot_volume, health.volume).html


def test_what_waits_for_a_click_stands_closed_and_whole(page: Page) -> None:
    reading = page.reading(Finding("data_health.reading_volume"))
    html = page.on_a_click(reading, reading).html
    assert html.startswith('<details class="rc rc-reveal"><summary>')
    assert html.count(reading.html) == 2
    assert "<details open" not in html


def test_nothing_to_draw_is_said_in_a_line(page: Page) -> None:
    from rootcause_lib import plots

    html = page.figure(plots.plot_volume, pd.DataFrame()).html
    assert "There is nothing to show." in html
    assert "<img" not in html


FRAME = pd.DataFrame(
    {
        "channel": ["all", EVIL],
        "value": [0.5, None],
        "low": [0.4, None],
        "high": [0.6, None],
        "denominator": [100, 0],
        "grade": ["B", "D"],
        "grade_reasons": ["too_few", ""],
        "threshold": [None, None],
    }
)


def test_a_table_escapes_text_joins_intervals_and_explains_grades() -> None:
    html = table_html(FRAME, columns=None, rows=20, language="en", currency="EUR")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert '50% <span class="rc-range">(40–60%)</span>' in html
    assert "too few customers" in html
    assert "Target" not in html, "a column without any value is left out"
    assert ">0<" in html
    assert "nan" not in html


def test_bounds_and_reasons_come_along_with_the_columns_chosen() -> None:
    html = table_html(FRAME, columns=["channel", "value", "grade"], rows=1, language="en", currency=None)
    assert "(40–60%)" in html
    assert "too few customers" in html
    assert "1" in re.findall(r"rc-more\">.*", html)[0]


def test_a_column_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'value'"):
        table_html(FRAME, columns=["valeu"], rows=1, language="en", currency=None)


def test_an_empty_table_says_so_in_finnish() -> None:
    assert "Ei näytettävää" in table_html(FRAME.head(0), columns=None, rows=5, language="fi", currency=None)
