"""Text files as clients send them: encodings, delimiters, titles, broken lines, wrong files."""

from __future__ import annotations

import gzip

import pytest

from rootcause_lib.errors import DataError

MAPPED = """
[tables.contacts]
source = "k.csv"
columns = { contact_id = "Id", started_at = "Luotu", channel = "Kanava", customer_id = "Asiakas", reason = "Syy" }
[tables.contacts.values.channel]
"Puhelu" = "phone"
"Sähköposti" = "email"
"""
HEADER = "Id;Luotu;Kanava;Asiakas;Syy"
ROWS = "1;2025-03-03 09:00;Puhelu;A;käyttö\n2;2025-03-03 10:00;Sähköposti;B;lasku\n"
TEXT = f"{HEADER}\n{ROWS}"


def read_back(loaded) -> list[tuple]:
    return loaded.rows("select contact_id, channel, channel_label, reason from contacts order by contact_id")


EXPECTED = [("1", "phone", "Puhelu", "käyttö"), ("2", "email", "Sähköposti", "lasku")]


@pytest.mark.parametrize(
    ("content", "repaired"),
    [
        (TEXT.encode(), False),
        (TEXT.encode("utf-8-sig"), False),
        (TEXT.encode("cp1252"), True),
        (TEXT.encode("utf-16"), True),
        (TEXT.encode("utf-16-le"), True),
        (TEXT.encode("utf-16-be"), True),
        (TEXT.replace("\n", "\r\n").encode(), False),
        (TEXT.replace("\n", "\r").encode(), False),
        (TEXT.replace("A;käyttö\n", "A;käyttö\r\n").encode(), False),
    ],
    ids=["utf-8", "bom", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "crlf", "cr", "mixed line ends"],
)
def test_encodings_and_line_ends_read_alike_by_hand_count(client, content, repaired) -> None:
    loaded = client(MAPPED, {"k.csv": content})
    assert read_back(loaded) == EXPECTED
    assert loaded.repairs() == ({("", "encoding"): 2} if repaired else {})


def test_one_windows_letter_after_a_long_start_is_found_by_hand_count(client) -> None:
    many = "".join(f"{i};2025-03-03 09:00;Puhelu;A;lasku\n" for i in range(20_000))
    loaded = client(MAPPED, {"k.csv": f"{HEADER}\n{many}x;2025-03-03 09:00;Puhelu;A;käyttö\n".encode("cp1252")})
    assert loaded.column("select reason from contacts where contact_id = 'x'") == ["käyttö"]
    assert loaded.intake.sources["rows_accepted"].tolist() == [20_001]


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_delimiters_read_alike_by_hand_count(client, mark) -> None:
    assert read_back(client(MAPPED, {"k.csv": TEXT.replace(";", mark)})) == EXPECTED


def test_sep_line_and_title_rows_are_skipped_by_hand_count(client) -> None:
    assert read_back(client(MAPPED, {"k.csv": "sep=;\r\n" + TEXT.replace("\n", "\r\n")})) == EXPECTED
    titled = "Raportti, kontaktit\nAjettu 1.4.2025;;;;\n\n" + TEXT
    loaded = client(MAPPED, {"k.csv": titled + "3;huomenna;Puhelu;C;lasku\n"})
    assert read_back(loaded) == EXPECTED
    # Three rows above the header, the header itself, two good rows: the broken one is the seventh.
    assert loaded.rejected() == [(7, "started_at", "unreadable")]


def test_quotes_hold_delimiters_and_line_breaks_by_hand_count(client) -> None:
    loaded = client(MAPPED, {"k.csv": f'{HEADER}\n1;2025-03-03 09:00;Puhelu;A;"a;b ""c""\nd"\n'})
    assert loaded.column("select reason from contacts") == ['a;b "c"\nd']


def test_gzipped_text_reads_like_plain_text_by_identity(client) -> None:
    toml = MAPPED.replace("k.csv", "k.csv.gz")
    assert read_back(client(toml, {"k.csv.gz": gzip.compress(TEXT.encode())})) == EXPECTED
    assert read_back(client(toml, {"k.csv.gz": gzip.compress(TEXT.encode("cp1252"))})) == EXPECTED


def test_broken_lines_are_rejected_with_their_row_by_hand_count(client) -> None:
    content = (
        f"{HEADER}\n1;2025-03-03 09:00;Puhelu;A;lasku\n2;2025-03-03 09:00;Puhelu\n3;2025-03-03 09:00;Puhelu;A;x;y\n"
        '4;pian;Puhelu;A;lasku\n5;2025-03-03 09:00;Puhelu;A;"un"closed\n6;2025-03-03 09:00;;A;lasku\n'
        "7;2025-03-03 09:00;Puhelu;A;lasku\n"
    )
    loaded = client(MAPPED, {"k.csv": content})
    assert loaded.rejected() == [
        (3, "", "wrong_columns"),
        (4, "", "wrong_columns"),
        (5, "started_at", "unreadable"),
        (6, "", "wrong_columns"),
        (7, "channel", "missing"),
    ]
    counts = loaded.intake.sources[["rows_read", "rows_accepted", "rows_rejected"]].to_numpy().tolist()
    assert counts == [[7, 2, 5]]


