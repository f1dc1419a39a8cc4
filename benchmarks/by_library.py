"""The jobs as the library does them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from answers import plain_rows
from settings import HORIZON_DAYS, WINDOW_DAYS

from rootcause_lib import journeys, recontact
from rootcause_lib.analyses.channel_resolution.agents_counted import TEAMS, counted
from rootcause_lib.analyses.channel_resolution.asked import asked_about
from rootcause_lib.analyses.channel_resolution.result import ChannelResolution, analyse_channel_resolution
from rootcause_lib.analyses.churn_risk.asked import asked_about as asked_of_leaving
from rootcause_lib.analyses.churn_risk.hazard_factors import adjusters, fit, groups, judged_weeks
from rootcause_lib.analyses.churn_risk.ladder import ladder_cells, usual_cells
from rootcause_lib.analyses.churn_risk.result import analyse_churn_risk
from rootcause_lib.analyses.root_cause.result import analyse_root_cause
from rootcause_lib.engagement import read_engagement
from rootcause_lib.engine import DuckDB, Resources
from rootcause_lib.estimates import estimate
from rootcause_lib.journeys import Following, constant_rows
from rootcause_lib.loaders import Intake
from rootcause_lib.loaders.intake_tables import read_intake, write_intake
from rootcause_lib.loaders.loading import load
from rootcause_lib.metrics import metric
from rootcause_lib.periods import Period
from rootcause_lib.person_time import KindsOfTime, kinds_of_time
from rootcause_lib.risk_bands import KINDS, bands_of
from rootcause_lib.statements import Statement, split_by, template
from rootcause_lib.statistics.attributable import attributable
from rootcause_lib.statistics.self_controlled import fit_case_series
from rootcause_lib.store import Store

_FOLLOWED = Following("any", WINDOW_DAYS, own_windows=False)


def make_loaded(folder: Path, file: Path, *, memory_limit: str | None) -> Intake:
    """Load and check an engagement into a DuckDB file, as the store is begun."""
    engagement = read_engagement(folder)
    engine = DuckDB(file, access="write", resources=_resources(file, memory_limit))
    intake = load(engagement, engine, rejects=file.parent / "rejects", progress=lambda _line: None)
    write_intake(engine, intake)
    journeys.settle(engine, engagement)
    engine.connection.execute("checkpoint")
    engine.close()
    return intake


def stitch_file(folder: Path, file: Path, *, memory_limit: str | None) -> DuckDB:
    """Stitch a loaded file in place; the engine stays open."""
    engine = DuckDB(file, access="write", resources=_resources(file, memory_limit))
    journeys.stitch(engine, read_engagement(folder))
    for table in ("merged_contacts", "case_neighbours"):
        engine.connection.execute(f"drop table if exists {table}")
    engine.connection.execute("checkpoint")
    return engine


def opened(folder: Path, engine: DuckDB) -> Store:
    """A stitched file as the store that analyses are given."""
    engagement = read_engagement(folder)
    return Store(engagement, engine, read_intake(engine), journeys.extent(engine, engagement), (), "")


def resolution(store: Store) -> list[list[object]]:
    """First-contact resolution: channel, reason, numerator, denominator of every cell."""
    asked = metric("first_contact_resolution").at(_FOLLOWED.values)
    table = estimate(store, [asked], by=("channel", "reason"))
    known = table[table["denominator"] > 0]
    return plain_rows(known[["channel", "reason", "numerator", "denominator"]])


def curves(store: Store) -> None:
    """The come-back curve by channel with its customer-robust intervals."""
    period = Period(store.observed_from, store.observed_until)
    recontact.watch(store, _FOLLOWED, among="openers", period=period, horizon_days=HORIZON_DAYS)
    recontact.curves(store, by=("channel",), horizon_days=HORIZON_DAYS, level=0.95)


def curve_counts(store: Store) -> list[list[object]]:
    """What curves are made of: channel, way, contacts; then channel, way, way, product of counts, of all customers."""
    counts = store.engine.run(Statement("recontact_counts", split_by(template("recontact_counts"), ("channel",)), {}))
    channels = [{"channel": name, "segment": "", "reason": ""} for name in sorted(set(counts["channel"]))]
    everybody = constant_rows("drawn_customers", [{**cell, "last_customer": 2**62} for cell in channels])
    store.engine.materialise("drawn_customers", everybody)
    pairs = store.engine.run(Statement("recontact_pairs", split_by(template("recontact_pairs"), ("channel",)), {}))
    pairs = pairs[pairs["way_2"].notna()]
    return plain_rows(counts[["channel", "way", "contacts"]], pairs[["channel", "way", "way_2", "contacts"]])


def churn(store: Store) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Weeks of customers by what is told apart, by the usual comparisons, and the adjusted ratio of leaving."""
    asked = asked_of_leaving(
        store, store.period(None, None), lag_weeks=(2, 8), horizon_days=None, segment=None, customer_list=0
    )
    cells = ladder_cells(asked)
    names = [factor.name for factor in adjusters(asked)]
    found = fit(asked, judged_weeks(cells), "contact", [*names, *groups(asked)])
    if found is None:
        raise ValueError("Nobody left: there is no ratio.")
    return cells, usual_cells(asked), found.ratio("contact", "yes")[0]


