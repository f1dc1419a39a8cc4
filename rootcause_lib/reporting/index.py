"""The overview page of a run: headlines with grades, failed checks, chapters, and what the run used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from rootcause_lib.findings import Finding
from rootcause_lib.prose import label, number, period, sentence
from rootcause_lib.prose import text as prose_text
from rootcause_lib.reporting.alerts import failed_checks
from rootcause_lib.reporting.edition import Chapter, Edition, Outcome
from rootcause_lib.reporting.fragments import element, graded, parameter_value, simple_table, text
from rootcause_lib.reporting.manifest import own_version
from rootcause_lib.reporting.owners_pages import Owners, owners_section
from rootcause_lib.reporting.parameters import GIVEN_BY_THE_RUN
from rootcause_lib.reporting.recording import Recorded, checks_made
from rootcause_lib.reporting.texts import said

_MOST_HEADLINES = 4
_DATA = "data_health"
"""What the data are like comes after what they say; its failed checks stand above everything."""


def made_text(moment: dt.datetime, *, language: str) -> str:
    """When and with what a run was made, for the foot of every page."""
    made_on = sentence(Finding("page.made_on", {"day": moment.date()}), language=language)
    generated = sentence(Finding("page.generated", {"version": own_version()}), language=language)
    return f"{made_on}. {generated}"


def index_body(edition: Edition, *, owners: Owners | None = None) -> str:
    """The page's content as escaped HTML."""
    language = edition.order.language
    recorded = edition.recorded
    parts = [
        _opening(edition.order.client, recorded, language=language),
        failed_checks([check for _, check in checks_made(recorded)], language=language),
        _headlines(edition.chapters, language=language),
        owners_section(owners, language=language) if owners else "",
        _chapters([chapter.outcome for chapter in edition.chapters], language=language),
        _used(edition.inputs, edition.order.values, language=language),
        _files(recorded, run_id=edition.run_id, language=language),
    ]
    return "\n".join(part for part in parts if part)


def _opening(client: str, recorded: Sequence[Recorded], *, language: str) -> str:
    subtitle = said("index.subtitle", language=language)
    if recorded:
        start, end = min(one.start for one in recorded), max(one.end for one in recorded)
        subtitle += f" · {period(dt.date.fromisoformat(start), dt.date.fromisoformat(end), language=language)}"
    return element("h1", text(client)) + element("p", text(subtitle))


def _headlines(chapters: Sequence[Chapter], *, language: str) -> str:
    groups = []
    for chapter in sorted(chapters, key=_is_about_data):
        outcome = chapter.outcome
        found = [one for each in chapter.recorded for one in each.headline]
        found.sort(key=lambda one: one.grade is None)
        if found:
            shown = found[:_MOST_HEADLINES]
            items = "".join(element("li", graded(one.text, one.grade, language=language)) for one in shown)
            link = f'<a href="{text(outcome.page)}">{text(outcome.title)}</a>'
            groups.append(element("h3", link) + element("ul", items))
    title = element("h2", text(prose_text("page.headline_heading", language=language)))
    body = "".join(groups) or element("p", text(prose_text("index.no_findings", language=language)))
    return f'<section class="rc rc-headline">{title}{body}</section>'


def _is_about_data(chapter: Chapter) -> bool:
    return any(one.analysis == _DATA for one in chapter.recorded)


def _chapters(outcomes: Sequence[Outcome], *, language: str) -> str:
    cards = []
    for outcome in outcomes:
        status = text(said(f"index.status_{outcome.status}", language=language))
        good = "rc-status rc-status-good" if outcome.status == "good" else "rc-status rc-status-bad"
        link = f'<h3><a href="{text(outcome.page)}">{text(outcome.title)}</a></h3>'
        why = element("p", text(outcome.failure or outcome.question))
        cards.append(element("li", link + element("span", status, of=good) + why, of="rc-card"))
    note = ""
    if any(outcome.status != "good" for outcome in outcomes):
        note = element("p", text(said("index.incomplete", language=language)))
    title = element("h2", text(said("index.chapters", language=language)))
    return f'<section class="rc rc-section">{title}{note}<ul class="rc-cards">{"".join(cards)}</ul></section>'


def _used(inputs: Sequence[Mapping[str, object]], values: Mapping[str, Mapping[str, object]], *, language: str) -> str:
    title = element("h2", text(prose_text("index.data_heading", language=language)))
    body = ""
    if inputs:
        keys = ("table", "source", "rows_read", "rows_accepted", "rows_rejected")
        header = [label(key, language=language) for key in keys]
        rows = [_input_row(one, keys, language=language) for one in inputs]
        body += element("h3", text(said("index.inputs", language=language))) + simple_table(
            header, rows, numbers_from=2
        )
    chosen = {name: value for given in values.values() for name, value in given.items() if name not in GIVEN_BY_THE_RUN}
    if chosen:
        header = [label(key, language=language) for key in ("parameter", "value")]
        rows = [
            [text(label(name, language=language, kind="parameter")), parameter_value(name, value, language=language)]
            for name, value in chosen.items()
        ]
        body += element("h3", text(said("index.settings", language=language))) + simple_table(header, rows)
    return f'<section class="rc rc-section">{title}{body}</section>' if body else ""


def _input_row(row: Mapping[str, object], keys: Sequence[str], *, language: str) -> list[str]:
    cells = []
    for key in keys:
        value = row.get(key)
        if key == "table":
            cells.append(text(label(str(value), language=language, kind="table")))
        elif isinstance(value, (int, float)):
            cells.append(text(number(value, language=language, kind="count")))
        else:
            cells.append(text("" if value is None else value))
    return cells


def _files(recorded: Sequence[Recorded], *, run_id: str, language: str) -> str:
    links = [
        ("notebooks/", said("index.executed", language=language)),
        ("manifest.json", prose_text("index.manifest", language=language)),
    ]
    if any(one.tables for one in recorded):
        appendix = ("appendix.xlsx", prose_text("index.appendix", language=language))
        links = [appendix, ("tables/", said("index.tables", language=language)), *links]
    items = "".join(element("li", f'<a href="{href}">{text(words)}</a>') for href, words in links)
    title = element("h2", text(said("index.files", language=language)))
    run = element("p", text(f"{said('index.run', language=language)} {run_id}"), of="rc-recorded")
    return f'<section class="rc rc-section">{title}<ul class="rc-files">{items}</ul>{run}</section>'
