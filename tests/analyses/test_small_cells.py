"""Published frames give no small cell back: an attacker with linear programs of their own, and a column of names."""

from __future__ import annotations

import base64
import dataclasses
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from planted import Cut, extract

from rootcause_lib.analyses import analyse_channel_resolution, analyse_data_health
from rootcause_lib.analyses.channel_resolution.resolution import resolution_curves
from rootcause_lib.analyses.small_cells import suppressed_rows
from rootcause_lib.analyses.small_moves import protected_moves, protected_volume
from rootcause_lib.plots import alt_text, plot_estimates
from rootcause_lib.prose import sentence, table_text
from rootcause_lib.reporting.figures import figure_html
from rootcause_lib.reporting.recording import write_tables
from rootcause_lib.reporting.workbook import write_workbook
from rootcause_lib.sample_client import make_client
from rootcause_lib.vocabulary import ALL, LANGUAGES, SMALL, SUPPRESSED

SMALLEST = 5
GUARDED = f"[definitions]\nsmallest_cell = {SMALLEST}\n"
OPEN = "[definitions]\nsmallest_cell = 1\nsmallest_team = 1\n"


@pytest.fixture(scope="module")
def client():
    """Ten weeks of a fictional client, one caller in ninety coded by name, three letters, a team of two contacts."""
    made = make_client(customers=1200, seed=3, start="2025-01-06", days=98)
    contacts = made.tables["contacts"].copy()
    drawn = np.random.default_rng(0)
    named = drawn.random(len(contacts)) < 1 / 90
    names = [f"Soittaja {place:04d} Virtanen" for place in range(len(contacts))]
    contacts["reason"] = contacts["reason"].astype(object).where(~named, names)
    within = np.flatnonzero(contacts["started_at"].between(pd.Timestamp("2025-02-01"), pd.Timestamp("2025-02-20")))
    contacts["channel"] = contacts["channel"].astype(object)
    contacts.iloc[within[:3], contacts.columns.get_loc("channel")] = "letter"
    if "team" not in contacts:
        contacts["team"] = "Tiimi 1"
    contacts["team"] = contacts["team"].astype(object)
    contacts.iloc[within[5:7], contacts.columns.get_loc("team")] = "Matti Meikäläinen"
    return dataclasses.replace(made, tables={**made.tables, "contacts": contacts})


@pytest.fixture(scope="module")
def stores(client, tmp_path_factory):
    cut = Cut(pd.Timestamp("2025-01-27").date(), pd.Timestamp("2025-04-06").date())
    return {kind: extract(client, cut, tmp_path_factory.mktemp(name), more=kind) for name, kind in KINDS.items()}


KINDS = {"guarded": GUARDED, "open": OPEN}


@pytest.fixture(scope="module")
def results(stores):
    return {kind: (analyse_channel_resolution(store), analyse_data_health(store)) for kind, store in stores.items()}


def ranges(cells, count, dimensions):
    """Least and most of each count left out, by the sums of every published row; the attacker's own relations.

    A row that is there holds at least one; nothing else is known of what is not shown.
    """
    from scipy.optimize import linprog

    gone = np.flatnonzero(cells[count].isna())
    equations, known = [], []
    for _, whole in cells[(cells[dimensions] == ALL).any(axis=1)].iterrows():
        inside = np.ones(len(cells), dtype=bool)
        for name in dimensions:
            inside &= (cells[name] != ALL) if whole[name] == ALL else (cells[name] == whole[name])
        line = inside.astype(float)
        place = int(whole.name)
        line[place] = -1
        equations.append(line[gone])
        known.append(-float((line * cells[count].fillna(0)).sum()))
    found = {}
    for place, cell in enumerate(gone):
        ends = [
            linprog(
                sign * np.eye(len(gone))[place], A_eq=np.array(equations), b_eq=known, bounds=(1, 1e6), method="highs"
            )
            for sign in (1, -1)
        ]
        assert all(end.success for end in ends), "the published numbers contradict each other"
        found[int(cell)] = (ends[0].fun, -ends[1].fun)
    return found


def mature_cells(result):
    rows = result.mature.assign(reason=result.mature["reason"].fillna("-"))
    return rows.assign(asked=rows["denominator"] + rows["unobserved"]).reset_index(drop=True)


def test_without_protection_the_attacker_finds_small_cells(results):
    """What the test below stands against: with everything shown there are cells of one to four customers."""
    rows = results[OPEN][0].mature
    assert (rows["customers"].between(1, SMALLEST - 1)).sum() > 20
    names = [reason for reason in rows["reason"].dropna() if "Virtanen" in reason]
    assert len(names) > 10


