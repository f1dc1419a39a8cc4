"""Rows that contradict themselves, each other, or the calendar; the tests load them on 31 December 2025."""

from __future__ import annotations

from dirty.case import CSV, GOOD, HEADER, READ, Case, every, text

COLUMNS = "contact_id;started_at;ended_at;channel;handle_seconds;direction\n"
USUAL = "1;2025-03-03 09:00;2025-03-03 09:05;phone;60;inbound\n"
IDS = "select contact_id from contacts order by 1"
ONE = (("1",),)
OBSERVED = '[engagement]\nclient = "Testi"\ntime_zone = "Europe/Helsinki"\nobserved_until = 2025-03-31\n'
SURVEYS = (
    "survey_id;metric;answered_at;score;scale_low;scale_high\n1;nps;2025-03-04;11;0;10\n2;nps;2025-03-04;10;0;10\n"
)
SPELLS = "customer_id;joined_on;left_on;contract_ends_on\nA;2026-02-01;;2027-12-31\nB;2020-01-01;9999-12-31;\n"


def spoiled(*rows: str) -> str:
    """A usual row and others."""
    return COLUMNS + USUAL + "".join(row + "\n" for row in rows)


CASES = (
    Case("exact duplicates", "a row delivered twice", "repaired", "counts once, listed",
         text(HEADER + GOOD + GOOD[: GOOD.index("\n") + 1]), read=3, repairs=every(1, "duplicate_row")),
    Case("near duplicates", "the same id, another duration", "rejected", "the later one: which is right is not known",
         text(spoiled(USUAL.strip().replace(";60;", ";61;"))), query=IDS, rows=ONE,
         rejects=((3, "contact_id", "duplicate_id"),)),
    Case("rows alike but for their id", "two contacts of one minute", "read", "as two contacts",
         text(spoiled(USUAL.strip().replace("1;", "2;", 1))), query=IDS, rows=(("1",), ("2",))),
    Case("a total row", "Yhteensä at the end", "repaired", "left out, listed",
         text(HEADER + GOOD + "Yhteensä;;;2\n"), read=3, repairs=every(1, "total_row")),
    Case("negative durations", "-60 seconds", "rejected", "those rows",
         text(spoiled("2;2025-03-03 09:00;;phone;-60;")), query=IDS, rows=ONE,
         rejects=((3, "handle_seconds", "out_of_range"),)),
    Case("huge durations", "over a week of handling, or no number at all", "rejected", "those rows",
         text(spoiled("2;2025-03-03 09:00;;phone;604801;", "3;2025-03-03 09:00;;phone;1e400;",
                      "4;2025-03-03 09:00;;phone;Infinity;")), query=IDS, rows=ONE, read=4,
         rejects=((3, "handle_seconds", "out_of_range"), (4, "handle_seconds", "unreadable"),
                  (5, "handle_seconds", "unreadable"))),
    Case("future dates", "a contact after the day of loading", "rejected", "those rows; the end of the data stays",
         text(spoiled("2;2026-01-01 00:00;;phone;60;", "3;2025-12-31 23:59;;phone;60;")), query=IDS,
         rows=(("1",), ("3",)), read=3, rejects=((3, "started_at", "after_observed"),)),
    Case("dates after the stated end", "a contact after observed_until", "rejected",
         "those rows; an end may follow later",
         text(spoiled("2;2025-04-01 00:00;;phone;60;", "3;2025-03-31 23:59;2025-04-02 10:00;phone;60;")),
         OBSERVED + CSV, query=IDS, rows=(("1",), ("3",)), read=3, rejects=((3, "started_at", "after_observed"),)),
    Case("dates that may lie ahead", "the end of a contract, a customer to be, an open end as 9999", "read",
         "as they are; the year 9999 is no end",
         lambda: {"k.csv": HEADER + GOOD, "c.csv": SPELLS}, CSV + '[tables.customers]\nsource = "c.csv"\n',
         query="select joined_on::varchar, left_on::varchar, contract_ends_on::varchar from customers order by 1 desc",
         rows=(("2026-02-01", None, "2027-12-31"), ("2020-01-01", None, None)), read=4),
    Case("a year of no export", "2999-01-01", "rejected", "that row", text(spoiled("2;2999-01-01;;phone;60;")),
         query=IDS, rows=ONE, rejects=((3, "started_at", "out_of_range"),)),
    Case("end before start", "ended_at a minute early", "rejected", "that row",
         text(spoiled("2;2025-03-03 09:00;2025-03-03 08:59;phone;60;")), query=IDS, rows=ONE,
         rejects=((3, "ended_at", "ends_before_start"),)),
    Case("scores out of range", "11 on a scale of 0 to 10", "rejected", "that answer",
         lambda: {"k.csv": HEADER + GOOD, "s.csv": SURVEYS}, CSV + '[tables.surveys]\nsource = "s.csv"\n',
         query="select survey_id, score from surveys", rows=(("2", 10.0),), read=4,
         rejects=((2, "score", "out_of_range"),)),
    Case("a required value missing", "no start", "rejected", "that row", text(spoiled("2;;;phone;60;")),
         query=IDS, rows=ONE, rejects=((3, "started_at", "missing"),)),
    Case("a label that is no choice", "direction sideways", "rejected", "that row",
         text(spoiled("2;2025-03-03 09:00;;phone;60;sideways")), query=IDS, rows=ONE,
         rejects=((3, "direction", "not_a_choice"),)),
    Case("a channel that is not mapped", "Puhelu without a value map", "refused", "map it",
         text(spoiled("2;2025-03-03 09:00;;Puhelu;60;")), says="labels that are not mapped: 'Puhelu' (1 rows)"),
    Case("a label that reads all", "a reason coded ALL", "repaired", "stored as ALL (label): all is the mark of totals",
         text(HEADER + GOOD + "3;2025-03-03;phone;ALL\n"), rows=(*READ, ("3", "phone", "ALL (label)")), read=3,
         repairs=every(1, "label_like_totals", "reason")),
)  # fmt: skip
