"""The one object a notebook speaks to: it opens the store and shows results, with every text escaped."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from rootcause_lib.errors import ParameterError, nearest, unknown_choice
from rootcause_lib.findings import Check, Finding
from rootcause_lib.periods import Period
from rootcause_lib.prose import label, sentence
from rootcause_lib.prose import text as prose_text
from rootcause_lib.reporting.alerts import failed_checks
from rootcause_lib.reporting.banner import banner_html
from rootcause_lib.reporting.figures import figure_html
from rootcause_lib.reporting.fragments import element, graded, nothing_to_show, text, words
from rootcause_lib.reporting.kernels import RUN_FOLDER
from rootcause_lib.reporting.methods import method_notes
from rootcause_lib.reporting.notebooks import available_notebooks
from rootcause_lib.reporting.parameters import Parameter, check_values
from rootcause_lib.reporting.recording import (
    CheckMade,
    Recorded,
    Said,
    key_number_rows,
    write_result,
    write_tables,
)
from rootcause_lib.reporting.tables import table_html
from rootcause_lib.reporting.texts import said
from rootcause_lib.store import Store, open_engagement

_STANDARD = ("engagement", "start", "end", "language", "output")
_NOT_PARAMETERS = ("In", "Out")

_CELLS_BEFORE_VALUES = 3
"""Parameters, the ones that papermill injects, and the cell that opens the page."""


class Result(Protocol):
    """What every analysis returns, as far as a page shows it."""

    @property
    def analysis(self) -> str: ...
    @property
    def period(self) -> Period: ...
    @property
    def frames(self) -> Mapping[str, pd.DataFrame]: ...
    @property
    def checks(self) -> Sequence[Check]: ...
    @property
    def headline(self) -> Sequence[Finding]: ...
    @property
    def cannot_tell(self) -> Sequence[Finding]: ...
    @property
    def key_numbers(self) -> pd.DataFrame: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """Something a notebook displays: HTML that is already escaped."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return "<shown as HTML>"


