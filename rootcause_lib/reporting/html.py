"""Executed notebooks as pages that need no network: one file each, no script, no code, everything escaped."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rootcause_lib.reporting.fragments import parameters_table
from rootcause_lib.reporting.parameters import Parameter
from rootcause_lib.reporting.sanitise import sanitised
from rootcause_lib.reporting.sections import with_contents
from rootcause_lib.reporting.texts import said

_FOLDER = Path(__file__).parent
EXPLORER_TAG = "explorer"


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of a page's navigation."""

    href: str
    text: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What stands around a page's content; the templates read it as `page`. `made` says when, in words."""

    title: str
    client: str
    language: str
    links: Sequence[Link]
    made: str
    run_id: str
    failure: str | None = None

    @property
    def css(self) -> str:
        return stylesheet()

    @property
    def policy(self) -> str:
        return content_security_policy(styles=(stylesheet(),))

    def say(self, key: str, *, fields: Mapping[str, object] | None = None) -> str:
        return said(key, language=self.language, fields=fields)


@cache
def stylesheet() -> str:
    """The one stylesheet of pages and of displays in a notebook."""
    return (_FOLDER / "report.css").read_text(encoding="utf-8").strip()


def content_security_policy(*, styles: Sequence[str] = (), scripts: Sequence[str] = ()) -> str:
    """A policy under which a page runs and shows only these texts of <style> and <script>, by their hashes."""

    def sources(texts: Sequence[str]) -> str:
        return " ".join(_source_hash(text) for text in texts) or "'none'"

    return (
        f"default-src 'none'; img-src data:; style-src {sources(styles)}; script-src {sources(scripts)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _source_hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def notebook_page(
    content: Any, frame: PageFrame, *, parameters: Sequence[Parameter], given: Mapping[str, object]
) -> str:
    """The page of an executed notebook: markdown and outputs, with its parameters as a small table.

    Cells tagged `explorer`, code, widgets, scripts and what was written to stderr are left out.
    """
    from nbconvert.exporters import HTMLExporter, TemplateExporter
    from traitlets.config import Config

    settings = Config()
    settings.HTMLExporter.default_preprocessors = []
    settings.HTMLExporter.exclude_input = True
    settings.HTMLExporter.exclude_raw = True
    exporter = HTMLExporter(
        config=settings, template_name="rootcause", extra_template_basedirs=[str(_FOLDER / "templates")]
    )
    exporter.register_filter("sanitised", sanitised)
    exporter.register_filter("report_markdown", _markdown)
    shown = _for_reading(content, parameters_table(parameters, given, language=frame.language))
    shown["cells"] = with_contents(shown["cells"], language=frame.language)
    # HTMLExporter's own method parses the page once more to look for missing alt texts, and may rewrite the style.
    body, _ = TemplateExporter.from_notebook_node(exporter, shown, resources={"rootcause": frame})
    return str(body)


def _markdown(text: str) -> str:
    """Markdown as HTML without raw HTML, outside images or harmful links."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return sanitised(MarkdownWithMath(renderer=renderer).render(text))


def _for_reading(content: Any, parameters: str) -> Any:
    shown = copy.deepcopy(content)
    cells: list[Any] = []
    for cell in shown["cells"]:
        tags = cell["metadata"].get("tags", [])
        if EXPLORER_TAG in tags:
            _drop_heading_of(cells)
            continue
        if "injected-parameters" in tags:
            continue
        if "parameters" in tags:
            output = {"output_type": "display_data", "data": {"text/html": parameters}, "metadata": {}}
            cell["outputs"] = [_node(output)]
        cells.append(cell)
    shown["cells"] = cells
    return shown


def _drop_heading_of(cells: list[Any]) -> None:
    """Take away the markdown that introduces what is left out, if it is a section of its own."""
    if cells and cells[-1]["cell_type"] == "markdown" and cells[-1]["source"].startswith("#"):
        cells.pop()


def _node(output: dict[str, Any]) -> Any:
    from nbformat import from_dict

    return from_dict(output)


def plain_page(body: str, frame: PageFrame) -> str:
    """A page around HTML that is already escaped, in the same frame as the notebooks' pages."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER / "templates" / "rootcause"), autoescape=False
    )
    opening = environment.get_template("opening.html.j2").render(page=frame)
    closing = environment.get_template("closing.html.j2").render(page=frame)
    return f"{opening}\n{body}\n{closing}\n"
