"""How much more often the same customers make contact around the events of a process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.process_fits import (
    Fit,
    Part,
    asked_bands,
    fitted,
    merged,
    refined,
    whole,
)
from rootcause_lib.analyses.root_cause.process_grades import (
    differ_where_nobody_leaves,
    graded_incidence,
    placebo_verdicts,
)
from rootcause_lib.journeys import Following
from rootcause_lib.periods import DAY_SECONDS, Period
from rootcause_lib.person_time import Counted, lived_time
from rootcause_lib.risk_bands import FOR_EVER_DAYS, Band
from rootcause_lib.store import Store

INCIDENCE = (
    "process", "kind", "band", "from_day", "until_day", "rate_ratio", "low", "high", "level", "contacts", "person_days",
    "customers", "method", "claim", "grade", "grade_reasons", "reason_untold",
)  # fmt: skip
VARIANTS = ("variant", "process", "kind", "band", "rate_ratio", "low", "high")

WIDEST = 1000.0
"""High over low of a rate ratio beyond which there is nothing to tell."""

Untold = Literal["", "no_customer_ids", "no_events"]


@dataclass(frozen=True, slots=True)
class Incidence:
    """What the case series say, and the fits for what follows from them.

    incidence and variants: the public frames. every: all contacts in bands cut for what a normal event would have
    brought; main: the fit that `incidence` publishes. Both None where nothing can be fitted (`untold` says why).
    leaving_matters: processes whose rate ratios differ among customers who stay. p_values: by process, of none of its
    risk bands having an effect.
    """

    incidence: pd.DataFrame
    variants: pd.DataFrame
    main: Fit | None
    every: Fit | None
    untold: Untold
    leaving_matters: tuple[str, ...] = ()
    p_values: Mapping[str, float] = field(default_factory=dict)


def process_incidence(store: Store, period: Period, followed: Following, *, shocks: Sequence[str] = ()) -> Incidence:
    """Rate ratios of every band of every process, all fitted together; `shocks`: processes that strike everyone at
    once, which no customer's own other days can tell from the calendar.

    Matched by case ids, the contacts that open a case are counted. Without them the value is that of all contacts, and
    low and high span its interval and that of contacts after a quiet spell (time and contacts within `spill_over_days`
    after any contact left out): how follow-ups are treated is then as uncertain as chance. The same is fitted among
    customers who stay.
    """
    bands = asked_bands(store, without=shocks)
    untold: Untold = "" if store.extent.identified else "no_customer_ids"
    if "process_events" not in store.present:
        untold = "no_events"
    if untold or not bands:
        return Incidence(_nothing_told(bands, store, untold), pd.DataFrame(columns=list(VARIANTS)), None, None, untold)
    public, finer = whole(bands), refined(bands, store.engagement)
    opened, quiet = followed.matching == "case", store.engagement.definitions.spill_over_days
    lived = lived_time(store, [part.band for part in finer], period=period, quiet_days=0 if opened else quiet)
    if not lived.bands:
        return Incidence(_nothing_told((), store, untold), pd.DataFrame(columns=list(VARIANTS)), None, None, untold)
    counted: Counted = "openers" if opened else "every"
    kinds = lived.kinds()
    every = fitted(kinds, finer)
    fits = {"all": fitted(merged(kinds, finer), public)}
    other = lived.kinds(counted=counted) if opened else lived.kinds(spells="quiet")
    fits["openers" if opened else "quiet"] = fitted(merged(other, finer), public)
    stay = fitted(merged(lived.kinds(counted=counted, among="stayers"), finer), public)
    main = fits["openers" if opened else "all"]
    level = store.engagement.definitions.level
    tables = {name: _ratios(fit, level=level) for name, fit in (fits | {"stayers": stay}).items()}
    own = tables["openers" if opened else "all"]
    differ = differ_where_nobody_leaves(own, tables["stayers"], level=level)
    p_values = _p_values(main)
    published = _published(tables, level=level)
    table = graded_incidence(store, published, tables, leaving_matters=differ, p_values=p_values)
    matters = tuple(dict.fromkeys(own.loc[differ & (own["kind"] == "risk"), "process"]))
    return Incidence(table[list(INCIDENCE)], _variants(tables), main, every, "", matters, p_values)


def placebos(incidence: Incidence) -> dict[str, str]:
    """Verdict on each process's placebo, taken over its risk bands: passed, failed or undecided."""
    table = incidence.incidence
    verdicts = placebo_verdicts(table)
    found: dict[str, str] = {}
    for process, own in verdicts[(table["kind"] == "risk") & table["rate_ratio"].notna()].groupby(table["process"]):
        worst = "failed" if "failed" in set(own) else "undecided"
        found[str(process)] = "passed" if (own == "passed").all() else worst
    return found


