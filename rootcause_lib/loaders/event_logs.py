"""Event logs: several rows of one contact become one."""

from __future__ import annotations

from rootcause_lib.engagement import RowsWhere, TableSource
from rootcause_lib.loaders.mapping import STATE, changes_name
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.staged import Staged, scratch_name
from rootcause_lib.schemas import TABLES


def merge_events(session: Session, staged: Staged, source: TableSource) -> str:
    """The scratch table with one row per id, made of the rows that broke no rule; its name.

    Rows are in order of time, then of the sources. started_at is the earliest, ended_at the latest of
    an id's rows; every other column comes from the last row (or the first, or the last in the state named)
    that has a value there. A count is how often its column changes from row to row, blanks left out.
    """
    merged = f"merged_{staged.table}"
    numbered = f"numbered_{staged.table}"
    about = f"merging the events of {staged.table}"
    session.run(_numbered(staged, source, numbered), about=about)
    states: list[str] = []
    if isinstance(source.rows, RowsWhere):
        states = [state.strip().casefold() for state in source.rows.is_]
    key = quoted(TABLES[staged.table].key[0])
    columns = [f"{key}", "max(source_number) as source_number"]
    for name in _merged_names(staged, source):
        columns.append(f"{_picked(name, source, has_states=bool(states))} as {quoted(name)}")
    for name in source.counts:
        columns.append(f"sum({quoted(changes_name(name))})::bigint as {quoted(name)}")
    values = {"states": states} if states else {}
    session.run(
        f"create table {scratch(merged)} as select {', '.join(columns)} from {scratch(numbered)} group by {key}",
        values=values,
        about=about,
    )
    return merged


def _merged_names(staged: Staged, source: TableSource) -> list[str]:
    own = {TABLES[staged.table].key[0], STATE, *(changes_name(name) for name in source.counts)}
    names = [scratch_name(each) for each in staged.columns if each.name not in own]
    # Where no end is mapped, the last row's time is one.
    return [*names, "ended_seconds"] if "started_seconds" in names and "ended_seconds" not in names else names


def _picked(name: str, source: TableSource, *, has_states: bool) -> str:
    """One value of an id's rows; arg_max and arg_min leave out rows without a value."""
    column = quoted(name)
    if name == "started_seconds":
        return f"min({column})"
    if name == "ended_seconds":
        return f"max({column})"
    if source.rows == "first":
        return f"arg_min({column}, event_number)"
    last = f"arg_max({column}, event_number)"
    if not has_states:
        return last
    return f"coalesce({last} filter (where lower({quoted(STATE)}) in (select unnest($states))), {last})"


def _numbered(staged: Staged, source: TableSource, numbered: str) -> str:
    """The usable rows, each with its place in time, an end, and marks where a counted column changes."""
    repeated = staged.repairs.of("", "duplicate_row") | staged.repairs.of("", "total_row")
    key = quoted(TABLES[staged.table].key[0])
    names = {scratch_name(each) for each in staged.columns}
    time = "started_seconds, " if "started_seconds" in names else ""
    changes = "".join(
        f", case when {c} is not null and lag({c} ignore nulls) over (partition by {key} order by event_number) <> {c} "
        f"then 1 else 0 end as {c}"
        for c in (quoted(changes_name(name)) for name in source.counts)
    )
    replaced = ", ".join(quoted(changes_name(name)) for name in source.counts)
    kept = f"* exclude ({replaced})" if replaced else "*"
    ended, outer = "", "*"
    if "ended_seconds" in names:
        ended, outer = ", greatest(started_seconds, ended_seconds) as ended_seconds", "* exclude (ended_seconds)"
    elif "started_seconds" in names:
        ended = ", started_seconds as ended_seconds"
    return (
        f"create table {scratch(numbered)} as select {kept}{changes} from (select {outer}{ended}, "
        f"row_number() over (order by {time}source_number, source_row) as event_number "
        f"from {scratch(staged.name)} where broken = 0 and repaired & {repeated} = 0)"
    )
