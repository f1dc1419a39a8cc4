"""A page for each process owner, from made-up recorded tables: what it says, links, and never lets through."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.analyses.root_cause.owners_dictionary import FRAMES
from rootcause_lib.reporting.owners_pages import OWNERS, Owners, owner_pages, owners_section
from rootcause_lib.reporting.recording import Recorded, write_tables
from rootcause_lib.reporting.run import Run

HOSTILE = "<script>alert(1)</script> & Oy"


def row(owner: str, process: str, **given: object) -> dict[str, object]:
    made: dict[str, object] = dict.fromkeys(FRAMES["owners"].columns)
    made |= {
        "owner": owner, "process": process, "contacts": 1064.0, "low": 1017.0, "high": 1104.0, "level": 0.95,
        "share": 0.13, "cost": 6475.0, "cost_low": 6190.0, "cost_high": 6720.0, "eliminable": 900.0,
        "eliminable_low": 840.0, "eliminable_high": 950.0, "eliminable_cost": 5480.0, "eliminable_cost_low": 5110.0,
        "eliminable_cost_high": 5790.0, "basis": "incidence", "cost_of_waiting_per_month": 455.0, "waiting_low": 380.0,
        "waiting_high": 530.0, "material_since": "2025-03", "ideas_open": 3.0, "request": "fix",
        "success_metric": "caused_contacts_per_month", "today": 88.7, "target": 18.7, "currency": "EUR", "grade": "B",
        "grade_reasons": "proxy", "reason_untold": "",
    }  # fmt: skip
    return made | given


def nothing(owner: str, process: str, **given: object) -> dict[str, object]:
    numbers = [name for name in FRAMES["owners"].columns if name not in ("owner", "process", "currency")]
    untold = dict.fromkeys(numbers, np.nan) | {
        "request": "",
        "grade": "D",
        "grade_reasons": "too_few",
        "material_since": None,
    }
    return row(owner, process, **untold) | given


def owned() -> pd.DataFrame:
    return pd.DataFrame(
        [
            row("Talous", "billing"),
            row("Talous", "invoice", eliminable=np.nan, eliminable_cost=np.nan, request="", contacts=36.0, low=20.0,
                high=52.0, cost=200.0, cost_low=110.0, cost_high=290.0, cost_of_waiting_per_month=np.nan),
            row("Verkko & Oy", "outage", grade="C", request="look_into", target=88.7, ideas_open=0.0),
            nothing(HOSTILE, "claim", request="measure"),
            nothing("Hiljainen", "quiet", grade_reasons="suppressed", request="measure"),
            nothing("", "orphan"),
        ]
    )  # fmt: skip


def incidence() -> pd.DataFrame:
    rows = [
        ("billing", "risk", "0-6", 14.8, 12.1, 18.0, "A"),
        ("billing", "placebo", "pre", 1.02, 0.9, 1.15, "A"),
        ("outage", "risk", "0-0", np.nan, np.nan, np.nan, "D"),
    ]
    return pd.DataFrame(rows, columns=["process", "kind", "band", "rate_ratio", "low", "high", "grade"])


def recorded(folder: Path, **frames: pd.DataFrame) -> tuple[Recorded, ...]:
    tables = write_tables(frames, analysis="root_cause", folder=folder)
    return (
        Recorded("tiny", "2025-01-01", "2025-12-31"),
        Recorded("root_cause", "2025-01-01", "2025-12-31", tables=tables),
    )


@pytest.fixture
def pages(tmp_path: Path) -> Callable[[str], Owners]:
    made = recorded(tmp_path, owners=owned(), incidence=incidence())
    return lambda language: owner_pages(made, folder=tmp_path, language=language)


def words(body: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " "))


def test_each_owner_has_one_page_of_their_own_processes_by_hand(pages: Callable[[str], Owners]) -> None:
    found = pages("en")
    assert [one.owner for one in found.pages] == ["Talous", "Verkko & Oy", HOSTILE, "Hiljainen"]
    assert [one.path for one in found.pages][:2] == ["owners/talous.html", "owners/verkko-oy.html"]
    assert found.unowned == ("orphan",)
    first, second = (words(one.body) for one in found.pages[:2])
    assert "billing" in first
    assert "invoice" in first
    assert "outage" not in first
    assert "billing" not in second


def test_the_page_says_contacts_euros_one_request_and_the_goal_by_hand(pages: Callable[[str], Owners]) -> None:
    said = words(pages("en").pages[0].body)
    # Both processes together, limits added.
    assert "1,100 (1,037–1,156) contacts" in said
    assert "€6,675 (6,300–7,010)" in said
    assert said.count("One request:") == 1
    assert "put ‘billing’ right" in said
    assert "at most 19 contacts a month; today it is 89" in said
    assert "€455 (380–530) that need not be spent" in said
    assert "not acted on: 3" in said
    assert "days 0–6 15 (12–18)" in said


def test_a_goal_that_is_not_sure_is_none_and_weak_figures_are_a_direction(pages: Callable[[str], Owners]) -> None:
    said = words(pages("en").pages[1].body)
    assert "look into ‘outage’" in said
    assert "direction only" in said
    assert "not sure enough for a goal" in said
    assert "Contacts around events" not in said


def test_what_is_not_told_is_said_not_zero(pages: Callable[[str], Owners]) -> None:
    hostile, quiet = (words(one.body) for one in pages("en").pages[2:])
    assert "cannot be told" in hostile
    assert "make ‘claim’ measurable" in hostile
    assert "not shown (privacy)" in quiet
    for said in (hostile, quiet):
        assert "nan" not in said.lower().split()
        assert " 0 contacts" not in said


def test_finnish_pages_hold_no_english(pages: Callable[[str], Owners]) -> None:
    for one in pages("fi").pages:
        assert not set(re.findall(r"[A-Za-z]{4,}", words(one.body))) & {
            "request",
            "contacts",
            "month",
            "process",
            "costs",
        }
    assert "Yksi pyyntö" in words(pages("fi").pages[0].body)


def test_names_are_escaped_and_file_names_are_plain_and_each_once(tmp_path: Path) -> None:
    names = ["Talous", "talous!", "CON", "ÄÖ", "日本", HOSTILE, "x" * 90, "../../etc"]
    made = recorded(tmp_path, owners=pd.DataFrame([row(name, f"p{at}") for at, name in enumerate(names)]))
    found = owner_pages(made, folder=tmp_path, language="en")
    paths = [one.path for one in found.pages]
    assert len(set(paths)) == len(names)
    assert all(re.fullmatch(r"owners/[a-z0-9][a-z0-9-]{0,49}\.html", path) for path in paths), paths
    assert "owners/con.html" not in paths
    for body in (*(one.body for one in found.pages), owners_section(found, language="en")):
        assert "<script" not in body
    assert html.escape(HOSTILE) in owners_section(found, language="en")


def test_no_such_table_no_pages(tmp_path: Path) -> None:
    made = recorded(tmp_path, incidence=incidence())
    assert owner_pages(made, folder=tmp_path, language="en") == Owners()
    assert owners_section(Owners(), language="en") == ""
    assert OWNERS == "root_cause.owners"


RECORD_OWNERS = """
import os, sys
from pathlib import Path
import pandas as pd
from rootcause_lib.reporting.recording import Recorded, write_result, write_tables
folder = Path(os.environ["ROOTCAUSE_RUN_FOLDER"])
tables = write_tables({{"owners": pd.read_pickle({owners!r})}}, analysis="root_cause", folder=folder)
write_result(Recorded("root_cause", "2025-01-01", "2025-12-31", tables=tables), folder=folder)
"""


def test_a_run_writes_the_pages_links_them_and_allows_no_script(
    tmp_path: Path, write_notebook: Callable[..., Path], run: Callable[..., Run]
) -> None:
    owned().to_pickle(tmp_path / "owners.pkl")
    write_notebook("01_root_cause", RECORD_OWNERS.format(owners=str(tmp_path / "owners.pkl")), title="Which?")
    done = run()
    assert done.exit_code == 0
    index = done.index.read_text(encoding="utf-8")
    for link in ("owners/talous.html", "owners/verkko-oy.html"):
        assert f'href="{link}"' in index
        page = (done.folder / link).read_text(encoding="utf-8")
        assert 'href="../index.html"' in page
        assert 'href="../01_root_cause.html"' in page
        assert '<html lang="en">' in page
        policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])  # type: ignore[index]
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]  # type: ignore[index]
        assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy
        assert "script-src 'none'" in policy
        assert "<script" not in page
    assert "Process owners" in index
    assert "orphan" in index
