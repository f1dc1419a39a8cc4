"""What a job answered, in few numbers: two jobs that did the same work give the same ones."""

from __future__ import annotations

import duckdb
import pandas as pd

_PRIME = 9973


def plain_rows(*frames: pd.DataFrame) -> list[list[object]]:
    """Small frames as sorted rows of whole numbers and texts; a missing text is empty."""
    rows: list[list[object]] = []
    for frame in frames:
        for values in frame.itertuples(index=False):
            rows.append([_plain(value) for value in values])
    return sorted(rows, key=str)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    return int(value)  # type: ignore[call-overload]


def fingerprint(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, list[object]]:
    """Per column: values there are, and their sum weighted by the row's key, which ties values to rows."""
    described = connection.execute(f"describe select * from {relation}").fetchall()
    key = "contact_key" if "contact_key" in {row[0] for row in described} else "1"
    terms, names = [], []
    for name, kind, *_ in described:
        value = _as_number(name, kind)
        names.append(name)
        terms += [f'count("{name}")', f"sum(({value}) * weight)"]
    weighted = f"(select *, {key}::bigint % {_PRIME} + 1 as weight from {relation})"
    found = connection.execute(f"select {', '.join(terms)} from {weighted}").fetchone()
    assert found is not None
    return {name: [_exact(one) for one in found[2 * at : 2 * at + 2]] for at, name in enumerate(names)}


def _as_number(name: str, kind: str) -> str:
    """Integers and flags as they are, fractions in ten-thousandths, text by a hash of it."""
    if kind == "BOOLEAN":
        return f'"{name}"::bigint'
    if kind in ("DOUBLE", "FLOAT"):
        return f'round("{name}" * 10000)::bigint'
    if kind == "DATE":
        return f"date_diff('day', date '1970-01-01', \"{name}\")::bigint"
    if kind == "VARCHAR" or kind.startswith("ENUM"):
        return f'(hash("{name}"::varchar) % 1000003)::bigint'
    return f'"{name}"::bigint'


def _exact(value: object) -> object:
    return None if value is None else int(value)  # type: ignore[call-overload]
