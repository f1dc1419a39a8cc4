"""Channels over one mix of matters, on drawn tables: counted by hand, graded, protected, whatever is missing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import at, engagement, store
from planted import fill

from rootcause_lib.analyses.channel_resolution.asked import asked_about
from rootcause_lib.analyses.channel_resolution.fair import OVERLAP, STANDARDISED, fair
from rootcause_lib.analyses.channel_resolution.fair_cells import fair_cells
from rootcause_lib.analyses.part import Part
from rootcause_lib.journeys import Following
from rootcause_lib.periods import Period
from rootcause_lib.prose import sentence
from rootcause_lib.store import Store

PERIOD = Period(dt.date(2025, 1, 1), dt.date(2025, 1, 31))
FOLLOWED = Following("any", 3, own_windows=False)
Rows = list[dict[str, object]]


def contacts(channel: str, reason: str | None, number: int, yes: int, *, first: int, **more: object) -> Rows:
    """As many contacts, each of a customer of its own, `yes` of them (drawn at random) marked as resolved."""
    order = np.random.default_rng(first).permutation(number)
    return [
        {
            "customer": first + place, "start": f"2025-01-{6 + place % 9:02d} {8 + place % 10:02d}:00", "minutes": 5,
            "channel": channel, "reason": reason, "resolved": bool(order[place] < yes),
        } | more
        for place in range(number)
    ]  # fmt: skip


HARD_TO_PHONE = [
    *contacts("phone", "easy", 80, 72, first=1000),
    *contacts("phone", "hard", 320, 160, first=2000),
    *contacts("chat", "easy", 300, 240, first=3000),
    *contacts("chat", "hard", 100, 40, first=4000),
]
"""Phone settles .9 and .5, chat .8 and .4; as counted .58 and .7. Everybody: 380 easy, 420 hard."""


def found_in(
    folder: Path,
    rows: Sequence[Mapping[str, object]],
    *,
    more: str = "",
    tables: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    followed: Following = FOLLOWED,
) -> Part:
    return fair(asked_about(made(folder, rows, more=more, tables=tables), PERIOD, followed))


def made(
    folder: Path,
    rows: Sequence[Mapping[str, object]],
    *,
    more: str = "",
    tables: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
) -> Store:
    drawn = store(engagement(folder, more=more, until="2025-01-31"), rows)
    for table, given in (tables or {}).items():
        fill(drawn.engine, table, pd.DataFrame(list(given)))
    intake = dataclasses.replace(drawn.intake, present=(*drawn.present, *(tables or {})))
    return dataclasses.replace(drawn, intake=intake)


def rows_of(part: Part, outcome: str = "resolved") -> pd.DataFrame:
    table = part.frames["standardised"]
    assert tuple(table.columns) == STANDARDISED
    assert tuple(part.frames["overlap"].columns) == OVERLAP
    return table[table["outcome"] == outcome].set_index("channel")


def test_differences_over_one_mix_by_hand_count(tmp_path: Path) -> None:
    rows = rows_of(found_in(tmp_path, HARD_TO_PHONE))
    assert list(rows.index) == ["phone", "chat"]
    chat, phone = (0.8 * 380 + 0.4 * 420) / 800, (0.9 * 380 + 0.5 * 420) / 800
    assert rows["resolution"].to_dict() == pytest.approx({"phone": phone, "chat": chat})
    assert rows.loc["chat", "baseline_resolution"] == pytest.approx(phone)
    assert rows.loc["chat", ["difference", "coded_difference"]].tolist() == pytest.approx([-0.1, -0.1])
    assert rows["naive"].to_dict() == pytest.approx({"phone": 0.58, "chat": 0.7})
    assert rows.loc["chat", "naive_difference"] == pytest.approx(0.12)
    assert rows.loc["chat", "naive_low"] > 0 > rows.loc["chat", "difference_high"]
    assert rows["contacts"].to_dict() == {"phone": 400, "chat": 400}
    assert rows["customers"].to_dict() == {"phone": 400, "chat": 400}
    assert rows["unobserved"].tolist() == [0, 0]
    assert rows["overlap"].tolist() == [1, 1]
    assert set(rows["basis"]) == {"coded"}
    assert set(rows["claim"]) == {"association"}
    assert rows.loc["phone", ["difference", "naive_difference", "coded_difference"]].isna().all()
    assert (rows["grade"] >= "C").all(), "codes alone are a direction at best"


def test_the_sentence_says_that_matters_turn_it_round(tmp_path: Path) -> None:
    part = found_in(tmp_path, HARD_TO_PHONE)
    said = [finding.key for finding in part.readings["standardised"]]
    assert said[:3] == ["channel_fair.how", "channel_fair.by_code", "channel_fair.less_turned"]
    words = sentence(part.readings["standardised"][2], language="en").replace("\u00a0", " ")
    assert re.search(r"a difference of 10 points \(\d–\d\d\)", words)
    assert "400 contacts" in words
    assert [finding.key for finding in part.headline] == ["channel_fair.less_turned"]
    assert part.headline[0].grade == "C"


def test_cells_with_too_few_are_left_out_and_named_by_hand_count(tmp_path: Path) -> None:
    rows = [
        *HARD_TO_PHONE,
        *contacts("phone", "letter", 60, 30, first=5000),
        *contacts("chat", "letter", 19, 19, first=6000),
        *contacts("chat", "bot", 30, 0, first=7000),
        *contacts("phone", None, 25, 0, first=8000),
    ]
    part = found_in(tmp_path, rows)
    cells = part.frames["overlap"].query("outcome == 'resolved'").set_index(["channel", "reason"])
    assert cells["why"].to_dict() == {
        ("chat", ""): "no_code", ("chat", "bot"): "baseline_none", ("chat", "easy"): "", ("chat", "hard"): "",
        ("chat", "letter"): "few", ("phone", ""): "no_code", ("phone", "bot"): "none", ("phone", "easy"): "",
        ("phone", "hard"): "", ("phone", "letter"): "",
    }  # fmt: skip
    assert (cells["compared"] == (cells["why"] == "")).all()
    assert cells.loc[("chat", "letter"), "contacts"] == 19
    rows = rows_of(part)
    whole = 800 + 79 + 30 + 25
    assert rows["overlap"].to_dict() == pytest.approx({"phone": 879 / whole, "chat": 800 / whole})
    assert rows.loc["chat", "difference"] == pytest.approx(-0.1)
    assert rows.loc["chat", "naive"] == pytest.approx((280 + 19) / 449)
    assert "too_few" in rows.loc["chat", "grade_reasons"]
    left_out = part.readings["overlap"][0]
    assert left_out.key == "channel_fair.left_out"
    assert set(left_out.fields["reasons"]) == {"bot", "letter"}  # type: ignore[arg-type]


def test_only_answered_inbound_contacts_of_the_period_count_by_hand_count(tmp_path: Path) -> None:
    """Callbacks, abandoned attempts, internal calls and other months are no one's outcome; legs are one contact."""
    last = {"customer": 9000, "channel": "phone", "reason": "easy", "conversation_id": "k", "minutes": 1}
    rows = [
        *HARD_TO_PHONE,
        *contacts("chat", "easy", 30, 30, first=5000, direction="outbound"),
        *contacts("chat", "easy", 30, 30, first=6000, abandoned=True),
        *contacts("phone", "easy", 30, 30, first=7000, direction="internal"),
        *(row | {"start": str(row["start"]).replace("2025-01", "2024-12")} for row in HARD_TO_PHONE),
        last | {"start": "2025-01-20 10:00", "resolved": False},
        last | {"start": "2025-01-20 10:01", "resolved": True},
    ]
    rows = rows_of(found_in(tmp_path, rows))
    assert rows["contacts"].to_dict() == {"phone": 401, "chat": 400}
    assert rows.loc["phone", "naive"] == pytest.approx(233 / 401)


