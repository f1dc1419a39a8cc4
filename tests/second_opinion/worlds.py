"""Random clients full of what journeys stumble over: legs, ties, overlaps, gaps in every column, people who leave."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
from drawn import stitched
from planted import fill

from rootcause_lib.engagement import read_engagement
from rootcause_lib.engine import empty_world
from rootcause_lib.store import Store
from second_opinion import DAY, HOUR, Row, Rules

ZONE = "Europe/Helsinki"
FIRST, LAST = dt.date(2025, 1, 6), dt.date(2025, 3, 16)
"""Within winter time: the library takes a day of leaving to end by the clock of the contact's own day."""

REASONS = ("bill", "order", "fault", "muu", None)
CHANNELS = ("phone", "chat", "email", "self_service", "store")
RULES = Rules(
    time_zone=ZONE,
    observed_from=FIRST,
    observed_until=LAST,
    shared_id_daily_cap=6,
    default_codes=("muu",),
    windows={"bill": 21, "fault": 5},
    per_contact={"phone": 7.5},
    per_minute={"chat": 0.6, "email": 0.9},
    chat_concurrency=2,
)
ENGAGEMENT = f"""
[engagement]
client = "Drawn Oy"
time_zone = "{ZONE}"
observed_until = {LAST}
[definitions]
shared_id_daily_cap = 6
smallest_cell = 1
windows = {{ bill = 21, fault = 5 }}
[reasons]
default = ["muu"]
[costs]
per_contact = {{ phone = 7.5 }}
per_minute = {{ chat = 0.6, email = 0.9 }}
chat_concurrency = 2
[tables.contacts]
source = "contacts.csv"
"""


def draw(*, seed: int, customers: int = 480) -> tuple[list[Row], list[Row]]:
    """About 2,000 contact rows, and the customer list (some have two spells, some are in none)."""
    rng = random.Random(seed)
    rows: list[Row] = []
    for customer in range(1, customers + 1):
        moment = _midnight(FIRST) + rng.randrange(0, 60 * DAY, 300)
        for _ in range(rng.choice((1, 2, 3, 5, 8, 14))):
            row = _row(rng, customer, moment, number=len(rows))
            rows.append(row)
            moment = _next_moment(rng, row)
    crowd = _midnight(dt.date(2025, 2, 3)) + 9 * HOUR
    rows += [_row(rng, 999, crowd + 600 * place, number=len(rows) + place) for place in range(9)]
    rows += _letters(rng, number=len(rows))
    rows += _at_the_edge(rng, number=len(rows))
    last = _midnight(LAST + dt.timedelta(days=1))
    kept = [row for row in rows if _midnight(FIRST) <= row["started_seconds"] < last]
    return [_placed(row) for row in kept], _customers(rng, customers)


def store_of(folder: Path, rows: list[Row], customers: list[Row]) -> Store:
    """The stitched store of drawn rows, in the order and with the keys the loaders give."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engagement.toml").write_text(ENGAGEMENT, encoding="utf-8")
    frame = pd.DataFrame(rows, dtype="object")
    order = frame.sort_values(["customer_key", "started_seconds", "contact_id"], na_position="last", kind="stable")
    order = order.assign(contact_key=range(1, len(order) + 1))
    engine = empty_world()
    fill(engine, "contacts", typed(order))
    fill(engine, "customers", typed(pd.DataFrame(customers, dtype="object")))
    return stitched(read_engagement(folder), engine, present=("contacts", "customers"))


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Every column as text, so that nothing is guessed; the engine casts."""
    return frame.map(lambda cell: None if cell is None else str(cell)).astype("string")


def _row(rng: random.Random, customer: int, moment: int, *, number: int) -> Row:
    channel = rng.choice(CHANNELS)
    abandoned = rng.choice((True, False, False, False, False, None))
    duration = rng.choice((0, 60, 300, 900, 7200, 2 * DAY if channel == "email" else 600))
    message = channel == "email" and rng.random() < 0.6
    talk = rng.choice((None,) * 5 + (f"V{customer}-{rng.randrange(3)}",))
    return {
        # Ids run against time, so that ties are settled by id and not by the order of drawing.
        "contact_id": f"c{(number * 7919) % 100_003:06d}",
        "row_is": "message" if message else rng.choice(("interaction",) * 9 + ("ticket",)),
        "customer_key": customer if rng.random() < 0.93 else None,
        "started_seconds": moment,
        "ended_seconds": moment + duration,
        "channel": channel,
        "direction": rng.choice(("inbound",) * (3 if message else 9) + ("outbound", "internal")),
        "reason": rng.choice(REASONS),
        "reason_group": rng.choice(("money", "goods", None)),
        "agent_id": rng.choice(("a1", "a2", None)),
        "team": rng.choice(("front", "back", None)),
        "wait_seconds": _some(rng, float(rng.randrange(0, 600))),
        "handle_seconds": _some(rng, float(rng.randrange(1, 2000))),
        "wrap_up_seconds": _some(rng, float(rng.randrange(1, 90))),
        "abandoned": abandoned,
        "transfers": rng.choice((0, 1, 1, 2, None)),
        "resolved": rng.choice((True, False, None)),
        "reopened": rng.choice((True, False, None)),
        "case_id": rng.choice((None, None, None, f"K{customer}-{rng.randrange(3)}", f"K{rng.randrange(20)}")),
        "conversation_id": talk,
        "cost": _some(rng, float(rng.randrange(1, 40)) / 4, share=0.3),
        "revenue": _some(rng, float(rng.randrange(0, 40))),
        "complained": rng.choice((True, False, None)),
        "repeated_information": rng.choice((True, False, None)),
    }


