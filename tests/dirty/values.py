"""Times, numbers and ids as they are written."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pandas as pd

from dirty.case import CSV, Case, data, every, text

STARTS = (
    "select contact_id, strftime(make_timestamp(started_seconds * 1000000), '%Y-%m-%d %H:%M') from contacts order by 1"
)
COSTS = "select contact_id, revenue from contacts order by 1"
CUSTOMERS = "select count(*), count(customer_key), count(distinct customer_key) from contacts"
MONEY = CSV + 'columns = { revenue = "Myynti" }\n'
LOCAL = ("started_at", "local_date_format")


def starting(*times: str) -> str:
    """Contacts that differ by their start alone."""
    rows = "".join(f"{number};{time};phone\n" for number, time in enumerate(times, start=1))
    return "contact_id;started_at;channel\n" + rows


def selling(*amounts: str) -> str:
    """Contacts that differ by what was sold."""
    rows = "".join(f"{number};2025-03-03;phone;{amount}\n" for number, amount in enumerate(amounts, start=1))
    return "contact_id;started_at;channel;Myynti\n" + rows


def customers(*ids: str) -> str:
    """Contacts that differ by their customer."""
    rows = "".join(f"{number};2025-03-03;phone;{one}\n" for number, one in enumerate(ids, start=1))
    return "contact_id;started_at;channel;customer_id\n" + rows


def parquet_of_floats() -> bytes:
    stream = BytesIO()
    ids = [1234567890123456789.0, None]  # what a reader makes of long ids beside a blank
    pd.DataFrame(
        {"contact_id": ["1", "2"], "started_at": ["2025-03-03"] * 2, "channel": ["phone"] * 2, "customer_id": ids}
    ).to_parquet(stream)
    return stream.getvalue()


def workbook(*rows: list[str | None], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


CASES = (
    Case("d.m.yyyy", "3.3.2025 9:05", "repaired", "read day first, every row listed",
         text(starting("3.3.2025 9:05", "13.3.2025 19:05")), query=STARTS,
         rows=(("1", "2025-03-03 07:05"), ("2", "2025-03-13 17:05")), repairs={LOCAL: 2}),
    Case("d.m.yyyy klo H.MM", "3.3.2025 klo 9.05", "repaired", "read day first, every row listed",
         text(starting("3.3.2025 klo 9.05", "13.3.2025 klo 19.05")), query=STARTS,
         rows=(("1", "2025-03-03 07:05"), ("2", "2025-03-13 17:05")), repairs={LOCAL: 2}),
    Case("day or month, no value tells", "01/02/2025 and nothing above 12", "refused", "state the format",
         text(starting("01/02/2025", "03/04/2025")), says="no value tells day from month"),
    Case("day first beside month first", "13/02/2025 and 02/13/2025", "refused", "state the format",
         text(starting("13/02/2025", "02/13/2025")), says="mixes day first"),
    Case("mixed formats of time", "one ISO time among local ones", "rejected", "what is not in the column's notation",
         text(starting("3.3.2025 9:05", "2025-03-04 09:05", "5.3.2025 9:05")), query=STARTS, read=3,
         rows=(("1", "2025-03-03 07:05"), ("3", "2025-03-05 07:05")),
         rejects=((3, "started_at", "unreadable"),), repairs={LOCAL: 2}),
    Case("no known notation of time", "kesällä", "refused", "state the format",
         text(starting("kesällä", "talvella")), says="No known notation of time reads k.csv, column 'started_at'"),
    Case("impossible dates", "31.2.2025, 24:00, month 13", "rejected", "those rows",
         text(starting("31.2.2025 9:05", "3.3.2025 24:00", "3.13.2025 9:05", *["29.2.2024 9:05"] * 3)),
         query=STARTS, read=6, rows=tuple((str(number), "2024-02-29 07:05") for number in (4, 5, 6)),
         rejects=tuple((row, "started_at", "unreadable") for row in (2, 3, 4)), repairs={LOCAL: 3}),
    Case("days as a spreadsheet counts them", "45701,5", "repaired",
         "read as noon of 13 February 2025, every row listed",
         text(starting("45701", "45701,5")), query=STARTS,
         rows=(("1", "2025-02-12 22:00"), ("2", "2025-02-13 10:00")), repairs={LOCAL: 2}),
    Case("the hour that the clock skips", "2025-03-30 03:30 in Helsinki", "repaired", "an hour later, listed",
         text(starting("2025-03-30 03:30", "2025-03-30 04:00")), query=STARTS,
         rows=(("1", "2025-03-30 01:30"), ("2", "2025-03-30 01:00")),
         repairs=every(1, "clock_change_skipped_hour", "started_at")),
    Case("the hour that the clock repeats", "2025-10-26 03:30 in Helsinki", "repaired", "the later, winter one, listed",
         text(starting("2025-10-26 02:59", "2025-10-26 03:30")), query=STARTS,
         rows=(("1", "2025-10-25 23:59"), ("2", "2025-10-26 01:30")),
         repairs=every(1, "clock_change_repeated_hour", "started_at")),
    Case("mixed offsets", "+02:00, Z and +0300 in one column", "read", "each as the instant it is",
         text(starting("2025-03-03T09:00:00+02:00", "2025-03-03T09:00:00Z", "2025-07-03T09:00:00+0300")), query=STARTS,
         rows=(("1", "2025-03-03 07:00"), ("2", "2025-03-03 09:00"), ("3", "2025-07-03 06:00")), read=3),
    Case("an offset missing", "one time without, all others with", "rejected", "that row: its instant is not known",
         text(starting("2025-03-03T09:00:00Z", "2025-03-03T09:00:00Z", "2025-03-03T09:00:00")), query=STARTS,
         rows=(("1", "2025-03-03 09:00"), ("2", "2025-03-03 09:00")), read=3,
         rejects=((4, "started_at", "unreadable"),)),
    Case("decimal commas", "12,5", "repaired", "read as 12.5, their rows listed", text(selling("12,5", "7", "0,25")),
         MONEY, query=COSTS, rows=(("1", 12.5), ("2", 7.0), ("3", 0.25)), read=3,
         repairs=every(2, "decimal_comma", "revenue")),
    Case("thousands set apart by no-break blanks", "1 234,5", "repaired", "read as 1234.5, their rows listed",
         text(selling("1\u00a0234,5", "1\u202f234 567,5")), MONEY, query=COSTS, rows=(("1", 1234.5), ("2", 1234567.5)),
         repairs=every(2, "decimal_comma", "revenue")),
    Case("thousands set apart by dots", "1.234,50", "repaired", "read as 1234.5, their rows listed",
         text(selling("1.234,50", "3,5")), MONEY, query=COSTS, rows=(("1", 1234.5), ("2", 3.5)),
         repairs=every(2, "decimal_comma", "revenue")),
    Case("thousands or decimals, no value tells", "1.234 and nothing else", "refused", "state the mark",
         text(selling("1.234", "5.678")), MONEY, says="may be thousands or decimals"),
    Case("the minus of typesetters", "−5,5", "repaired", "read as -5.5", text(selling("\u22125,5", "5,5")), MONEY,
         query=COSTS, rows=(("1", -5.5), ("2", 5.5)), repairs=every(2, "decimal_comma", "revenue")),
    Case("a type change at row 60,001", "numbers, then words", "rejected", "that row; the column keeps its type",
         text(selling(*["1"] * 59_999, "pari euroa", "7")), MONEY, read=60_001,
         query="select count(*), sum(revenue) from contacts", rows=((60_000, 60_006.0),),
         rejects=((60_001, "revenue", "unreadable"),)),
    Case("leading zeros", "007 beside 7", "read", "two ids, as written", text(customers("007", "7")),
         query=CUSTOMERS, rows=((2, 2, 2),)),
    Case("19-digit ids with blanks", "1234567890123456789, an empty cell, ...788", "read", "every digit kept",
         text(customers("1234567890123456789", "", "1234567890123456788")), query=CUSTOMERS, rows=((3, 2, 2),), read=3),
    Case("19-digit ids as floats", "a Parquet column of numbers with a gap", "refused", "export ids as text",
         data(parquet_of_floats(), name="k.parquet"), CSV.replace("k.csv", "k.parquet"),
         says="1 values of contacts.customer_id were damaged by a spreadsheet"),
    Case("ids as 1.23457E+12", "what a spreadsheet makes of long ids", "refused", "export ids as text",
         text(customers("1.23457E+12", "7")), says="were damaged by a spreadsheet"),
    Case("words for nothing", "NA, null, -, n/a, NaN, None, #N/A, \\N", "read", "as no value",
         text(customers("NA", "null", "-", "n/a", "NaN", "None", "#N/A", "\\N", "A")), query=CUSTOMERS,
         rows=((9, 1, 1),), read=9),
    Case("words for nothing among numbers", "NA in a column of amounts", "read", "as no value",
         text(selling("NA", "null", "--", "7")), MONEY, query=COSTS,
         rows=(("1", None), ("2", None), ("3", None), ("4", 7.0)), read=4),
    Case("a word for nothing that is mapped", 'a label "NA" with a value map', "read", "as what it is mapped to",
         text(customers("A", "B").replace("customer_id", "reason").replace(";A", ";NA")),
         CSV + '[tables.contacts.values.reason]\n"NA" = "Pohjois-Amerikka"\n',
         rows=(("1", "phone", "Pohjois-Amerikka"), ("2", "phone", "B"))),
    Case("formulas without cached values", "a workbook that no spreadsheet program has saved", "refused",
         "open and save it",
         data(workbook(["contact_id", "started_at", "channel", "cost"], ["1", "2025-03-03", "phone", "=1+1"]),
              name="k.xlsx"), CSV.replace("k.csv", "k.xlsx"), says="formulas that were never computed (first D2"),
    Case("merged header cells of a workbook", "names in two rows, merged across and down", "read",
         "each column is called by the lower row, where that is filled",
         data(workbook(["contact_id", "Ajat", None, "channel", "reason"], [None, "started_at", "ended_at", None, None],
                       ["1", "2025-03-03", None, "phone", "käyttö"], ["2", "2025-03-03", None, "email", "lasku"],
                       merged=("A1:A2", "B1:C1", "D1:D2", "E1:E2")), name="k.xlsx"), CSV.replace("k.csv", "k.xlsx")),
    Case("merged cells among the rows of a workbook", "one cell over two rows", "rejected",
         "rows that lack what they need: only the first of merged cells holds the value",
         data(workbook(["contact_id", "started_at", "channel", "reason"], ["1", "2025-03-03", "phone", "käyttö"],
                       ["2", "2025-03-03", "email", "lasku"], ["3", "2025-03-03", None, "muu"], merged=("C3:C4",)),
              name="k.xlsx"), CSV.replace("k.csv", "k.xlsx"), read=3, rejects=((4, "channel", "missing"),)),
)  # fmt: skip
