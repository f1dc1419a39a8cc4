"""What plain readers find in the exports is what the truth file says was planted."""

import csv
import dataclasses
import datetime as dt
import json
from collections import Counter
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from rootcause_lib.engagement import read_engagement
from rootcause_lib.errors import OutputError
from rootcause_lib.sample_client import Faults, World, make_client, write_exports, write_parquet, write_sample
from rootcause_lib.vocabulary import CHANNELS

ENCODINGS = {"kontaktit_2025H1.csv": "cp1252", "kontaktit_2025H2.csv": "utf-8-sig"}
RULES = ("missing", "unreadable", "out_of_range", "ends_before_start", "duplicate_id")
SHIPPED = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample") / "lumo", customers=600, seed=5)


def rows_of(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def planted(folder: Path) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for fault in json.loads((folder / "truth.json").read_text(encoding="utf-8"))["faults"]:
        counts[fault["source"], fault.get("rule") or fault["repair"], fault.get("column")] += fault["count"]
    return counts


def moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, "%d.%m.%Y %H:%M")
    except ValueError:
        return None


def test_faults_of_contacts_by_hand_count(folder: Path) -> None:
    said = planted(folder)
    earlier: Counter[tuple[str, ...]] = Counter()
    contents: dict[str, set[tuple[str, ...]]] = {}
    for source, encoding in ENCODINGS.items():
        rows = rows_of(folder / source, encoding)
        assert rows[-1]["Tapahtumanumero"] == "Yhteensä"
        assert said[source, "total_row", None] == 1
        found: Counter[tuple[str, str | None]] = Counter()
        for row in rows[:-1]:
            number, content = row["Tapahtumanumero"], tuple(row.values())
            earlier[content] += 1
            if earlier[content] > 1:
                found["duplicate_row", None] += 1
                continue
            if number:
                found["duplicate_id", "contact_id"] += bool(contents.setdefault(number, set()))
                contents[number].add(content)
            start, end = moment(row["Luotu"]), moment(row["Päättynyt"])
            handled = row["Käsittelyaika (min)"].replace(",", ".")
            found["missing", "contact_id"] += not number
            found["missing", "started_at"] += not row["Luotu"]
            found["unreadable", "started_at"] += bool(row["Luotu"]) and start is None
            found["unreadable", "handle_seconds"] += " " in handled
            found["out_of_range", "handle_seconds"] += handled.startswith("-")
            found["ends_before_start", "ended_at"] += bool(start and end and end < start)
            if start and start.hour == 3:
                found["clock_change_skipped_hour", "started_at"] += start.date() == dt.date(2025, 3, 30)
                found["clock_change_repeated_hour", "started_at"] += start.date() == dt.date(2025, 10, 26)
        broken = sum(found[fault, column] for fault, column in found if fault in RULES)
        good = len(rows) - 1 - broken
        assert said[source, "local_date_format", "started_at"] == good
        for (fault, column), count in found.items():
            assert said[source, fault, column] == count, (source, fault, column)
        assert said[source, "encoding", None] == (good if encoding == "cp1252" else 0)
    for name, at_least in (("unreadable", 5), ("duplicate_row", 25), ("ends_before_start", 5), ("duplicate_id", 6)):
        assert sum(count for (_, fault, _), count in said.items() if fault == name) >= at_least


def test_clean_rows_are_the_clean_table_by_identity(folder: Path) -> None:
    """Without the planted rows the export has each clean contact once, identified as in the tables."""
    client = make_client(customers=600, seed=5)
    rows = pd.DataFrame([row for source, encoding in ENCODINGS.items() for row in rows_of(folder / source, encoding)])
    rows = rows.drop_duplicates()
    ids = client.tables["contacts"]["contact_id"]
    kept = rows[rows["Tapahtumanumero"].isin(ids)].drop_duplicates("Tapahtumanumero").sort_values("Tapahtumanumero")
    assert kept["Tapahtumanumero"].tolist() == ids.tolist()
    unknown = kept["Asiakasnumero"].isin(["", "0", "anonymous"])
    assert (unknown.to_numpy() == client.tables["contacts"]["customer_id"].isna().to_numpy()).all()
    assert set(kept["Asiakasnumero"][unknown]) == {"", "0", "anonymous"}


def test_times_and_minutes_are_written_the_finnish_way_by_hand_count(folder: Path) -> None:
    client = make_client(customers=600, seed=5)
    contacts = client.tables["contacts"].set_index("contact_id")
    row = next(
        row
        for row in rows_of(folder / "kontaktit_2025H1.csv", "cp1252")
        if row["Kanava"] == "Puhelu" and row["Tapahtumanumero"] in contacts.index and row["Käsittelyaika (min)"]
    )
    true = contacts.loc[row["Tapahtumanumero"]]
    started = true["started_at"]
    assert row["Luotu"] == f"{started.day}.{started.month}.{started.year} {started.hour:02d}:{started.minute:02d}"
    assert float(row["Käsittelyaika (min)"].replace(",", ".")) * 60 == pytest.approx(true["handle_seconds"], abs=3.1)