def test_contacts_without_a_mark_are_unknown_and_weigh_in_the_mix_by_hand_count(tmp_path: Path) -> None:
    rows = [*HARD_TO_PHONE, *contacts("chat", "easy", 200, 0, first=5000, resolved=None)]
    found = rows_of(found_in(tmp_path, rows))
    assert found.loc["chat", ["contacts", "unobserved", "customers"]].tolist() == [400, 200, 400]
    assert found.loc["chat", "resolution"] == pytest.approx((0.8 * 580 + 0.4 * 420) / 1000)
    assert found.loc["chat", "difference"] == pytest.approx(-0.1)


def test_customers_who_come_often_count_as_one_by_identity(tmp_path: Path) -> None:
    """A hundred customers on each channel with four contacts each, alike: about half as precise as four hundred."""
    once = rows_of(found_in(tmp_path, HARD_TO_PHONE))
    ordered = sorted(HARD_TO_PHONE, key=lambda row: (row["channel"], row["reason"], row["resolved"]))
    often = [row | {"customer": place // 4 + 1} for place, row in enumerate(ordered)]
    (tmp_path / "often").mkdir()
    found = rows_of(found_in(tmp_path / "often", often))
    assert found.loc["chat", "customers"] == 100
    assert found["difference"].dropna().tolist() == pytest.approx(once["difference"].dropna().tolist())

    def width(table: pd.DataFrame) -> float:
        return float(table.loc["chat", "difference_high"] - table.loc["chat", "difference_low"])

    assert width(found) > 1.6 * width(once)


def test_first_contact_resolution_is_the_metric_over_one_mix_by_hand_count(tmp_path: Path) -> None:
    """Each unsettled matter comes back the next day by chat: that contact opens no case, and is none of its own."""
    rows = [row | {"resolved": None} for row in HARD_TO_PHONE]
    back = []
    for row, first in zip(rows, HARD_TO_PHONE, strict=True):
        if not first["resolved"]:
            day = int(str(row["start"])[8:10]) + 1
            back.append(row | {"start": f"2025-01-{day:02d} 20:00", "channel": "chat"})
    before = {"customer": 99, "start": "2025-01-01 08:00", "channel": "letter", "reason": "easy"}
    part = found_in(tmp_path, [*rows, *back, before])
    assert part.frames["standardised"]["outcome"].unique().tolist() == ["first_contact_resolution"]
    found = rows_of(part, "first_contact_resolution")
    assert found.loc[["phone", "chat"], "contacts"].tolist() == [400, 400]
    assert found.loc[["phone", "chat"], "naive"].tolist() == pytest.approx([0.58, 0.7])
    assert found.loc["chat", "difference"] == pytest.approx(-0.1)


AGENTS = [{"agent_id": "old", "hired_on": "2020-01-01"}, {"agent_id": "new", "hired_on": "2024-12-20"}]


def test_novices_and_open_failures_are_told_apart_by_hand_count(tmp_path: Path) -> None:
    """Within 14 days of a failure's start or before its end; normal processes and other customers' events are none."""
    rows = [
        {"customer": key, "start": "2025-01-15 12:00", "channel": "phone", "reason": "easy", "resolved": True,
         "agent_id": agent}
        for key, agent in ((1, "old"), (2, "new"), (3, "unheard"), (4, None), (5, "old"), (6, "old"), (7, "old"))
    ]  # fmt: skip
    noon = at("2025-01-15 12:00")
    day = 86_400
    events = [
        {"event_id": "a", "customer_key": 1, "process": "late", "started_seconds": noon - 14 * day},
        {"event_id": "b", "customer_key": 2, "process": "late", "started_seconds": noon - 14 * day - 1},
        {"event_id": "c", "customer_key": 3, "process": "late", "started_seconds": noon - 30 * day,
         "ended_seconds": noon},
        {"event_id": "d", "customer_key": 4, "process": "late", "started_seconds": noon + 1},
        {"event_id": "e", "customer_key": 5, "process": "invoice", "started_seconds": noon - day},
        {"event_id": "f", "customer_key": 6, "process": "late", "started_seconds": noon - 90 * day,
         "due_seconds": noon - 80 * day},
    ]  # fmt: skip
    settings = '[processes.invoice]\nkind = "normal"\n'
    drawn = made(tmp_path, rows, more=settings, tables={"agents": AGENTS, "process_events": events})
    cells = fair_cells(drawn, FOLLOWED, PERIOD).cells
    told = cells.groupby(["tenure", "failing"])["contacts"].sum().to_dict()
    assert told == {
        ("experienced", "0"): 2, ("experienced", "1"): 2, ("novice", "0"): 1, ("unknown", "0"): 1, ("unknown", "1"): 1,
    }  # fmt: skip


def coded_wrong() -> tuple[Rows, Rows]:
    """Truly .9 and .5 on both channels; half of the phone's hard matters are coded easy. 120 are looked at again."""
    rows = [
        *contacts("phone", "easy", 100, 90, first=1000),
        *contacts("phone", "easy", 150, 75, first=2000),
        *contacts("phone", "hard", 150, 75, first=3000),
        *contacts("chat", "easy", 300, 270, first=4000),
        *contacts("chat", "easy", 50, 25, first=5000),
        *contacts("chat", "hard", 50, 25, first=6000),
    ]
    true = ["easy"] * 100 + ["hard"] * 300 + ["easy"] * 300 + ["hard"] * 100
    audit: Rows = [
        {"contact_id": f"c{place:03d}", "coder": "adjudicated", "reason": true[place], "weight": 1.0}
        for place in range(0, 800, 4)
    ]
    return rows, audit


def test_an_audit_mends_what_wrong_codes_leave_by_planted_truth(tmp_path: Path) -> None:
    rows, audit = coded_wrong()
    part = found_in(tmp_path, rows, tables={"audits": audit})
    found = rows_of(part).loc["chat"]
    assert found["basis"] == "audited"
    assert found["method"] == "imputed_cluster"
    assert found["naive_difference"] == pytest.approx(320 / 400 - 240 / 400)
    assert found["coded_difference"] > 0.08
    assert abs(found["difference"]) < 0.04
    assert found["difference_low"] < 0 < found["difference_high"]
    assert found["difference_high"] - found["difference_low"] > found["coded_high"] - found["coded_low"]
    assert found["grade"] == "C" or found["grade"] == "B"
    assert "by_audit" in part.readings["standardised"][1].key
    again = found_in(tmp_path, rows, tables={"audits": audit}).frames["standardised"]
    pd.testing.assert_frame_equal(again, part.frames["standardised"])


def test_an_audit_of_everything_is_the_truth_by_identity(tmp_path: Path) -> None:
    rows, _audit = coded_wrong()
    true = ["easy"] * 100 + ["hard"] * 300 + ["easy"] * 300 + ["hard"] * 100
    audit = [
        {"contact_id": f"c{place:03d}", "coder": "adjudicated", "reason": reason, "weight": 1.0}
        for place, reason in enumerate(true)
    ]
    found = rows_of(found_in(tmp_path, rows, tables={"audits": audit})).loc["chat"]
    (tmp_path / "right").mkdir()
    right = [row | {"reason": reason} for row, reason in zip(rows, true, strict=True)]
    coded = rows_of(found_in(tmp_path / "right", right)).loc["chat"]
    for name in ("resolution", "difference", "baseline_resolution"):
        assert found[name] == pytest.approx(coded[name], abs=1e-9)
    assert found["difference_low"] == pytest.approx(coded["difference_low"], abs=0.01)


def test_too_small_an_audit_is_not_used(tmp_path: Path) -> None:
    rows, audit = coded_wrong()
    assert set(rows_of(found_in(tmp_path, rows, tables={"audits": audit[:49]}))["basis"]) == {"coded"}


def test_self_service_that_nobody_audits_keeps_its_codes_by_hand_count(tmp_path: Path) -> None:
    """The machine codes right; agents' contacts alone were audited."""
    rows, audit = coded_wrong()
    rows += [
        *contacts("self_service", "easy", 80, 72, first=7000),
        *contacts("self_service", "hard", 40, 20, first=8000),
    ]
    part = found_in(tmp_path, rows, tables={"audits": audit})
    found = rows_of(part).loc["self_service"]
    assert abs(found["difference"]) < 0.05
    assert found["overlap"] == 1


BAD_INPUTS: Mapping[str, Rows] = {
    "one channel only": contacts("phone", "easy", 60, 30, first=1),
    "three contacts in a channel": [*HARD_TO_PHONE, *contacts("email", "easy", 3, 2, first=9000)],
    "all resolved": [row | {"resolved": True} for row in HARD_TO_PHONE],
    "none resolved": [row | {"resolved": False} for row in HARD_TO_PHONE],
    "no reasons": [row | {"reason": None} for row in HARD_TO_PHONE],
    "nobody known": [row | {"customer": None} for row in HARD_TO_PHONE],
    "no baseline": [row | {"channel": "email" if row["channel"] == "phone" else "chat"} for row in HARD_TO_PHONE],
    "no mark at all": [row | {"resolved": None} for row in HARD_TO_PHONE],
    "no matter in common": [*contacts("phone", "a", 50, 20, first=1), *contacts("chat", "b", 50, 20, first=500)],
    "one contact": contacts("phone", "easy", 1, 1, first=1),
    "clocks change": [
        {"customer": key, "start": f"2025-01-26 0{key % 3 + 1}:30", "channel": ("phone", "chat")[key % 2],
         "reason": "easy", "resolved": True}
        for key in range(1, 61)
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_bad_input_is_graded_and_never_a_crash(tmp_path: Path, name: str) -> None:
    part = found_in(tmp_path, BAD_INPUTS[name])
    table = part.frames["standardised"]
    assert set(table["grade"]) <= set("ABCD")
    told = table[table["resolution"].notna()]
    assert told["resolution"].between(-1e-9, 1 + 1e-9).all()
    assert (told["low"].isna() | (told["low"] <= told["resolution"] + 1e-9)).all()
    assert (told["high"].isna() | (told["high"] >= told["resolution"] - 1e-9)).all()
    for findings in (*part.readings.values(), part.headline, part.cannot_tell):
        for finding in findings:
            for language in ("en", "fi"):
                assert "nan" not in sentence(finding, language=language).split()


def test_one_channel_is_compared_with_nothing_and_that_is_said(tmp_path: Path) -> None:
    part = found_in(tmp_path, BAD_INPUTS["one channel only"])
    assert part.frames["standardised"].empty
    assert part.frames["overlap"].empty
    assert [finding.key for finding in part.cannot_tell] == ["channel_fair.one_channel"]


def test_all_resolved_has_an_interval_by_identity(tmp_path: Path) -> None:
    rows = rows_of(found_in(tmp_path, BAD_INPUTS["all resolved"]))
    assert rows["resolution"].tolist() == pytest.approx([1.0, 1.0], abs=1e-4)
    assert (rows["low"] < 0.995).all()
    assert rows.loc["chat", "difference_low"] < -0.005 < 0.005 < rows.loc["chat", "difference_high"]


def test_no_reasons_is_no_use_and_says_so(tmp_path: Path) -> None:
    part = found_in(tmp_path, BAD_INPUTS["no reasons"])
    rows = rows_of(part)
    assert set(rows["basis"]) == {"none"}
    assert set(rows["grade"]) == {"D"}
    assert rows["coded_difference"].isna().all()
    assert rows.loc["chat", "difference"] == pytest.approx(rows.loc["chat", "naive_difference"])
    assert part.readings["standardised"][1].key == "channel_fair.by_nothing"
    assert part.headline == ()


def test_without_the_baseline_the_busiest_channel_stands_in(tmp_path: Path) -> None:
    rows = [*BAD_INPUTS["no baseline"], *contacts("email", "easy", 5, 5, first=9000)]
    assert set(rows_of(found_in(tmp_path, rows))["baseline_channel"]) == {"email"}


def test_small_channels_and_cells_are_left_out(tmp_path: Path) -> None:
    rows = [
        *HARD_TO_PHONE,
        *contacts("email", "easy", 4, 4, first=9000),
        *contacts("store", "easy", 60, 30, first=9500),
        *contacts("chat", "rare", 3, 0, first=9100),
        *contacts("phone", "rare", 40, 20, first=9200),
    ]
    part = found_in(tmp_path, rows, more="[definitions]\nsmallest_cell = 5\n")
    assert "email" not in set(part.frames["standardised"]["channel"])
    cells = part.frames["overlap"].query("outcome == 'resolved'").set_index(["channel", "reason"])
    assert "email" not in {channel for channel, _ in cells.index}
    assert cells.loc[("chat", "rare"), "suppressed"]
    assert pd.isna(cells.loc[("chat", "rare"), "contacts"])


def test_channels_of_unlike_rows_are_not_compared(tmp_path: Path) -> None:
    rows = [row | ({"row_is": "ticket"} if row["channel"] == "chat" else {}) for row in HARD_TO_PHONE]
    found = rows_of(found_in(tmp_path, rows))
    assert found.loc["chat", "grade"] == "D"
    assert "unlike_rows" in found.loc["chat", "grade_reasons"]
