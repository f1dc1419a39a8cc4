"""A process of its own for one job: `worker.py JOB SIZE [--memory-limit 500MB]`; prints what it cost and answered."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clients import SIZES, Client
from measuring import ANSWER, Meter

Job = Callable[[Client, Meter, str | None], dict[str, object]]


def load_library(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    return _as_planted(client, _load_library(client.exports, client, meter, memory_limit))


def load_contacts_alone(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    return _as_planted(client, _load_library(client.contacts_alone, client, meter, memory_limit))


def load_pandas(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    del memory_limit
    return _as_planted(client, _load_pandas(client.exports, client, meter))


def load_by_duckdb_as_text(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_duckdb_reading

    return _read_by_duckdb(by_duckdb_reading.text_then_cast, client, meter, memory_limit)


def load_by_duckdb_cast(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_duckdb_reading

    return _read_by_duckdb(by_duckdb_reading.cast_while_reading, client, meter, memory_limit)


def _read_by_duckdb(
    read: Callable[..., int], client: Client, meter: Meter, memory_limit: str | None
) -> dict[str, object]:
    export, file = client.exports / "contacts.csv", client.fresh_work() / "contacts.duckdb"
    meter.start()
    lines = read(export, file, memory_limit=memory_limit)
    meter.stop()
    with export.open("rb") as text:
        expected = sum(1 for _ in text) - 1
    if lines != expected:
        raise ValueError(f"{lines} lines became a row or were refused, but the export has {expected}.")
    return {"lines": lines}


def tables_library(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    answers = _load_library(client.tables, client, meter, memory_limit)
    if memory_limit is None:
        from preparing import keep_loaded

        keep_loaded(client, client.work / "store.duckdb")
    return answers


def tables_pandas(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    del memory_limit
    return _load_pandas(client.tables, client, meter)


def _as_planted(client: Client, answers: dict[str, object]) -> dict[str, object]:
    from loaded_answers import check_planted

    check_planted(answers, json.loads(client.planted.read_text(encoding="utf-8")))
    return answers


def _load_library(folder: Path, client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_library
    import duckdb
    from loaded_answers import of_contacts, of_customers, of_intake, of_tables

    file = client.fresh_work() / "store.duckdb"
    meter.start()
    intake = by_library.make_loaded(folder, file, memory_limit=memory_limit)
    meter.stop()
    connection = duckdb.connect(str(file), read_only=True)
    loaded = of_intake(intake, file.parent / "rejects")
    others = of_tables(connection, {name: name for name in intake.present if name != "contacts"})
    answers = loaded | others | of_contacts(connection, "contacts") | of_customers(connection, "customer_ids")
    connection.close()
    return answers


def _load_pandas(folder: Path, client: Client, meter: Meter) -> dict[str, object]:
    import by_pandas_loading
    import duckdb
    from loaded_answers import of_checked, of_contacts, of_customers, of_tables

    work = client.fresh_work()
    meter.start()
    checked = by_pandas_loading.load(folder, work)
    meter.stop()
    connection = duckdb.connect()
    contacts, customers = (f"read_parquet('{work / name}.parquet')" for name in ("contacts", "customer_ids"))
    loaded = of_checked(checked, work)
    others = {name: f"read_parquet('{work / name}.parquet')" for name in checked if name != "contacts"}
    told = of_tables(connection, others)
    return loaded | told | of_contacts(connection, contacts) | of_customers(connection, customers)


def stitch_library(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_library
    from answers import fingerprint

    file = _copied(client.loaded, client.fresh_work())
    meter.start()
    engine = by_library.stitch_file(client.tables, file, memory_limit=memory_limit)
    store = by_library.opened(client.tables, engine)
    resolution = by_library.resolution(store)
    meter.stop()
    answers = {"stitched": fingerprint(engine.connection, "stitched_contacts"), "resolution": resolution}
    engine.close()
    if memory_limit is None:
        from preparing import keep_stitched

        keep_stitched(client, file)
    return answers


def stitch_by_hand(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_hand
    from answers import fingerprint

    work, columns = client.fresh_work(), _stitched_columns()
    file = _copied(client.loaded, work)
    meter.start()
    connection = by_hand.connect(file, spill=work, memory_limit=memory_limit)
    by_hand.stitch(connection, columns)
    resolution = by_hand.resolution(connection)
    meter.stop()
    return {"stitched": fingerprint(connection, "stitched_contacts"), "resolution": resolution}


def stitch_polars(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    del memory_limit
    import by_polars

    columns, work = _stitched_columns(), client.fresh_work()
    meter.start()
    stitched = by_polars.stitch(client.loaded_tables, columns)
    resolution = by_polars.resolution(stitched)
    meter.stop()
    stitched.write_parquet(work / "stitched.parquet")
    return {"stitched": _fingerprint_of(work / "stitched.parquet"), "resolution": resolution}


def stitch_polars_kept(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    del memory_limit
    import by_polars

    columns, work = _stitched_columns(), client.fresh_work()
    meter.start()
    stitched = by_polars.stitch(client.loaded_tables, columns)
    stitched.write_parquet(work / "stitched.parquet", compression="lz4")
    resolution = by_polars.resolution(stitched)
    meter.stop()
    return {"stitched": _fingerprint_of(work / "stitched.parquet"), "resolution": resolution}


def stitch_pandas(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    del memory_limit
    import by_pandas

    columns, work = _stitched_columns(), client.fresh_work()
    meter.start()
    stitched = by_pandas.stitch(client.loaded_tables, columns)
    resolution = by_pandas.resolution(stitched)
    meter.stop()
    stitched.to_parquet(work / "stitched.parquet", index=False)
    return {"stitched": _fingerprint_of(work / "stitched.parquet"), "resolution": resolution}


def curves_library(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_library

    store, _ = _stitched_store(client, memory_limit)
    meter.start()
    by_library.curves(store)
    meter.stop()
    return {"counts": by_library.curve_counts(store)}


def curves_by_hand(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_hand

    connection = by_hand.connect(None, spill=client.fresh_work(), memory_limit=memory_limit)
    connection.execute(f"attach '{client.stitched}' as store (read_only)")
    connection.execute("create temp view stitched_contacts as from store.stitched_contacts")
    meter.start()
    by_hand.curves(connection)
    meter.stop()
    return {"counts": by_hand.curve_counts(connection)}


def curves_polars(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    del memory_limit
    import by_polars

    meter.start()
    made = by_polars.curves(client.stitched_tables / "stitched_contacts.parquet")
    meter.stop()
    return {"counts": by_polars.curve_counts(*made)}


def curves_pandas(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    del memory_limit
    import by_pandas

    meter.start()
    made = by_pandas.curves(client.stitched_tables / "stitched_contacts.parquet")
    meter.stop()
    return {"counts": by_pandas.curve_counts(*made)}


def causes_library(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_library

    store, connection = _stitched_store(client, memory_limit)
    _halve_events(connection, "process_events")
    meter.start()
    kinds = by_library.causes(store)
    meter.stop()
    return {"counts": by_library.cause_counts(kinds, CHECKED_CUSTOMERS)}


def causes_whole(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_library

    store, connection = _stitched_store(client, memory_limit)
    _halve_events(connection, "process_events")
    meter.start()
    frames = by_library.whole_analysis(store)
    meter.stop()
    if unanswered := [name for name in ("attributable", "reasons", "change", "segments") if not frames[name]]:
        raise ValueError(f"The whole analysis left {', '.join(unanswered)} empty.")
    return {"rows": frames}


def causes_by_hand(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_hand

    connection = by_hand.connect(None, spill=client.fresh_work(), memory_limit=memory_limit)
    connection.execute(f"attach '{client.stitched}' as store (read_only)")
    for table in ("stitched_contacts", "spells"):
        connection.execute(f"create temp view {table} as from store.{table}")
    _halve_events(connection, "store.process_events")
    meter.start()
    by_hand.causes(connection)
    meter.stop()
    return {"counts": by_hand.cause_counts(connection, CHECKED_CUSTOMERS)}


def churn_library(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_library

    store, _connection = _stitched_store(client, memory_limit)
    meter.start()
    cells, usual, _ratio = by_library.churn(store)
    meter.stop()
    return dict(by_library.churn_counts(cells, usual))


def churn_whole(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_library

    store, _connection = _stitched_store(client, memory_limit)
    meter.start()
    rows = by_library.leaving_page(store)
    meter.stop()
    if unanswered := [name for name in ("ladder", "leaving", "contacts_before_exit") if not rows[name]]:
        raise ValueError(f"The page on leaving left {', '.join(unanswered)} empty.")
    return {"rows": rows}


def churn_by_hand(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_hand

    connection = by_hand.connect(None, spill=client.fresh_work(), memory_limit=memory_limit)
    connection.execute(f"attach '{client.stitched}' as store (read_only)")
    for table in ("customers", "stitched_contacts", "process_events"):
        connection.execute(f"create temp view {table} as from store.{table}")
    meter.start()
    by_hand.churn(connection)
    meter.stop()
    return dict(by_hand.churn_counts(connection))


def channels_library(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_library

    from rootcause_lib.engine import DuckDB, Resources

    engine = DuckDB(client.stitched, resources=Resources(memory_limit, None, client.fresh_work()))
    store = by_library.opened(client.tables, engine)
    meter.start()
    found = by_library.channels(store)
    meter.stop()
    return dict(by_library.channel_counts(store, found))


def channels_by_hand(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    import by_hand

    connection = by_hand.connect(None, spill=client.fresh_work(), memory_limit=memory_limit)
    connection.execute(f"attach '{client.stitched}' as store (read_only)")
    for (table,) in connection.execute(
        "select table_name from duckdb_tables() where database_name = 'store'"
    ).fetchall():
        connection.execute(f'create temp view "{table}" as from store."{table}"')
    meter.start()
    by_hand.channels(connection)
    meter.stop()
    return dict(by_hand.channel_counts(connection))


MOVES = 30
"""How often the explorer's slider is moved."""


