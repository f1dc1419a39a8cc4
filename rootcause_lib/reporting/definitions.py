"""What the columns and metrics of a run's tables mean, for the workbook."""

from __future__ import annotations

from rootcause_lib.prose import label, labels


def column_meaning(column: str, *, language: str) -> str:
    """The reader's words for a column of a public frame."""
    return label(column, language=language, kind="column")


def metric_definitions(*, language: str) -> list[tuple[str, str]]:
    """Every metric's name with its definition as readers see it."""
    definitions = labels("metric_definition", language=language)
    names = labels("metric", language=language)
    return [(metric, f"{names.get(metric, metric)}. {says}") for metric, says in definitions.items()]


def table_title(table: str, *, language: str) -> str:
    """The reader's words for a table named `<analysis>.<frame>`."""
    analysis, _, frame = table.partition(".")
    title = labels("analysis", language=language).get(analysis, analysis)
    return f"{title}: {label(frame, language=language, kind='frame')}"
