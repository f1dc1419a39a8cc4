"""A fictional client's data as a folder: real-looking Finnish exports, or plain Parquet for measuring."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from rootcause_lib.errors import OutputError
from rootcause_lib.sample_client.client import SampleClient, make_client
from rootcause_lib.sample_client.draws import stream
from rootcause_lib.sample_client.engagement_text import export_engagement, parquet_engagement
from rootcause_lib.sample_client.faults import (
    FAULTY_IDS,
    OPEN_QUOTE,
    Faults,
    Planted,
    at_clock_changes,
    copies_of,
    format_repairs,
    shuffled_in,
    spoiled_contacts,
)
from rootcause_lib.sample_client.finnish import HEADERS, LEAVE_REASONS, written
from rootcause_lib.sample_client.workbooks import write_workbook

FAULTY_SURVEYS = 90_000_000
LARGEST_WORKBOOK = 50_000
"""Customers beyond which they are exported as Parquet; a workbook would take minutes."""
SURVEYS_FILE, EVENTS_FILE, VISITS_FILE = "kyselyt.parquet", "prosessit.csv", "kaynnit.csv"
AGENTS_FILE, AUDITS_FILE, VOLUMES_FILE = "agentit.csv", "auditointi.xlsx", "volyymit.csv"


def write_sample(folder: str | Path, *, customers: int = 2500, seed: int = 1) -> Path:
    """Make a fictional client and write its exports, engagement.toml and truth.json into an empty or new folder.

    Returns the folder. Raises OutputError when it holds something already or can't be written.
    """
    return write_exports(make_client(customers=customers, seed=seed), folder)


def write_exports(client: SampleClient, folder: str | Path, *, faults: Faults | None = None) -> Path:
    """Write the client as its systems would export it, dirty rows included, into an empty or new folder.

    truth.json holds the client's truth and, under "faults", every planted fault with its count (`Planted`).
    Every file is the same bytes for the same client.
    """
    planted = Faults() if faults is None else faults
    rng = stream(client.truth.seed, "faults")
    target = _empty(folder)
    try:
        contacts, found = _write_contacts(client, target, planted, rng)
        customers, more = _write_customers(client, target, planted, rng)
        found += more + _write_surveys(client, target, planted, rng) + _write_events(client, target, planted, rng)
        for name, file in (("visits", VISITS_FILE), ("agents", AGENTS_FILE), ("volumes", VOLUMES_FILE)):
            rows = written(client.tables[name], name)
            _write_csv(rows, target / file, name)
            found += format_repairs(rows, name, file)
        write_workbook(client.tables["audits"], target / AUDITS_FILE, headers=HEADERS["audits"])
        sources: dict[str, str | tuple[str, ...]] = {"contacts": contacts, "customers": customers}
        (target / "engagement.toml").write_text(export_engagement(client, sources=sources), encoding="utf-8")
        faulty = [{key: value for key, value in dataclasses.asdict(one).items() if value is not None} for one in found]
        (target / "truth.json").write_text(client.truth.as_json(faults=tuple(faulty)), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"The sample could not be written ({error.strerror}). Give a folder you may write to."
        ) from error
    return target


def write_parquet(client: SampleClient, folder: str | Path) -> Path:
    """Write the clean canonical tables as Parquet files named after them, engagement.toml and truth.json."""
    target = _empty(folder)
    try:
        for name, table in client.tables.items():
            table.to_parquet(target / f"{name}.parquet", index=False)
        (target / "engagement.toml").write_text(parquet_engagement(client), encoding="utf-8")
        (target / "truth.json").write_text(client.truth.as_json(faults=()), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"The sample could not be written ({error.strerror}). Give a folder you may write to."
        ) from error
    return target


def _empty(folder: str | Path) -> Path:
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        taken = any(target.iterdir())
    except OSError as error:
        raise OutputError(f"The sample's folder can't be made ({error.strerror}). Give another folder.") from error
    if taken:
        raise OutputError("The sample's folder is not empty. Give a new or an empty folder.")
    return target


def _write_csv(rows: pd.DataFrame, path: Path, name: str, *, encoding: str = "utf-8", total: str | None = None) -> None:
    text = rows.rename(columns=dict(HEADERS[name])).to_csv(sep=";", index=False, lineterminator="\r\n")
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(text.replace(OPEN_QUOTE, OPEN_QUOTE.replace("\x02", '"')) + (total or ""))


def _write_contacts(
    client: SampleClient, target: Path, faults: Faults, rng: np.random.Generator
) -> tuple[tuple[str, ...], list[Planted]]:
    """One file per half-year, each with a total row at its end; the first in Windows-1252, the others with a mark."""
    table = client.tables["contacts"]
    rows, changed = at_clock_changes(written(table, "contacts"), table["started_at"], faults.clock_change_rows)
    unidentified = rows["customer_id"] == ""
    rows.loc[unidentified, "customer_id"] = rng.choice(["", "0", "anonymous"], size=int(unidentified.sum()))
    rows["Järjestelmä"] = "LumoDesk"
    started = table["started_at"].dt
    half = started.year.astype("str") + "H" + ((started.month > 6) + 1).astype("str")
    names, found, before = sorted(half.unique()), list[Planted](), rows.iloc[:0]
    for position, name in enumerate(names):
        file, clean, share = f"kontaktit_{name}.csv", rows[half == name], _part(faults, position, len(names))
        spoiled, planted = spoiled_contacts(clean, share, rng, first_number=FAULTY_IDS + 10_000 * position)
        copies = copies_of(clean, spoiled, share.duplicate_rows, rng)
        again = before.iloc[max(len(before) - faults.delivered_twice, 0) :]
        body = pd.concat([again, shuffled_in(clean, pd.concat([spoiled, copies]), rng)], ignore_index=True)
        good = pd.concat([again, clean, copies])
        found += [Planted("contacts", file, count, rule=rule, column=column) for rule, column, count in planted]
        found += _contact_repairs(file, position, good, len(again) + len(copies), faults)
        for repair, which in changed.items():
            if count := int(which[half == name].sum()):
                found.append(Planted("contacts", file, count, repair=repair, column="started_at"))
        total = None if faults == Faults.none() else _total(body)
        _write_csv(body, target / file, "contacts", encoding="cp1252" if position == 0 else "utf-8-sig", total=total)
        before = clean
    return tuple(f"kontaktit_{name}.csv" for name in names), found


def _part(faults: Faults, position: int, parts: int) -> Faults:
    """Each file's part of the faults; the first takes what does not divide."""

    def part(count: int) -> int:
        return count // parts + (count % parts if position == 0 else 0)

    return Faults(*(part(getattr(faults, name)) for name in Faults.__slots__))


