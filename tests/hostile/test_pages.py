"""Every page of a hostile client, opened in a real browser: nothing runs, asks, speaks or breaks."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path
from typing import Any

import pytest

from hostile.client import Hostile, write_recognisable
from hostile.conftest import Reported
from hostile.payloads import BREAKING_OUT, PAYLOADS
from hostile.watching import watched

pytestmark = pytest.mark.browser


def test_what_watches_the_pages_sees_what_the_payloads_do(browser: Any, tmp_path: Path) -> None:
    """Without care they run, ask and go elsewhere: else the tests below would prove nothing."""
    ran, asked, went = set(), set(), set()
    for name, text in BREAKING_OUT.items():
        page = tmp_path / f"{name}.html"
        page.write_text(f"<!DOCTYPE html><meta charset=utf-8><p title={text}>{text}</p>", encoding="utf-8")
        seen = watched(browser, page, wait=3000 if name == "going" else 250)
        ran |= {name} if seen.canary else set()
        went |= {name} if "went elsewhere" in seen.said else set()
        asked |= {name} if seen.requests else set()
    assert ran >= {"quoted", "unquoted", "closing_script", "closing_all", "image", "svg"}
    assert asked >= {"asking", "image"}
    assert "going" in went | asked


@pytest.mark.parametrize("language", ["fi", "en"])
def test_no_page_runs_asks_or_says_anything(language: str, request: pytest.FixtureRequest, browser: Any) -> None:
    run: Reported = request.getfixturevalue({"fi": "finnish", "en": "english"}[language])
    pages = sorted(run.folder.rglob("*.html"))
    assert len(pages) == {"fi": 11, "en": 3}[language]
    for page in pages:
        seen = watched(browser, page)
        assert seen.quiet, (page.name, seen)
        assert (seen.handlers, seen.harmful, seen.broken_images) == (0, 0, 0), (page.name, seen)
        assert set(seen.protocols) <= {"file:", "http:", ":"}, (page.name, seen.protocols)
        assert seen.address == page.as_uri()
        assert seen.width <= 1280, (page.name, seen.width)


def test_every_page_holds_a_policy_by_hashes_of_its_own_text(finnish: Reported, english: Reported) -> None:
    for page in [*finnish.folder.rglob("*.html"), *english.folder.rglob("*.html")]:
        text = page.read_text(encoding="utf-8")
        policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
        assert policy, page.name
        allowed = html.unescape(policy[1])
        styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in styles]
        assert all(f"'sha256-{one}'" in allowed for one in hashes)
        assert "default-src 'none'" in allowed
        assert "script-src 'none'" in allowed
        assert "unsafe" not in allowed
        assert text.index("Content-Security-Policy") < text.index("<title>"), "before any text of a client"


def test_the_payloads_reached_the_pages_as_text(finnish: Reported, browser: Any) -> None:
    """A quiet page could also be an empty one."""
    tab = browser.new_page()
    tab.goto((finnish.folder / "50_shown.html").as_uri())
    shown = " ".join(tab.inner_text("body").split())
    tab.close()
    readable = [text for name, text in PAYLOADS.items() if name not in ("controls", "turned", "unseen", "line_ends")]
    missing = [text for text in readable if " ".join(text.split()) not in shown]
    assert missing == []


def test_what_a_live_notebook_shows_is_quiet_without_any_policy(
    hostile: Hostile, finnish: Reported, browser: Any, tmp_path: Path
) -> None:
    """In JupyterLab no policy of ours stands guard: there the escaping alone must do."""
    for name, shown in live_displays(hostile.folder, elsewhere=tmp_path).items():
        page = tmp_path / f"{name}.html"
        page.write_text(f'<!DOCTYPE html><html><meta charset="utf-8"><body>{shown}', encoding="utf-8")
        seen = watched(browser, page)
        assert seen.quiet, (name, seen)
        assert (seen.handlers, seen.harmful, seen.broken_images) == (0, 0, 0), (name, seen)


def live_displays(client: Path, *, elsewhere: Path) -> dict[str, str]:
    """The HTML of everything a page object and the explorers show on a screen."""
    import rootcause_lib as rc
    from rootcause_lib import plots
    from rootcause_lib.explore import confirm_mapping
    from rootcause_lib.reporting.page import open_page

    given = {"engagement": str(client), "start": None, "end": None, "language": "en", "output": "screen"}
    page = open_page("00_data_health", given)
    health = rc.analyse_data_health(page.store)
    by_reason = rc.estimate(page.store, [rc.metric("transfer")], by=("reason",))
    tables = [page.table(frame, rows=200) for frame in health.frames.values()]
    explorer = page.explorer(rc.explore_resolution, page.store, None)
    causes = rc.analyse_root_cause(page.store)
    about_causes = [page.table(frame, rows=200) for frame in causes.frames.values()]
    said = [page.reading(*findings) for findings in causes.readings.values()]
    return {
        "banner": page.banner().html,
        "headline": page.headline(health).html,
        "tables": "".join(one.html for one in [*tables, page.table(by_reason, rows=200)]),
        "figure": page.figure(plots.plot_estimates, by_reason).html,
        "sources": page.figure(plots.plot_sources, health.sources).html,
        "limits": page.cannot_tell(health).html + page.method(health).html + page.record(health).html,
        "explorer": widget_html(explorer),
        "causes": "".join(one.html for one in [page.headline(causes), *about_causes, *said]),
        "causes_explorer": widget_html(page.explorer(rc.explore_causes, page.store, None)),
        "mapping": widget_html(confirm_mapping(write_recognisable(elsewhere), into=elsewhere / "drafted")),
    }


def widget_html(widget: Any) -> str:
    """What the front end of ipywidgets puts into the page as HTML; descriptions and options go in as text."""
    assert not getattr(widget, "description_allow_html", False), "a description is put in as text"
    own = str(widget.value) if type(widget).__name__ in ("HTML", "HTMLMath") else ""
    return own + "".join(map(widget_html, getattr(widget, "children", ())))
