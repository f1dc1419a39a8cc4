"""Channels compared fairly: what each would settle if all had the same mix of matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.fair_cells import OUTCOMES, FairCells, fair_cells
from rootcause_lib.analyses.channel_resolution.fair_estimates import (
    Outcome,
    Told,
    adjusted,
    audited,
    crude,
    outcome_of,
    overlap,
)
from rootcause_lib.analyses.channel_resolution.fair_findings import fair_cannot_tell, fair_headline, fair_readings
from rootcause_lib.analyses.channel_resolution.fair_grades import graded_comparison
from rootcause_lib.analyses.channel_resolution.fair_protection import protected_comparison, protected_overlap
from rootcause_lib.analyses.channel_resolution.fair_reasons import TrueReasons
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.root_cause.audited import ENOUGH_INSIDE, read_audit

STANDARDISED = (
    "channel", "outcome", "baseline_channel", "resolution", "low", "high", "level", "contacts", "unobserved",
    "customers", "baseline_resolution", "difference", "difference_low", "difference_high", "naive",
    "naive_difference", "naive_low", "naive_high", "coded_difference", "coded_low", "coded_high", "overlap", "basis",
    "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
"""Of the frame `standardised`. low and high are of `resolution`, naive_low and naive_high of `naive_difference`."""

OVERLAP = ("outcome", "channel", "reason", "contacts", "compared", "why", "suppressed")
"""Of the frame `overlap`."""

METHODS = {"audited": "imputed_cluster", "coded": "standardised_cluster", "none": "standardised_cluster"}
"""How the limits were made, by what the mix of matters rests on."""


def fair(asked: Asked) -> Part:
    """The part on channels over one mix of matters, the crude figures beside."""
    store = asked.store
    counted = fair_cells(store, asked.followed, asked.period)
    truths = _truths(asked, counted)
    tables, cells, known_in = [], [], []
    for name in OUTCOMES:
        given = outcome_of(counted, name, baseline=store.engagement.definitions.baseline_channel, hidden=asked.hidden)
        known_in.append(_channels_known(given))
        if known_in[-1] < 2:
            continue
        table, compared = _one_outcome(asked, name, _with_baseline(given), truths)
        tables.append(table)
        cells.append(compared.assign(outcome=name))
    standardised, overlapping = _together(tables, STANDARDISED), _together(cells, OVERLAP)
    if len(standardised):
        standardised = protected_comparison(standardised, counted, smallest=asked.smallest)
        overlapping = protected_overlap(overlapping, counted, smallest=asked.smallest)
    frames = {"standardised": standardised[list(STANDARDISED)], "overlap": overlapping[list(OVERLAP)]}
    return Part(
        frames=frames,
        readings=fair_readings(frames, audited=truths),
        headline=fair_headline(frames["standardised"]),
        cannot_tell=fair_cannot_tell(frames["standardised"], known_in=max(known_in)),
    )


def _truths(asked: Asked, counted: FairCells) -> TrueReasons | None:
    """What an audit says of the codes, where there is one that says enough."""
    store = asked.store
    if "audits" not in store.present:
        return None
    default = store.engagement.reasons.default
    codes = sorted({*counted.cells["reason"], *default} - {""})
    audit = read_audit(store, asked.period, known=pd.Index(codes, dtype=object))
    found = TrueReasons(audit.of_period(), default, here=len(audit.inside) >= ENOUGH_INSIDE)
    return found if found.usable else None


def _channels_known(given: Outcome) -> int:
    """Channels in which the outcome is known of anybody."""
    return int((given.cells.groupby("channel")["known"].sum() > 0).sum())


def _with_baseline(given: Outcome) -> Outcome:
    """The outcome with the engagement's baseline, or where it has none of it, the channel most is known of."""
    known = given.cells.groupby("channel")["known"].sum()
    if known.get(given.baseline, 0.0) > 0:
        return given
    return replace(given, baseline=str(known.sort_index().idxmax()))


def _one_outcome(
    asked: Asked, outcome: str, given: Outcome, truths: TrueReasons | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every channel in one outcome, and the cells it was compared in."""
    level = asked.store.engagement.definitions.level
    compared = overlap(given)
    naive, by_code = crude(given, level=level), adjusted(given, compared, level=level)
    main, basis = by_code, "coded" if given.coded else "none"
    if given.coded and truths is not None:
        main, compared = audited(given, compared, truths, level=level)
        basis = "audited"
    table = _table(given, main, naive, by_code if given.coded else None)
    table = table.assign(
        outcome=outcome,
        level=level,
        basis=basis,
        method=METHODS[basis],
        claim="association",
    )
    table["method"] = table["method"].where(table["resolution"].notna() | table["naive"].notna(), "none")
    graded = graded_comparison(asked, table, truths if basis == "audited" else None)
    return graded, compared.rename(columns={"known": "contacts"}).assign(suppressed=False)


def _table(given: Outcome, main: Told, naive: Told, by_code: Told | None) -> pd.DataFrame:
    counts = given.cells.groupby("channel")[["asked", "known"]].sum().reindex(given.channels)
    coded = by_code or replace(
        main,
        difference=main.difference * float("nan"),
        difference_limits=replace(
            main.difference_limits,
            low=main.difference_limits.low * float("nan"),
            high=main.difference_limits.high * float("nan"),
        ),
    )
    table = pd.DataFrame(
        {
            "channel": list(given.channels),
            "baseline_channel": given.baseline,
            "resolution": main.share,
            "low": main.limits.low,
            "high": main.limits.high,
            "contacts": counts["known"].to_numpy(),
            "unobserved": (counts["asked"] - counts["known"]).to_numpy(),
            "customers": given.people.reindex(given.channels).to_numpy(),
            "baseline_resolution": main.baseline,
            "difference": main.difference,
            "difference_low": main.difference_limits.low,
            "difference_high": main.difference_limits.high,
            "naive": naive.share,
            "naive_difference": naive.difference,
            "naive_low": naive.difference_limits.low,
            "naive_high": naive.difference_limits.high,
            "coded_difference": coded.difference,
            "coded_low": coded.difference_limits.low,
            "coded_high": coded.difference_limits.high,
            "overlap": main.overlap,
        }
    )
    # The channel that others are compared with stands first.
    order = pd.Series([one != given.baseline for one in given.channels]).sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _together(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(tables, ignore_index=True)[list(columns)]
