"""A page's list of contents and the sections it leaves out, on cells drawn by hand."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from rootcause_lib.reporting.fragments import nothing_to_show
from rootcause_lib.reporting.sections import ANCHOR, with_contents

FIGURE = '<figure class="rc rc-figure"></figure>'
NOTHING = nothing_to_show(language="en")


def heading(text: str) -> Any:
    return new_markdown_cell(text)


def shows(*displays: str) -> Any:
    return new_code_cell(outputs=[new_output("execute_result", {"text/html": html}) for html in displays])


def titles(cells: list[Any]) -> list[str]:
    return [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]


def contents(cells: list[Any]) -> str:
    found = [
        output["data"]["text/html"]
        for cell in cells
        if cell["cell_type"] == "code"
        for output in cell["outputs"]
        if "rc-contents" in output.get("data", {}).get("text/html", "")
    ]
    assert len(found) <= 1
    return found[0] if found else ""


def test_a_section_without_anything_to_show_is_left_out_and_named_by_hand_count() -> None:
    cells = [heading("# Page"), shows(FIGURE), heading("## Full?"), shows(FIGURE), heading("## Bare?"), shows(NOTHING)]
    made = with_contents(cells, language="en")
    assert titles(made) == ["# Page", "## Full?"]
    assert "Bare?" in contents(made)
    assert '<a href="#section-1">Full?</a>' in contents(made)


def test_a_section_whose_subsection_has_a_figure_stays_by_hand_count() -> None:
    cells = [
        heading("## Above"),
        shows(NOTHING),
        heading("### Below"),
        shows(FIGURE),
        heading("### Bare"),
        shows(NOTHING),
    ]
    made = with_contents(cells, language="en")
    assert titles(made) == ["## Above", "### Below"]


def test_a_sentence_or_another_display_keeps_a_section() -> None:
    said = '<div class="rc rc-reading"><p>No pair stands out.</p></div>'
    printed = new_code_cell(outputs=[new_output("stream", name="stdout", text="kept")])
    warned = new_code_cell(outputs=[new_output("stream", name="stderr", text="a warning")])
    cells = [heading("## One"), shows(NOTHING, said), heading("## Two"), shows(NOTHING), printed]
    assert titles(with_contents(cells, language="en")) == ["## One", "## Two"]
    bare = [heading("## One"), shows(FIGURE), heading("## Two"), shows(NOTHING, ""), warned]
    assert titles(with_contents(bare, language="en")) == ["## One"]


def test_words_alone_are_kept() -> None:
    assert titles(with_contents([heading("## A note\n\nOnly words.")], language="en")) == ["## A note\n\nOnly words."]


def test_a_short_page_has_no_list_and_a_long_one_has_every_section_once_by_hand_count() -> None:
    three = [cell for number in range(3) for cell in (heading(f"## Q{number}"), shows(FIGURE))]
    assert contents(with_contents(three, language="en")) == ""
    five = [heading("# Page"), shows("<p>In short</p>")]
    five += [cell for number in range(5) for cell in (heading(f"## Q{number}\n\nWhy."), shows(FIGURE))]
    made = with_contents(five, language="en")
    assert [contents(made).count(f">Q{number}</a>") for number in range(5)] == [1] * 5
    assert [cell["metadata"].get(ANCHOR) for cell in made if cell["source"].startswith("## ")] == [
        f"section-{number}" for number in range(1, 6)
    ]
    assert "rc-contents" in made[2]["outputs"][0]["data"]["text/html"]


def test_a_title_is_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    cells = [cell for number in range(4) for cell in (heading(f"## {evil}{number}"), shows(FIGURE))]
    assert "<img" not in contents(with_contents(cells, language="en"))
    assert "&lt;img" in contents(with_contents(cells, language="en"))
