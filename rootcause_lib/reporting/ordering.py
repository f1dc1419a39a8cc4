"""What a run is to do, settled and checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rootcause_lib.errors import ParameterError
from rootcause_lib.reporting.folders import reports_folder
from rootcause_lib.reporting.notebooks import Notebook, available_notebooks, chosen_notebooks, shared_parameters
from rootcause_lib.reporting.parameters import GIVEN_BY_THE_RUN, Parameter, check_values, typed_value

if TYPE_CHECKING:
    from rootcause_lib.engagement import Engagement


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: `values` are the parameters by notebook, `reports` the client's folder of runs."""

    client: str
    language: str
    notebooks: tuple[Notebook, ...]
    values: Mapping[str, Mapping[str, object]]
    reports: Path
    timeout_seconds: float | None = None


def order_for(
    engagement: Engagement,
    *,
    only: Iterable[str] = (),
    parameters: Mapping[str, object] | None = None,
    assignments: Iterable[str] = (),
    language: str | None = None,
    reports: str | Path | None = None,
    timeout_seconds: float | None = None,
) -> Order:
    """The order of an engagement's run, every name and type in it checked; ParameterError otherwise."""
    language = language or engagement.engagement.language
    notebooks = chosen_notebooks(available_notebooks(engagement.folder / "notebooks"), only)
    by_run = {"engagement": str(engagement.file.absolute()), "language": language, "output": "report"}
    values = parameter_values(notebooks, parameters or {}, assignments=assignments, by_run=by_run)
    target = reports_folder(engagement, reports=reports)
    return Order(engagement.engagement.client, language, notebooks, values, target, timeout_seconds)


def parameter_values(
    notebooks: Sequence[Notebook],
    given: Mapping[str, object],
    *,
    assignments: Iterable[str] = (),
    by_run: Mapping[str, object],
) -> dict[str, dict[str, object]]:
    """What each notebook is given, by notebook; every name and type checked before anything runs."""
    declared = shared_parameters(notebooks)
    known = {name: parameter for name, (_, parameter) in declared.items() if name not in GIVEN_BY_THE_RUN}
    values = {**given, **_assigned(assignments, declared)}
    for name in values:
        if name in GIVEN_BY_THE_RUN:
            raise ParameterError(f"Parameter '{name}' is set by the run itself; use the command's own option for it.")
    unknown = {name: value for name, value in values.items() if name not in known}
    check_values(unknown, known.values(), where="the notebooks to be run")
    by_notebook = {}
    for notebook in notebooks:
        names = {parameter.name for parameter in notebook.parameters}
        own = {name: value for name, value in {**by_run, **values}.items() if name in names}
        check_values(own, notebook.parameters, where=f"notebook '{notebook.name}'")
        by_notebook[notebook.name] = own
    return by_notebook


def _assigned(assignments: Iterable[str], declared: Mapping[str, tuple[Notebook, Parameter]]) -> dict[str, object]:
    """The values of `name=value` texts; one with an unknown name stays text, to be refused by its name."""
    values: dict[str, object] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name = name.strip()
        if not equals:
            raise ParameterError(f"A parameter is given as name=value, not '{assignment}'.")
        values[name] = text
        if name in declared:
            notebook, parameter = declared[name]
            values[name] = typed_value(text, parameter, where=f"notebook '{notebook.name}'")
    return values
