"""What is recognised of exports nobody has seen: by names in two languages, held against contents."""

from __future__ import annotations

import io

import pytest

from rootcause_lib import recognise
from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.recognition.aliases import name_score, plain, unit_of, without_unit, word_for

FINNISH = "Raportti 3.3.2025;;;;;;;\n;;;;;;;\nAsiakasnro;Kanava;Pvm;Klo;Kesto (min);Syy;Ratkaistu;Tunnus\n" + "".join(
    f"A{n % 5};{('Puhelu', 'Sähköposti', 'Chatti')[n % 3]};{13 + n % 9}.3.2025;{8 + n % 9}.{10 + n};{n},5;"
    f"{('lasku', 'toimitus')[n % 2]};{('kyllä', 'ei')[n % 2]};T{n}\n"
    for n in range(1, 19)
)


def mapped(found, table="contacts"):
    """Canonical column to headers, or to the constant."""
    guess = found.table(table)
    return {each.column: each.constant or " + ".join(each.headers) for each in guess.columns}


def test_a_finnish_export_below_title_rows_by_hand(exports, drafted) -> None:
    found, store = drafted(exports({"kontaktit.csv": FINNISH}))
    assert mapped(found) == {
        "contact_id": "Tunnus",
        "started_at": "Pvm + Klo",
        "channel": "Kanava",
        "customer_id": "Asiakasnro",
        "reason": "Syy",
        "handle_seconds": "Kesto (min)",
        "resolved": "Ratkaistu",
    }
    assert found.language == "fi"
    rows = store.engine.connection.execute(
        "select count(*), sum(handle_seconds), count(*) filter (where resolved) from contacts"
    ).fetchall()
    # 1.5 to 18.5 minutes are 180 minutes; every second one is settled.
    assert rows == [(18, 180 * 60.0, 9)]
    labels = {each.label: each.value for each in found.table("contacts").column("channel").labels}
    assert labels == {"Puhelu": "phone", "Sähköposti": "email", "Chatti": "chat"}


def test_contents_decide_where_names_mislead(exports) -> None:
    content = "Customer ID,Ticket,Opened,Channel,Reason\n" + "".join(
        f"C{n % 4},{n},2025-03-{1 + n % 20:02d} 10:00,{('voice', 'mail')[n % 2]},free words number {n} of many kinds\n"
        for n in range(60)
    )
    found = recognise(exports({"x.csv": content}))
    # A reason that differs on every row is no code.
    assert "reason" not in mapped(found)
    assert mapped(found)["contact_id"] == "Ticket"


def test_a_channel_is_known_by_its_labels_though_not_by_its_name_and_is_unsure(exports) -> None:
    content = "call id;date;queue kind\n" + "".join(
        f"{n};{1 + n}.2.2025 10:00;{('phone', 'email', 'chat')[n % 3]}\n" for n in range(20)
    )
    found = recognise(exports({"x.csv": content}))
    channel = found.table("contacts").column("channel")
    assert channel.headers == ("queue kind",)
    assert channel.unsure


def test_files_with_the_same_headers_are_one_table_and_share_what_they_tell(exports, drafted) -> None:
    head = "ticket id,created at,channel,customer id\n"
    first = head + "".join(f"a{n},0{n}/03/2025 10:00,phone,C1\n" for n in range(1, 9))
    second = head + "".join(f"b{n},{n}/04/2025 10:00,chat,C2\n" for n in range(13, 29))
    found, store = drafted(exports({"one.csv": first, "two.csv": second}))
    contacts = found.table("contacts")
    assert [source.name for source in contacts.sources] == ["one.csv", "two.csv"]
    # The first file can't tell day from month, the second can.
    assert contacts.column("started_at").format == "%d/%m/%Y %H:%M"
    assert not contacts.column("started_at").unsure
    assert {each.label for each in contacts.column("channel").labels} <= {"phone", "chat"}
    assert store.extent.contacts == 8 + 16


def test_days_that_might_be_months_are_assumed_and_unsure(exports, drafted) -> None:
    content = "ticket id,created at,channel\n" + "".join(f"a{n},0{n}/03/2025,phone\n" for n in range(1, 9))
    found, store = drafted(exports({"x.csv": content}))
    started = found.table("contacts").column("started_at")
    assert started.format == "%d/%m/%Y"
    assert "day" in started.doubt
    assert store.engagement.tables["contacts"].unsure == ("started_at",)


def test_repeated_ids_are_an_event_log(exports, drafted) -> None:
    content = "case id,timestamp,channel,queue\n" + "".join(
        f"K{n // 4},2025-03-0{1 + n % 4} 10:00,email,{n % 3}\n" for n in range(40)
    )
    found, store = drafted(exports({"log.csv": content}))
    assert found.table("contacts").rows == "last"
    assert any("event log" in each.why for each in found.unsure)
    assert store.extent.contacts == 10


def test_two_exports_of_contacts_leave_the_likelier_and_name_the_other(exports) -> None:
    good = "ticket id,created at,channel,customer id,reason\n" + "".join(
        f"a{n},2025-03-{n:02d} 10:00,phone,C{n % 3},bill\n" for n in range(1, 20)
    )
    poor = "call number,when,call date,agent,foo,bar\n" + "".join(
        f"{n},x,2025-03-{n:02d} 10:00,Liisa,1,2\n" for n in range(1, 20)
    )
    found = recognise(exports({"good.csv": good, "poor.csv": poor}))
    assert [source.name for source in found.table("contacts").sources] == ["good.csv"]
    assert [(each.where, "good.csv" in each.why) for each in found.unsure] == [("poor.csv", True)]


