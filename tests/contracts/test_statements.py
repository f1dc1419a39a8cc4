"""Every statement by introspection: what it reads, the portable subset, declared columns and types, an empty world."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from itertools import product

import duckdb
import pytest
import sqlglot
from drawn import engagement
from sqlglot import exp

from rootcause_lib.analyses import recorded_statements
from rootcause_lib.engine import DuckDB, Resources, empty_world
from rootcause_lib.errors import EngineError, StatementError
from rootcause_lib.estimates import estimate_statement
from rootcause_lib.journeys import Following
from rootcause_lib.metrics import CATALOGUE, Metric
from rootcause_lib.metrics.coverage import default_codes, identified
from rootcause_lib.metrics.naive import naive_resolution
from rootcause_lib.metrics.tool_resolution import followed, marked
from rootcause_lib.periods import Period
from rootcause_lib.schemas import TABLES
from rootcause_lib.statements import (
    READ,
    Statement,
    check,
    header,
    limited,
    names,
    placeholders,
    split_by,
    statement,
    template,
)
from rootcause_lib.stored_tables import DIMENSIONS, STORED_TABLES

MATERIALISED = set(STORED_TABLES) & set(names())
"""Statements whose rows the engine keeps as the stored table of their name."""

VALUES = {
    "matching": "any", "among": "every", "view": "customer", "own_windows": False, "window_days": 14,
    "counted": "every", "grouped_by": "channel", "pace": "contacts", "segment": "firm",
}  # fmt: skip
"""Values that are not whole numbers, or whose number matters; every other placeholder is bound to 30."""

METRICS = (
    *CATALOGUE.values(),
    identified(),
    default_codes(),
    *naive_resolution(matching="any", window_days=14),
    marked(["client_tool", "one_touch", "reopen"]),
    *followed(Following("any", 14, own_windows=False).values, observed_until_seconds=1_743_000_000),
)
SPLITS = [(), *((name,) for name in DIMENSIONS), ("channel", "reason"), tuple(DIMENSIONS)]
PERIOD = Period(dt.date(2025, 1, 1), dt.date(2025, 3, 31))


def tables_of(tree: exp.Expression) -> set[str]:
    """The stored tables a tree reads: names that are not its own common table expressions."""
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table)} - own


def bound(name: str, tree: exp.Query) -> Statement:
    return Statement(name, tree, {value: VALUES.get(value, 30) for value in placeholders(tree)})


def fillable(name: str) -> bool:
    """Whether a file is a pattern with `cells` or metrics to fill in."""
    return any(column.name == "cells" for column in template(name).find_all(exp.Column))


def filled() -> dict[str, Statement]:
    """Every statement there is, by a name a reader of a failure understands."""
    found = {name: bound(name, template(name)) for name in names() if not fillable(name)}
    for name in names():
        if fillable(name) and name not in ("estimate", "contact_rate"):
            for by in ((), ("channel",), ("channel", "reason")):
                found[f"{name} by {by}"] = bound(name, split_by(template(name), by))
    for metric, by in product(METRICS, SPLITS):
        found[f"{metric.key} by {by}"] = estimate_statement([metric], by=by, period=PERIOD)
    together = [metric for metric in METRICS if metric.units == "stitched_contacts" and metric.key != "contact_rate"]
    found["all metrics at once"] = estimate_statement(together, by=("channel", "reason"), period=PERIOD)
    return found


STATEMENTS = filled()
EVERY = pytest.mark.parametrize("given", STATEMENTS.values(), ids=list(STATEMENTS))
FILE = pytest.mark.parametrize("name", names())


@pytest.fixture(scope="module")
def world() -> DuckDB:
    return empty_world()


@FILE
def test_a_header_says_what_a_row_is_and_names_what_is_read(name):
    words = header(name)
    assert len(words.split()) >= 10
    told = re.search(r"\bReads ([^.]*)\.", words.replace("\n", " "))
    assert told, "the header has no line 'Reads ...'"
    said = set(re.findall(r"[a-z_]+", told[1])) - {"and", "or"}
    read = tables_of(template(name))
    # `units` stands for the table a metric is counted on.
    assert said == (read - {"units"} | {"stitched_contacts", "cases"} if "units" in read else read)
    assert said <= set(STORED_TABLES)


@FILE
def test_a_header_names_placeholders_that_exist(name):
    mentioned = set(re.findall(r"\$([a-z_]+)", header(name)))
    assert mentioned <= set(placeholders(template(name)))


@FILE
def test_a_file_holds_one_query_and_no_statement_is_pasted(name):
    tree = template(name)
    assert isinstance(tree, exp.Query)
    assert template(name) is not template(name)
    assert not any(table.args.get("db") for table in tree.find_all(exp.Table))


@EVERY
def test_only_portable_nodes_and_declared_columns(given):
    check(given.tree)


@EVERY
def test_the_engine_explains_and_runs_it_in_an_empty_world(given, world):
    world.connection.execute("explain " + given.text(), dict(given.values))
    frame = world.run(given)
    aggregated = not any(select.args.get("group") for select in [given.tree] if isinstance(select, exp.Select))
    # Totals over nothing are one row of nothing; everything else has no rows.
    assert len(frame) <= int(aggregated)
    assert (frame.select_dtypes("number").fillna(0) == 0).all(axis=None)


@EVERY
def test_values_are_exactly_the_placeholders(given):
    assert set(given.values) == set(placeholders(given.tree))
    wanted = next(iter(given.values), None)
    with pytest.raises(StatementError, match="wants the values"):
        Statement(given.name, given.tree, {**given.values, "unasked": 1})
    if wanted is not None:
        less = {name: value for name, value in given.values.items() if name != wanted}
        with pytest.raises(StatementError, match=f"wants the values.*{wanted}"):
            Statement(given.name, given.tree, less)


@EVERY
def test_what_a_person_reads_holds_no_placeholder_and_parses(given):
    text = given.review()
    read = sqlglot.parse_one(text, dialect=READ)
    assert not list(read.find_all(exp.Placeholder, exp.Parameter))
    assert tables_of(read) == tables_of(given.tree)
    assert text.startswith(f"-- {given.name}\n")


@EVERY
def test_what_a_person_reads_runs_as_it_stands(given, world):
    world.connection.execute(given.review())


@pytest.mark.parametrize("name", sorted(MATERIALISED))
def test_what_is_kept_has_the_declared_columns_and_types(name):
    world = empty_world()
    world.materialise(name, STATEMENTS[name])
    found = world.connection.execute(f'describe "{name}"').fetchall()
    assert {column: kind.lower() for column, kind, *_ in found} == dict(STORED_TABLES[name])


def test_every_declared_table_is_loaded_settled_or_made():
    loaded, settled = {*TABLES, "customer_ids", "contact_texts"}, {"reason_settings", "channel_costs"}
    settled |= {"process_bands", "seasons", "public_holidays", "clock_changes", "day_demand"}
    settled |= {"reason_processes", "drawn_places"}
    settled |= {"process_windows"}
    settled |= {"score_versions", "mix_effects", "drawn_customers"}
    settled |= {"normal_processes"}
    settled |= {"hazard_windows", "cancellation_reasons", "further_marks", "landmarks"}
    settled |= {"snapshot_weeks", "listed_customers"}
    assert set(STORED_TABLES) == loaded | settled | MATERIALISED
    assert not MATERIALISED & (loaded | settled)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_asked_and_known_are_boolean_and_a_measure_is_a_number(metric):
    for part, kinds in (("asked", ("BOOLEAN",)), ("known", ("BOOLEAN",)), ("measure", ("INT", "BIGINT", "DOUBLE"))):
        tree = exp.select(exp.alias_(metric.expression(part), part)).from_(metric.units)
        typed = check(tree)
        assert typed.selects[0].type.sql() in kinds, part
    own = "asked", "known", "measure"
    named = {name for part in own for name in placeholders(metric.expression(part))}
    # Which cases there are is settled before they are counted.
    found_by = set(Following("any", 14, own_windows=False).values) if metric.units == "cases" else set()
    assert set(metric.values) == named | found_by


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
@pytest.mark.parametrize("part", ["asked", "known", "measure"])
def test_a_typo_in_a_metric_is_refused(metric, part):
    columns = [column.name for column in metric.expression(part).find_all(exp.Column)]
    if not columns:
        pytest.skip("names no column")
    broken = replace(metric, **{part: re.sub(rf"\b{columns[0]}\b", f"{columns[0]}x", getattr(metric, part))})
    if metric.key != "contact_rate":
        with pytest.raises(StatementError, match=f"{columns[0]}x"):
            check(estimate_statement([broken], by=(), period=PERIOD).tree)


@FILE
def test_a_column_typo_is_refused(name):
    tree = next(given.tree for given in STATEMENTS.values() if given.name == name).copy()
    tables = [table for table in tree.find_all(exp.Table) if table.name in tables_of(tree)]
    scope = tables[0].find_ancestor(exp.Select)
    known = set(STORED_TABLES[tables[0].name])
    column = next(column for column in scope.find_all(exp.Column) if column.name in known)
    column.this.set("this", column.name + "x")
    with pytest.raises(StatementError):
        check(tree)


FORBIDDEN = {
    "ordered results": "select contact_key from contacts order by contact_key",
    "limited results": "select contact_key from contacts limit 5",
    "remainder": "select contact_key % 7 as part from contacts",
    "whole division": "select contact_key // 7 as part from contacts",
    "division outside floor": "select contact_key / 7 as part from contacts",
    "filter": "select count(contact_key) filter (where abandoned) as given_up from contacts",
    "interval": "select started_on + interval 1 day as next_day from contacts",
    "greatest": "select greatest(started_seconds, ended_seconds) as later from contacts",
    "least": "select least(started_seconds, ended_seconds) as earlier from contacts",
    "mean": "select avg(handle_seconds) as mean from contacts",
    "qualify": "select contact_key from contacts qualify row_number() over (order by contact_key) = 1",
    "as-of join": "select a.contact_key from contacts as a asof join contacts as b on a.wait_seconds >= b.cost",
    "natural join": "select contact_key from contacts natural join contact_texts",
    "ordered inside": "with a as (select contact_key from contacts order by contact_key) select contact_key from a",
    "an engine's own function": "select list(contact_key) as all_keys from contacts",
    "a regular expression": "select regexp_matches(reason, 'a') as found from contacts",
    "a file": "select * from read_csv('contacts.csv')",
    "a pattern": "select reason like 'a%' as found from contacts",
    "an unknown table": "select contact_key from kontakts",
    "an unknown column": "select contact_kee from contacts",
}


@pytest.mark.parametrize("text", FORBIDDEN.values(), ids=list(FORBIDDEN))
def test_what_is_outside_the_portable_subset_is_refused(text):
    with pytest.raises(StatementError):
        check(sqlglot.parse_one(text, dialect=READ))


@EVERY
def test_windows_have_an_order_where_they_need_one(given):
    """A row number, lead or lag without an order gives whatever the engine likes."""
    for window in given.tree.find_all(exp.Window):
        if isinstance(window.this, (exp.RowNumber, exp.Lead, exp.Lag)) or window.args.get("spec"):
            assert window.args.get("order"), window.sql(READ)


@EVERY
def test_counts_and_keys_are_whole_and_squares_are_floating(given):
    """Sums that will be squared as double, whole numbers as bigint: never DuckDB's hugeint, which nobody else has."""
    world = empty_world()
    described = world.connection.execute("describe " + given.text(), dict(given.values)).fetchall()
    assert {kind for _, kind, *_ in described} <= {"BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN", "DATE", "INTEGER"}