def _total(body: pd.DataFrame) -> str:
    empty = dict.fromkeys(body.columns, "") | {"contact_id": "Yhteensä", "transfers": str(len(body))}
    return ";".join(empty.values()) + "\r\n"


def _contact_repairs(file: str, position: int, good: pd.DataFrame, copies: int, faults: Faults) -> list[Planted]:
    found = format_repairs(good, "contacts", file)
    if copies:
        found.append(Planted("contacts", file, copies, repair="duplicate_row"))
    if faults != Faults.none():
        found.append(Planted("contacts", file, 1, repair="total_row"))
    if position == 0:
        found.append(Planted("contacts", file, len(good), repair="encoding"))
    return found


def _write_customers(
    client: SampleClient, target: Path, faults: Faults, rng: np.random.Generator
) -> tuple[str, list[Planted]]:
    table = client.tables["customers"].copy()
    labels = {
        kind: [label for label, of in LEAVE_REASONS.items() if of == kind] for kind in set(LEAVE_REASONS.values())
    }
    for kind, choices in sorted(labels.items()):
        own = table["leave_reason"] == kind
        table.loc[own, "leave_reason"] = rng.choice(choices, size=int(own.sum()))
    wrong = table.iloc[: faults.customers_left_before_joining].copy()
    wrong["customer_id"] = [f"{7_000_000 + number:07d}" for number in range(len(wrong))]
    wrong["left_on"] = wrong["joined_on"] - pd.Timedelta(days=30)
    wrong["cancelled_on"] = pd.NaT
    copies = table.iloc[10 : 10 + faults.customer_duplicates]
    rows = pd.concat([table, wrong, copies], ignore_index=True)
    file = "asiakkaat.xlsx" if len(rows) <= LARGEST_WORKBOOK else "asiakkaat.parquet"
    if file.endswith("xlsx"):
        write_workbook(rows, target / file, headers=HEADERS["customers"])
    else:
        rows.rename(columns=dict(HEADERS["customers"])).to_parquet(target / file, index=False)
    found = []
    if len(wrong):
        found.append(Planted("customers", file, len(wrong), rule="ends_before_start", column="left_on"))
    if len(copies):
        found.append(Planted("customers", file, len(copies), repair="duplicate_row"))
    return file, found


def _write_surveys(client: SampleClient, target: Path, faults: Faults, rng: np.random.Generator) -> list[Planted]:
    table = client.tables["surveys"]
    answered = table[table["score"].notna()]
    wrong = answered.iloc[: faults.survey_scores_out_of_range].copy()
    wrong["survey_id"] = [f"S{FAULTY_SURVEYS + number:08d}" for number in range(len(wrong))]
    wrong["score"] = wrong["scale_high"] + 1
    copies = table.iloc[: faults.survey_duplicates]
    rows = shuffled_in(table, pd.concat([wrong, copies]), rng)
    rows = rows[list(HEADERS["surveys"])].rename(columns=dict(HEADERS["surveys"]))
    rows.to_parquet(target / SURVEYS_FILE, index=False)
    found = []
    if len(wrong):
        found.append(Planted("surveys", SURVEYS_FILE, len(wrong), rule="out_of_range", column="score"))
    if len(copies):
        found.append(Planted("surveys", SURVEYS_FILE, len(copies), repair="duplicate_row"))
    return found


def _write_events(client: SampleClient, target: Path, faults: Faults, rng: np.random.Generator) -> list[Planted]:
    table = client.tables["process_events"]
    ended = table[table["ended_at"].notna()]
    late = ended.iloc[: faults.event_ends_before_start].copy()
    late["ended_at"] = late["started_at"] - pd.Timedelta(days=2)
    nobody = ended.iloc[: faults.events_without_customer].copy()
    nobody["customer_id"] = None
    wrong = pd.concat([late, nobody])
    wrong["event_id"] = [f"T{9_000_000 + number:07d}" for number in range(len(wrong))]
    rows = written(shuffled_in(table, wrong, rng), "process_events")
    _write_csv(rows, target / EVENTS_FILE, "process_events")
    found = format_repairs(written(table, "process_events"), "process_events", EVENTS_FILE)
    if len(late):
        found.append(Planted("process_events", EVENTS_FILE, len(late), rule="ends_before_start", column="ended_at"))
    if len(nobody):
        found.append(Planted("process_events", EVENTS_FILE, len(nobody), rule="missing", column="customer_id"))
    return found
