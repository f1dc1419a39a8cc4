"""Bytes, lines, quotes and cells."""

from __future__ import annotations

import gzip
from io import BytesIO

import pandas as pd

from dirty.case import CSV, GOOD, HEADER, READ, Case, data, every, text

PLAIN = HEADER + GOOD
TWICE = PLAIN.encode().decode("cp1252").encode()
ENCODED = every(2, "encoding")
CELL = "x" * 1_000_000


def parquet() -> bytes:
    stream = BytesIO()
    rows = {"contact_id": ["1", "2"], "started_at": ["2025-03-03", "2025-03-03"], "channel": ["phone", "email"]}
    pd.DataFrame(rows).to_parquet(stream)
    return stream.getvalue()


CASES = (
    Case("UTF-8 with a byte order mark", "EF BB BF before the header", "read", "as UTF-8",
         text(PLAIN, encoding="utf-8-sig")),
    Case("UTF-16", "two bytes a letter, with a mark or without", "repaired", "decoded, every row listed",
         text(PLAIN, encoding="utf-16"), repairs=ENCODED),
    Case("UTF-16 without a mark", "a NUL at every other byte", "repaired", "decoded, every row listed",
         text(PLAIN, encoding="utf-16-le"), repairs=ENCODED),
    Case("UTF-16 cut in half", "an odd number of bytes", "refused", "export it again",
         data(PLAIN.encode("utf-16")[:-1]), says="cut short: its last character is only half there"),
    Case("Windows-1252", "ä is the byte E4", "repaired", "decoded, every row listed",
         text(PLAIN, encoding="cp1252"), repairs=ENCODED),
    Case("UTF-8 read twice", "kÃ¤yttÃ¶", "repaired", "read as it was meant, every row listed",
         data(TWICE), repairs=ENCODED),
    Case("UTF-8 read twice, in the header", "a column headed KÃ¤sittely, mapped as Käsittely", "repaired",
         "the header is found, every row listed",
         data(PLAIN.replace("reason", "Käsittely").encode().decode("cp1252").encode()),
         CSV + 'columns = { reason = "Käsittely" }\n', repairs=ENCODED),
    Case("rows of UTF-8 among rows of Windows-1252", "two systems wrote one file", "repaired",
         "each row read in its own encoding",
         data(PLAIN.encode() + "3;2025-03-03 11:00;phone;käyttö\n".encode("cp1252")),
         rows=(*READ, ("3", "phone", "käyttö")), read=3, repairs=every(3, "encoding")),
    Case("Ã and Â that mean themselves", "a Portuguese word beside one that looks read twice", "read",
         "nothing is undone",
         text(HEADER + "1;2025-03-03;phone;SÃO PAULO\n2;2025-03-03;phone;NÃ£o\n"),
         rows=(("1", "phone", "SÃO PAULO"), ("2", "phone", "NÃ£o"))),
    Case("semicolons", "a;b", "read", "the delimiter that fits the header and the rows", text(PLAIN)),
    Case("tabs", "a⇥b", "read", "the delimiter that fits the header and the rows", text(PLAIN.replace(";", "\t"))),
    Case("commas", "a,b", "read", "the delimiter that fits the header and the rows", text(PLAIN.replace(";", ","))),
    Case("a sep= line", "sep=; above the header", "read", "obeyed, not read as a row",
         text("sep=;\r\n" + PLAIN.replace("\n", "\r\n"))),
    Case("title rows above the header", "name and day of the report", "read",
         "the row that holds known names is the header", text("Raportti, kontaktit\nAjettu 1.4.2025;;;\n\n" + PLAIN)),
    Case("merged header cells", "a row of group names above the header", "read", "the lower row names the columns",
         text("Tapahtuma;;Sisältö;\n" + PLAIN)),
    Case("a header of two rows", "a cell above two columns, their own names below", "read",
         "each column is called by the lower row, where that is filled",
         text("contact_id;Ajat;;channel;reason\n;started_at;ended_at;;\n"
              "1;2025-03-03 09:00;;phone;käyttö\n2;2025-03-03 10:00;;email;lasku\n")),
    Case("a header that occurs twice", "two columns headed reason", "refused", "say which: reason (1) or reason (2)",
         text(PLAIN.replace("channel;", "channel;reason;").replace("phone", "phone;a").replace("email", "email;b")),
         says="several columns headed 'reason'"),
    Case("ragged rows", "a row too short, a row too long", "rejected", "those rows; a blank cell too many is forgiven",
         text(PLAIN + "3;2025-03-03 11:00\n4;2025-03-03 11:00;phone;a;b\n5;2025-03-03 11:00;phone;a;\n"),
         rows=(*READ, ("5", "phone", "a")), read=5, rejects=((4, "", "wrong_columns"), (5, "", "wrong_columns"))),
    Case("an unbalanced quote", 'a cell that begins with " and never ends', "rejected",
         "its own row alone; the rows it would swallow are read",
         text(HEADER + '0;2025-03-03 08:00;phone;"avoin\n' + GOOD), read=3, rejects=((2, "", "wrong_columns"),)),
    Case("an unbalanced quote closed by a later one", "the rows between would become one cell", "rejected",
         "its own row alone; the rows it would swallow are read",
         text(HEADER + '0;2025-03-03 08:00;phone;"avoin\n' + GOOD + '3;2025-03-03 11:00;phone;12"\n'),
         rows=(*READ, ("3", "phone", '12"')), read=4, rejects=((2, "", "wrong_columns"),)),
    Case("line breaks inside quotes", "a cell of several lines", "read", "as one cell",
         text(HEADER + '1;2025-03-03;phone;"eka\ntoka; ""kolmas"""\n2;2025-03-03;email;lasku\n'),
         rows=(("1", "phone", 'eka\ntoka; "kolmas"'), ("2", "email", "lasku"))),
    Case("mixed line ends", "CR LF, LF and CR in one file", "read", "each ends a row",
         text(HEADER + GOOD.replace("\n", "\r\n", 1) + "3;2025-03-03;phone;muu\r4;2025-03-03;phone;muu\n"),
         rows=(*READ, ("3", "phone", "muu"), ("4", "phone", "muu")), read=4),
    Case("a 1 MB cell", "a million letters in one cell", "read", "whole",
         text(PLAIN + f"3;2025-03-03;phone;{CELL}\n"), read=3,
         query="select contact_id, length(reason)::varchar from contacts order by contact_id",
         rows=(("1", "6"), ("2", "5"), ("3", "1000000"))),
    Case("a row over 2 MB", "three million letters in one cell", "rejected", "that row",
         text(PLAIN + f"3;2025-03-03;phone;{CELL * 3}\n4;2025-03-03;phone;muu\n"), read=4,
         rows=(*READ, ("4", "phone", "muu")), rejects=((4, "", "wrong_columns"),)),
    Case("control characters", "NUL, escape and bell in cells", "repaired", "taken out, their rows listed",
         text(HEADER + GOOD.replace("phone", "ph\x00one").replace("lasku", "\x1blas\x07ku")
              + "3;2025-03-03;phone;muu\n"),
         rows=(*READ, ("3", "phone", "muu")), read=3, repairs=every(2, "control_characters")),
    Case("a sign for the end of the file", "1A after the last row", "read", "left out", text(PLAIN + "\x1a")),
    Case("gzip", "k.csv.gz", "read", "as the text inside", data(gzip.compress(PLAIN.encode()), name="k.csv.gz"),
         CSV.replace("k.csv", "k.csv.gz")),
    Case("truncated gzip", "the end of k.csv.gz is missing", "refused", "copy it again",
         data(gzip.compress(PLAIN.encode() * 50)[:-40], name="k.csv.gz"), CSV.replace("k.csv", "k.csv.gz"),
         says="k.csv.gz is cut short"),
    Case("truncated Parquet", "the end of k.parquet is missing", "refused", "export it again",
         data(parquet()[:-100], name="k.parquet"), CSV.replace("k.csv", "k.parquet"),
         says="the file is cut short, damaged or not what its name says"),
    Case("an empty file", "no byte at all", "refused", "export it again", data(b""), says="k.csv is empty"),
    Case("a file of another kind", "a text named k.xlsx", "refused", "save it as what its name says",
         data(PLAIN.encode(), name="k.xlsx"), CSV.replace("k.csv", "k.xlsx"), says="no workbook"),
)  # fmt: skip