def test_an_open_quote_at_the_end_loses_no_row_silently_by_identity(client) -> None:
    loaded = client(MAPPED, {"k.csv": TEXT + '3;2025-03-03 09:00;Puhelu;A;"lasku\n4;2025-03-03 09:00;Puhelu;A;lasku\n'})
    assert loaded.rejected() == [(4, "", "wrong_columns")]


def test_trailing_delimiters_add_no_column_by_hand_count(client) -> None:
    rows = ROWS.replace("\n", ";\n")
    assert read_back(client(MAPPED, {"k.csv": f"{HEADER};\n{rows}"})) == EXPECTED
    assert read_back(client(MAPPED, {"k.csv": f"{HEADER}\n{rows}"})) == EXPECTED
    assert read_back(client(MAPPED, {"k.csv": f"{HEADER};\n{ROWS}"})) == EXPECTED


def test_headers_match_apart_from_capitals_blanks_and_composition(client) -> None:
    odd = TEXT.replace("Id;Luotu;Kanava", " id ;LUOTU; Kanava").replace("Syy", "\u00a0Syy")
    assert read_back(client(MAPPED, {"k.csv": odd})) == EXPECTED


def test_canonical_names_need_no_mapping_and_others_are_listed(client) -> None:
    toml = '[tables.contacts]\nsource = "k.csv"\n'
    loaded = client(toml, {"k.csv": "contact_id,started_at,channel,Muuta\n1,2025-01-01,phone,x\n"})
    assert loaded.intake.unmapped.to_numpy().tolist() == [["contacts", "k.csv", "Muuta"]]


TWICE = '[tables.contacts]\nsource = "k.csv"\ncolumns = { reason = "REASON" }\n'


def test_a_header_that_occurs_twice_must_be_addressed_by_number(client) -> None:
    content = "contact_id,started_at,channel,Syy,Syy\n1,2025-01-01,phone,a,b\n"
    with pytest.raises(DataError, match=r"several columns headed 'Syy'.*'Syy \(2\)'"):
        client(TWICE.replace("REASON", "Syy"), {"k.csv": content})
    second = client(TWICE.replace("REASON", "Syy (2)"), {"k.csv": content})
    first = client(TWICE.replace("REASON", "Syy (1)"), {"k.csv": content})
    assert (first.column("select reason from contacts"), second.column("select reason from contacts")) == (["a"], ["b"])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("k.csv", b"", "is empty"),
        ("k.csv", b"\xef\xbb\xbf", "is empty"),
        ("k.csv", b"\n\n", "is empty"),
        ("k.csv", HEADER.encode(), "a header but no rows"),
        ("k.csv", TEXT.replace("Kanava", "Kanavat").encode(), "has no column 'Kanava'.*Did you mean 'Kanavat'"),
        ("k.csv.gz", gzip.compress(TEXT.encode() * 50)[:-60], "cut short"),
        ("k.csv.gz", TEXT.encode(), "no gzip file"),
        ("k.parquet", b"PAR1 this is not one", "damaged or not what its name says"),
        ("k.parquet", b"", "is empty"),
        ("k.xlsx", b"PK nothing", "no workbook"),
        ("k.pdf", b"%PDF", "can't be read"),
        ("k.duckdb", b"x", "name the table too"),
    ],
)
def test_unusable_files_stop_with_one_clear_error(client, name, content, said) -> None:
    with pytest.raises(DataError, match=said) as stopped:
        client(MAPPED.replace("k.csv", name), {name: content})
    assert stopped.value.exit_code == 7
    assert "\n" not in str(stopped.value)


def test_a_required_column_without_a_source_is_named(client) -> None:
    with pytest.raises(DataError, match=r"no column for contacts.started_at.*'Luotu'"):
        client('[tables.contacts]\nsource = "k.csv"\n', {"k.csv": "contact_id,Luotu,channel\n1,2025-01-01,phone\n"})


def test_files_of_a_pattern_are_read_in_order_each_counted(client) -> None:
    toml = MAPPED.replace('"k.csv"', '"k_*.csv"')
    loaded = client(toml, {"k_2.csv": TEXT.replace("\n1;", "\n3;").replace("\n2;", "\n4;"), "k_1.csv": TEXT})
    assert loaded.intake.sources["source"].tolist() == ["k_1.csv", "k_2.csv"]
    assert loaded.intake.sources["rows_accepted"].tolist() == [2, 2]
    assert loaded.column("select count(*) from contacts") == [4]
