"""One run: every notebook of an engagement executed, its pages, tables, workbook and manifest, whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rootcause_lib.errors import KernelDiedError, NotebookError, OutputError, TimeOutError
from rootcause_lib.reporting import folders, index, manifest
from rootcause_lib.reporting.execution import Execution, execute
from rootcause_lib.reporting.html import Link, PageFrame, notebook_page, plain_page
from rootcause_lib.reporting.kernels import RUN_FOLDER
from rootcause_lib.reporting.lock import locked
from rootcause_lib.reporting.manifest import NotebookOutcome
from rootcause_lib.reporting.notebooks import Notebook, in_language, question_of, title_of
from rootcause_lib.reporting.ordering import Order, order_for
from rootcause_lib.reporting.recording import Recorded, drop_incomplete_tables, read_results
from rootcause_lib.reporting.texts import said

if TYPE_CHECKING:
    from rootcause_lib.engagement import Engagement

_WORST_FIRST = (OutputError.exit_code, KernelDiedError.exit_code, TimeOutError.exit_code, NotebookError.exit_code)


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: `folder` holds it, `exit_code` is 0 when every notebook came to its end."""

    run_id: str
    folder: Path
    exit_code: int
    outcomes: tuple[NotebookOutcome, ...]
    recorded: tuple[Recorded, ...]

    @property
    def index(self) -> Path:
        return self.folder / "index.html"

    @property
    def message(self) -> str:
        """One line about what did not finish; empty for a good run."""
        broken = [f"{one.name} ({one.failure})" for one in self.outcomes if one.exit_code]
        if not broken:
            return ""
        return f"{len(broken)} of {len(self.outcomes)} notebooks did not finish: {'; '.join(broken)}. The others stand."

    def summary(self) -> dict[str, Any]:
        """The run in JSON types, for a scheduler."""
        return {
            "run_id": self.run_id,
            "folder": str(self.folder),
            "index": str(self.index),
            "exit_code": self.exit_code,
            "notebooks": [{"name": one.name, "status": one.status, "failure": one.failure} for one in self.outcomes],
            "failed_checks": [
                {"analysis": one.analysis, "name": check.name, "text": check.text}
                for one in self.recorded
                for check in one.checks
                if check.passed is False
            ],
        }


