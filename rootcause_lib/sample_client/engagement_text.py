"""The engagement.toml of a fictional client, written as a consultant would."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from rootcause_lib.sample_client.client import SampleClient
from rootcause_lib.sample_client.finnish import HEADERS, MINUTES, canonical_labels
from rootcause_lib.sample_client.matters import TIMEOUT_CODE

COSTS = {"phone": 7.5, "email": 5.2, "chat": 4.0, "self_service": 0.2, "social": 4.6, "store": 11.0}
MOMENT, DAY = "%d.%m.%Y %H:%M", "%d.%m.%Y"
FILES = {
    "surveys": "kyselyt.parquet",
    "process_events": "prosessit.csv",
    "visits": "kaynnit.csv",
    "agents": "agentit.csv",
    "audits": "auditointi.xlsx",
    "volumes": "volyymit.csv",
}
FLAGS = {
    "contacts": ("abandoned", "resolved", "complained"),
    "process_events": ("opened_by_contact",),
    "visits": ("goal_reached",),
    "audits": ("failure_demand",),
}
PROCESSES = """
[processes.invoice]
owner = "Talous"
kind = "normal"
reasons = ["laskutus"]
bands = [0, 7]

[processes.billing]
owner = "Talous"
kind = "failure"
reasons = ["laskuvirhe"]
bands = [0, 7, 21]
instead_of = "invoice"

[processes.delivery]
owner = "Logistiikka"
reasons = ["toimitus"]
overdue_bands = [1, 3, 7, 14]

[processes.outage]
owner = "Verkko"
reasons = ["katko"]
bands = [0, 1, 3]

[processes.claim]
owner = "Asiakaspalvelu"
reasons = ["reklamaatio"]
bands = [0, 28]
opened_by_contact = true
"""
REASONS = f"""
[reasons]
default = ["muu", "{TIMEOUT_CODE}"]
cancellation = ["irtisanominen"]
neutral = ["neuvonta"]
complaint = ["reklamaatio"]
"""
DEFINITIONS = """
[definitions]
window_days = 14
windows = { laskuvirhe = 30 }
matching = "auto"
level = 0.95
smallest_cell = 5
churn = "left"
equivalence = { resolution = 0.03, nps = 5, csat = 0.2, ces = 0.3, agreed_on = 2025-10-01 }
baseline_channel = "phone"
horizon_days = 90
leg_gap_seconds = 60
shared_id_daily_cap = 20
answer_within_seconds = 20
smallest_team = 4
"""
PEOPLE = """
[[guesses]]                          # what people believed before seeing the figures
who = "Asiakaspalvelun tiimi"
reason = "laskuvirhe"
share = 0.10
[[guesses]]
who = "Johtoryhmä"
reason = "tekninen"
share = 0.30

[[answers]]
signal = "systems_touched"
value = 4
asked_on = 2025-11-03

[hours]
phone = "mon-fri 8-18, sat 10-15"
chat = "mon-fri 8-20, sat-sun 10-16"
store = "mon-fri 9-18, sat 10-16"

[privacy]
key_env = "ROOTCAUSE_KEY"
agents = "team"
"""


def export_engagement(client: SampleClient, *, sources: Mapping[str, str | tuple[str, ...]]) -> str:
    """The engagement of the Finnish exports; `sources` names the files of contacts and customers."""
    parts = [
        _client(client),
        DEFINITIONS,
        REASONS,
        '\n[leaving]\nnot_choice = ["kuolema", "muutto ulkomaille"]\n',
        '\n[attributes]\ncustomers = ["contract", "region"]\nsurveys = ["ease", "friendliness"]\n',
        *(_table(client, name, sources.get(name) or FILES[name]) for name in HEADERS),
        PROCESSES,
        _money(client),
        _control_totals(client),
        _fixes(client),
        PEOPLE,
    ]
    return "".join(parts)


def parquet_engagement(client: SampleClient) -> str:
    """The engagement of plain canonical Parquet files: no mapping is needed."""
    tables = "".join(f'\n[tables.{name}]\nsource = "{name}.parquet"\n' for name in client.tables)
    attributes = '\n[attributes]\ncustomers = ["contract", "region"]\nsurveys = ["ease", "friendliness"]\n'
    return _client(client) + REASONS + attributes + tables + PROCESSES + _money(client) + _fixes(client)


def _client(client: SampleClient) -> str:
    until = pd.Timestamp(client.truth.start) + pd.Timedelta(days=client.truth.days - 1)
    return f"""# Lumo Oy is a fictional energy and broadband company; its truth is in truth.json.
