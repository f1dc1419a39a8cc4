"""The exports go through the loaders: every planted fault is found, nothing else, the clean table is what is left."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rootcause_lib.loaders import RULES, Intake
from rootcause_lib.sample_client import Faults, SampleClient, make_client, write_exports
from rootcause_lib.store import open_engagement

Fault = tuple[str, str, str]


@pytest.fixture(scope="module")
def client() -> SampleClient:
    return make_client(customers=800, seed=7)


@pytest.fixture(scope="module")
def folder(client: SampleClient, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_exports(client, tmp_path_factory.mktemp("loading") / "lumo")


@pytest.fixture(scope="module")
def intake(folder: Path) -> Iterator[Intake]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOTCAUSE_KEY", "a key for tests only, of many letters")
        yield open_engagement(folder).intake


def planted(folder: Path, kind: str) -> Counter[Fault]:
    """Rows by source, column and name of the fault."""
    counts: Counter[Fault] = Counter()
    for fault in json.loads((folder / "truth.json").read_text(encoding="utf-8"))["faults"]:
        if kind in fault:
            counts[fault["source"], fault.get("column", ""), fault[kind]] += fault["count"]
    return counts


def rejects(intake: Intake) -> Counter[Fault]:
    return Counter(zip(intake.rejects["source"], intake.rejects["column"], intake.rejects["rule"], strict=True))


def repairs(intake: Intake) -> Counter[Fault]:
    names = (intake.repairs[column] for column in ("source", "column", "repair"))
    return Counter(dict(zip(zip(*names, strict=True), intake.repairs["rows"], strict=True)))


def test_rejects_by_planted_truth(folder: Path, intake: Intake) -> None:
    assert rejects(intake) == planted(folder, "rule")


def test_repairs_by_planted_truth(folder: Path, intake: Intake) -> None:
    assert repairs(intake) == planted(folder, "repair")


def test_faults_of_every_kind_by_planted_truth(client: SampleClient, tmp_path: Path) -> None:
    """Nothing but what was planted is rejected or repaired, and the clean table is what is left."""
    folder = write_exports(client, tmp_path / "dirty", faults=Faults.all_kinds())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOTCAUSE_KEY", "a key for tests only, of many letters")
        intake = open_engagement(folder).intake
    said = planted(folder, "rule")
    assert rejects(intake) == said
    assert {rule for *_, rule in said} == set(RULES)
    assert repairs(intake) == planted(folder, "repair")
    sums = intake.sources.groupby("table")[["rows_read", "rows_accepted", "rows_rejected", "rows_merged"]].sum()
    assert (sums["rows_read"] == sums["rows_accepted"] + sums["rows_rejected"]).all()
    contacts = sums.loc["contacts"]
    assert contacts["rows_accepted"] - contacts["rows_merged"] == len(client.tables["contacts"])


def test_accepted_rows_by_planted_truth(client: SampleClient, intake: Intake) -> None:
    sums = intake.sources.groupby("table")[["rows_accepted", "rows_merged"]].sum()
    for table in set(client.tables) - {"surveys"}:
        kept = sums.loc[table, "rows_accepted"] - sums.loc[table, "rows_merged"]
        assert kept == len(client.tables[table]), table


def test_orphans_by_planted_truth(client: SampleClient, intake: Intake) -> None:
    orphans = intake.orphans.set_index(["table", "column"])["rows"]
    assert orphans["contacts", "customer_id"] == client.truth.counts["orphan_contacts"]