def run_engagement(
    path: str | Path,
    *,
    only: Iterable[str] = (),
    parameters: Mapping[str, object] | None = None,
    assignments: Iterable[str] = (),
    language: str | None = None,
    reports: str | Path | None = None,
    timeout_seconds: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Run:
    """Run the notebooks of an engagement (folder or engagement.toml) and write one run.

    `only` names notebooks; `parameters` are values by name and `assignments` the same as `name=value` texts, given to
    every notebook that declares the name; `reports` replaces the engagement's `reports/`; `timeout_seconds` is for one
    notebook. Raises EngagementError, ParameterError (2), LockedError (75), DataError (7) and OutputError (6) before or
    instead of a run; what happens inside notebooks is in the run's `exit_code` (3, 4, 5), the others still stand.
    """
    from rootcause_lib.engagement import read_engagement

    say = progress or _silent
    engagement = read_engagement(path)
    order = order_for(
        engagement,
        only=only,
        parameters=parameters,
        assignments=assignments,
        language=language,
        reports=reports,
        timeout_seconds=timeout_seconds,
    )
    with locked(order.reports):
        return run_notebooks(order, inputs=_prepared(engagement, progress=say), progress=say)


def _silent(_: str) -> None:
    """Says nothing."""


def _prepared(engagement: Engagement, *, progress: Callable[[str], None]) -> list[dict[str, object]]:
    """Make or find the store once, so that unusable data stop the run with one message; the exports it was made of."""
    from rootcause_lib.store import open_engagement

    progress("reading and checking the exports")
    store = open_engagement(engagement.file, progress=progress)
    return manifest.inputs_used(store.intake.sources, store.inputs)


@dataclass(slots=True)
class _Chapters:
    """The notebooks of a run as they get done."""

    outcomes: list[NotebookOutcome] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    analyses: dict[str, str] = field(default_factory=dict)
    """The notebook that recorded each analysis."""
    seconds: dict[str, float] = field(default_factory=dict)


def run_notebooks(
    order: Order, *, inputs: Sequence[Mapping[str, object]] = (), progress: Callable[[str], None] = _silent
) -> Run:
    """Execute the notebooks of an order and write the run; the caller holds the lock of `order.reports`."""
    began = dt.datetime.now(dt.UTC)
    run_id = folders.new_run_id(began)
    contents = {notebook.name: in_language(notebook, order.language) for notebook in order.notebooks}
    folders.prune_unfinished(order.reports)
    with folders.unfinished_run(order.reports, run_id) as folder:
        chapters = _execute_all(order, contents, folder, progress=progress)
        recorded = read_results(folder)
        exit_code = worst({outcome.exit_code for outcome in chapters.outcomes})
        progress("writing pages, tables and workbook")
        clock = time.monotonic()
        _write_pages(order, chapters, recorded, inputs, folder=folder, run_id=run_id, began=began)
        _write_workbook(order, recorded, folder=folder)
        chapters.seconds["pages"] = time.monotonic() - clock
        _write_manifest(
            order, chapters, recorded, inputs, folder=folder, run_id=run_id, began=began, exit_code=exit_code
        )
        _drop_results(folder)
    if exit_code == 0:
        folders.point_latest(order.reports, run_id)
    return Run(run_id, order.reports / run_id, exit_code, tuple(chapters.outcomes), recorded)


def worst(exit_codes: Iterable[int]) -> int:
    """The exit code of a run of which several notebooks failed: a dead kernel over a time-out over an error."""
    codes = set(exit_codes)
    return next((code for code in _WORST_FIRST if code in codes), 0)


def _execute_all(
    order: Order, contents: Mapping[str, Any], folder: Path, *, progress: Callable[[str], None]
) -> _Chapters:
    chapters = _Chapters()
    (folder / "notebooks").mkdir()
    for number, notebook in enumerate(order.notebooks, start=1):
        progress(f"notebook {number} of {len(order.notebooks)}: {notebook.name}")
        content = contents[notebook.name]
        execution = execute(
            content,
            name=notebook.name,
            parameters=order.values[notebook.name],
            folder=notebook.path.parent,
            environment={RUN_FOLDER: str(folder.absolute())},
            timeout_seconds=order.timeout_seconds,
        )
        drop_incomplete_tables(folder)
        for recorded in read_results(folder):
            chapters.analyses.setdefault(recorded.analysis, notebook.name)
        chapters.executions.append(execution)
        chapters.outcomes.append(_outcome(notebook, execution))
        chapters.seconds[notebook.name] = execution.seconds
        _write_executed(execution.content, folder / chapters.outcomes[-1].executed)
        if execution.failure is not None:
            progress(f"notebook {notebook.name} {execution.status.replace('_', ' ')}: {execution.failure.text}")
    return chapters


def _outcome(notebook: Notebook, execution: Execution) -> NotebookOutcome:
    name = notebook.name if execution.status == "good" else f"{notebook.name}.FAILED"
    return NotebookOutcome(
        name=notebook.name,
        title=title_of(execution.content, otherwise=notebook.name),
        status=execution.status,
        exit_code=execution.exit_code,
        seconds=round(execution.seconds, 3),
        failure=execution.failure.text if execution.failure else None,
        page=f"{name}.html",
        executed=f"notebooks/{name}.ipynb",
        question=question_of(execution.content),
        own=notebook.own,
    )


def _write_executed(content: Any, path: Path) -> None:
    import nbformat

    for key in ("input_path", "output_path"):
        content["metadata"].get("papermill", {}).pop(key, None)
    content["metadata"].pop("widgets", None)
    path.write_text(nbformat.writes(content, version=4) + "\n", encoding="utf-8")


def _write_pages(
    order: Order,
    chapters: _Chapters,
    recorded: Sequence[Recorded],
    inputs: Sequence[Mapping[str, object]],
    *,
    folder: Path,
    run_id: str,
    began: dt.datetime,
) -> None:
    made = index.made_text(began, language=order.language)

    def frame(title: str, page: str, failure: str | None = None) -> PageFrame:
        overview = said("page.index", language=order.language)
        links = [Link("index.html", overview, page == "index.html")]
        links += [Link(one.page, one.title, one.page == page) for one in chapters.outcomes]
        return PageFrame(title, order.client, order.language, links, made, run_id, failure)

    for notebook, execution, outcome in zip(order.notebooks, chapters.executions, chapters.outcomes, strict=True):
        page = notebook_page(
            execution.content,
            frame(outcome.title, outcome.page, outcome.failure),
            parameters=notebook.parameters,
            given=order.values[notebook.name],
        )
        (folder / outcome.page).write_text(page, encoding="utf-8")
    body = index.index_body(
        client=order.client,
        language=order.language,
        run_id=run_id,
        outcomes=chapters.outcomes,
        recorded=recorded,
        analyses=chapters.analyses,
        inputs=inputs,
        values=order.values,
    )
    title = said("page.index", language=order.language)
    (folder / "index.html").write_text(plain_page(body, frame(title, "index.html")), encoding="utf-8")


def _write_workbook(order: Order, recorded: Sequence[Recorded], *, folder: Path) -> None:
    from rootcause_lib.reporting.workbook import write_workbook

    if tables := [name for one in recorded for name in one.tables]:
        write_workbook(folder / "appendix.xlsx", tables=tables, folder=folder, language=order.language)


def _write_manifest(
    order: Order,
    chapters: _Chapters,
    recorded: Sequence[Recorded],
    inputs: Sequence[Mapping[str, object]],
    *,
    folder: Path,
    run_id: str,
    began: dt.datetime,
    exit_code: int,
) -> None:
    body = manifest.manifest(
        run_id=run_id,
        client=order.client,
        language=order.language,
        began=began,
        seconds={**chapters.seconds, "all": (dt.datetime.now(dt.UTC) - began).total_seconds()},
        exit_code=exit_code,
        parameters=order.values,
        inputs=inputs,
        outcomes=chapters.outcomes,
        recorded=recorded,
    )
    (folder / "manifest.json").write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _drop_results(folder: Path) -> None:
    """What the notebooks handed over stands in the manifest now."""
    for path in (folder / "results").glob("*"):
        path.unlink()
    if (folder / "results").is_dir():
        (folder / "results").rmdir()
