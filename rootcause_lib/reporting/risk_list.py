"""The list of customers most at risk, as a file of its own: for one purpose, until a day, for its owner's eyes.

It is the one place where single customers leave the engine, by pseudonym. No run holds it and no log names anybody in
it. Every row says what it was made for and when it must be deleted, so that rows cut out of the file say it too.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rootcause_lib.analyses import analyse_churn_risk
from rootcause_lib.engagement import Engagement
from rootcause_lib.errors import DataError, OutputError, ParameterError
from rootcause_lib.prose import label, one_line
from rootcause_lib.reporting.folders import reports_folder
from rootcause_lib.reporting.recording import spreadsheet_safe
from rootcause_lib.store import open_engagement, store_folder

SCORED = ("customer_id", "risk", "low", "high", "value_at_stake", "drivers", "grade")
COLUMNS = (*SCORED, "purpose", "made_on", "delete_after")
EXPIRES_DAYS = 30
LONGEST_DAYS = 365
LONGEST_PURPOSE = 200
_SHORTEST_PURPOSE = 5
LOG = "lists.jsonl"
"""In the store's folder: when lists were made, of how many customers, what for, until when. Nobody is named."""

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class RiskList:
    """A list as it was written."""

    file: Path
    customers: int
    delete_after: dt.date
    grade: str | None
    """What its risks may be used for, the worst of them; None: not told."""


@dataclass(frozen=True, slots=True)
class ListOrder:
    """Whom a list is of, what for, and how long it may be kept; checked by `ordered`."""

    customers: int
    purpose: str
    made_on: dt.date
    delete_after: dt.date
    segment: str | None = None


def ordered(
    purpose: str,
    *,
    customers: int,
    expires_days: int = EXPIRES_DAYS,
    segment: str | None = None,
    today: dt.date | None = None,
) -> ListOrder:
    """The order of a list; ParameterError without a purpose in words or with a day out of reach.

    `today` (None: the day it is) is the day it is made on; `segment`: of this customer group alone.
    """
    words = one_line(purpose)
    if len(words) < _SHORTEST_PURPOSE or not any(one.isalpha() for one in words):
        raise ParameterError('Say in a few words what the list is for, such as --purpose "call before renewal".')
    if len(words) > LONGEST_PURPOSE:
        raise ParameterError(f"The purpose has {len(words)} characters; at most {LONGEST_PURPOSE} stand in each row.")
    if not 1 <= expires_days <= LONGEST_DAYS:
        raise ParameterError(f"A list may be kept for 1 to {LONGEST_DAYS} days, not {expires_days}.")
    made_on = today or dt.date.today()
    return ListOrder(customers, words, made_on, made_on + dt.timedelta(days=expires_days), segment)


def make_list(
    path: str | Path, order: ListOrder, *, into: str | Path = ".", progress: Callable[[str], None]
) -> RiskList:
    """Score an engagement's customers and write those most at risk into a new file of a folder, made if need be."""
    store = open_engagement(path, progress=progress)
    file = list_file(store.engagement, order, into=Path(into))
    found = analyse_churn_risk(store, customer_list=order.customers, segment=order.segment)
    return write_list(found.scores, store.engagement, order, file=file)


def list_file(engagement: Engagement, order: ListOrder, *, into: Path) -> Path:
    """Where the list will stand; OutputError inside a run, the reports or the store, or where it exists already."""
    folder = into.resolve()
    kept = (reports_folder(engagement).parent.resolve(), store_folder(engagement).resolve())
    in_a_run = any((place / _MANIFEST).exists() for place in (folder, *folder.parents))
    if in_a_run or any(folder.is_relative_to(one) for one in kept):
        raise OutputError(f"'{into}' holds reports or the store, which are passed on or kept: choose another folder.")
    file = into / f"risk_list_{engagement.client_slug}_{order.made_on.isoformat()}.csv"
    if file.exists() or file.is_symlink():
        raise OutputError(f"'{file}' exists. Move or delete it, or choose another folder with --into.")
    return file


def write_list(scores: pd.DataFrame, engagement: Engagement, order: ListOrder, *, file: Path) -> RiskList:
    """Write the rows of `scores` (`SCORED`) for the owner's eyes only, and note that it was done.

    Raises DataError where nobody could be scored, OutputError where the file can't be written; nothing half-made stays.
    """
    if scores.empty:
        raise DataError(
            "No customer can be listed: the data give no risk scores. `rootcause check` says what the analysis of "
            "leaving lacks."
        )
    language = engagement.engagement.language
    rows = scores.reindex(columns=list(SCORED)).round(dict.fromkeys(("risk", "low", "high"), 4) | {"value_at_stake": 2})
    rows = rows.assign(
        drivers=[_in_words(keys, language) for keys in rows["drivers"]],
        purpose=order.purpose,
        made_on=order.made_on.isoformat(),
        delete_after=order.delete_after.isoformat(),
    )
    text = spreadsheet_safe(rows).to_csv(index=False, lineterminator="\n")
    _write_owned(file, text)
    _note(engagement, order, customers=len(rows))
    grades = [str(grade) for grade in rows["grade"].dropna()]
    return RiskList(file, len(rows), order.delete_after, max(grades, default=None))


def _in_words(keys: object, language: str) -> str:
    """What raises a customer's risk, as readers know it."""
    given = keys.split(";") if isinstance(keys, str) else []
    return ", ".join(label(key, language=language, kind="driver") for key in given if key)


def _write_owned(file: Path, text: str) -> None:
    """A new file that only its owner can read, whatever the user's own settings."""
    begun = False
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        begun = True
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
    except OSError as error:
        if begun:
            file.unlink(missing_ok=True)
        raise OutputError(f"Could not write '{file}': {error.strerror}.") from None


def _note(engagement: Engagement, order: ListOrder, *, customers: int) -> None:
    entry = {
        "made_on": order.made_on.isoformat(),
        "customers": customers,
        "purpose": order.purpose,
        "delete_after": order.delete_after.isoformat(),
    }
    path = store_folder(engagement) / LOG
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError as error:
        raise OutputError(f"The list is written, but '{path}' could not be: {error.strerror}.") from None
