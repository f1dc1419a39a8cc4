"""The sections of a notebook's page: which have something to show, what stands on the page, and what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rootcause_lib.reporting.fragments import NOTHING, element, text
from rootcause_lib.reporting.texts import said

ANCHOR = "rc_anchor"
"""The cell metadata that becomes the id of its markdown on the page."""

_HEADING = re.compile(r"(##|###)\s+(.+)")
_FEWEST_LISTED = 4
"""A page of fewer sections needs no list of contents."""


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading with the cells until the next one: `depth` is 2 or 3, 0 for what stands before the first heading."""

    depth: int
    title: str
    cells: list[Any]

    @property
    def has_nothing(self) -> bool:
        """All that it displays are places of figures and tables without rows."""
        shown = [html for cell in self.cells for html in _displays(cell)]
        places = [html for html in shown if html]
        return self.depth > 0 and bool(places) and all(f'class="rc {NOTHING}"' in html for html in places)


def with_contents(cells: Sequence[Any], *, language: str) -> list[Any]:
    """The cells of an executed notebook with a list of its sections before the first of them.

    A section without anything to show is left out and named at the end of the list; one whose subsections have
    something stays.
    """
    sections = list(_sections(cells))
    left_out = [at for at, one in enumerate(sections) if one.has_nothing and not _holds_more(sections, at)]
    kept = [one for at, one in enumerate(sections) if at not in left_out]
    chapters = [one for one in kept if one.depth == 2]
    for number, chapter in enumerate(chapters, start=1):
        chapter.cells[0]["metadata"][ANCHOR] = f"section-{number}"
    named = [sections[at].title for at in left_out]
    contents = [_contents(chapters, named, language=language)] if len(chapters) >= _FEWEST_LISTED or named else []
    first = next((at for at, one in enumerate(kept) if one.depth), len(kept))
    before, after = ([cell for one in part for cell in one.cells] for part in (kept[:first], kept[first:]))
    return [*before, *contents, *after]


def _sections(cells: Sequence[Any]) -> Iterator[_Section]:
    section = _Section(0, "", [])
    for cell in cells:
        heading = _HEADING.match(cell["source"]) if cell["cell_type"] == "markdown" else None
        if heading:
            yield section
            section = _Section(len(heading[1]), heading[2].strip(), [])
        section.cells.append(cell)
    yield section


def _holds_more(sections: Sequence[_Section], at: int) -> bool:
    """Whether a subsection of the section has something to show; it would stand under another heading without it."""
    if sections[at].depth != 2:
        return False
    for below in sections[at + 1 :]:
        if below.depth != 3:
            return False
        if not below.has_nothing:
            return True
    return False


def _displays(cell: Any) -> Iterator[str]:
    """What each output of a cell puts on the page: its HTML, "" for nothing at all, a word for any other kind."""
    for output in cell.get("outputs", ()):
        warned = output["output_type"] == "stream" and output["name"] == "stderr"
        yield "" if warned else output.get("data", {}).get("text/html", "another kind of display")


def _contents(chapters: Sequence[_Section], left_out: Sequence[str], *, language: str) -> Any:
    from nbformat.v4 import new_code_cell, new_output

    links = "".join(
        element("li", f'<a href="#{one.cells[0]["metadata"][ANCHOR]}">{text(one.title)}</a>') for one in chapters
    )
    title = element("h2", text(said("page.contents", language=language)))
    missing = said("page.left_out", language=language, fields={"titles": " · ".join(left_out)}) if left_out else ""
    below = element("p", text(missing), of="rc-muted") if missing else ""
    html = f'<nav class="rc rc-contents">{title}<ol>{links}</ol>{below}</nav>'
    return new_code_cell(outputs=[new_output("display_data", {"text/html": html})])
