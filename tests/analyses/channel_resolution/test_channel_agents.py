"""Teams and agents: contacts counted by hand, who may be shown, who can be compared, and what clients get wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import fill

from rootcause_lib.analyses.channel_resolution.agents import COLUMNS, agents
from rootcause_lib.analyses.channel_resolution.agents_counted import TEAMS, counted
from rootcause_lib.analyses.channel_resolution.asked import Asked, asked_about
from rootcause_lib.analyses.part import Part
from rootcause_lib.journeys import Following
from rootcause_lib.prose import sentence
from rootcause_lib.store import Store

Drawn = Mapping[str, object]
UNTIL = "2025-03-31"


def many(team: str, number: int, resolved: int, *, start: int, **more: object) -> list[Drawn]:
    """Contacts of a team by phone about a bill, customers apart, the first so many marked as resolved."""
    return [
        {
            "contact_id": f"{team}{place:04d}", "customer": start + place, "reason": "bill", "team": team,
            "agent_id": f"{team}-{place % 3}", "resolved": place < resolved,
            "start": f"2025-01-{2 + place % 28:02d} {place // 28 % 24:02d}:00", "minutes": 5,
        }
        | more
        for place in range(number)
    ]  # fmt: skip


EARLY: Drawn = {"customer": 90_000, "start": "2024-12-01 09:00", "reason": "bill"}
"""Nobody's, and early enough for every other contact's window before it to be seen."""
NORTH, SOUTH = many("north", 100, 80, start=1), many("south", 100, 70, start=1001)


def made(
    folder: Path, contacts: Sequence[Drawn], *, view: str = "team", smallest: int = 1, people: int = 1, more: str = ""
) -> Store:
    settings = f'[privacy]\nagents = "{view}"\n[definitions]\nsmallest_cell = {smallest}\nsmallest_team = {people}\n'
    return store(engagement(folder, more=settings + more, until=UNTIL), contacts)


def asked_of(given: Store) -> Asked:
    return asked_about(given, given.period(None, None), Following("any", 14, own_windows=False))


def part(folder: Path, contacts: Sequence[Drawn], **options: object) -> Part:
    found = agents(asked_of(made(folder, contacts, **options)))  # type: ignore[arg-type]
    frame = found.frames["agents"]
    assert tuple(frame.columns) == COLUMNS
    for finding in (*found.headline, *found.readings["agents"], *found.cannot_tell):
        for language in ("en", "fi"):
            words = sentence(finding, language=language)
            assert not any(mark in words for mark in ("{", "nan", "None")), words
    return found


def rows_of(found: Part, outcome: str = "resolved") -> pd.DataFrame:
    frame = found.frames["agents"]
    return frame[frame["outcome"] == outcome].set_index(["team", "agent_id"])


def keys_of(findings: Sequence[object]) -> set[str]:
    return {finding.key.removeprefix("channel_agents.") for finding in findings}  # type: ignore[attr-defined]


def test_observed_and_expected_by_hand_count(tmp_path: Path) -> None:
    """Of one matter 150 of 200 are marked: .75 is expected of both, north has .80 and south .70."""
    rows = rows_of(part(tmp_path, [*NORTH, *SOUTH]))
    assert rows.index.tolist() == [("north", "all"), ("south", "all")]
    assert rows["contacts"].tolist() == [100, 100]
    assert rows["customers"].tolist() == [100, 100]
    assert rows["observed"].tolist() == pytest.approx([0.8, 0.7])
    assert rows["expected"].tolist() == pytest.approx([0.75, 0.75])
    assert rows["raw_difference"].tolist() == pytest.approx([0.05, -0.05])
    assert (rows["difference"].abs() < 0.05).all()
    assert rows["compared_share"].tolist() == [1, 1]
    assert rows["standing"].tolist() == ["within_chance", "within_chance"]


def test_first_contact_resolution_is_the_opening_teams_by_hand_count(tmp_path: Path) -> None:
    """Ten customers of north call again, and south answers: ten of north's cases are unresolved, south's contacts open
    none. A call by us, an attempt given up and a colleague's call are nobody's contact.
    """
    late = [row | {"start": f"2025-01-{20 + place % 10:02d} 09:00"} for place, row in enumerate(NORTH[90:])]
    again = [
        row | {"contact_id": f"x{place}", "team": "south", "start": f"2025-01-{21 + place % 10:02d} 09:00"}
        for place, row in enumerate(late)
    ]
    noise = [
        {"customer": 1, "team": "north", "start": "2025-01-03 01:00", "direction": "outbound", "reason": "bill"},
        {"customer": 2, "team": "north", "start": "2025-01-31 01:00", "direction": "internal", "reason": "bill"},
        {"customer": 4000, "team": "north", "start": "2025-01-31 01:00", "abandoned": True, "reason": "bill"},
        {"customer": 4001, "start": "2025-01-31 01:00", "reason": "bill", "resolved": False},
    ]  # fmt: skip
    rows = rows_of(part(tmp_path, [EARLY, *NORTH[:90], *late, *SOUTH, *again, *noise]), "first_contact_resolution")
    assert rows.loc[("north", "all"), ["contacts", "observed"]].tolist() == pytest.approx([100, 0.9])
    assert rows.loc[("south", "all"), ["contacts", "observed"]].tolist() == pytest.approx([100, 1.0])


def test_unknown_is_not_resolved_by_hand_count(tmp_path: Path) -> None:
    """Without a mark, or with less than its window to the end of the data, a contact is unknown."""
    unmarked = [{**row, "resolved": None} for row in SOUTH[:30]]
    late = [
        {**row, "contact_id": f"l{n}", "customer": 5000 + n, "start": "2025-03-30 09:00"}
        for n, row in enumerate(NORTH[:7])
    ]
    found = part(tmp_path, [EARLY, *NORTH, *late, *unmarked, *SOUTH[30:]])
    own, followed = rows_of(found), rows_of(found, "first_contact_resolution")
    assert own.loc[("south", "all"), ["contacts", "unobserved"]].tolist() == [70, 30]
    assert followed.loc[("north", "all"), ["contacts", "unobserved"]].tolist() == [100, 7]


def test_a_mark_on_few_contacts_is_no_outcome(tmp_path: Path) -> None:
    bare = [{**row, "resolved": None if place % 4 else True} for place, row in enumerate([*NORTH, *SOUTH])]
    assert set(part(tmp_path, bare).frames["agents"]["outcome"]) == {"first_contact_resolution"}


def test_counts_by_a_second_count(tmp_path: Path) -> None:
    """Statements against a count in pandas: channels, reasons, gaps, and customers who come again."""
    rng = np.random.default_rng(5)
    drawn = [
        {
            "contact_id": f"r{n:04d}", "customer": None if rng.random() < 0.1 else int(rng.integers(1, 120)),
            "team": ("a", "b", None)[rng.integers(3)], "agent_id": f"g{rng.integers(4)}",
            "channel": ("phone", "chat")[rng.integers(2)], "reason": ("bill", "move", None)[rng.integers(3)],
            "resolved": (True, False, None)[rng.integers(3)], "abandoned": bool(rng.random() < 0.1),
            "direction": ("inbound", "outbound")[int(rng.random() < 0.1)],
            "start": f"2025-0{rng.integers(1, 4)}-{rng.integers(1, 29):02d} {rng.integers(24):02d}:00",
        }
        for n in range(800)
    ]  # fmt: skip
    given = made(tmp_path, drawn, view="pseudonym")
    table = pd.DataFrame(drawn)
    known = (table["direction"] == "inbound") & ~table["abandoned"] & table["team"].notna() & table["resolved"].notna()
    kept = table[known].assign(mark=lambda rows: rows["resolved"].astype(float))
    own = next(each for each in counted(asked_of(given), TEAMS) if each.outcome == "resolved")
    ours = own.cells.groupby(["team", "channel", "reason"])[["value", "weight"]].sum()
    theirs = kept.assign(reason=kept["reason"].fillna("")).groupby(["team", "channel", "reason"])["mark"]
    assert ours["value"].to_dict() == theirs.sum().to_dict()
    assert ours["weight"].to_dict() == theirs.count().to_dict()
    customers = kept["customer"].where(kept["customer"].notna(), -kept.index.to_series() - 1)
    each = kept.groupby(["team", customers])["mark"].agg(["sum", "count"])
    sums = own.sums.set_index("team")
    for team, rows in each.groupby("team"):
        expected = [
            len(rows),
            (rows["sum"] ** 2).sum(),
            (rows["sum"] * rows["count"]).sum(),
            (rows["count"] ** 2).sum(),
        ]
        found = sums.loc[team, ["clusters", "value_value", "value_weight", "weight_weight"]]
        assert found.tolist() == pytest.approx(expected)


def test_a_hard_mix_is_no_fault_of_the_team(tmp_path: Path) -> None:
    """Both resolve .9 of bills and .5 of moves; north has mostly bills. Without the mix they seem 24 points apart."""
    contacts = [
        *many("north", 400, 360, start=1), *many("north", 100, 50, start=1001, reason="move", contact_id=None),
        *many("south", 100, 90, start=2001), *many("south", 400, 200, start=3001, reason="move", contact_id=None),
    ]  # fmt: skip
    contacts = [{**row, "contact_id": f"k{place:04d}"} for place, row in enumerate(contacts)]
    rows = rows_of(part(tmp_path, contacts))
    assert rows["observed"].tolist() == pytest.approx([0.82, 0.58])
    assert rows["raw_difference"].abs().max() < 0.002
    assert set(rows["standing"]) == {"within_chance"}


def test_a_team_that_is_really_better_is_told_and_rows_stay_in_order_of_names(tmp_path: Path) -> None:
    contacts = [
        *many("zeta", 600, 540, start=1), *many("beta", 600, 420, start=1001), *many("alfa", 600, 420, start=2001)
    ]  # fmt: skip
    found = part(tmp_path, contacts)
    rows = rows_of(found)
    assert rows.index.get_level_values("team").tolist() == ["alfa", "beta", "zeta"]
    assert rows["standing"].tolist() == ["below_expected", "below_expected", "above_expected"]
    assert rows.loc[("zeta", "all"), "probability_best"] > 0.99
    # Two alike: which is the weaker is not known.
    assert rows["probability_worst"].tolist() == pytest.approx([0.5, 0.5, 0], abs=0.02)


def test_who_may_be_shown_is_the_engagements_choice(tmp_path: Path) -> None:
    found = {view: part(tmp_path, [*NORTH, *SOUTH], view=view) for view in ("none", "team", "pseudonym")}
    assert found["none"].frames["agents"].empty
    assert keys_of(found["none"].cannot_tell) == {"not_to_be_shown"}
    assert set(rows_of(found["team"]).index.get_level_values("agent_id")) == {"all"}
    people = rows_of(found["pseudonym"]).loc["north"]
    assert people.index.tolist() == ["all", "north-0", "north-1", "north-2"]
    assert people.loc["north-0":, "contacts"].sum() == people.loc["all", "contacts"]


def test_a_team_of_few_people_is_left_out_and_nobody_gives_it_back(tmp_path: Path) -> None:
    """Three people answer in a team. Differences sum to 0, so of two teams none can stay."""
    found = part(tmp_path, [*NORTH, *SOUTH], people=4)
    rows = rows_of(found)
    assert rows[["contacts", "observed", "difference", "probability_best"]].isna().all(axis=None)
    assert set(rows["grade_reasons"]) == {"suppressed"}
    assert not found.headline


def test_people_of_a_team_that_is_left_out_are_left_out_too(tmp_path: Path) -> None:
    big = [{**row, "agent_id": f"e{place % 6}"} for place, row in enumerate(many("east", 200, 150, start=3001))]
    west = [{**row, "agent_id": f"w{place % 6}"} for place, row in enumerate(many("west", 200, 150, start=4001))]
    rows = rows_of(part(tmp_path, [*NORTH, *big, *west], people=4, view="pseudonym"))
    assert rows.loc["north", "contacts"].isna().all()
    shown = rows["contacts"].notna()
    assert shown.any()
    assert shown.groupby("team").sum()[["north"]].tolist() == [0]


def test_where_ids_of_agents_are_kept_out_the_list_of_agents_tells_how_many_they_are(tmp_path: Path) -> None:
    """As in a store where only teams may be shown: no contact says who, and the list has rows without names."""
    unnamed = [{**row, "agent_id": None} for row in [*NORTH, *SOUTH]]
    given = made(tmp_path, unnamed, people=3)
    first = agents(asked_of(given))
    assert "sizes_unknown" in keys_of(first.cannot_tell)
    assert first.frames["agents"]["contacts"].notna().all()
    listed = [{"team": team, "hired_on": "2024-01-01"} for team in ("north", "north", "south", "south", "south")]
    fill(
        given.engine,
        "agents",
        pd.DataFrame([*listed, {"team": "north", "hired_on": "2020-01-01", "left_on": "2021-01-01"}]),
    )
    found = agents(asked_of(given))
    assert "sizes_unknown" not in keys_of(found.cannot_tell)
    assert found.frames["agents"]["contacts"].isna().all()


def test_a_team_with_a_channel_of_its_own_is_not_compared_and_named(tmp_path: Path) -> None:
    letters = many("letters", 100, 90, start=7001, channel="letter")
    found = part(tmp_path, [*NORTH, *SOUTH, *letters])
    rows = rows_of(found)
    row = rows.loc[("letters", "all")]
    assert (row["compared_share"], row["grade"], row["method"]) == (0, "D", "none")
    assert row[["expected", "difference", "probability_best"]].isna().all()
    assert row["observed"] == pytest.approx(0.9)
    assert rows.loc[("north", "all"), "expected"] == pytest.approx(0.75)
    assert {"not_compared"} <= keys_of(found.cannot_tell)


def test_matters_that_others_hardly_have_are_left_out_of_a_comparison_by_hand_count(tmp_path: Path) -> None:
    """Of north's 130 contacts 30 are of a matter of which south has 19: too few to say what is expected of it."""
    own = many("north", 30, 0, start=6001, reason="own", contact_id=None)
    theirs = many("south", 19, 0, start=6501, reason="own", contact_id=None)
    extra = [row | {"contact_id": f"o{place}"} for place, row in enumerate([*own, *theirs])]
    rows = rows_of(part(tmp_path, [*NORTH, *SOUTH, *extra]))
    assert rows.loc[("north", "all"), ["contacts", "compared_share"]].tolist() == pytest.approx([100, 100 / 130])
    # North's thirty are enough for south to be held against.
    assert rows.loc[("south", "all"), ["contacts", "compared_share"]].tolist() == pytest.approx([119, 1])


