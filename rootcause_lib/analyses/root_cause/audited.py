"""What an audit says: the contacts that were looked at again, what they were about, and who said so."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from rootcause_lib.analyses.root_cause.reason_sums import keep_topics
from rootcause_lib.journeys import day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import SELF_SERVICE_CHANNELS, SMALL

ADJUDICATED = "adjudicated"
"""The coder whose word settles what others disagree on."""

ENOUGH_INSIDE = 50
"""Audited contacts of the period from which the period's own audit is used."""

CONTACTS = ("contact_key", "cluster_key", "channel", "team", "agent_id", "code", "inside")
TOPICS = ("contact_key", "reason", "weight")


@dataclass(frozen=True, slots=True)
class Audit:
    """The audited inbound contacts of the data.

    contacts: one row per contact (`CONTACTS`): its code ("" none), `inside` the period or not. found: what they were
    about, coders settled (`TOPICS`, weights of a contact sum to 1). given: what they were coded with, in the same form.
    codings: the same by `coder`, the adjudicator left out. unknown: reasons found that no contact is coded with.
    outside: audited contacts in the data but not in the period; unmatched: not in the data, or not inbound.
    adjudicated: share of the contacts on which somebody had the last word.
    """

    contacts: pd.DataFrame
    found: pd.DataFrame
    given: pd.DataFrame
    codings: pd.DataFrame
    unknown: tuple[str, ...]
    outside: int
    unmatched: int
    adjudicated: float

    @property
    def inside(self) -> pd.DataFrame:
        """The audited contacts of the period."""
        return self.contacts[self.contacts["inside"]]

    def of_period(self) -> Audit:
        """The audit of the period alone where that is enough to judge by, else all of it."""
        if len(self.inside) < ENOUGH_INSIDE:
            return self
        keys = set(self.inside["contact_key"])
        kept = [rows[rows["contact_key"].isin(keys)] for rows in (self.found, self.given, self.codings)]
        return replace(self, contacts=self.inside, found=kept[0], given=kept[1], codings=kept[2])


@dataclass(frozen=True, slots=True)
class Population:
    """Contacts an audit could be drawn from, by channel and code."""

    table: pd.DataFrame

    def codes(self) -> pd.Series:
        """Contacts by code."""
        return self.table.groupby("code")["contacts"].sum()

    def audited_part(self, audit: pd.DataFrame) -> Population:
        """What the audit speaks for: self-service and uncoded contacts only where some of them were audited."""
        left_out = set(SELF_SERVICE_CHANNELS) - set(audit["channel"])
        kept = ~self.table["channel"].isin(left_out)
        if not (audit["code"] == "").any():
            kept &= self.table["code"] != ""
        return Population(self.table[kept])

    def self_coded(self, audit: pd.DataFrame) -> pd.Series:
        """Coded contacts by code of self-service channels that were not audited: no agent chose their code."""
        left_out = set(SELF_SERVICE_CHANNELS) - set(audit["channel"])
        rows = self.table[self.table["channel"].isin(left_out) & (self.table["code"] != "")]
        return rows.groupby("code")["contacts"].sum()


def population(store: Store, period: Period) -> Population:
    """The inbound contacts of a period that somebody answered, or that carry a code."""
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    table = store.engine.run(statement("audit_population", values=days))
    return Population(table.astype({"channel": "str", "code": "str", "contacts": "float64"}))


def read_audit(store: Store, period: Period, *, known: pd.Index) -> Audit:
    """The audit of a store; `known`: the codes that contacts have. Empty where there is none.

    Reasons found that are no code and that stand for fewer customers than the smallest cell are one, `(small)`.
    """
    rows = store.engine.run(statement("audited_contacts"))
    rows = rows[rows["found"].notna()]
    matched = rows["contact_key"].notna() & (rows["direction"] == "inbound")
    unmatched = int(rows.loc[~matched, "contact_id"].nunique())
    rows = rows[matched].astype({"contact_key": "int64", "cluster_key": "int64", "code": "str", "found": "str"})
    days = (day_number(period.start), day_number(period.end))
    rows = rows.assign(inside=rows["started_day"].between(*days), weight=rows["weight"].astype("float64"))
    rows, unknown = _named(rows, known, smallest=store.engagement.definitions.smallest_cell)
    contacts = rows.drop_duplicates("contact_key").sort_values("contact_key", ignore_index=True)
    settled, codings = _settled(rows)
    final = rows.loc[_is_final(rows["coder"]), "contact_key"].nunique()
    return Audit(
        contacts=contacts[list(CONTACTS)],
        found=settled,
        given=_given(store, contacts),
        codings=codings,
        unknown=unknown,
        outside=int((~contacts["inside"]).sum()),
        unmatched=unmatched,
        adjudicated=final / len(contacts) if len(contacts) else float("nan"),
    )


