"""Every dirty input the loaders are claimed to stand: one table, walked by a test and printed as a page."""

from __future__ import annotations

from dirty import encodings, rows, values
from dirty.case import Case

CASES: tuple[Case, ...] = (*encodings.CASES, *values.CASES, *rows.CASES)