def test_sheets_of_a_workbook_are_exports_of_their_own(exports, drafted) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Puhelut"
    book.active.append(["Tunnus", "Alkoi", "Kanava", "Asiakasnumero"])
    book.active.append(["1", "3.3.2025 10:00", "Puhelu", "77"])
    book.active.append(["2", "13.3.2025 10:00", "Puhelu", "78"])
    sheet = book.create_sheet("Asiakkaat")
    sheet.append(["Asiakasnumero", "Asiakas alkaen", "Segmentti"])
    sheet.append(["77", "1.1.2020", "kuluttaja"])
    sheet.append(["78", "13.1.2021", "yritys"])
    raw = io.BytesIO()
    book.save(raw)
    found, store = drafted(exports({"kaikki.xlsx": raw.getvalue()}))
    assert found.table("contacts").sources[0].inner == "Puhelut"
    assert found.table("customers").sources[0].inner == "Asiakkaat"
    assert store.present == ("contacts", "customers")


@pytest.mark.parametrize(
    ("name", "content", "error", "told"),
    [
        ("empty.csv", "", DataError, "empty.csv is empty"),
        ("notes.docx", "x", DataError, "can't be read"),
        ("book.xlsx", "this is no workbook", DataError, "no workbook"),
        ("rows.parquet", "this is no parquet", DataError, "not what its name says"),
        ("data.duckdb", "x", DataError, "name the table"),
        ("plan.csv", "colour,size\nred,1\nblue,2\n", DataError, "looks like contacts"),
    ],
)
def test_an_export_that_cannot_be_used_is_one_clear_error(exports, name, content, error, told) -> None:
    with pytest.raises(error, match=told):
        recognise(exports({name: content}))


def test_a_path_that_is_no_file_is_a_usage_error(tmp_path) -> None:
    for path, told in ((tmp_path, "is a folder"), (tmp_path / "none.csv", "There is no file")):
        with pytest.raises(ParameterError, match=told):
            recognise([path])
    with pytest.raises(ParameterError, match="No exports"):
        recognise([])


def test_errors_hold_no_value_of_the_client(exports) -> None:
    content = "salasana,henkilo\n" + "Hunter2,Matti Meikäläinen\n" * 3
    with pytest.raises(DataError) as caught:
        recognise(exports({"x.csv": content}))
    assert "Matti" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "bare", "unit"),
    [
        ("Odotus (s)", "odotus", "seconds"),
        ("first_response_time_minutes", "first response time", "minutes"),
        ("Käsittelyaika (min)", "kasittelyaika", "minutes"),
        ("Speed of answer in seconds", "speed of answer", "seconds"),
        ("Total Handle", "total handle", None),
        ("createdAt", "created at", None),
    ],
)
def test_units_and_words_of_headers_by_hand(header, bare, unit) -> None:
    assert (without_unit(header), unit_of(header)) == (bare, unit)


def test_names_score_whole_above_part_above_nothing() -> None:
    names = ["contact reason", "reason"]
    scores = [name_score(each, names, table="contacts") for each in ("Contact reason", "the reason given", "colour")]
    assert scores[0] > scores[1] > scores[2] == 0
    assert plain("Päättymis-Aika (€)") == "paattymis aika eur"


def test_labels_by_their_words() -> None:
    words = {"phone": ["call", "~puhelu"], "store": ["store"]}
    assert word_for("Care Call", words) == "phone"
    assert word_for("Saapuva asiakaspuhelu", words) == "phone"
    assert word_for("recall", words) is None


def refusals(found) -> str:
    return " ".join(each.why for each in found.unsure)


def test_a_column_named_well_that_holds_something_else_is_left_out_and_said(exports, drafted) -> None:
    content = "ticket id,created at,channel,customer id\n" + "".join(
        f"T{n},2025-03-{1 + n % 20:02d} 10:00,line {n} somebody{n}@example.com,1.23457E+12\n" for n in range(99)
    )
    found, store = drafted(exports({"x.csv": content}))
    assert "'customer id' is named like customer_id but has ids damaged by a spreadsheet" in refusals(found)
    assert "'channel' is named like channel but has too many values" in refusals(found)
    assert "example.com" not in refusals(found)
    assert store.extent.contacts == 99


def test_why_nothing_looks_like_contacts_is_said(exports) -> None:
    head = "ticket id,created at,channel\n"
    mixed = head + "".join(f"T{n},{'13/03' if n % 2 else '03/13'}/2025 10:00,phone\n" for n in range(30))
    with pytest.raises(DataError, match="'created at' is named like started_at but has times in no notation known"):
        recognise(exports({"mixed.csv": mixed}))
    with pytest.raises(DataError, match="a header but no rows"):
        recognise(exports({"header.csv": head}))


def test_rows_without_a_required_value_are_foreseen(exports) -> None:
    content = "ticket id,created at,channel\n" + "".join(
        f"T{n},2025-03-{1 + n % 20:02d} 10:00,{'phone' if n % 2 else ''}\n" for n in range(40)
    )
    channel = recognise(exports({"x.csv": content})).table("contacts").column("channel")
    assert "50%" in channel.doubt
    assert channel.unsure


def test_the_longest_word_of_a_label_decides() -> None:
    words = {"email": ["web", "mail"], "chat": ["chat", "live chat"], "phone": ["call"]}
    assert [word_for(label, words) for label in ("Web chat", "Web", "Live chat call")] == ["chat", "email", "chat"]