def test_one_team_is_compared_with_nobody(tmp_path: Path) -> None:
    found = part(tmp_path, NORTH)
    assert rows_of(found)["difference"].isna().all()
    assert "nobody_to_compare" in keys_of(found.cannot_tell)
    assert not found.headline


@pytest.mark.parametrize("resolved", [0, 100], ids=["none", "all"])
def test_all_or_none_resolved_differ_by_nothing(tmp_path: Path, resolved: int) -> None:
    rows = rows_of(part(tmp_path, [*many("north", 100, resolved, start=1), *many("south", 100, resolved, start=1001)]))
    assert rows["difference"].abs().max() < 0.01
    assert set(rows["standing"]) == {"within_chance"}
    assert rows["probability_best"].tolist() == pytest.approx([0.5, 0.5], abs=0.01)


def test_a_team_of_three_contacts_is_graded_and_says_little(tmp_path: Path) -> None:
    rows = rows_of(part(tmp_path, [*NORTH, *SOUTH, *many("few", 3, 0, start=8001)]))
    assert rows.loc[("few", "all"), "grade"] == "D"
    assert abs(rows.loc[("few", "all"), "difference"]) < 0.5 * abs(rows.loc[("few", "all"), "raw_difference"])
    assert rows.loc[("few", "all"), "standing"] == "within_chance"