EVERYTHING = """
[definitions]
windows = { bill = 30 }
[reasons]
default = ["muu"]
[costs]
per_contact = { phone = 7.5 }
[[control_totals]]
name = "ACD calls"
month = "2025-03"
count = 41230
source = "monthly report"
"""


def test_what_an_engagement_would_run_is_checked_and_reviewed(tmp_path):
    settings = engagement(tmp_path, more=EVERYTHING, until="2025-03-31")
    statements = recorded_statements(settings)
    assert len({given.review() for given in statements}) == len(statements)
    world = empty_world()
    for given in statements:
        check(given.tree)
        world.connection.execute(given.review())
    assert {given.name for given in statements} >= set(names()) | {"reason_settings", "channel_costs"}


def test_a_constant_table_can_hold_any_word_an_engagement_has(tmp_path):
    word = "ma'sku; drop table contacts --"
    settings = engagement(tmp_path, more=f'[reasons]\ndefault = ["{word}"]\n', until="2025-03-31")
    settled = next(given for given in recorded_statements(settings) if given.name == "reason_settings")
    assert word not in settled.text()
    assert empty_world().connection.execute(settled.review()).fetchall()[0][0] == word


def test_an_engine_error_names_the_statement_and_no_value(world):
    secret = "0401234567"
    tree = sqlglot.parse_one("select cast(contact_id as bigint) + cast($given as bigint) as n from contacts", READ)
    own = empty_world()
    own.connection.execute(f"insert into contacts (contact_id) values ('{secret}x')")
    with pytest.raises(EngineError, match="Statement 'broken' failed") as caught:
        own.run(Statement("broken", tree, {"given": f"{secret}y"}))
    assert secret not in str(caught.value)
    assert isinstance(caught.value.__cause__, (duckdb.Error, type(None)))
    assert caught.value.__suppress_context__


