"""open_engagement(): load, check and stitch once, then open read-only in about a second.

A store is one DuckDB file under the engagement's `.rootcause/`, named by a hash of inputs, mapping
and definitions. It is built beside its final name and renamed as a whole.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rootcause_lib import journeys
from rootcause_lib.engagement import Engagement, read_engagement
from rootcause_lib.engine import DuckDB, Engine, Resources
from rootcause_lib.errors import DataError, EngagementError, OutputError, ParameterError
from rootcause_lib.fingerprints import Input, find_inputs, fingerprint_of
from rootcause_lib.journeys import Extent
from rootcause_lib.loaders import Intake
from rootcause_lib.loaders.intake_tables import read_intake, write_intake
from rootcause_lib.periods import DAY_SECONDS, Period, parse_day

KEPT_STORES = 3
"""How many stores of an engagement are kept; older ones are deleted when a new one is made."""

DEFAULT_MEMORY = "2GB"
"""What DuckDB may use unless the engagement says otherwise; the rest spills to disk."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Store:
    """What every analysis is given: the engagement, an engine with the stitched contacts, the intake."""

    engagement: Engagement
    engine: Engine
    intake: Intake
    extent: Extent
    inputs: tuple[Input, ...]
    fingerprint: str

    @property
    def present(self) -> tuple[str, ...]:
        """The canonical tables the client gave."""
        return self.intake.present

    @property
    def observed_from(self) -> dt.date:
        return self.extent.observed_from

    @property
    def observed_until(self) -> dt.date:
        return self.extent.observed_until

    @property
    def identified_share(self) -> float:
        """Share of inbound contacts with a known customer; shared ids are nobody's."""
        return self.extent.identified / self.extent.contacts if self.extent.contacts else float("nan")

    @property
    def default_code_share(self) -> float:
        """Share of coded inbound contacts whose reason is a default code."""
        return self.extent.default_coded / self.extent.coded if self.extent.coded else float("nan")

    def is_filled(self, table: str, column: str) -> bool:
        """Whether the client gave any value of a canonical column."""
        filled = self.intake.filled
        rows = filled[(filled["table"] == table) & (filled["column"] == column)]
        return bool((rows["filled"] > 0).any())

    def is_guessed(self, columns: Iterable[str]) -> bool:
        """Whether a mapping of the contacts' columns was guessed and never confirmed (`unsure` in the engagement)."""
        return not set(self.engagement.tables["contacts"].unsure).isdisjoint(columns)

    def period(self, start: str | dt.date | None, end: str | dt.date | None) -> Period:
        """The days judged, from parameters; what is not given is what the contacts cover."""
        first = parse_day(start, name="start") if isinstance(start, str) else start
        last = parse_day(end, name="end") if isinstance(end, str) else end
        period = Period(first or self.observed_from, last or self.observed_until)
        if period.start > self.observed_until or period.end < self.observed_from:
            raise ParameterError(
                f"No contacts lie from {period.start} to {period.end}: the data cover "
                f"{self.observed_from} to {self.observed_until}. Choose 'start' and 'end' within."
            )
        return period


def open_engagement(path: str | Path, *, progress: Progress | None = None) -> Store:
    """The store of an engagement (its folder or engagement.toml), made first where inputs or definitions changed.

    Raises EngagementError, DataError or OutputError with one message; nothing half-made stays.
    """
    told = progress or (lambda _line: None)
    engagement = read_engagement(path)
    if not engagement.engine_url.startswith("duckdb"):
        raise EngagementError(
            f'{engagement.where("engine", "url")}: only DuckDB is supported so far. Use "duckdb" or leave it out.'
        )
    home = store_folder(engagement)
    inputs = find_inputs(engagement, known_in=home)
    fingerprint = fingerprint_of(engagement, inputs)
    file = home / "stores" / f"{fingerprint}.duckdb"
    if not file.exists():
        _make_home(home)
        _build(engagement, file, rejects=home / "rejects" / fingerprint, progress=told)
        _prune(file, rejects=home / "rejects")
    engine = DuckDB(file, resources=_resources(engagement))
    intake = read_intake(engine)
    covered = journeys.extent(engine, engagement)
    engine.lock()
    return Store(engagement, engine, intake, covered, inputs, fingerprint)


def store_folder(engagement: Engagement) -> Path:
    """Where an engagement's stores, rejects and spill files lie."""
    return engagement.folder / ".rootcause"


def _make_home(home: Path) -> None:
    try:
        for name in ("stores", "rejects", "spill"):
            (home / name).mkdir(parents=True, exist_ok=True)
        (home / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"The folder {home} can't be written ({error.strerror}). The store is kept there; "
            "make the engagement's folder writable or copy it to one that is."
        ) from None


def _resources(engagement: Engagement) -> Resources:
    settings = engagement.engine
    spill = engagement.spill_folder or store_folder(engagement) / "spill"
    return Resources(settings.memory_limit or DEFAULT_MEMORY, settings.threads, spill)


def _build(engagement: Engagement, file: Path, *, rejects: Path, progress: Progress) -> None:
    """Make the store under a name of its own, then rename it: readers see it whole or not at all."""
    from rootcause_lib.loaders.loading import load

    building = file.with_name(f".{file.stem}.{os.getpid()}.building")
    _remove(building)
    engine = DuckDB(building, access="write", resources=_resources(engagement))
    try:
        write_intake(engine, load(engagement, engine, rejects=rejects, progress=progress))
        _require_contacts(engine, rejects)
        progress("Stitching contacts into journeys")
        journeys.settle(engine, engagement)
        journeys.stitch(engine, engagement)
        # Which rows are one contact stays: surveys and audits may name a later row of it.
        engine.connection.execute("drop table merged_contacts")
        engine.connection.execute("checkpoint")
        engine.close()
        building.replace(file)
    finally:
        engine.close()
        _remove(building)


def _require_contacts(engine: DuckDB, rejects: Path) -> None:
    found = engine.connection.execute("select count(*) from contacts").fetchone()
    if not found or not found[0]:
        raise DataError(
            f"None of the contacts can be used: every row was rejected. {rejects / 'contacts.csv'} lists the rules "
            "they broke; look first at [tables.contacts.columns] and [tables.contacts.formats]."
        )


def _prune(newest: Path, *, rejects: Path) -> None:
    """Delete all but the newest stores with their rejected rows, and what a killed build left."""
    stores = sorted(newest.parent.glob("*.duckdb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in stores[KEPT_STORES:]:
        _remove(old)
    kept = {store.stem for store in stores[:KEPT_STORES]}
    for folder in rejects.iterdir():
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
    for left in newest.parent.glob(".*.building*"):
        if not _running(left):
            _remove(left)


def _running(building: Path) -> bool:
    """Whether the process that a half-made store is named after still runs; unknown counts as running."""
    if os.name == "nt":
        # There a signal would reach the console instead: what is a day old is nobody's any more.
        return time.time() - building.stat().st_mtime < DAY_SECONDS
    try:
        os.kill(int(building.name.split(".")[2]), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError, IndexError):
        return True
    return True


def _remove(path: Path) -> None:
    for each in (path, path.with_name(path.name + ".wal")):
        try:
            each.unlink(missing_ok=True)
        except OSError:
            # Windows keeps files that somebody has open; the next build tries again.
            continue
