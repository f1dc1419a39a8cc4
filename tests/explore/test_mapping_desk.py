"""The desk where a mapping is confirmed: what the widgets hold, what they write, that client text stays text."""

from __future__ import annotations

from pathlib import Path

import pytest

from rootcause_lib import confirm_mapping, read_engagement
from rootcause_lib.errors import DataError

EVIL = '<img src=x onerror="alert(1)">'
CONTENT = f"ticket id,created at,arrived by,customer id,{EVIL.replace(',', '')},topic\n".replace('"', "'") + "".join(
    f"T{n},2025-03-{n:02d} 10:00,{('letterbox', 'phone')[n % 2]},S{n:04d},{EVIL.replace(chr(34), chr(39))},bill\n"
    for n in range(1, 20)
)


class Desk:
    """The widgets by what they are for."""

    def __init__(self, box) -> None:
        *parts, self.left, self.button, self.status = box.children
        self.part = parts[0]
        self.preview = self.part.children[-1]
        self.lines = {}
        for line in self.part.children[1:-2]:
            source, confirmed, evidence = line.children[0].children
            self.lines[source.description] = (source, confirmed, evidence, line.children[1])

    def source(self, column: str):
        return self.lines[column][0]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    (tmp_path / "tickets.csv").write_text(CONTENT, encoding="utf-8")
    return tmp_path / "tickets.csv"


@pytest.fixture
def desk(export: Path, tmp_path: Path) -> Desk:
    return Desk(confirm_mapping(export, into=tmp_path / "client", time_zone="Europe/Helsinki"))


def test_starts_with_what_was_recognised_and_the_rows_as_read(desk: Desk) -> None:
    assert desk.source("contact_id").value == ("headers", ("ticket id",))
    assert desk.source("reason").value == ("headers", ("topic",))
    assert desk.source("agent_id").value == ("headers", ())
    assert "2025-03-01 10:00:00" in desk.preview.value
    # Customers are shown by the shape of their id.
    assert "x9999" in desk.preview.value
    assert "S0001" not in desk.preview.value


def test_a_change_is_shown_as_the_rows_would_then_be_read(desk: Desk) -> None:
    desk.source("reason").value = ("headers", ())
    assert "bill" not in desk.preview.value
    desk.source("team").value = ("headers", ("topic",))
    assert "<th>team</th>" in desk.preview.value
    assert "bill" in desk.preview.value


def test_agreeing_leaves_no_doubt_and_the_button_writes_what_is_shown(desk: Desk, tmp_path: Path) -> None:
    source, confirmed, _, labels = desk.lines["channel"]
    assert source.value[0] in ("headers", "always")
    desk.source("channel").value = ("headers", ("arrived by",))
    labels = {line.description: line for line in desk.lines["channel"][3].children}
    assert (labels["phone"].value, labels["letterbox"].value) == ("phone", "other")
    assert not confirmed.value
    labels["letterbox"].value = "letter"
    assert confirmed.value
    assert desk.left.value.endswith("0")
    desk.button.click()
    table = read_engagement(tmp_path / "client").tables["contacts"]
    assert table.columns["channel"] == "arrived by"
    assert dict(table.values["channel"]) == {"letterbox": "letter", "phone": "phone"}
    assert table.unsure == ()


def test_a_doubt_agreed_with_is_gone(desk: Desk) -> None:
    desk.source("channel").value = ("headers", ("arrived by",))
    _, confirmed, _, _ = desk.lines["channel"]
    confirmed.value = True
    assert desk.left.value.endswith("0")


def test_a_mapping_that_cannot_be_read_says_why_and_the_next_works(desk: Desk) -> None:
    desk.source("started_at").value = ("headers", ("topic",))
    assert "can&#x27;t be" in desk.preview.value or "No known notation" in desk.preview.value
    desk.source("started_at").value = ("headers", ("created at",))
    assert "2025-03-01 10:00:00" in desk.preview.value


def test_an_edited_engagement_is_not_written_over(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "engagement.toml").write_text("# mine\n", encoding="utf-8")
    desk.button.click()
    assert "left as it is" in desk.status.value
    assert (tmp_path / "client" / "engagement.toml").read_text(encoding="utf-8") == "# mine\n"


def test_client_text_stays_text(desk: Desk) -> None:
    evil = [header for header, choice in desk.source("reason").options if choice[0] == "headers" and "<img" in header]
    assert evil
    desk.source("reason").value = ("headers", (evil[0],))
    for part in (desk.preview, desk.left, desk.status, *(line[2] for line in desk.lines.values())):
        assert "<img" not in part.value
    assert "&lt;img" in desk.preview.value


def test_what_cannot_be_recognised_is_an_error_not_a_desk(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("colour\nred\n", encoding="utf-8")
    with pytest.raises(DataError, match="looks like contacts"):
        confirm_mapping(tmp_path / "x.csv", into=tmp_path)
