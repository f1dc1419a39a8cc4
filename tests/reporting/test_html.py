"""Pages hold nothing from outside and nothing that runs; planted payloads say so, in text and in a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rootcause_lib.reporting.html import content_security_policy
from rootcause_lib.reporting.run import Run
from rootcause_lib.reporting.texts import catalogue

EVIL = "<script>window.hit=1</script>\"'><img src=x onerror=window.hit=1></script><script>window.hit=1</script>"
HOSTILE = f"""
import pandas as pd
from IPython.display import HTML, Javascript, Markdown, display
evil = {EVIL!r}
frame = pd.DataFrame({{evil: [evil, "ok"]}}, index=[evil, "b"])
display(frame)
display(frame.style.set_caption(evil))
display(HTML(evil + '<svg onload="window.hit=1"></svg><iframe srcdoc="<script>top.hit=1</script>"></iframe>'))
display(HTML('<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/"><base href="http://127.0.0.1:9/">'))
display(HTML('<link rel="stylesheet" href="http://127.0.0.1:9/x.css"><img src="http://127.0.0.1:9/x.png">'))
display(Markdown(evil + "\\n\\n![x](http://127.0.0.1:9/y.png) [y](javascript:window.hit=1)"))
display(Javascript("window.hit=1"))
print(evil)
import sys
print("on stderr", file=sys.stderr)
"""
WIDE_FIGURE = (
    '<figure class="rc rc-figure"><img width="2400" height="90" alt="x" src="data:image/png;base64,'
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    '"></figure>'
)
OUTSIDE = re.compile(
    r"""(?:src|href|action|data|poster)\s*=\s*["']?\s*(?:https?:)?//|@import|url\(\s*["']?(?!data:)""", re.I
)


@pytest.fixture
def hostile(write_notebook: Callable[..., Path], run: Callable[..., Run], tmp_path: Path) -> Run:
    path = write_notebook("00_hostile", HOSTILE, "import ipywidgets\nipywidgets.HTML(evil)", title=f"Title {EVIL}")
    write_notebook("01_bad", f"class Evil(Exception): ...\nraise Evil({EVIL!r})")
    content = path.read_text(encoding="utf-8").replace("A question?", "A question? " + EVIL.replace('"', '\\"'))
    path.write_text(content, encoding="utf-8")
    return run({"matching": "any"}, client=f"Lumo {EVIL}")


def test_no_page_refers_to_anything_outside_or_holds_a_script(hostile: Run) -> None:
    pages = sorted(hostile.folder.glob("*.html"))
    assert [page.name for page in pages] == ["00_hostile.html", "01_bad.FAILED.html", "index.html"]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        tags = re.sub(r"(?<=>)[^<]*", "", text)
        assert "<script" not in text, page.name
        assert not OUTSIDE.search(tags), page.name
        assert not re.search(r"<[^>]*\son\w+=", tags), page.name
        assert text.count("<style>") == 1
        assert 'lang="en"' in text
        assert "on stderr" not in text
        assert "Content-Security-Policy" in text
    assert "widget" not in (hostile.folder / "00_hostile.html").read_text(encoding="utf-8")


def test_code_and_cells_tagged_explorer_are_left_out_and_parameters_are_a_table(
    write_notebook: Callable[..., Path], run: Callable[..., Run]
) -> None:
    import nbformat

    path = write_notebook("00_tiny", "visible = 40 + 2\nvisible", "print('explorer here')")
    content = nbformat.read(path, as_version=4)
    content.cells[-1].metadata["tags"] = ["explorer"]
    nbformat.write(content, path)
    text = (run({"window_days": 9}).folder / "00_tiny.html").read_text(encoding="utf-8")
    assert "40 + 2" not in text
    assert ">42<" in text
    assert "explorer here" not in text
    row = re.search(r"<tr><th scope=\"row\">Window, days</th><td>(.*?)</td>", text)
    assert row is not None
    assert row.group(1) == "9"
    assert str(path.parent.parent) not in text, "where the run took place is nobody's business"


