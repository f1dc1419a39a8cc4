"""One run: every notebook of an engagement executed, its pages, tables, workbook and manifest, whole or not at all."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rootcause_lib.reporting import folders
from rootcause_lib.reporting.edition import Chapter, Edition, Outcome, outcome_of
from rootcause_lib.reporting.execution import execute
from rootcause_lib.reporting.kernels import RUN_FOLDER
from rootcause_lib.reporting.lock import locked
from rootcause_lib.reporting.manifest import inputs_used
from rootcause_lib.reporting.notebooks import in_language
from rootcause_lib.reporting.ordering import Order, order_for
from rootcause_lib.reporting.recording import Recorded, checks_made, drop_incomplete_tables, drop_results, read_results
from rootcause_lib.reporting.writing import write_appendix, write_executed, write_manifest, write_pages

if TYPE_CHECKING:
    from rootcause_lib.engagement import Engagement
    from rootcause_lib.store import Store


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: `folder` holds it, `exit_code` is 0 when every notebook came to its end."""

    run_id: str
    folder: Path
    exit_code: int
    outcomes: tuple[Outcome, ...]
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
        others = " The others stand." if len(broken) < len(self.outcomes) else ""
        return f"{len(broken)} of {len(self.outcomes)} notebooks did not finish: {'; '.join(broken)}.{others}"

    def summary(self) -> dict[str, Any]:
        """The run in JSON types, for a scheduler."""
        return {
            "run_id": self.run_id,
            "folder": str(self.folder),
            "index": str(self.index),
            "exit_code": self.exit_code,
            "notebooks": [{"name": one.name, "status": one.status, "failure": one.failure} for one in self.outcomes],
            "failed_checks": [
                {"analysis": analysis, "name": check.name, "text": check.text}
                for analysis, check in checks_made(self.recorded)
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
    folders.require_own(engagement, order.reports)
    with locked(order.reports):
        folders.take(engagement, order.reports)
        return run_notebooks(order, inputs=_prepared(engagement, order, progress=say), progress=say)


def _silent(_: str) -> None:
    """Says nothing."""


def _prepared(engagement: Engagement, order: Order, *, progress: Callable[[str], None]) -> list[dict[str, object]]:
    """Make or find the store once, so that unusable data or values stop the run with one message; its exports."""
    from rootcause_lib.store import open_engagement

    progress("reading and checking the exports")
    store = open_engagement(engagement.file, progress=progress)
    for values in order.values.values():
        _check_against(store, values)
    return inputs_used(store.intake.sources, store.inputs)


def _check_against(store: Store, values: Mapping[str, object]) -> None:
    """The values that several notebooks share, held against the data; ParameterError before any kernel starts."""
    from rootcause_lib.journeys import following

    start, end = (value if isinstance(value := values.get(name), str) else None for name in ("start", "end"))
    store.period(start, end)
    matching, window = values.get("matching"), values.get("window_days")
    following(
        store.engagement,
        store.extent,
        matching=matching if isinstance(matching, str) else None,
        window_days=window if isinstance(window, int) else None,
    )


def run_notebooks(
    order: Order, *, inputs: Sequence[Mapping[str, object]] = (), progress: Callable[[str], None] = _silent
) -> Run:
    """Execute the notebooks of an order and write the run; the caller holds the lock of `order.reports`."""
    began = dt.datetime.now(dt.UTC)
    run_id = folders.new_run_id(began)
    contents = [in_language(notebook, order.language) for notebook in order.notebooks]
    folders.prune_unfinished(order.reports)
    with folders.unfinished_run(order.reports, run_id) as folder:
        edition = Edition(order, run_id, began, inputs, _executed(order, contents, folder, progress=progress))
        progress("writing pages, tables and workbook")
        clock = time.monotonic()
        write_pages(edition, folder)
        write_appendix(edition, folder)
        seconds = {chapter.outcome.name: chapter.outcome.seconds for chapter in edition.chapters}
        seconds |= {"pages": time.monotonic() - clock, "all": (dt.datetime.now(dt.UTC) - began).total_seconds()}
        write_manifest(edition, folder, seconds=seconds)
        drop_results(folder)
    if edition.exit_code == 0:
        folders.point_latest(order.reports, run_id)
    outcomes = tuple(chapter.outcome for chapter in edition.chapters)
    return Run(run_id, order.reports / run_id, edition.exit_code, outcomes, edition.recorded)


def _executed(
    order: Order, contents: Sequence[Any], folder: Path, *, progress: Callable[[str], None]
) -> tuple[Chapter, ...]:
    chapters: list[Chapter] = []
    (folder / "notebooks").mkdir()
    for number, (notebook, content) in enumerate(zip(order.notebooks, contents, strict=True), start=1):
        progress(f"notebook {number} of {len(order.notebooks)}: {notebook.name}")
        known = {one.analysis for chapter in chapters for one in chapter.recorded}
        execution = execute(
            content,
            name=notebook.name,
            parameters=order.values[notebook.name],
            folder=notebook.path.parent,
            environment={RUN_FOLDER: str(folder.absolute())},
            timeout_seconds=order.timeout_seconds,
        )
        drop_incomplete_tables(folder)
        recorded = tuple(one for one in read_results(folder) if one.analysis not in known)
        outcome = outcome_of(notebook, execution)
        write_executed(execution.content, folder / outcome.executed)
        chapters.append(Chapter(notebook, execution, outcome, recorded))
        if outcome.failure is not None:
            progress(f"notebook {notebook.name} {outcome.status.replace('_', ' ')}: {outcome.failure}")
    return tuple(chapters)
