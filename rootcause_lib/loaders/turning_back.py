"""Pseudonyms turned back into the client's own ids, for whoever holds the key and the exports.

A pseudonym can't be undone. It is made again, from every id in the exports, until it is the one asked for: without the
exports, or with another key, there is nothing to find.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pandas as pd

from rootcause_lib.engagement import Engagement
from rootcause_lib.engine import DuckDB, Resources
from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.loaders.loading import read_customer_ids
from rootcause_lib.loaders.pseudonyms import DIGITS, known_key, make_pseudonyms
from rootcause_lib.loaders.rejects import prepare_rejects
from rootcause_lib.loaders.session import Session, loading, scratch
from rootcause_lib.loaders.typed_files import close_databases
from rootcause_lib.schemas import TABLES

COLUMNS = ("pseudonym", "customer_id")

_PSEUDONYM = re.compile(f"[0-9a-f]{{{DIGITS}}}")
_CARRYING = tuple(table for table in ("customers", *TABLES) if "customer_id" in TABLES[table].column_names)
"""Tables that name customers, the one that should name all of them first."""


def turn_back(engagement: Engagement, pseudonyms: Sequence[str], *, progress: Callable[[str], None]) -> pd.DataFrame:
    """`COLUMNS`: each pseudonym asked for, once, with the id it was made from; empty where no id gives it.

    Tables are read until all are found. What is read goes into a database of its own, which is deleted. Raises
    ParameterError for what is no pseudonym, EngagementError without a key, DataError where not one is found.
    """
    asked = list(dict.fromkeys(one.strip().casefold() for one in pseudonyms))
    for place, one in enumerate(asked, start=1):
        if not _PSEUDONYM.fullmatch(one):
            raise ParameterError(
                f"Number {place} of those given is no pseudonym of a customer: these are {DIGITS} of the characters "
                "0-9 and a-f, as a list's column customer_id has them."
            )
    if not asked:
        raise ParameterError("Give at least one pseudonym, as a list's column customer_id has them.")
    key = known_key(engagement)
    found: dict[str, str] = {}
    settings = engagement.engine
    resources = Resources(settings.memory_limit, settings.threads, engagement.spill_folder)
    engine = DuckDB(access="write", resources=resources)
    try:
        for table in dict.fromkeys(_CARRYING):
            if table in engagement.tables and len(found) < len(asked):
                with loading(engine, spill_folder=engagement.spill_folder) as session:
                    prepare_rejects(session)
                    ids = read_customer_ids(session, engagement, table, progress=progress)
                    close_databases(session)
                    make_pseudonyms(session, ids, kind="customer", key=key, into="turned")
                    found |= _matching(session, asked)
    finally:
        engine.close()
    if not found:
        source = f"the variable {engagement.privacy.key_env}" if key.source == "environment" else "the key file"
        raise DataError(
            f"None of the {len(asked)} pseudonyms is of a customer in these exports under the key from {source}. It is "
            "another key, or these are not the exports, than the pseudonyms were made with."
        )
    rows = [(one, found.get(one)) for one in asked]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")


def _matching(session: Session, asked: Sequence[str]) -> dict[str, str]:
    rows = session.rows(
        f"select pseudonym, id from {scratch('turned')} where pseudonym in (select unnest($asked))",
        values={"asked": list(asked)},
        about="comparing pseudonyms",
    )
    return dict(rows)
