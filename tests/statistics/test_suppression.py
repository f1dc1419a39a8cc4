"""Small cells that no sum gives back: the textbook's table, an attacker who tries every table, what always stays."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.disclosure import Additive, attack_on, exposed_counts, needed, possible_ranges, sums_of
from rootcause_lib.statistics.suppression import protect
from rootcause_lib.vocabulary import ALL

PUBLISHED = [[20, 50, 10], [8, 19, 22], [17, 32, 12]]
"""Fischetti and Salazar (2000), figure 1: investment by activity and region; 22 is confidential."""


def cells_of(counts):
    """Cells and margins by row and column; empty cells have no row, as in a published frame."""
    counts = np.asarray(counts, dtype=float)
    rows = [(f"r{i}", f"c{j}", counts[i, j]) for i, j in np.ndindex(*counts.shape) if counts[i, j]]
    rows += [(f"r{i}", ALL, total) for i, total in enumerate(counts.sum(axis=1)) if total]
    rows += [(ALL, f"c{j}", total) for j, total in enumerate(counts.sum(axis=0)) if total]
    return pd.DataFrame([*rows, (ALL, ALL, counts.sum())], columns=["row", "column", "n"])


def additive(cells, *, minimum, floor=1.0):
    counts = cells[["n"]].to_numpy(float)
    return Additive(
        counts, np.full_like(counts, float(minimum)), np.full_like(counts, floor), sums_of(cells[["row", "column"]])
    )


def protected(cells, *, minimum, unsafe=None):
    unsafe = cells["n"].between(1, minimum - 1) if unsafe is None else unsafe
    whole = (cells[["row", "column"]] == ALL).all(axis=1)
    return protect(additive(cells, minimum=minimum), unsafe.to_numpy(), fixed=whole.to_numpy())


def test_the_textbook_table_loses_the_cells_it_loses_there_by_published_figure():
    cells = cells_of(PUBLISHED)
    found = protected(cells, minimum=5, unsafe=cells["n"] == 22)
    assert set(cells["n"][found.suppressed]) == {22, 8, 17, 12}
    assert not found.exposed.any()
    low, high = possible_ranges(additive(cells, minimum=5, floor=0), found.suppressed)
    place = cells.index[cells["n"] == 22][0]
    assert (low[place], high[place]) == pytest.approx((5, 30))


def test_one_small_cell_takes_a_companion_in_its_row_and_its_column_by_hand_count():
    cells = cells_of([[40, 41, 42], [43, 3, 44], [45, 46, 47]])
    found = protected(cells, minimum=5)
    gone = cells[found.suppressed]
    assert len(gone) == 4
    assert set(gone["row"].value_counts()) == set(gone["column"].value_counts()) == {2}
    assert gone["n"].sum() == 3 + 40 + 41 + 43, "the four that hold fewest"


def test_a_small_cell_alone_is_given_back_by_its_total_by_hand_count():
    cells = cells_of(PUBLISHED)
    alone = (cells["n"] == 22).to_numpy()
    assert exposed_counts(additive(cells, minimum=5), alone)[alone].all()
    low, high = possible_ranges(additive(cells, minimum=5), alone)
    assert low == pytest.approx(high)


def test_two_that_sum_to_their_least_are_no_secret_by_hand_count():
    """Two cells of one each: a row that is there holds somebody, so the sum tells both."""
    cells = pd.DataFrame({"row": ["a", "b", "c", ALL], "n": [1.0, 1.0, 90.0, 92.0]})
    table = Additive(cells[["n"]].to_numpy(), np.full((4, 1), 5.0), np.ones((4, 1)), sums_of(cells[["row"]]))
    both = np.array([True, True, False, False])
    assert exposed_counts(table, both)[:2].all()
    assert protect(table, both, fixed=np.array([False] * 3 + [True])).suppressed.tolist() == [True] * 3 + [False]


def test_nothing_goes_where_every_cell_is_large_by_identity():
    found = protected(cells_of(PUBLISHED), minimum=5)
    assert not found.suppressed.any()
    assert not found.exposed.any()


def test_a_table_too_small_to_hide_in_says_so():
    cells = pd.DataFrame({"row": ["a", "b", ALL], "n": [2.0, 4.0, 6.0]})
    table = Additive(cells[["n"]].to_numpy(), np.full((3, 1), 5.0), np.ones((3, 1)), sums_of(cells[["row"]]))
    found = protect(table, np.array([True, True, False]), fixed=np.array([False, False, True]))
    assert found.exposed.tolist() == [True, True, False]
    assert not found.suppressed[2], "a total that stays, stays"


def test_parts_beyond_their_total_are_refused():
    cells = pd.DataFrame({"row": ["a", "b", ALL], "n": [2.0, 9.0, 10.0]})
    table = Additive(cells[["n"]].to_numpy(), np.full((3, 1), 5.0), np.ones((3, 1)), sums_of(cells[["row"]]))
    with pytest.raises(DataError, match="does not add up"):
        protect(table, np.array([True, False, False]), fixed=np.array([False, False, True]))


def test_what_is_nowhere_shown_hides_too_by_hand_count():
    """A total that holds nine more than its parts: one of them left out is somewhere from one to twelve."""
    cells = pd.DataFrame({"row": ["a", "b", ALL], "n": [3.0, 50.0, 62.0]})
    table = Additive(cells[["n"]].to_numpy(), np.full((3, 1), 5.0), np.ones((3, 1)), sums_of(cells[["row"]]))
    low, high = possible_ranges(table, np.array([True, False, False]))
    assert (low[0], high[0]) == pytest.approx((1, 12))


def test_no_more_can_move_from_what_is_nowhere_shown_than_there_is_by_hand_count():
    """Cells 4, 1, 1 of a row of 92 are small and 1 more is in no cell: it hides one of them at most, so 5 goes too."""
    counts = [57, 23, 5, 4, 1, 1, 92]
    cells = pd.DataFrame({"row": [*"abcdef", ALL], "n": counts}).astype({"n": float})
    table = Additive(cells[["n"]].to_numpy(), np.full((7, 1), 5.0), np.ones((7, 1)), sums_of(cells[["row"]]))
    found = protect(table, (cells["n"] < 5).to_numpy(), fixed=(cells["row"] == ALL).to_numpy())
    assert set(cells["n"][found.suppressed]) == {1, 4, 5}
    assert not found.exposed.any()


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(0, 9), st.integers(0, 10_000), st.booleans())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_one_sum_alone_gives_the_ranges_that_linear_programs_find_by_identity(parts, nowhere, seed, whole_too):
    cells = pd.DataFrame({"row": [*map(str, range(len(parts))), ALL], "n": [*map(float, parts), sum(parts) + nowhere]})
    table = Additive(
        cells[["n"]].to_numpy(), np.full((len(cells), 1), 5.0), np.ones((len(cells), 1)), sums_of(cells[["row"]])
    )
    hidden = np.append(np.random.default_rng(seed).random(len(parts)) < 0.5, whole_too)
    attack = attack_on(table, hidden, 0)
    attack.widen(np.full(hidden.sum(), np.inf))
    low, high = possible_ranges(table, hidden)
    assert attack.low == pytest.approx(low[hidden])
    assert attack.high == pytest.approx(high[hidden])


def every_table(cells, hidden):
    """Every way whole numbers from 1 can fill the cells left out so that all published sums hold; a row each."""
    asked = np.flatnonzero(hidden)
    most = [int(cells["n"][cells["row"] == cells["row"][place]].max()) for place in asked]
    guesses = np.stack([grid.ravel() for grid in np.indices(most)], axis=1) + 1
    for total in np.flatnonzero((cells[["row", "column"]] == ALL).any(axis=1)):
        row, column = cells["row"][total], cells["column"][total]
        inner = ((cells["row"] == row) | (row == ALL)) & ((cells["column"] == column) | (column == ALL))
        inner &= (cells[["row", "column"]] != ALL).all(axis=1)
        sign = inner.to_numpy(float)
        sign[total] = -1
        rest = (sign * np.where(hidden, 0, cells["n"])).sum()
        guesses = guesses[np.isclose(guesses @ sign[asked] + rest, 0)]
    return guesses


@given(st.lists(st.lists(st.integers(0, 8), min_size=3, max_size=3), min_size=2, max_size=2))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_an_attacker_who_tries_every_table_learns_no_count_by_enumeration(counts):
    minimum = 3
    cells = cells_of(counts)
    found = protected(cells, minimum=minimum)
    if not found.suppressed.any() or found.exposed.any() or found.suppressed.sum() > 4 or found.suppressed[-1]:
        return
    tables = every_table(cells, found.suppressed)
    assert len(tables)
    assert (tables.max(axis=0) - tables.min(axis=0) >= minimum).all()
    assert found.suppressed[(cells["n"] < minimum).to_numpy()].all()


@given(st.integers(2, 5), st.integers(2, 6), st.integers(0, 10_000), st.sampled_from([3, 5, 10]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_an_attacker_with_a_linear_program_of_their_own_pins_nothing_by_identity(rows, columns, seed, minimum):
    from scipy.optimize import linprog

    drawn = np.random.default_rng(seed).negative_binomial(0.6, 0.03, (rows, columns))
    cells = cells_of(drawn)
    found = protected(cells, minimum=minimum)
    if found.exposed.any() or not drawn.any():
        return
    counts, hidden = cells["n"].to_numpy(), np.flatnonzero(found.suppressed)
    equations, known = [], []
    for key in cells[["row", "column"]].itertuples(index=False):
        if ALL not in key:
            continue
        line = np.zeros(len(cells))
        for other, cell in enumerate(cells[["row", "column"]].itertuples(index=False)):
            if ALL not in cell and key[0] in (cell[0], ALL) and key[1] in (cell[1], ALL):
                line[other] = 1
        line[(cells["row"] == key[0]).to_numpy() & (cells["column"] == key[1]).to_numpy()] = -1
        equations.append(line[hidden])
        known.append(-(line * np.where(found.suppressed, 0, counts)).sum())
    for place in range(len(hidden)):
        ends = [
            linprog(sign * np.eye(len(hidden))[place], A_eq=equations, b_eq=known, bounds=(1, None)).fun
            for sign in (1, -1)
        ]
        if None not in ends:
            assert -ends[1] - ends[0] >= minimum - 1e-6
    assert not found.suppressed[-1] or counts[-1] < minimum, "the whole stays"
    assert found.suppressed[counts < minimum].all()
    again = protected(cells, minimum=minimum)
    assert (again.suppressed == found.suppressed).all(), "the same every time"


def test_what_a_cell_needs_is_what_so_many_of_its_own_customers_account_for_by_hand_count():
    needs = needed(np.array([[40.0, 10.0], [6.0, 0.0]]), np.array([2.0, 6.0]), minimum=5)
    assert needs.tolist() == [[100.0, 25.0], [5.0, 0.0]]


def test_channels_by_hundreds_of_reasons_take_no_more_than_seconds():
    drawn = np.random.default_rng(1).negative_binomial(0.5, 0.5 / 8.5, (10, 100))
    cells = cells_of(drawn)
    begun = time.process_time()
    found = protected(cells, minimum=5)
    assert time.process_time() - begun < 10
    assert not found.exposed.any()
    margins = (cells[["row", "column"]] == ALL).any(axis=1).to_numpy()
    assert not (found.suppressed & margins & (cells["n"] >= 5).to_numpy()).any(), "totals stay"