def explorer_library(client: Client, meter: Meter, memory_limit: str | None) -> dict[str, object]:
    from rootcause_lib.explore import explore_resolution

    store, _ = _stitched_store(client, memory_limit)
    box: Any = explore_resolution(store, None)
    slider = box.children[0].children[0]
    meter.start()
    for _ in range(MOVES):
        slider.value = (slider.value + 6) % 30 + 1
    meter.stop()
    return {"moves": MOVES}


CHECKED_CUSTOMERS = 100_000
"""Those whose counts are compared: the library watches a sample of many, and these are always in it."""


def _stitched_store(client: Client, memory_limit: str | None) -> tuple[Any, Any]:
    """The stitched file as a store, and the connection beneath it."""
    import by_library

    from rootcause_lib.engine import DuckDB, Resources

    engine = DuckDB(client.stitched, resources=Resources(memory_limit, None, client.fresh_work()))
    return by_library.opened(client.tables, engine), engine.connection


def _halve_events(connection: Any, table: str) -> None:
    """Process events, half as many as contacts: the invoices of every tenth customer alone."""
    connection.execute(
        f"create temp table half_the_events as from {table} where process <> 'invoice' or customer_key % 10 = 0"
    )
    connection.execute("create temp view process_events as from half_the_events")


def _prepare(client: Client, meter: Meter, needs: str) -> dict[str, object]:
    import preparing

    meter.start()
    counts = preparing.prepare(client, needs)
    meter.stop()
    return counts


