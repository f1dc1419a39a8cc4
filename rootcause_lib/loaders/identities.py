"""Contacts that carry a number or an address instead of a customer, linked to the customer it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from rootcause_lib.loaders.clock import Clock
from rootcause_lib.loaders.mapping import identity_name
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.tables import Ready

COLUMNS = ("channel", "contacts", "identified_before", "identified_after", "shared")

HOME_CODES: Mapping[str, str] = {
    "Europe/Helsinki": "358", "Europe/Mariehamn": "358", "Europe/Stockholm": "46", "Europe/Berlin": "49",
    "Europe/London": "44", "Europe/Amsterdam": "31", "Europe/Brussels": "32", "Europe/Paris": "33",
    "Europe/Zurich": "41", "Europe/Vienna": "43",
}  # fmt: skip
"""Country codes of the zones whose numbers are written with a leading 0 at home."""

_FEWEST_DIGITS = 5
_KNOWN, _LINKED = "known_identities", "linked_contacts"
_EVER, _ALWAYS = -(1 << 60), 1 << 60


def normalised_sql(kind: str, value: str, *, time_zone: str) -> str:
    """A number or address as it is compared; NULL where it is none, such as a hidden number.

    phone: +, country code, digits (a leading 0 is the zone's own country; elsewhere it stays). email: the
    address alone, small letters. Others: small letters without blanks.
    """
    if kind == "phone":
        bare = f"replace(regexp_replace({value}, '^(tel|callto):', '', 'i'), '(0)', '')"
        digits = f"regexp_replace({bare}, '[^0-9+]', '', 'g')"
        abroad = f"regexp_replace({digits}, '^00', '+')"
        home = HOME_CODES.get(time_zone)
        whole = f"regexp_replace({abroad}, '^0', '+{home}')" if home else abroad
        enough = f"regexp_full_match({whole}, '[+]?[0-9]{{{_FEWEST_DIGITS},}}')"
        fits = f"{enough} and not regexp_matches({bare}, '\\p{{L}}')"
        return f"case when {fits} then {whole} end"
    if kind == "email":
        return f"nullif(regexp_extract(lower({value}), '[^\\s<>:;,\"]+@[^\\s<>:;,\"]+'), '')"
    return f"nullif(lower(regexp_replace({value}, '\\s', '', 'g')), '')"


def no_links() -> pd.DataFrame:
    """What is counted where no contact carries an identity."""
    return pd.DataFrame({name: pd.Series(dtype="str" if name == "channel" else "int64") for name in COLUMNS})


def link_contacts(
    session: Session, contacts: Ready, identities: Ready, *, kinds: Iterable[str], clock: Clock, time_zone: str
) -> tuple[Ready, pd.DataFrame]:
    """Give contacts without a customer the one their number or address belonged to when they began.

    The contacts' scratch table has a column customer_id. A value of several customers at that time, or
    values of different customers, link nobody. Beside the contacts: by channel, how many had a customer
    before and after, and how many were left for shared values.
    """
    about = "linking contacts to customers"
    table = scratch(contacts.name)
    contacts = replace(contacts, columns=tuple(dict.fromkeys([*contacts.columns, "customer_id"])))
    _known_identities(session, identities, clock=clock, time_zone=time_zone)
    candidates = " union all ".join(
        f"select rows.rowid as place, known.customer_id from {table} as rows "
        f"join {scratch(_KNOWN)} as known on known.kind = {literal(kind)} and known.value = "
        f"{normalised_sql(kind, f'rows.{quoted(identity_name(kind))}', time_zone=time_zone)} "
        "and rows.started_seconds between known.from_seconds and known.to_seconds "
        f"where {contacts.where} and rows.customer_id is null"
        for kind in kinds
    )
    session.run(
        f"create table {scratch(_LINKED)} as select place, min(customer_id) as customer_id, "
        f"count(distinct customer_id) > 1 as shared from ({candidates}) group by place",
        about=about,
    )
    counts = _counts(session, contacts)
    session.run(
        f"update {table} as rows set customer_id = linked.customer_id from {scratch(_LINKED)} as linked "
        "where rows.rowid = linked.place and not linked.shared",
        about=about,
    )
    return contacts, counts


def _known_identities(session: Session, identities: Ready, *, clock: Clock, time_zone: str) -> None:
    """Every number and address as it is compared, with the seconds it was its customer's.

    A day without a time as the end counts to its last second. The stored values become the compared ones,
    so that their pseudonyms are alike however they were written.
    """
    about = "reading numbers and addresses"
    table = scratch(identities.name)
    kinds = identities.labels.get("kind", {})
    ways = "".join(
        f" when kind::varchar = {literal(label)} then {normalised_sql(kind, 'value', time_zone=time_zone)}"
        for label, kind in kinds.items()
    )
    if ways:
        session.run(f"update {table} set value = coalesce(case{ways} end, value) where broken = 0", about=about)
    canonical = "".join(f" when {literal(label)} then {literal(kind)}" for label, kind in kinds.items())
    kind = f"case kind::varchar{canonical} end" if canonical else "kind::varchar"
    start, end = (
        f"rows.{name}" if name in identities.columns else "null::bigint"
        for name in ("valid_from_seconds", "valid_to_seconds")
    )
    whole_day = f"case when ({clock.local_sql(end)}) % 86400 = 0 then {end} + 86399 else {end} end"
    session.run(
        f"create table {scratch(_KNOWN)} as select distinct {kind} as kind, rows.value, rows.customer_id, "
        f"coalesce({start}, {_EVER}) as from_seconds, coalesce({whole_day}, {_ALWAYS}) as to_seconds "
        f"from {identities.rows}",
        about=about,
    )


def _counts(session: Session, contacts: Ready) -> pd.DataFrame:
    """By canonical channel, before anything is linked."""
    rows = session.rows(
        "select rows.channel::varchar, count(*), count(rows.customer_id), "
        "count(*) filter (where linked.place is not null and not linked.shared), "
        "count(*) filter (where linked.shared) "
        f"from {scratch(contacts.name)} as rows left join {scratch(_LINKED)} as linked on linked.place = rows.rowid "
        f"where {contacts.where} group by 1",
        about="counting linked contacts",
    )
    canonical = contacts.labels.get("channel", {})
    found = [(canonical.get(label, label), all_, had, had + won, shared) for label, all_, had, won, shared in rows]
    frame = pd.DataFrame(found, columns=list(COLUMNS))
    return frame.groupby("channel", as_index=False, sort=True).sum() if found else no_links()
