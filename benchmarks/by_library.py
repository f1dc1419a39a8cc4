"""The jobs as the library does them."""

from __future__ import annotations

from pathlib import Path

from answers import plain_rows
from settings import HORIZON_DAYS, WINDOW_DAYS

from rootcause_lib import journeys, recontact
from rootcause_lib.engagement import read_engagement
from rootcause_lib.engine import DuckDB, Resources
from rootcause_lib.estimates import estimate
from rootcause_lib.journeys import Following
from rootcause_lib.loaders import Intake
from rootcause_lib.loaders.intake_tables import read_intake, write_intake
from rootcause_lib.loaders.loading import load
from rootcause_lib.metrics import metric
from rootcause_lib.periods import Period
from rootcause_lib.statements import Statement, split_by, template
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
    for table in ("merged_contacts", "leg_groups", "case_neighbours"):
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
    """What the curves were made of: channel, way, contacts, customers; then channel, way, way, product of counts."""
    counts, pairs = (
        store.engine.run(Statement(name, split_by(template(name), ("channel",)), {}))
        for name in ("recontact_counts", "recontact_pairs")
    )
    return plain_rows(
        counts[["channel", "way", "contacts", "customers"]], pairs[["channel", "way", "way_2", "contacts"]]
    )


def _resources(file: Path, memory_limit: str | None) -> Resources:
    spill = file.parent / "spill"
    spill.mkdir(exist_ok=True)
    return Resources(memory_limit, None, spill)