def _copied(file: Path, folder: Path) -> Path:
    return Path(shutil.copyfile(file, folder / file.name))


def _stitched_columns() -> list[str]:
    """The columns of the library's own table: the others make the same ones, and no more."""
    from rootcause_lib.stored_tables import STORED_TABLES

    return list(STORED_TABLES["stitched_contacts"])


def _fingerprint_of(file: Path) -> dict[str, object]:
    """As of a table in a DuckDB file: columns of other types are read as the library's types."""
    import duckdb
    from answers import fingerprint

    from rootcause_lib.stored_tables import STORED_TABLES

    kinds = STORED_TABLES["stitched_contacts"]
    columns = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind in kinds.items())
    connection = duckdb.connect()
    connection.execute(f"create view kept as select {columns} from read_parquet('{file}')")
    return dict(fingerprint(connection, "kept"))


JOBS: dict[str, Job] = {
    "load.library": load_library,
    "load.library_contacts": load_contacts_alone,
    "load.pandas": load_pandas,
    "load.duckdb_text": load_by_duckdb_as_text,
    "load.duckdb_cast": load_by_duckdb_cast,
    "tables.library": tables_library,
    "tables.pandas": tables_pandas,
    "stitch.library": stitch_library,
    "stitch.duckdb": stitch_by_hand,
    "stitch.polars": stitch_polars,
    "stitch.polars_kept": stitch_polars_kept,
    "stitch.pandas": stitch_pandas,
    "curves.library": curves_library,
    "curves.duckdb": curves_by_hand,
    "curves.polars": curves_polars,
    "curves.pandas": curves_pandas,
    "churn.library": churn_library,
    "churn.whole": churn_whole,
    "churn.duckdb": churn_by_hand,
    "channels.library": channels_library,
    "channels.duckdb": channels_by_hand,
    "explorer.library": explorer_library,
    "causes.library": causes_library,
    "causes.whole": causes_whole,
    "causes.duckdb": causes_by_hand,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=("prepare", *JOBS))
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--memory-limit")
    parser.add_argument("--needs", choices=("files", "loaded", "stitched"), default="stitched")
    asked = parser.parse_args()
    client, meter = Client(asked.size), Meter()
    if asked.job == "prepare":
        answers = _prepare(client, meter, asked.needs)
    else:
        answers = JOBS[asked.job](client, meter, asked.memory_limit)
    print(ANSWER + json.dumps({"cpu_seconds": meter.cpu_seconds, "peak_mb": meter.peak_mb, "answers": answers}))


if __name__ == "__main__":
    main()