def test_no_small_cell_is_shown_and_none_is_given_back_by_an_attackers_own_programs(results):
    cells = mature_cells(results[GUARDED][0])
    told = cells[cells["asked"].notna()]
    known = told["customers"].where(told["denominator"] > 0, told["unobserved"])
    assert (known >= SMALLEST).all()
    assert cells["asked"].isna().sum() >= 2
    for least, most in ranges(cells, "asked", ["channel", "reason"]).values():
        assert most - least >= SMALLEST - 1e-6


def test_hiding_only_the_small_cells_would_not_have_done(results):
    """The attack works: with the companions shown again, some small cell is known exactly or nearly."""
    cells, whole = mature_cells(results[GUARDED][0]), mature_cells(results[OPEN][0])
    names = ["channel", "reason"]
    truth = cells[names].merge(whole[[*names, "asked", "customers"]], on=names, how="left")
    companions = truth["customers"].ge(SMALLEST).to_numpy() & cells["asked"].isna().to_numpy()
    assert companions.any()
    naive = cells.assign(asked=cells["asked"].where(~companions, truth["asked"]))
    widths = [most - least for least, most in ranges(naive, "asked", names).values()]
    assert min(widths) < SMALLEST


def test_totals_stay_and_large_cells_keep_their_numbers_by_identity(results):
    shown, whole = results[GUARDED][0].mature, results[OPEN][0].mature
    columns = ["value", "low", "high", "numerator", "denominator", "unobserved", "customers"]
    pd.testing.assert_series_equal(shown.iloc[0][columns], whole.iloc[0][columns], check_names=False)
    both = shown[~suppressed_rows(shown)].merge(whole, on=["channel", "reason"], suffixes=("", "_open"))
    for column in columns:
        same = both[both["reason"] != SMALL]
        np.testing.assert_allclose(same[column], same[f"{column}_open"])


def test_a_cell_is_left_out_of_every_frame_alike(results):
    result = results[GUARDED][0]
    channels = {
        name: set(frame["channel"][suppressed_rows(frame) & (frame.get("reason", ALL) == ALL)])
        for name, frame in result.frames.items()
        if name in ("mature", "resolution", "recontact", "metrics", "key_numbers")
    }
    gone = channels["mature"]
    assert "letter" in gone
    assert len(gone) > 1, "three letters, and a companion"
    for name, hidden in channels.items():
        assert hidden == gone & set(result.frames[name]["channel"]), name
    for frame, opened in ((result.flow, "from_channel"), (result.settled, "opened_in")):
        rows = frame[frame[opened].isin(gone)]
        assert suppressed_rows(rows).all()
    health = results[GUARDED][1]
    assert set(health.coverage["channel"][suppressed_rows(health.coverage)]) <= gone


def test_left_out_rows_hold_no_number_and_say_why(results):
    words = {"grade": "D", "grade_reasons": SUPPRESSED}
    kept = {"level", "window_days", "day", "threshold", "within_seconds", "seconds", "hour", "clock_hours", "reference"}
    for result in results[GUARDED]:
        for name, frame in result.frames.items():
            rows = frame[suppressed_rows(frame)]
            for column in [one for one in frame.columns if pd.api.types.is_float_dtype(frame[one])]:
                assert column in kept or rows[column].isna().all(), (name, column)
            if "grade" in frame and len(rows):
                assert {key: set(rows[key]) for key in words} == {key: {word} for key, word in words.items()}


def test_nobodys_name_is_a_label_anywhere(results):
    for result in results[GUARDED]:
        text = " ".join(frame.to_csv() for frame in result.frames.values())
        said = [*result.headline, *result.cannot_tell, *(check.text for check in result.checks)]
        text += " ".join(sentence(one, language=language, currency="EUR") for one in said for language in LANGUAGES)
        assert "Virtanen" not in text
        assert "Matti" not in text
        assert any(one.key == "cannot_tell.suppressed" for one in result.cannot_tell)
    assert SMALL in set(results[GUARDED][0].mature["reason"])
    open_text = results[OPEN][0].mature.to_csv() + results[OPEN][1].code_health.to_csv()
    assert "Virtanen" in open_text
    assert "Matti" in open_text


def test_nobodys_name_is_in_a_file_or_figure_of_a_run(results, tmp_path):
    for result in results[GUARDED]:
        tables = write_tables(result.frames, analysis=result.analysis, folder=tmp_path)
        write_workbook(tmp_path / f"{result.analysis}.xlsx", tables=list(tables), folder=tmp_path, language="fi")
    resolution, health = results[GUARDED]
    by_reason, teams = resolution.mature[resolution.mature["channel"] == ALL], health.code_health
    for number, frame in enumerate((by_reason, teams)):
        page = figure_html(plot_estimates, frame, caption="", language="fi", output="report")
        pictures = [base64.b64decode(one).decode() for one in re.findall("base64,([A-Za-z0-9+/=]+)", page)]
        (tmp_path / f"{number}.html").write_text(page + "".join(pictures), encoding="utf-8")
    read = 0
    for path in (one for one in tmp_path.rglob("*") if one.is_file()):
        parts = [path.read_bytes()]
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                parts = [book.read(name) for name in book.namelist()]
        if path.suffix == ".parquet":
            parts = [pd.read_parquet(path).to_csv().encode()]
        read += len(parts)
        assert not any(name in part for part in parts for name in (b"Virtanen", b"Matti")), path.name
    assert read > 40