def churn_counts(cells: pd.DataFrame, usual: pd.DataFrame) -> dict[str, list[list[object]]]:
    """Weeks and notices by what both ways tell apart."""
    known = cells.replace({"tenure": _TENURES, "term": _TERMS})
    asked = {
        "cells": (cells, ["segment", "season", "contact", "recent"]),
        "known": (known, ["tenure", "term", "trait_2", "trait_1"]),
        "usual": (usual, ["season", "lately", "since"]),
    }
    found = {}
    for name, (table, by) in asked.items():
        sums = table.groupby(by)[["periods", "events"]].sum().reset_index()
        flags = {column: sums[column] == "yes" for column in by if set(sums[column]) <= {"yes", "no"}}
        found[name] = plain_rows(sums.assign(**flags))
    return found


_TENURES = {"unknown": 0, "first_year": 1, "to_three_years": 2, "longer": 3}
_TERMS = {"none": 0, "in_term": 1, "ending": 2}


def leaving_page(store: Store) -> dict[str, int]:
    """The whole page on leaving; rows of each frame."""
    return {name: len(frame) for name, frame in analyse_churn_risk(store).frames.items()}


def channels(store: Store) -> ChannelResolution:
    """The whole page on channels, by reason."""
    return analyse_channel_resolution(store, window_days=WINDOW_DAYS, matching="reason")


def channel_counts(store: Store, found: ChannelResolution) -> dict[str, list[list[object]]]:
    """Resolution by channel, moves and cases settled, as the page has them, and what its teams were counted from."""
    mature = found.mature[found.mature["reason"] == "all"]
    teams = counted(asked_about(store, found.period, found.following), TEAMS)
    sums = [each.sums.set_index("team")[["value", "weight", "clusters"]] for each in teams]
    return {
        "mature": plain_rows(mature[["channel", "numerator", "denominator", "customers"]]),
        "flow": plain_rows(found.flow[["from_channel", "to_channel", "contacts"]]),
        "settled": plain_rows(found.settled[["opened_in", "settled_in", "cases"]]),
        "teams": plain_rows(pd.concat(sums, axis=1).reset_index()),
    }


def causes(store: Store) -> KindsOfTime:
    """Rate ratios of every band of all processes together, and the contacts that each process accounts for."""
    period = Period(store.observed_from, store.observed_until)
    kinds = kinds_of_time(store, bands_of(store.engagement, kinds=KINDS), period=period)
    terms = [band.term for band in kinds.bands]
    series = fit_case_series(kinds.parts, kinds.design, adding=terms)
    series.rate_ratios()
    processes = {
        name: [band.term for band in kinds.bands if band.process == name and band.kind in ("risk", "spill_over")]
        for name in store.engagement.processes
    }
    attributable(series, kinds.design, kinds.by_cell("contacts"), processes=processes, sample=kinds.sample)
    return kinds


def whole_analysis(store: Store) -> dict[str, int]:
    """All parts of the page on root causes: processes, reasons, trust, change, segments, texts, persistence, owners;
    the rows of each frame."""
    found = analyse_root_cause(store)
    return {name: len(frame) for name, frame in found.frames.items()}


def cause_counts(kinds: KindsOfTime, customers: int) -> list[list[object]]:
    """Contacts of the first customers by process and band since an event's start, an earlier band before a later."""
    everybody = pd.concat(kinds.parts)
    contacts = everybody[everybody["customer_key"] <= customers].groupby("cell")["contacts"].sum()
    contacts = contacts.reindex(kinds.design.index, fill_value=0)
    taken = {band.process: contacts * 0 for band in kinds.bands}
    rows = []
    for band in sorted(kinds.bands, key=lambda band: band.from_day):
        if band.kind == "risk" and band.clock == "started":
            own = (kinds.design[band.term] > 0) & (taken[band.process] == 0)
            rows.append({"process": band.process, "from_day": band.from_day, "contacts": contacts[own].sum()})
            taken[band.process] += own
    return plain_rows(pd.DataFrame(rows))


def _resources(file: Path, memory_limit: str | None) -> Resources:
    spill = file.parent / "spill"
    spill.mkdir(exist_ok=True)
    return Resources(memory_limit, None, spill)
