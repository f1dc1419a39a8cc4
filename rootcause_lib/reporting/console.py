"""Results as plain text for a terminal and as JSON for a scheduler."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from rootcause_lib.loaders import Intake
from rootcause_lib.metrics import CATALOGUE
from rootcause_lib.prose import sentence, table_text
from rootcause_lib.reporting.recording import as_json

if TYPE_CHECKING:
    from rootcause_lib.analyses import DataHealth
    from rootcause_lib.engagement import Engagement

_LANGUAGE = "en"
_WIDEST_CELL = 72
_MOST_ROWS = 40


def text_table(frame: pd.DataFrame, *, columns: Sequence[str] | None = None) -> str:
    """The frame as aligned columns: numbers to the right, at most 40 rows, long cells cut."""
    shown = frame.loc[:, list(columns)] if columns is not None else frame
    cells = [[_cell(value) for value in row] for row in shown.head(_MOST_ROWS).itertuples(index=False, name=None)]
    heads = [str(name) for name in shown.columns]
    widths = [max(len(row[at]) for row in [heads, *cells]) for at in range(len(heads))]
    right = [pd.api.types.is_numeric_dtype(shown[name]) for name in shown.columns]
    lines = [_line(heads, widths, right), *(_line(row, widths, right) for row in cells)]
    if len(shown) > _MOST_ROWS:
        lines.append(f"... and {len(shown) - _MOST_ROWS} more")
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    laid = [
        one.rjust(width) if to_right else one.ljust(width)
        for one, width, to_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(laid).rstrip()


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return value.date().isoformat()
    plain = as_json(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "yes" if plain else "no"
    text = f"{plain:.4g}" if isinstance(plain, float) and not plain.is_integer() else str(plain)
    if isinstance(plain, float) and plain.is_integer():
        text = str(int(plain))
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 1]}…"


def check_text(health: DataHealth) -> str:
    """What `rootcause check` prints: sources, rejects, repairs, reconciliation, readiness, checks."""
    parts = [
        _section("Sources", health.sources),
        _section("Rejected rows by rule", rejects_by_rule(health.rejects), nothing="No rows were rejected."),
        _section("Repairs", health.repairs, nothing="Nothing was repaired."),
        _section("Columns not used", health.unmapped, nothing="Every column is used."),
        _section("References without a row", health.orphans, nothing="Every reference finds its row."),
        _section("Control totals", health.reconciliation, nothing="No control totals were given."),
        _section("What can be answered", table_text(health.readiness, language=_LANGUAGE)),
    ]
    made = [(_mark(check.passed), sentence(check.text, language=_LANGUAGE)) for check in health.checks]
    parts.append("\n".join(["Checks", *(f"  {mark:<7} {said}" for mark, said in made)]))
    return "\n\n".join(parts)


def rejects_by_rule(rejects: pd.DataFrame) -> pd.DataFrame:
    """Rejected rows counted by table, source, column and rule."""
    keys = ["table", "source", "column", "rule"]
    return rejects.groupby(keys, dropna=False, as_index=False, sort=False).size().rename(columns={"size": "rows"})


def _section(title: str, frame: pd.DataFrame, *, nothing: str = "None.") -> str:
    return f"{title}\n{textwrap.indent(text_table(frame) if len(frame) else nothing, '  ')}"


def _mark(passed: bool | None) -> str:
    return "note" if passed is None else "passed" if passed else "FAILED"


def check_records(health: DataHealth) -> dict[str, Any]:
    """The same as JSON types."""
    frames = {
        "sources": health.sources,
        "rejects": rejects_by_rule(health.rejects),
        "repairs": health.repairs,
        "unmapped": health.unmapped,
        "orphans": health.orphans,
        "reconciliation": health.reconciliation,
        "readiness": health.readiness,
    }
    found: dict[str, Any] = {name: as_json(frame.to_dict("records")) for name, frame in frames.items()}
    found["checks"] = [
        {"name": check.name, "passed": check.passed, "text": sentence(check.text, language=_LANGUAGE)}
        for check in health.checks
    ]
    return found


def linked_text(intake: Intake) -> str:
    """Contacts with a customer by channel, before and after numbers and addresses were looked up; empty where none."""
    return _section("Customers found by number or address", intake.linked) if len(intake.linked) else ""


def linked_records(intake: Intake) -> Any:
    """The same as JSON types."""
    return as_json(intake.linked.to_dict("records"))


def unsure_text(engagement: Engagement) -> str:
    """The mappings an engagement marks as guessed: warnings, since what rests on them is for direction only."""
    records = unsure_records(engagement)
    nothing = "Every mapping is confirmed."
    lines = [f"  warning  {each['table']}.{each['column']} was guessed and not confirmed" for each in records]
    return "\n".join(["Unsure mappings", *(lines or [f"  {nothing}"])])


def unsure_records(engagement: Engagement) -> list[dict[str, str]]:
    """The same as JSON types."""
    tables = engagement.tables.items()
    return [{"table": name, "column": column} for name, source in tables for column in source.unsure]


def metrics_text() -> str:
    """Every metric with its definition, for a terminal."""
    blocks = []
    for metric in metric_records():
        lines = [f"{metric['metric']}  ({metric['unit']} per {metric['grain']})"]
        lines += textwrap.wrap(metric["definition"], 100, initial_indent="  ", subsequent_indent="  ")
        for part in ("counted", "unknown", "does_not_tell", "source"):
            head = f"  {part.replace('_', ' ')}: "
            lines += textwrap.wrap(metric[part], 100, initial_indent=head, subsequent_indent="    ")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def metric_records() -> list[dict[str, Any]]:
    """Every metric with its definition as JSON types."""
    return [
        {
            "metric": metric.key,
            "label": metric.label,
            "unit": metric.unit,
            "grain": metric.grain,
            "definition": metric.definition.says,
            "counted": metric.definition.counted,
            "unknown": metric.definition.unknown,
            "does_not_tell": metric.definition.does_not_tell,
            "source": metric.definition.source,
            "values": as_json(metric.values),
        }
        for metric in CATALOGUE.values()
    ]