@dataclass(frozen=True, slots=True)
class Page:
    """A notebook's page: `output` is "screen" (a live kernel) or "report" (a file that stands alone)."""

    store: Store
    language: str
    output: str
    start: str | None = None
    end: str | None = None

    def banner(self) -> Shown:
        """Client, period, rows, coverage and failed checks: what everything below rests on."""
        period = self.store.period(self.start, self.end)
        failed = [check for check in data_checks(self.store) if check.passed is False]
        html = banner_html(self.store, period, failed_checks=len(failed), language=self.language)
        return Shown(self._style() + html)

    def headline(self, result: Result) -> Shown:
        """The findings with their grades; checks of the data or the analysis that failed stand above them."""
        items = [
            element("li", graded(self._sentence(one), one.grade, language=self.language)) for one in result.headline
        ]
        title = element("h2", text(prose_text("page.headline_heading", language=self.language)))
        body = element("ul", "".join(items)) if items else element("p", self._prose("index.no_findings"))
        return Shown(
            f'{self._failed(result)}<section class="rc rc-headline">{title}{body}{self._lifts(result)}</section>'
        )

    def figure(
        self, plot: Callable[..., Any], frame: pd.DataFrame, *, reading: Finding | Sequence[Finding] | None = None
    ) -> Shown:
        """A figure drawn by one of `rootcause_lib.plots`, with alternative text and how to read it; a line where there
        is nothing to draw."""
        if frame.empty:
            return Shown(nothing_to_show(language=self.language))
        caption = "".join(element("p", self._graded(one)) for one in _as_sequence(reading))
        currency = self.store.engagement.engagement.currency
        given = {"caption": caption, "language": self.language, "output": self.output, "currency": currency}
        return Shown(figure_html(plot, frame, **given))

    def table(self, frame: pd.DataFrame, *, columns: Sequence[str] | None = None, rows: int = 20) -> Shown:
        """A frame's first `rows` rows with readers' words, numbers with their intervals, and grades."""
        currency = self.store.engagement.engagement.currency
        return Shown(table_html(frame, columns=columns, rows=rows, language=self.language, currency=currency))

    def on_a_click(self, *shown: Shown) -> Shown:
        """The same, closed until the reader asks for it: after a guess of their own."""
        summary = element("summary", self._prose("page.on_a_click"))
        return Shown(element("details", summary + "".join(each.html for each in shown), of="rc rc-reveal"))

    def reading(self, *findings: Finding) -> Shown:
        """Sentences that say how to read what stands beside them."""
        body = "".join(element("p", self._graded(one)) for one in findings)
        return Shown(element("div", body, of="rc rc-reading") if body else "")

    def method(self, result: Result) -> Shown:
        """How the intervals were made, and how often such intervals held the truth in simulation."""
        notes = "".join(
            element("li", words(sentence(note, language=self.language))) for note in method_notes(result.frames)
        )
        title = element("h2", text(prose_text("page.method_heading", language=self.language)))
        how = element("p", f"{self._prose('page.interval_how')} {self._prose('page.grade_how')}")
        return Shown(f'<section class="rc rc-method">{title}{how}<ul>{notes}</ul></section>')

    def cannot_tell(self, result: Result) -> Shown:
        """What the result does not answer."""
        items = "".join(element("li", words(self._sentence(one))) for one in result.cannot_tell)
        title = element("h2", text(prose_text("page.cannot_tell_heading", language=self.language)))
        return Shown(f'<aside class="rc rc-limits">{title}<ul>{items}</ul></aside>')

    def record(self, result: Result) -> Shown:
        """Write the result's tables and key numbers into the run; on the screen only say what a run would write."""
        folder = self._run_folder()
        names = ", ".join(f"{result.analysis}.{name}" for name in result.frames)
        if folder is None:
            lines = (
                self._prose("page.numbers_not_recorded"),
                words(said("page.not_recorded", language=self.language, fields={"tables": names})),
            )
            return Shown(f'<p class="rc rc-recorded">{" ".join(lines)}</p>')
        tables = write_tables(result.frames, analysis=result.analysis, folder=folder)
        write_result(self._as_recorded(result, tables), folder=folder)
        return Shown(f'<p class="rc rc-recorded">{self._prose("page.numbers_recorded")}</p>')

    def explorer(self, explore: Callable[..., Any], *subjects: Any) -> Any:
        """The widget `explore(*subjects, language=...)` on a live screen, a note in a report."""
        if self.output == "screen":
            return explore(*subjects, language=self.language)
        return Shown(f'<p class="rc rc-recorded">{self._prose("page.explorer_left_out")}</p>')

    def _lifts(self, result: Result) -> str:
        """What would lift the grades of the findings, each reason once."""
        reasons = dict.fromkeys(reason for one in result.headline for reason in one.grade_reasons)
        lifts = dict.fromkeys(label(reason, language=self.language, kind="grade_lift") for reason in reasons)
        return element("p", words(" ".join(lifts))) if lifts else ""

    def _prose(self, key: str) -> str:
        return words(prose_text(key, language=self.language))

    def _sentence(self, finding: Finding) -> str:
        return sentence(finding, language=self.language, currency=self.store.engagement.engagement.currency)

    def _graded(self, finding: Finding) -> str:
        return graded(self._sentence(finding), finding.grade, language=self.language)

    def _failed(self, result: Result) -> str:
        made = [self._made(check) for check in (*data_checks(self.store), *result.checks)]
        return failed_checks(list(dict.fromkeys(made)), language=self.language)

    def _made(self, check: Check) -> CheckMade:
        return CheckMade(check.name, check.passed, self._sentence(check.text))

    def _said(self, finding: Finding) -> Said:
        return Said(self._sentence(finding), finding.key, finding.grade, finding.grade_reasons)

    def _as_recorded(self, result: Result, tables: Mapping[str, int]) -> Recorded:
        return Recorded(
            analysis=result.analysis,
            start=result.period.start.isoformat(),
            end=result.period.end.isoformat(),
            headline=tuple(map(self._said, result.headline)),
            cannot_tell=tuple(map(self._said, result.cannot_tell)),
            checks=self._checks_recorded(result),
            key_numbers=tuple(key_number_rows(result.key_numbers)),
            tables=tables,
        )

    def _checks_recorded(self, result: Result) -> tuple[CheckMade, ...]:
        """The result's own checks and what failed of the data, which stands above every headline of an overview too."""
        failed = [check for check in data_checks(self.store) if check.passed is False]
        return tuple(dict.fromkeys(self._made(check) for check in (*failed, *result.checks)))

    def _run_folder(self) -> Path | None:
        folder = os.environ.get(RUN_FOLDER)
        return Path(folder) if folder and self.output == "report" else None

    def _style(self) -> str:
        if self.output != "screen":
            return ""
        from rootcause_lib.reporting.html import stylesheet

        return f"<style>{stylesheet()}</style>"