def test_nothing_is_left_out_where_every_cell_may_be_shown(results):
    for result in results[OPEN]:
        assert not [name for name, frame in result.frames.items() if suppressed_rows(frame).any()]
        assert not any(one.key == "cannot_tell.suppressed" for one in result.cannot_tell)


def test_moves_and_weeks_stand_against_their_whole(results):
    result = results[GUARDED][0]
    for frame, opened, went, count in (
        (result.flow, "from_channel", "to_channel", "contacts"),
        (result.settled, "opened_in", "settled_in", "cases"),
    ):
        assert not frame[count].lt(SMALLEST).any()
        for _, rows in frame.groupby(opened):
            hidden, shown = rows[rows[count].isna()], rows[rows[count].notna()]
            if len(hidden) and len(shown):
                rest = float(shown["denominator"].iloc[0]) - float(shown[count].sum())
                assert rest - len(hidden) >= SMALLEST, "each holds at least one: the others' room is the width"
            assert SMALL not in set(rows[went]) or len(rows) == 1
    volume, coverage = results[GUARDED][1].volume, results[OPEN][1].coverage.set_index("channel")
    for channel, rows in volume.groupby("channel"):
        hidden = rows[rows["suppressed"]]
        if len(hidden) and len(hidden) < len(rows):
            whole = float(coverage.loc[channel, "denominator"] + coverage.loc[channel, "unobserved"])
            assert whole - float(rows["contacts"].sum()) - len(hidden) >= SMALLEST
        assert not rows["contacts"].lt(SMALLEST).any()


def test_moves_of_a_whole_too_small_become_one_row_by_hand_count():
    moves = pd.DataFrame(
        {
            "from_channel": ["phone"] * 3 + ["letter"] * 2, "to_channel": ["phone", "chat", "email", "phone", "chat"],
            "contacts": [50.0, 2.0, 20.0, 5.0, 1.0], "share": [50 / 72, 2 / 72, 20 / 72, 5 / 6, 1 / 6],
            "denominator": [72.0] * 3 + [6.0] * 2, "customers": [60.0] * 3 + [6.0] * 2,
            "movers": [45.0, 2.0, 18.0, 5.0, 1.0], "grade": "B", "grade_reasons": "too_few",
        }
    )  # fmt: skip
    found = protected_moves(
        moves, opened="from_channel", went="to_channel", counted="contacts", minimum=5, hidden=frozenset()
    )
    assert found[["from_channel", "to_channel"]].to_numpy().tolist() == [
        ["phone", "phone"], ["phone", "chat"], ["phone", "email"], ["letter", SMALL],
    ]  # fmt: skip
    assert found["contacts"].isna().tolist() == [False, True, True, True]
    assert "movers" not in found


def test_five_contacts_of_one_caller_are_one_customer_by_hand_count():
    weeks = pd.DataFrame(
        {"week": ["a", "b", "c"], "channel": "phone", "contacts": [9, 60, 90], "customers": [1.0, 50.0, 80.0]}
    )
    found = protected_volume(weeks, minimum=5, hidden=frozenset())
    assert found["suppressed"].tolist() == [True, True, False]
    assert found["contacts"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_and_figures_say_left_out_not_unknown(results, language):
    left_out = {"en": "not shown (privacy)", "fi": "ei näytetä (yksityisyys)"}[language]
    result = results[GUARDED][0]
    rows = result.mature[suppressed_rows(result.mature)]
    assert set(table_text(rows, language=language)["value"]) == {left_out}
    by_channel = result.mature[result.mature["reason"] == ALL]
    assert left_out in alt_text("plot_estimates", by_channel, language=language)
    for plot, frame in (("plot_resolution", result.resolution), ("plot_settled", result.settled)):
        assert left_out in alt_text(plot, frame, language=language)


def test_explorers_see_no_more_than_reports(stores, results):
    store, result = stores[GUARDED], results[GUARDED][0]
    curves = resolution_curves(store, result.following, result.period)
    for frame in curves.frames.values():
        assert not frame["customers"].lt(SMALLEST).any()
        letters = frame[frame["channel"] == "letter"]
        assert suppressed_rows(letters).all()
