"""Makes what the measurements start from: a client's files, and its store before and after stitching."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from clients import SEED, SIZES, TIME_ZONE, Client

SPOILT_CONTACTS = """
copy (
    with written as (
        select
            contact_id,
            case when contact_id::bigint % 100003 = 7 then '32.01.2025 10:00:00'
                else strftime(started_at, '%d.%m.%Y %H:%M:%S') end as started_at,
            strftime(case when contact_id::bigint % 40009 = 11 then started_at - interval 3 days else ended_at end,
                '%d.%m.%Y %H:%M:%S') as ended_at,
            channel, direction, customer_id, reason, agent_id, team,
            case when contact_id::bigint % 50021 = 3 then '-5,0'
                else replace(printf('%.1f', wait_seconds::double), '.', ',') end as wait_seconds,
            case when contact_id::bigint % 70001 = 5 then 'abc'
                else replace(printf('%.1f', handle_seconds::double), '.', ',') end as handle_seconds,
            replace(printf('%.1f', wrap_up_seconds::double), '.', ',') as wrap_up_seconds,
            case when abandoned then 'true' when not abandoned then 'false' end as abandoned,
            transfers,
            case when resolved then 'true' when not resolved then 'false' end as resolved,
            conversation_id,
            replace(printf('%.2f', revenue), '.', ',') as revenue,
            case when complained then 'true' when not complained then 'false' end as complained
        from read_parquet($contacts)
    )
    from written
    union all by name
    from written where contact_id::bigint % 60013 = 1
    union all by name
    select * replace ('toinen' as team) from written where contact_id::bigint % 80021 = 2
) to '{file}' (header, delimiter ';')
"""

EXPORTS_TOML = f"""
[engagement]
client = "Lumo Oy"
time_zone = "{TIME_ZONE}"
currency = "EUR"

[tables.contacts]
source = "contacts.csv"
formats = {{ started_at = "%d.%m.%Y %H:%M:%S", ended_at = "%d.%m.%Y %H:%M:%S", decimal = "," }}

[tables.customers]
source = "customers.parquet"

[attributes]
customers = ["contract", "region"]
"""


def prepare(client: Client) -> dict[str, object]:
    """Make whatever of a client is not there yet; gives the rows of each of its tables."""
    if not (client.tables / "engagement.toml").exists():
        _make_tables(client)
    if not (client.exports / "engagement.toml").exists():
        _make_exports(client)
    remake_stores(client)
    files = sorted(client.tables.glob("*.parquet"))
    return {file.stem: pq.read_metadata(file).num_rows for file in files}


def remake_stores(client: Client) -> None:
    """The store before and after stitching, always anew: it is the library's own work and changes with it."""
    from by_library import make_loaded, stitch_file

    client.loaded.unlink(missing_ok=True)
    make_loaded(client.tables, client.loaded, memory_limit=None)
    shutil.copyfile(client.loaded, client.stitched)
    stitch_file(client.tables, client.stitched, memory_limit=None).close()
    tables = ("contacts", "customers", "reason_settings", "channel_costs")
    _keep_parquet(client.loaded, client.loaded_tables, tables)
    _keep_parquet(client.stitched, client.stitched_tables, ("stitched_contacts",))


def _make_tables(client: Client) -> None:
    from rootcause_lib.sample_client import World, make_client, write_parquet

    shutil.rmtree(client.tables, ignore_errors=True)
    client.folder.mkdir(parents=True, exist_ok=True)
    write_parquet(make_client(customers=SIZES[client.size], seed=SEED, world=World(text_share=0.0)), client.tables)


def _make_exports(client: Client) -> None:
    client.exports.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute("set preserve_insertion_order = true")
    query = SPOILT_CONTACTS.replace("{file}", str(client.exports / "contacts.csv"))
    connection.execute(query, {"contacts": str(client.tables / "contacts.parquet")})
    shutil.copyfile(client.tables / "customers.parquet", client.exports / "customers.parquet")
    (client.exports / "engagement.toml").write_text(EXPORTS_TOML, encoding="utf-8")


def _keep_parquet(file: Path, folder: Path, tables: tuple[str, ...]) -> None:
    folder.mkdir(exist_ok=True)
    connection = duckdb.connect(str(file), read_only=True)
    for table in tables:
        connection.execute(f"copy {table} to '{folder / table}.parquet'")
