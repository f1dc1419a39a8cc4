"""Makes what the measurements start from: a client's files, and its store before and after stitching."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from clients import SEED, SIZES, TIME_ZONE, Client
from measuring import source_stamp

SPOILT_CONTACTS = """
copy (
    with written as (
        select
            contact_id,
            case when contact_id::bigint % 100003 = 7 then '32.01.2025 10:00:00'
                when contact_id::bigint % 9973 = 21 then ' ' || strftime(started_at, '%d.%m.%Y %H:%M:%S')
                else strftime(started_at, '%d.%m.%Y %H:%M:%S') end as started_at,
            strftime(case when contact_id::bigint % 40009 = 11 then started_at - interval 3 days else ended_at end,
                '%d.%m.%Y %H:%M:%S') as ended_at,
            channel, direction,
            case when contact_id::bigint % 5003 = 23 then chr(160) || customer_id || ' ' else customer_id end
                as customer_id,
            case when contact_id::bigint % 20011 = 25 then chr(160) || '-' else reason end as reason,
            agent_id,
            case contact_id::bigint % 30011 when 27 then '{short}' when 28 then '{long}' when 29 then '{quote}'
                when 30 then 'Tiimi 3; ilta' else team end as team,
            case when contact_id::bigint % 50021 = 3 then '-5,0'
                when contact_id::bigint % 10007 = 31 then chr(160) || replace(printf('%.1f', wait_seconds::double),
                    '.', ',')
                else replace(printf('%.1f', wait_seconds::double), '.', ',') end as wait_seconds,
            case when contact_id::bigint % 70001 = 5 then 'abc'
                else replace(printf('%.1f', handle_seconds::double), '.', ',') end as handle_seconds,
            replace(printf('%.1f', wrap_up_seconds::double), '.', ',') as wrap_up_seconds,
            case when abandoned then 'true' when not abandoned then 'false' end as abandoned,
            transfers,
            case when contact_id::bigint % 15013 = 33 then ' N/A ' when resolved then 'true'
                when not resolved then 'false' end as resolved,
            conversation_id,
            replace(printf('%.2f', revenue), '.', ',') as revenue,
            case when contact_id::bigint % 30011 = 28 or not complained then 'false' when complained then 'true' end
                as complained
        from read_parquet($contacts)
    )
    from written
    union all by name
    from written where contact_id::bigint % 60013 = 1
    union all by name
    select * replace ('toinen' as team) from written where contact_id::bigint % 80021 = 2
) to '{file}' (header, delimiter ';')
"""
"""Contacts as a client might export them, with faults by their number; marks stand where rows are spoilt after."""

_LOADED_TABLES = ("contacts", "customers", "reason_settings", "channel_costs")

_SHORT, _LONG, _QUOTE = b"@@SHORT", b"@@LONG", b"@@QUOTE"
_TOTALS = "Yhteensä;1\nYhteensä{}\n"

_CONTACTS_TOML = f"""
[engagement]
client = "Lumo Oy"
time_zone = "{TIME_ZONE}"
currency = "EUR"

[tables.contacts]
source = "{{contacts}}"
"""
_CUSTOMERS_TOML = """
[tables.customers]
source = "customers.parquet"