def test_a_template_is_a_fresh_copy():
    first = template("volume")
    first.set("expressions", [])
    assert template("volume").expressions
    assert statement("volume").values == {}


def test_a_limit_holds_wherever_a_table_is_read_by_hand_count():
    text = """
        with mine as (select contact_key from contacts where not contact_key in (select contact_key from leg_groups))
        select mine.contact_key from mine join contacts as c on c.contact_key = mine.contact_key where c.abandoned
    """
    tree = limited(
        sqlglot.parse_one(text, READ), ("contacts", "leg_groups"), "customer_key between 3 and $last or $all"
    )
    assert check(tree)
    assert [node.sql(READ) for node in tree.find_all(exp.Between)] == [
        f"{table}.customer_key BETWEEN 3 AND $last" for table in ("c", "contacts", "leg_groups")
    ]
    assert "AND (leg_groups.customer_key" not in tree.sql(READ)
    assert "NOT contact_key IN (SELECT contact_key FROM leg_groups WHERE leg_groups.customer_key" in tree.sql(READ)
    assert "WHERE c.abandoned" in tree.sql(READ)


def test_more_memory_takes_more_contacts_at_once():
    narrow, wide = (DuckDB(resources=Resources(memory_limit=limit)).contacts_at_once for limit in ("500MB", "2GB"))
    assert 100_000 < narrow < 500_000
    assert wide == pytest.approx(4 * narrow, rel=0.1)


def test_a_metric_of_every_unit_is_asked_once_in_one_query():
    asked = [CATALOGUE["transfer"], CATALOGUE["transfer"]]
    tree = estimate_statement(asked, by=("channel",), period=PERIOD).tree
    outputs = [column.alias_or_name for column in tree.selects]
    assert len(outputs) == len(set(outputs))
    assert isinstance(asked[0], Metric)
