"""What plain pandas keeps of checked tables: pseudonyms instead of ids, contacts in order, the counts beside them."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping

import pandas as pd
from by_pandas_reading import UnreadableError

from rootcause_lib.schemas import TABLES

_VERDICT = "adjudicated"


def pseudonyms(kind: str, ids: pd.Series) -> pd.DataFrame:
    """By id: its keyed pseudonym and a key from 1 in the order of the pseudonyms."""
    key = os.environ["ROOTCAUSE_KEY"].encode()
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    names = pd.Series(
        [hmac.digest(key, f"{kind}:{one}".encode(), "sha256").hex()[:20] for one in ids], index=pd.Index(ids)
    )
    if not names.is_unique:
        raise UnreadableError("two ids share a pseudonym")
    return pd.DataFrame({"customer_id": names.sort_values()}).assign(customer_key=range(1, len(names) + 1))


def coder_names(coders: pd.Series) -> pd.Series:
    """Pseudonyms of the people who coded; the verdict that is no person stays."""
    verdict = coders.str.lower() == _VERDICT
    people = coders[~verdict].dropna().drop_duplicates()
    return coders.map(pseudonyms("coder", people)["customer_id"]).mask(verdict, _VERDICT)


def sorted_contacts(contacts: pd.DataFrame) -> pd.DataFrame:
    ends = contacts["ended_seconds"]
    ends = ends.fillna(contacts["started_seconds"] + contacts["handle_seconds"].round().astype("Int64")).fillna(
        contacts["started_seconds"]
    )
    contacts = contacts.assign(ended_seconds=ends, direction=contacts["direction"].fillna("inbound"))
    contacts = contacts.sort_values(
        ["customer_key", "started_seconds", "contact_id"], na_position="last", ignore_index=True
    )
    return contacts.assign(contact_key=range(1, len(contacts) + 1))


def counted(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Filled shares of every column, orphans of every reference, first and last day."""
    counts = []
    for name, rows in tables.items():
        counts += [(name, column, "filled", int(filled)) for column, filled in rows.notna().sum().items()]
        days = [column for column in rows if rows[column].dtype.kind == "M"]
        if days:
            first, last = rows[days[0]].min(), rows[days[0]].max()
            counts += [(name, days[0], "first", first.toordinal()), (name, days[0], "last", last.toordinal())]
        for column in TABLES[name]:
            target = (column.references or "").partition(".")[0]
            key = "customer_key" if column.name == "customer_id" else column.name
            if target in tables and target != name and key in rows:
                strangers = rows[key].notna() & ~rows[key].isin(tables[target][key])
                counts.append((name, column.name, "orphans", int(strangers.sum())))
    return pd.DataFrame(counts, columns=["table", "column", "what", "rows"])