[attributes]
customers = ["contract", "region"]
"""


def prepare(client: Client, needs: str) -> dict[str, object]:
    """Make whatever of a client is not there yet and `needs` asks for; gives the rows of each of its tables.

    The stores are the library's own work and made anew when the library has changed, unless a measurement has
    just made them.
    """
    if not (client.tables / "engagement.toml").exists():
        _make_tables(client)
    if not (client.contacts_alone / "engagement.toml").exists():
        _make_exports(client)
    if needs in ("loaded", "stitched") and not _is_current(client.loaded):
        _make_loaded(client)
    if needs == "stitched" and not _is_current(client.stitched):
        _make_stitched(client)
    files = sorted(client.tables.glob("*.parquet"))
    return {file.stem: pq.read_metadata(file).num_rows for file in files}


def keep_loaded(client: Client, made: Path) -> None:
    """A store that a measurement has loaded from the tables, kept for what starts from it."""
    if not _is_current(client.loaded):
        made.replace(client.loaded)
        _keep_parquet(client.loaded, client.loaded_tables, _LOADED_TABLES)
        _mark(client.loaded)


def keep_stitched(client: Client, made: Path) -> None:
    """A store that a measurement has stitched, kept for what starts from it."""
    if not _is_current(client.stitched):
        made.replace(client.stitched)
        _keep_parquet(client.stitched, client.stitched_tables, ("stitched_contacts",))
        _mark(client.stitched)


def _make_loaded(client: Client) -> None:
    from by_library import make_loaded

    made = client.fresh_work() / "store.duckdb"
    make_loaded(client.tables, made, memory_limit=None)
    keep_loaded(client, made)


def _make_stitched(client: Client) -> None:
    from by_library import stitch_file

    made = Path(shutil.copyfile(client.loaded, client.fresh_work() / "store.duckdb"))
    stitch_file(client.tables, made, memory_limit=None).close()
    keep_stitched(client, made)


def _is_current(store: Path) -> bool:
    mark = store.with_suffix(".source")
    return store.exists() and mark.exists() and mark.read_text(encoding="utf-8") == source_stamp()


def _mark(store: Path) -> None:
    store.with_suffix(".source").write_text(source_stamp(), encoding="utf-8")


def _make_tables(client: Client) -> None:
    from rootcause_lib.sample_client import World, make_client, write_parquet

    shutil.rmtree(client.tables, ignore_errors=True)
    client.folder.mkdir(parents=True, exist_ok=True)
    write_parquet(make_client(customers=SIZES[client.size], seed=SEED, world=World(text_share=0.0)), client.tables)


def _make_exports(client: Client) -> None:
    client.exports.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute("set preserve_insertion_order = true")
    marked = client.exports / "marked"
    query = SPOILT_CONTACTS
    marks = {"short": _SHORT, "long": _LONG, "quote": _QUOTE, "file": os.fsencode(marked)}
    for name, text in marks.items():
        query = query.replace(f"{{{name}}}", text.decode())
    connection.execute(query, {"contacts": str(client.tables / "contacts.parquet")})
    planted = _spoil_rows(marked, client.exports / "contacts.csv")
    marked.unlink()
    client.planted.write_text(json.dumps({"wrong_columns": planted, "total_row": 2}), encoding="utf-8")
    shutil.copyfile(client.tables / "customers.parquet", client.exports / "customers.parquet")
    _write_engagements(client)


def _write_engagements(client: Client) -> None:
    """Of both exports, and of the contacts alone."""
    contacts = _CONTACTS_TOML.replace("{contacts}", "contacts.csv")
    (client.exports / "engagement.toml").write_text(contacts + _CUSTOMERS_TOML, encoding="utf-8")
    client.contacts_alone.mkdir(exist_ok=True)
    alone = _CONTACTS_TOML.replace("{contacts}", "../contacts.csv")
    (client.contacts_alone / "engagement.toml").write_text(alone, encoding="utf-8")


def _spoil_rows(marked: Path, target: Path) -> int:
    """Rows that do not fit their header (cells too few, too many, text after a closing quote) and two total lines.

    Gives how many do not fit.
    """
    planted = 0
    with marked.open("rb") as lines, target.open("wb") as out:
        header = next(lines)
        out.write(header)
        for line in lines:
            if b"@@" in line:
                planted += 1
                kept, found, _ = line.partition(_SHORT)
                line = kept + b"\n" if found else line
                line = line.replace(_LONG, b"Tiimi 3; ilta").replace(_QUOTE, b'"Tiimi 3" ilta')
            out.write(line)
        out.write(_TOTALS.format(";" * header.count(b";")).encode())
    return planted


def _keep_parquet(file: Path, folder: Path, tables: tuple[str, ...]) -> None:
    folder.mkdir(exist_ok=True)
    connection = duckdb.connect(str(file), read_only=True)
    for table in tables:
        connection.execute(f"copy {table} to '{folder / table}.parquet'")