def _named(rows: pd.DataFrame, known: pd.Index, *, smallest: int) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Reasons found as codes are written, whatever their case; rare ones that are no code as `(small)`."""
    by_case = {str(code).casefold(): str(code) for code in known if code}
    found = rows["found"].str.strip()
    found = found.map(lambda reason: by_case.get(reason.casefold(), reason))
    strange = ~found.isin(list(by_case.values()))
    customers = rows["cluster_key"].groupby(found).nunique()
    rare = strange & (found.map(customers) < smallest)
    named = found.mask(rare, SMALL)
    return rows.assign(found=named), tuple(sorted(set(named[strange])))


def _settled(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each contact was about by all coders together, and by each of them (the adjudicator apart)."""
    given = _weighed(rows)
    by_coder = given.groupby(["contact_key", "coder", "found"], as_index=False)["weight"].sum()
    whole = by_coder.groupby(["contact_key", "coder"])["weight"].transform("sum")
    by_coder = by_coder.assign(weight=by_coder["weight"] / whole).rename(columns={"found": "reason"})
    final = _is_final(by_coder["coder"])
    settled = set(by_coder.loc[final, "contact_key"])
    open_ones = by_coder[~final & ~by_coder["contact_key"].isin(settled)]
    found = pd.concat([by_coder[final], _by_majority(open_ones)])
    found = found.groupby(["contact_key", "reason"], as_index=False)["weight"].sum()
    whole = found.groupby("contact_key")["weight"].transform("sum")
    found = found.assign(weight=found["weight"] / whole)
    codings = by_coder[~final].reset_index(drop=True)
    return found[list(TOPICS)].reset_index(drop=True), codings[["contact_key", "coder", "reason", "weight"]]


def _is_final(coder: pd.Series) -> pd.Series:
    return coder.astype(str).str.strip().str.casefold() == ADJUDICATED


def _weighed(rows: pd.DataFrame) -> pd.DataFrame:
    """Topics with their weights; those left blank share what is left of 1, all alike where none is given."""
    given = rows.assign(weight=rows["weight"].where(rows["weight"] > 0))
    group = given.groupby(["contact_key", "coder"])["weight"]
    blank = group.transform("size") - group.transform("count")
    rest = (1 - group.transform("sum")).clip(lower=0) / blank.where(blank > 0)
    given = given.assign(weight=given["weight"].fillna(rest))
    return given[given["weight"] > 0]


def _by_majority(by_coder: pd.DataFrame) -> pd.DataFrame:
    """Each contact's coding that more than half of its coders gave; where there is none, all of their codings."""
    if by_coder.empty:
        return by_coder
    words = by_coder.sort_values("reason").assign(
        word=lambda rows: rows["reason"] + "\0" + rows["weight"].round(6).astype(str)
    )
    codings = words.groupby(["contact_key", "coder"])["word"].agg("\1".join).reset_index()
    number = codings.groupby("contact_key")["coder"].transform("count")
    alike = codings.groupby(["contact_key", "word"])["coder"].transform("count")
    most = codings[alike * 2 > number]
    decided = most.drop_duplicates("contact_key")[["contact_key", "coder"]]
    kept = by_coder.merge(decided, on=["contact_key", "coder"])
    return pd.concat([kept, by_coder[~by_coder["contact_key"].isin(decided["contact_key"])]])


def _given(store: Store, contacts: pd.DataFrame) -> pd.DataFrame:
    """The codes of the audited contacts as topics; contacts with several reasons have them by weight."""
    plain = contacts.loc[contacts["code"] != "", ["contact_key", "code"]].rename(columns={"code": "reason"})
    plain = plain.assign(weight=1.0)
    keep_topics(store)
    topics = store.engine.run(statement("audited_topics")).astype({"reason": "str", "weight": "float64"})
    topics = topics[topics["contact_key"].isin(contacts["contact_key"])]
    several = pd.concat([topics, plain[~plain["contact_key"].isin(topics["contact_key"])]], ignore_index=True)
    whole = several.groupby("contact_key")["weight"].transform("sum")
    return several.assign(weight=several["weight"] / whole)[list(TOPICS)]