[engagement]
client = "Lumo Oy"
time_zone = "Europe/Helsinki"
currency = "EUR"
language = "fi"
observed_until = {until.date()}
"""


def _quoted(text: str) -> str:
    return f'"{text}"'


def _inline(pairs: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {_quoted(value)}" for key, value in pairs.items()) + " }"


def _table(client: SampleClient, name: str, source: str | tuple[str, ...]) -> str:
    files = "kontaktit_*.csv" if name == "contacts" else str(source)
    present = {column: header for column, header in HEADERS[name].items() if column in client.tables[name]}
    lines = [f"\n[tables.{name}]", f"source = {_quoted(files)}"]
    if name == "contacts":
        lines += ['row_is = "interaction"', 'nulls = { customer_id = ["0", "anonymous"] }']
        lines.append(f"units = {_inline(dict.fromkeys(MINUTES, 'minutes'))}")
    if files.endswith(".csv"):
        times = {column: MOMENT for column in present if column.endswith("_at")}
        days = {column: DAY for column in present if column.endswith("_on") or column == "date"}
        decimal = {"decimal": ","} if name == "contacts" else {}
        lines.append(f"formats = {_inline(times | days | decimal)}")
    lines.append(f"[tables.{name}.columns]")
    lines += [f"{column} = {_quoted(header)}" for column, header in present.items()]
    if name == "surveys":
        lines.append('direction = { value = "higher_is_better" }')
    maps = dict(canonical_labels(name))
    for column in FLAGS.get(name, ()):
        maps[column] = {"Kyllä": "true", "Ei": "false"}
    for column, labels in maps.items():
        lines.append(f"[tables.{name}.values.{column}]")
        lines += [f"{_quoted(label)} = {_quoted(value)}" for label, value in labels.items()]
    return "\n".join(lines) + "\n"


def _yearly(client: SampleClient) -> int:
    """The ledger's figure: what contacts cost by channel, and a twentieth that no contact explains."""
    counts = client.tables["contacts"]["channel"].value_counts()
    cost = sum(COSTS[str(channel)] * count for channel, count in counts.items()) * 365 / client.truth.days
    return int(round(cost * 1.05, -3))


def _money(client: SampleClient) -> str:
    costs = ", ".join(f"{channel} = {cost}" for channel, cost in COSTS.items())
    yearly = _yearly(client)
    return f"""
[costs]
per_contact = {{ {costs} }}
chat_concurrency = 2
service_per_year = {yearly}
acquisition_per_customer = 120
discount_rate = 0.08
horizon_years = 3
cashable_share = {{ low = 0.2, mode = 0.5, high = 0.8 }}

[targets]
material_per_year = {max(yearly // 20, 1000)}
fcr = 0.75
service_level = {{ share = 0.8, seconds = 20 }}
false_alarms_per_year = 2
"""


def _control_totals(client: SampleClient) -> str:
    """Rows the contact system reported for the first and the middle whole month, every kind of row included."""
    started = client.tables["contacts"]["started_at"]
    counts = started.dt.strftime("%Y-%m").value_counts().sort_index()
    months = list(counts.index)
    chosen = sorted({months[len(months) // 6], months[len(months) // 2]})
    return "".join(
        f'\n[[control_totals]]\nname = "Yhteydenotot"\nmonth = "{month}"\ncount = {counts[month]}\n'
        'source = "kuukausiraportti"\n'
        for month in chosen
    )


def _fixes(client: SampleClient) -> str:
    done = ""
    if client.truth.fix is not None:
        done = f"""
[[fixes]]
name = "Laskutuksen korjaus"
process = "billing"
on = {client.truth.fix["on"]}
cost = 30000
owner = "Talous"
effect = {{ low = 0.3, mode = 0.5, high = 0.7 }}
"""
    until = pd.Timestamp(client.truth.start) + pd.Timedelta(days=client.truth.days + 59)
    return f"""{done}
[[fixes]]
name = "Toimitusten seuranta"
process = "delivery"
planned = {until.date()}
cost = 18000
owner = "Logistiikka"
effect = {{ low = 0.2, mode = 0.4, high = 0.6 }}
"""