@pytest.mark.parametrize("lacking", ["reason", "team", "customer", "resolved", "agent_id"])
def test_a_column_that_is_not_there_is_no_crash(tmp_path: Path, lacking: str) -> None:
    given = [{name: value for name, value in row.items() if name != lacking} for row in [*NORTH, *SOUTH]]
    found = part(tmp_path, given, view="pseudonym")
    frame = found.frames["agents"]
    if lacking == "team":
        assert frame.empty
        assert keys_of(found.cannot_tell) == {"no_teams"}
    elif lacking == "customer":
        assert set(frame["outcome"]) == {"resolved"}
    elif lacking == "resolved":
        assert set(frame["outcome"]) == {"first_contact_resolution"}
    else:
        assert frame["difference"].notna().any()


def test_customers_who_come_again_and_again_make_it_less_sure(tmp_path: Path) -> None:
    """The same hundred contacts a team, by a hundred customers or by ten who are always or never served."""
    loyal = [{**row, "customer": int(str(row["customer"])) // 10 + 9000} for row in [*NORTH, *SOUTH]]
    once, again = (rows_of(part(tmp_path, rows)) for rows in ([*NORTH, *SOUTH], loyal))
    assert (again["funnel_high_95"] > 1.8 * once["funnel_high_95"]).all()
    assert (again["high"] - again["low"] > once["high"] - once["low"]).all()


def test_too_many_combinations_are_asked_for_more_coarsely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments and earlier contacts give way first; two teams, two reasons and one channel are four rows."""
    contacts = [row | {"reason": ("bill", "move")[place % 2]} for place, row in enumerate([*NORTH, *SOUTH])]
    again = [row | {"contact_id": f"z{place}", "start": "2025-01-12 23:00"} for place, row in enumerate(contacts[:9])]
    fine = rows_of(part(tmp_path, [*contacts, *again]))
    monkeypatch.setattr("rootcause_lib.engine.ROW_LIMIT", 4)
    coarse = rows_of(part(tmp_path, [*contacts, *again]))
    assert coarse["observed"].tolist() == fine["observed"].tolist()
    assert (coarse["expected"] - fine["expected"]).abs().max() > 1e-6


def test_the_clients_own_mark_is_a_proxy(tmp_path: Path) -> None:
    found = part(tmp_path, [*many("north", 6000, 4800, start=1), *many("south", 6000, 4790, start=10_001)])
    assert set(rows_of(found)["grade"]) == {"B"}
    assert set(rows_of(found)["grade_reasons"]) == {"proxy"}
    assert "own_mark" in keys_of(found.cannot_tell)