def data_checks(store: Store) -> tuple[Check, ...]:
    """The checks of the data, which stand above the headline of every page."""
    from rootcause_lib.analyses.health_findings import health_checks
    from rootcause_lib.analyses.reconciliation import reconcile

    return health_checks(store, reconcile(store))


def _as_sequence(findings: Finding | Sequence[Finding] | None) -> Sequence[Finding]:
    if findings is None:
        return ()
    return (findings,) if isinstance(findings, Finding) else findings


def open_page(name: str, variables: Mapping[str, object]) -> Page:
    """The page of notebook `name`; `variables` is the notebook's `globals()`, which hold its parameters.

    Checks the parameters by the notebook's own declarations (also when it was started by plain papermill) and opens
    the engagement's store. Raises ParameterError with the nearest name for a value that no parameter takes.
    """
    engagement = variables.get("engagement")
    if not isinstance(engagement, str):
        raise ParameterError(f"Notebook '{name}' needs the parameter 'engagement': the client's folder, as text.")
    _check(name, variables, engagement)
    store = open_engagement(engagement)
    language = variables.get("language") or store.engagement.engagement.language
    start, end = variables.get("start"), variables.get("end")
    return Page(
        store,
        str(language),
        str(variables.get("output", "screen")),
        start if isinstance(start, str) else None,
        end if isinstance(end, str) else None,
    )


def _check(name: str, variables: Mapping[str, object], engagement: str) -> None:
    declared = _declared(name, engagement)
    where = f"notebook '{name}'"
    known = {parameter.name for parameter in declared} | set(_STANDARD)
    given = {parameter.name: variables[parameter.name] for parameter in declared if parameter.name in variables}
    check_values(given, declared, where=where)
    for other, value in variables.items():
        plain = value is None or isinstance(value, (str, int, float, bool, list, dict))
        if not plain or other in known or other.startswith("_") or other in _NOT_PARAMETERS:
            continue
        if nearest(other, known) or _first_cells(variables):
            raise ParameterError(unknown_choice("parameter", other, sorted(known), where=where))


def _first_cells(variables: Mapping[str, object]) -> bool:
    """Whether the notebook has only begun: a plain value beside the parameters was then injected, not typed later."""
    cells = variables.get("In")
    return isinstance(cells, list) and len(cells) <= _CELLS_BEFORE_VALUES + 1


def _declared(name: str, engagement: str) -> tuple[Parameter, ...]:
    """What the notebook of that name declares; nothing for one that lies elsewhere."""
    path = Path(engagement)
    folder = path if path.is_dir() else path.parent
    for notebook in available_notebooks(folder / "notebooks"):
        if notebook.name == name:
            return notebook.parameters
    return ()