def test_policy_names_the_hash_of_the_one_stylesheet_by_hand() -> None:
    # printf 'p{}' | openssl dgst -sha256 -binary | base64
    policy = content_security_policy(styles=("p{}",))
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "style-src 'sha256-" + _sha256_by_openssl(b"p{}") + "'" in policy


def _sha256_by_openssl(data: bytes) -> str:
    import base64
    import shutil
    import subprocess

    if shutil.which("openssl") is None:
        pytest.skip("no openssl to compare with")
    digest = subprocess.run(
        ["openssl", "dgst", "-sha256", "-binary"], input=data, capture_output=True, check=True
    ).stdout
    return base64.b64encode(digest).decode()


def test_both_languages_hold_the_same_texts_with_the_same_placeholders() -> None:
    english, finnish = catalogue("en"), catalogue("fi")
    assert english.keys() == finnish.keys()
    for key, text in english.items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", finnish[key])), key


def watched(browser: Any, page: Path, **options: Any) -> tuple[Any, list[str], list[str]]:
    """The page opened from its file, with the requests it made and what it said on its console."""
    tab = browser.new_page(**options)
    requests: list[str] = []
    console: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: console.append(message.text))
    tab.on("pageerror", lambda error: console.append(str(error)))
    tab.goto(page.as_uri())
    return tab, [url for url in requests if not url.startswith(("data:", page.as_uri()))], console


@pytest.mark.browser
def test_in_a_browser_no_script_runs_and_nothing_is_asked_for(hostile: Run, browser: Any) -> None:
    for page in sorted(hostile.folder.glob("*.html")):
        tab, requests, console = watched(browser, page)
        tab.wait_for_timeout(300)
        assert tab.evaluate("window.hit") is None, page.name
        assert requests == [], page.name
        assert console == [], page.name
        assert tab.url == page.as_uri()
        assert tab.evaluate("getComputedStyle(document.querySelector('.rc-main')).maxWidth") != "none", (
            "style is blocked"
        )
        tab.close()


@pytest.mark.browser
def test_the_policy_stops_a_script_planted_in_the_file(hostile: Run, browser: Any, tmp_path: Path) -> None:
    text = (hostile.folder / "index.html").read_text(encoding="utf-8")
    evil = '<script>window.hit=1</script><img src="data:," onerror="window.hit=1"><img src="http://127.0.0.1:9/x.png">'
    planted = tmp_path / "planted.html"
    planted.write_text(text.replace("</main>", evil + "</main>"), encoding="utf-8")
    tab, _, console = watched(browser, planted)
    tab.wait_for_timeout(300)
    assert tab.evaluate("window.hit") is None
    assert any("Content Security Policy" in line for line in console), "the browser must say that it refused"
    free = tmp_path / "free.html"
    free.write_text(re.sub(r"<meta http-equiv[^>]*>", "", planted.read_text(encoding="utf-8")), encoding="utf-8")
    assert watched(browser, free)[0].evaluate("window.hit") == 1, "without the policy the planted script must run"


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1600])
def test_no_page_is_wider_than_its_screen(
    write_notebook: Callable[..., Path], run: Callable[..., Run], browser: Any, width: int
) -> None:
    wide = "import pandas as pd\npd.DataFrame([['a long cell of text'] * 25])"
    picture = f"from IPython.display import HTML\nHTML({WIDE_FIGURE!r})"
    write_notebook("00_wide", wide, picture, title="A rather long title of a page")
    folder = run().folder
    shots = os.environ.get("ROOTCAUSE_SHOTS")
    for page in sorted(folder.glob("*.html")):
        tab, _, _ = watched(browser, page, viewport={"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, page.name
        if shots:
            tab.screenshot(path=f"{shots}/{page.stem}-{width}.png", full_page=True)
        tab.close()