def _letters(rng: random.Random, *, number: int) -> list[Row]:
    """Threads of messages, answered in the same second or days later, silent for just three days or one second more."""
    found: list[Row] = []
    for customer in range(1001, 1041):
        moment = _midnight(FIRST) + rng.randrange(0, 40 * DAY)
        for _ in range(8):
            row = _row(rng, customer, moment, number=number + len(found)) | {
                "row_is": "message", "channel": "email", "customer_key": customer, "conversation_id": None,
                "direction": rng.choice(("inbound", "inbound", "outbound")), "ended_seconds": moment,
            }  # fmt: skip
            found.append(row)
            moment += rng.choice((0, 0, HOUR, DAY, 3 * DAY, 3 * DAY + 1, 4 * DAY))
    return found


def _at_the_edge(rng: random.Random, *, number: int) -> list[Row]:
    """Contacts whose window fits into the extract to the second, at its beginning or its end, or just not."""
    found: list[Row] = []
    for place, (days, off) in enumerate((days, off) for days in (5, 14, 21) for off in (-1, 0, 1) for _ in range(4)):
        late = _midnight(LAST + dt.timedelta(days=1)) - days * DAY + off - 60
        early = _midnight(FIRST) + days * DAY + off
        for customer, moment in ((2000 + place, late), (3000 + place, early)):
            row = _row(rng, customer, moment, number=number + len(found))
            plain = {"row_is": "interaction", "direction": "inbound", "customer_key": customer, "abandoned": False}
            found.append(row | plain | {"ended_seconds": moment + 60, "conversation_id": None})
    return found


def _some(rng: random.Random, value: float, *, share: float = 0.7) -> float | None:
    return value if rng.random() < share else None


def _next_moment(rng: random.Random, row: Row) -> int:
    """Ties, overlaps, legs, the very edges of windows, and ordinary gaps."""
    end = row["ended_seconds"]
    return rng.choice(
        (
            row["started_seconds"],
            row["started_seconds"] + rng.choice((30, 60)),
            end,
            end + rng.choice((1, 59, 60, 61)),
            end + rng.choice((5, 14, 21)) * DAY + rng.choice((-1, 0, 1)),
            end + rng.randrange(0, 3 * DAY),
            end + rng.randrange(0, 8 * DAY),
            end + rng.randrange(0, 30 * DAY),
        )
    )


def _placed(row: Row) -> Row:
    """The local day and hour a row began."""
    local = dt.datetime.fromtimestamp(row["started_seconds"], ZoneInfo(ZONE))
    return {**row, "started_on": local.date(), "started_hour": local.hour}


def _customers(rng: random.Random, count: int) -> list[Row]:
    found = []
    for customer in range(1, count + 1):
        if rng.random() < 0.06:
            continue
        joined = rng.choice((None, dt.date(2020, 5, 1), _day(rng, 0, 60)))
        left = _day(rng, 10, 80) if rng.random() < 0.35 else None
        left = left if left is None or joined is None or left >= joined else None
        found.append(_spell(rng, customer, joined, left))
        if left is not None and rng.random() < 0.4:
            found.append(_spell(rng, customer, left + dt.timedelta(days=rng.randrange(1, 9)), None))
    rng.shuffle(found)
    return found


def _spell(rng: random.Random, customer: int, joined: dt.date | None, left: dt.date | None) -> Row:
    why = rng.choice(("choice", "not_choice", "moved_within", None)) if left else None
    return {
        "customer_key": customer,
        "joined_on": joined,
        "left_on": left,
        "leave_reason": why,
        "segment": rng.choice(("home", "firm", None)),
    }


def _day(rng: random.Random, low: int, high: int) -> dt.date:
    return FIRST + dt.timedelta(days=rng.randrange(low, high))


def _midnight(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), ZoneInfo(ZONE)).timestamp())