def _p_values(fit: Fit) -> dict[str, float]:
    """By process, of none of its risk bands having an effect, as far as they are told."""
    told = {term for term, reason in zip(fit.series.terms, fit.series.reasons, strict=True) if not reason}
    terms: dict[str, list[str]] = {}
    for part in fit.parts:
        if part.band.kind == "risk" and part.band.term in told:
            terms.setdefault(part.band.process, []).append(part.band.term)
    return {process: fit.series.joint_test(own).p_value for process, own in terms.items()}


def _ratios(fit: Fit, *, level: float) -> pd.DataFrame:
    """One row per band: identity, rate ratio with limits, what it rests on."""
    told = fit.series.rate_ratios(level=level).set_index("term")
    rows = [_identity(part.band) | _rests_on(fit, part) | dict(told.loc[part.band.term, _TAKEN]) for part in fit.parts]
    table = pd.DataFrame(rows)
    hopeless = table["high"] / table["low"] > WIDEST
    table[_TAKEN[:4]] = table[_TAKEN[:4]].mask(hopeless)
    reason = table["reason"].mask(hopeless, "too_few").mask(table["person_days"] == 0, "no_events")
    return table.assign(reason_untold=reason).drop(columns="reason")


_TAKEN = ["rate_ratio", "low", "high", "standard_error", "reason"]


def _identity(band: Band) -> dict[str, object]:
    return {
        "process": band.process,
        "kind": band.kind,
        "band": band.label,
        "from_day": band.from_day,
        "until_day": None if band.until_day >= FOR_EVER_DAYS else band.until_day,
        "term": band.term,
    }


def _rests_on(fit: Fit, part: Part) -> dict[str, object]:
    inside = fit.inside(part.band.term)
    return {
        "contacts": float(inside["contacts"].sum()),
        "person_days": float(inside["seconds"].sum()) / DAY_SECONDS,
        "customers": fit.customers[part.band.term],
    }


def _published(tables: dict[str, pd.DataFrame], *, level: float) -> pd.DataFrame:
    """The main variant; limits span that of a quiet spell where cases are not told apart."""
    table = tables["openers" if "openers" in tables else "all"]
    method = "case_series_openers"
    if "quiet" in tables:
        quiet = tables["quiet"]
        low, high = (pd.concat([table[name], quiet[name]], axis=1) for name in ("low", "high"))
        table = table.assign(
            low=low.min(axis=1).where(table["low"].notna()), high=high.max(axis=1).where(table["high"].notna())
        )
        method = "case_series_span"
    until = table["until_day"].astype("Int64")
    return table.assign(level=level, method=np.where(table["rate_ratio"].notna(), method, "none"), until_day=until)


def _variants(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    named = [table.assign(variant=name) for name, table in tables.items()]
    return pd.concat(named, ignore_index=True)[list(VARIANTS)]


def _nothing_told(bands: Sequence[Band], store: Store, untold: Untold) -> pd.DataFrame:
    """Every band with the reason why it is not told."""
    rows = pd.DataFrame(
        [_identity(band) for band in bands], columns=["process", "kind", "band", "from_day", "until_day"]
    )
    numbers = dict.fromkeys(("rate_ratio", "low", "high", "contacts", "person_days", "customers"), np.nan)
    reason = "unidentified" if untold == "no_customer_ids" else "too_few"
    words = {"method": "none", "claim": "association", "grade": "D", "grade_reasons": reason, "reason_untold": untold}
    level = store.engagement.definitions.level
    return rows.assign(**numbers, **words, level=level, until_day=rows["until_day"].astype("Int64"))[list(INCIDENCE)]
