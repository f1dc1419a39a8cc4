"""What plain pandas keeps of rows it can't use: rule, row number and the masked shape of the value."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd
from by_pandas_reading import BLANKS, Source

_TOTAL = re.compile(
    r"\s*((grand |sub)?totals?|total records?|sum|summa|summarivi|(kaikki )?yhteensä|välisumma)([\W\d_]|$)"
)
_LAST_ROWS = 3
_LETTERS, _DIGITS, _CONTROLS = (re.compile(p) for p in ("(?:[^\\W\\d_]|[\u0300-\u036f])", r"\d", r"[\x00-\x1f\x7f]"))
_COLUMNS = ["row", "column", "rule", "value"]


def like_totals(source: Source, bad: pd.Series) -> tuple[pd.Series, list[tuple[int, str]]]:
    """Broken rows at the end that sum the others up, which are no rejects; and the refused lines that do not."""
    totals = pd.Series(False, index=bad.index)
    ending = bad.iloc[-_LAST_ROWS:]
    for place in ending.index[ending]:
        cells = source.rows.loc[place].dropna().astype(str)
        totals[place] = any(_TOTAL.match(cell.strip(BLANKS).lower()) for cell in cells)
    before = source.numbers[-_LAST_ROWS - 1] if len(source.numbers) > _LAST_ROWS else 0
    refused = [(row, line) for row, line in source.refused if row < before or not _TOTAL.match(line.lower())]
    return totals, refused


def kept_rejects(
    source: Source, broken: Mapping[tuple[str, str], pd.Series], refused: list[tuple[int, str]]
) -> pd.DataFrame:
    """One line per row and broken rule, in the order of the rows."""
    found = [pd.DataFrame([(row, "", "wrong_columns", shape(line)) for row, line in refused], columns=_COLUMNS)]
    for (name, rule), touched in broken.items():
        if touched.any():
            found.append(_of_rule(source, touched, name, rule))
    return pd.concat(found).sort_values(["row", "column", "rule"], ignore_index=True)


def _of_rule(source: Source, touched: pd.Series, name: str, rule: str) -> pd.DataFrame:
    values = source.rows.loc[touched, name] if name in source.rows and rule != "missing" else None
    shown = [None] * int(touched.sum()) if values is None else shapes(values)
    return pd.DataFrame({"row": source.numbers[touched.to_numpy()], "column": name, "rule": rule, "value": shown})


def shapes(values: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else shape(str(value).strip(BLANKS)) for value in values]


def shape(text: str) -> str:
    """Letters as x, digits as 9, shortened; never a formula in a spreadsheet."""
    short = _CONTROLS.sub(" ", _DIGITS.sub("9", _LETTERS.sub("x", text[:40])))
    return f"'{short}" if short[:1] in ("=", "+", "@", "-") and short else short