def test_faults_of_other_tables_by_hand_count(folder: Path) -> None:
    said = planted(folder)
    surveys = pd.read_parquet(folder / "kyselyt.parquet")
    assert said["kyselyt.parquet", "duplicate_row", None] == surveys.duplicated().sum() == 5
    beyond = (surveys["arvosana"] > surveys["asteikko_ylin"]) | (surveys["arvosana"] < surveys["asteikko_alin"])
    assert said["kyselyt.parquet", "out_of_range", "score"] == beyond.sum() == 4
    sheet = openpyxl.load_workbook(folder / "asiakkaat.xlsx", read_only=True).active
    header, *cells = list(sheet.iter_rows(values_only=True))
    repeats = Counter(cells)
    assert said["asiakkaat.xlsx", "duplicate_row", None] == sum(count - 1 for count in repeats.values()) == 3
    joined, left = header.index("Asiakas alkaen"), header.index("Päättynyt")
    early = [row for row in cells if row[left] and row[left] < row[joined]]
    assert said["asiakkaat.xlsx", "ends_before_start", "left_on"] == len(early) == 2
    assert all(isinstance(row[0], str) and len(row[0]) == 7 for row in cells)
    events = rows_of(folder / "prosessit.csv")
    assert said["prosessit.csv", "missing", "customer_id"] == sum(not row["Asiakasnumero"] for row in events) == 2
    backwards = [row for row in events if row["Valmis"] and moment(row["Valmis"]) < moment(row["Alkoi"])]
    assert said["prosessit.csv", "ends_before_start", "ended_at"] == len(backwards) == 3


def test_engagement_reads_and_maps_every_label_by_identity(folder: Path) -> None:
    engagement = read_engagement(folder)
    labels = {row["Kanava"] for source, encoding in ENCODINGS.items() for row in rows_of(folder / source, encoding)}
    mapped = engagement.tables["contacts"].values["channel"]
    assert labels - {""} == set(mapped)
    assert set(mapped.values()) <= set(CHANNELS)
    for name, source in engagement.tables.items():
        assert source.columns, name
    processes = {row["Prosessi"] for row in rows_of(folder / "prosessit.csv")}
    assert {engagement.tables["process_events"].values["process"][label] for label in processes} == set(
        engagement.processes
    )


def test_control_totals_by_hand_count(folder: Path) -> None:
    contacts = make_client(customers=600, seed=5).tables["contacts"]
    months = contacts["started_at"].dt.strftime("%Y-%m").value_counts()
    totals = read_engagement(folder).control_totals
    assert len(totals) == 2
    assert all(months[total.month] == total.count for total in totals)


def test_same_arguments_same_bytes_by_identity(folder: Path, tmp_path: Path) -> None:
    again = write_sample(tmp_path / "again", customers=600, seed=5)
    other = write_sample(tmp_path / "other", customers=600, seed=6)
    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name
    assert (folder / "kontaktit_2025H1.csv").read_bytes() != (other / "kontaktit_2025H1.csv").read_bytes()


def test_same_seed_same_tables_by_identity() -> None:
    first, second = (make_client(customers=300, seed=9, days=60) for _ in range(2))
    for name in first.tables:
        pd.testing.assert_frame_equal(first.tables[name], second.tables[name])
    assert first.truth == second.truth


def test_one_knob_leaves_the_other_parts_alone_by_identity() -> None:
    usual = make_client(customers=400, seed=9, days=60)
    other = make_client(customers=400, seed=9, days=60, world=dataclasses.replace(World(), miscoded=(0.0,) * 11))
    pd.testing.assert_frame_equal(usual.tables["customers"], other.tables["customers"])
    pd.testing.assert_series_equal(usual.tables["contacts"]["started_at"], other.tables["contacts"]["started_at"])


def test_short_clean_exports_by_hand_count(tmp_path: Path) -> None:
    client = make_client(customers=200, seed=3, start="2024-05-20", days=28)
    folder = write_exports(client, tmp_path, faults=Faults.none())
    rows = rows_of(folder / "kontaktit_2024H1.csv", "cp1252")
    assert len(rows) == len(client.tables["contacts"])
    kept = {fault[1] for fault, count in planted(folder).items() if count}
    assert kept == {"encoding", "decimal_comma", "local_date_format"}
    assert read_engagement(folder).engagement.observed_until == dt.date(2024, 6, 16)


def test_parquet_is_the_clean_tables_by_identity(tmp_path: Path) -> None:
    client = make_client(customers=200, seed=3, days=40)
    write_parquet(client, tmp_path)
    assert set(read_engagement(tmp_path).tables) == set(client.tables)
    for name, table in client.tables.items():
        found = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert found.columns.tolist() == table.columns.tolist()
        assert len(found) == len(table)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(OutputError, match="not empty"):
        write_sample(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_shipped_sample_is_what_the_generator_makes_by_identity(tmp_path: Path) -> None:
    made = write_sample(tmp_path / "sample")
    assert {path.name for path in made.iterdir()} <= {path.name for path in SHIPPED.iterdir()}
    for path in made.iterdir():
        if path.suffix in (".csv", ".json", ".toml"):  # the others' bytes change with the libraries that write them
            assert path.read_bytes() == (SHIPPED / path.name).read_bytes(), path.name
    assert sum(path.stat().st_size for path in SHIPPED.iterdir() if path.is_file()) < 5_000_000
