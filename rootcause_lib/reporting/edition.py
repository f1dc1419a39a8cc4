"""Everything the files of one run are written from: what was ordered, what each notebook did, what it recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rootcause_lib.errors import KernelDiedError, NotebookError, OutputError, TimeOutError
from rootcause_lib.reporting.execution import Execution
from rootcause_lib.reporting.notebooks import Notebook, question_of, title_of
from rootcause_lib.reporting.ordering import Order
from rootcause_lib.reporting.recording import Recorded

_WORST_FIRST = (OutputError.exit_code, KernelDiedError.exit_code, TimeOutError.exit_code, NotebookError.exit_code)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one notebook of a run ended, as the manifest holds it.

    `page` and `executed` are the paths of its page and of the executed notebook, relative to the run's folder.
    """

    name: str
    title: str
    question: str
    status: str
    exit_code: int
    seconds: float
    failure: str | None
    page: str
    executed: str
    own: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """One notebook of a run with what it recorded."""

    notebook: Notebook
    execution: Execution
    outcome: Outcome
    recorded: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """A run whose notebooks are done; `inputs` are the exports behind it."""

    order: Order
    run_id: str
    began: dt.datetime
    inputs: Sequence[Mapping[str, object]]
    chapters: tuple[Chapter, ...]

    @property
    def recorded(self) -> tuple[Recorded, ...]:
        return tuple(one for chapter in self.chapters for one in chapter.recorded)

    @property
    def exit_code(self) -> int:
        return worst(chapter.outcome.exit_code for chapter in self.chapters)


def outcome_of(notebook: Notebook, execution: Execution) -> Outcome:
    """A notebook's outcome; one that did not finish is named so in every file name."""
    name = notebook.name if execution.status == "good" else f"{notebook.name}.FAILED"
    return Outcome(
        name=notebook.name,
        title=title_of(execution.content, otherwise=notebook.name),
        question=question_of(execution.content),
        status=execution.status,
        exit_code=execution.exit_code,
        seconds=round(execution.seconds, 3),
        failure=execution.failure.text if execution.failure else None,
        page=f"{name}.html",
        executed=f"notebooks/{name}.ipynb",
        own=notebook.own,
    )


def worst(exit_codes: Iterable[int]) -> int:
    """The exit code of a run of which several notebooks failed: a dead kernel over a time-out over an error."""
    codes = set(exit_codes)
    return next((code for code in _WORST_FIRST if code in codes), 0)
