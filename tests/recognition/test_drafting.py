"""A draft says where each mapping comes from, marks guesses, holds no person's data, and never overwrites work."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rootcause_lib import draft, read_engagement, recognise
from rootcause_lib.engagement import preset_names
from rootcause_lib.errors import OutputError, ParameterError
from rootcause_lib.recognition import write_draft

FIXTURES = Path(__file__).parents[1] / "presets" / "fixtures"
SMALL = "ticket id,created at,channel,customer id,customer name,notes\n" + "".join(
    f"T{n},2025-03-{n:02d} 10:00,{('phone', 'odd one')[n % 2]},S{n:04d},Matti {n},call 040123456{n % 10} please\n"
    for n in range(1, 20)
)


@pytest.mark.parametrize("file", sorted(path.name for path in FIXTURES.glob("*.csv")))
def test_every_preset_fixture_gives_an_engagement_that_opens(file, drafted) -> None:
    found, store = drafted([FIXTURES / file])
    contacts = found.table("contacts")
    assert contacts.preset is not None
    assert file.startswith(contacts.preset)
    assert contacts.preset in preset_names()
    assert store.engagement.tables["contacts"].preset == contacts.preset
    read = store.intake.sources.set_index("table").loc["contacts"]
    assert read["rows_read"] == read["rows_accepted"] + read["rows_rejected"]
    assert store.extent.contacts > 2


def test_statuses_the_preset_knows_are_mapped_and_the_others_are_unknown_by_hand_count(drafted) -> None:
    found, store = drafted([FIXTURES / "zendesk.csv"])
    rows = store.engine.connection.execute(
        "select count(*) filter (where resolved), count(resolved), count(*) filter (where direction = 'outbound') "
        "from contacts"
    ).fetchall()
    # Six solved or closed, three open, pending or new, one 'Waiting for courier'; one call that went out.
    assert rows == [(6, 9, 1)]
    assert [each.where for each in found.unsure] == ['tables.contacts.values.resolved."Waiting for courier"']


def test_an_export_that_says_it_is_not_whole_is_unsure() -> None:
    whole, partial = (recognise([FIXTURES / f"genesys_cloud{name}.csv"]) for name in ("", "_partial"))
    assert not whole.unsure
    assert "not whole" in partial.unsure[0].why


def test_what_is_unsure_is_named_for_machines_and_marked_for_people(exports, tmp_path) -> None:
    found = recognise(exports({"tickets.csv": SMALL}))
    text = draft(found, into=tmp_path)
    raw = tomllib.loads(text)
    named = {f"{name}.{column}" for name, table in raw["tables"].items() for column in table.get("unsure", ())}
    assert named == {"contacts.channel"}
    assert named == {f"{table.table}.{each.column}" for table in found.tables for each in table.columns if each.unsure}
    marked = [line for line in text.splitlines() if "# unsure:" in line]
    assert any("odd one" in line for line in marked)
    assert any(line.startswith("time_zone") for line in marked)
    assert all("# assumed" in line for line in text.splitlines() if line.startswith(("currency", "client")))


def test_a_draft_holds_no_id_name_or_free_text(exports, tmp_path) -> None:
    text = draft(recognise(exports({"tickets.csv": SMALL})), into=tmp_path)
    for secret in ("Matti", "S0001", 'T1"', "040123456", "please"):
        assert secret not in text


def test_what_is_given_is_not_assumed(exports, tmp_path) -> None:
    found = recognise(exports({"tickets.csv": SMALL}))
    write_draft(draft(found, into=tmp_path, client='A "B" \\ Oy', time_zone="Europe/Oslo", language="fi"), tmp_path)
    client = read_engagement(tmp_path).engagement
    assert (client.client, client.time_zone, client.language) == ('A "B" \\ Oy', "Europe/Oslo", "fi")


def test_exports_are_named_from_the_engagements_own_folder(exports, tmp_path) -> None:
    found = recognise(exports({"tickets.csv": SMALL}))
    for folder, place in ((tmp_path / "e" / "f", "../../exports/tickets.csv"), (tmp_path / "exports", "tickets.csv")):
        assert tomllib.loads(draft(found, into=folder))["tables"]["contacts"]["source"] == place


HOSTILE = 'x"]\n[costs]\nper_minute = 1\u202e #'


def test_hostile_headers_and_labels_stay_text(exports, tmp_path) -> None:
    import csv
    import io

    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["ticket id", "created at", "channel", HOSTILE])
    rows.writerows([[n, f"2025-03-{n:02d} 10:00", HOSTILE if n % 2 else "phone", "1"] for n in range(1, 20)])
    found = recognise(exports({"tickets.csv": out.getvalue()}))
    raw = tomllib.loads(draft(found, into=tmp_path, client=HOSTILE))
    assert "costs" not in raw
    assert raw["engagement"]["client"] == HOSTILE


def test_an_edited_file_is_left_alone_and_an_untouched_one_is_drafted_again(exports, tmp_path) -> None:
    found = recognise(exports({"tickets.csv": SMALL}))
    text = draft(found, into=tmp_path)
    file = write_draft(text, tmp_path)
    first = file.read_text(encoding="utf-8")
    assert write_draft(text.replace("window_days = 14", "window_days = 15"), tmp_path) == file
    assert "window_days = 15" in file.read_text(encoding="utf-8")
    file.write_text(first.replace("window_days = 14", "window_days = 7"), encoding="utf-8")
    before = file.read_bytes()
    with pytest.raises(ParameterError, match="changed by hand"):
        write_draft(text, tmp_path)
    assert file.read_bytes() == before
    # A file somebody wrote has no sum at all; a file saved with other line ends is still ours.
    file.write_bytes(first.encode().replace(b"\n", b"\r\n"))
    write_draft(text, tmp_path)
    file.write_text("[engagement]\n", encoding="utf-8")
    with pytest.raises(ParameterError):
        write_draft(text, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*engagement.toml*")) == ["engagement.toml"]


def test_a_folder_that_cannot_be_written_is_an_output_error(exports, tmp_path, monkeypatch) -> None:
    text = draft(recognise(exports({"tickets.csv": SMALL})), into=tmp_path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="can't be written"):
        write_draft(text, tmp_path / "file" / "below")

    def refuse(*_given, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        write_draft(text, tmp_path / "locked")
    assert not (tmp_path / "locked" / "engagement.toml").exists()


def test_seconds_under_a_header_of_milliseconds_are_noticed(exports, drafted) -> None:
    text = (FIXTURES / "genesys_cloud.csv").read_text(encoding="utf-8")
    for milliseconds in ("20000", "60000", "35000", "900000", "12000", "7200000", "8000", "240000", "420000", "200000"):
        text = text.replace(f",{milliseconds},", f",{int(milliseconds) // 1000},")
    text = text.replace(",300000,", ",300,").replace(",600000,", ",600,").replace(",480000,", ",480,")
    found, store = drafted(exports({"interactions.csv": text}))
    assert found.table("contacts").preset == "genesys_cloud"
    handled = found.table("contacts").column("handle_seconds")
    assert (handled.unit, handled.unsure) == ("seconds", True)
    # The same seven calls and mails as in the fixture, in seconds at once.
    assert store.engine.connection.execute("select sum(handle_seconds) from contacts").fetchall() == [(2240.0,)]


def test_a_preset_column_that_holds_something_else_is_left_out_and_so_is_the_preset(exports, drafted) -> None:
    text = (
        (FIXTURES / "hubspot_api.csv").read_text(encoding="utf-8").replace("2710000", "soon").replace("20000", "later")
    )
    found, store = drafted(exports({"tickets.csv": text}))
    assert found.table("contacts").preset is None
    assert "wait_seconds does not hold what HubSpot Service Hub writes there" in found.unsure[0].why
    assert "wait_seconds" not in store.engagement.tables["contacts"].columns
