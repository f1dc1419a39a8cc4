"""The files of a run: executed notebooks, pages, overview, workbook, manifest."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rootcause_lib.reporting.edition import Chapter, Edition
from rootcause_lib.reporting.html import Link, PageFrame, notebook_page, plain_page
from rootcause_lib.reporting.index import index_body, made_text
from rootcause_lib.reporting.manifest import manifest, without_place
from rootcause_lib.reporting.owners_pages import owner_pages
from rootcause_lib.reporting.texts import said

_OVERVIEW = "index.html"


def write_executed(content: Any, path: Path) -> None:
    """Write an executed notebook without the paths papermill noted; widgets would be empty without their kernel."""
    import nbformat

    noted = content["metadata"].get("papermill", {})
    for key in ("input_path", "output_path"):
        noted.pop(key, None)
    given = noted.get("parameters", {})
    noted["parameters"] = without_place(given)
    for cell in content["cells"]:
        if "injected-parameters" in cell["metadata"].get("tags", []):
            cell["source"] = "\n".join(map(_placeless, cell["source"].splitlines()))
    content["metadata"].pop("widgets", None)
    path.write_text(nbformat.writes(content, version=4) + "\n", encoding="utf-8")


def _placeless(line: str) -> str:
    """A line of the parameters papermill wrote, the engagement by its file's name."""
    name, equals, value = line.partition(" = ")
    if name != "engagement":
        return line
    return f"{name}{equals}{Path(ast.literal_eval(value)).name!r}"


def write_pages(edition: Edition, folder: Path) -> None:
    """Write a page for each notebook, finished or not, one for each process owner, and the overview."""
    for chapter in edition.chapters:
        frame = _frame(edition, chapter.outcome.title, page=chapter.outcome.page, failure=chapter.outcome.failure)
        (folder / chapter.outcome.page).write_text(_page(chapter, frame, edition), encoding="utf-8")
    owners = owner_pages(edition.recorded, folder=folder, language=edition.order.language)
    for one in owners.pages:
        (folder / one.path).parent.mkdir(exist_ok=True)
        frame = _frame(edition, one.owner, page=one.path)
        (folder / one.path).write_text(plain_page(one.body, frame), encoding="utf-8")
    frame = _frame(edition, said("page.index", language=edition.order.language), page=_OVERVIEW)
    (folder / _OVERVIEW).write_text(plain_page(index_body(edition, owners=owners), frame), encoding="utf-8")


def _page(chapter: Chapter, frame: PageFrame, edition: Edition) -> str:
    return notebook_page(
        chapter.execution.content,
        frame,
        parameters=chapter.notebook.parameters,
        given=edition.order.values[chapter.notebook.name],
    )


def _frame(edition: Edition, title: str, *, page: str, failure: str | None = None) -> PageFrame:
    order = edition.order
    up = "../" * page.count("/")
    links = [Link(up + _OVERVIEW, said("page.index", language=order.language), page == _OVERVIEW)]
    outcomes = [chapter.outcome for chapter in edition.chapters]
    links += [Link(up + one.page, one.title, one.page == page) for one in outcomes]
    made = made_text(edition.began, language=order.language)
    return PageFrame(title, order.client, order.language, links, made, edition.run_id, failure)


def write_appendix(edition: Edition, folder: Path) -> None:
    """Write appendix.xlsx, when there are tables."""
    from rootcause_lib.reporting.workbook import write_workbook

    if tables := [name for one in edition.recorded for name in one.tables]:
        write_workbook(folder / "appendix.xlsx", tables=tables, folder=folder, language=edition.order.language)


def write_manifest(edition: Edition, folder: Path, *, seconds: Mapping[str, float]) -> None:
    """Write manifest.json; `seconds` are timings by step."""
    body = json.dumps(manifest(edition, seconds=seconds), ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(f"{body}\n", encoding="utf-8")
