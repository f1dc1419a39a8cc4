"""What is measured: groups of jobs that do the same work, the first of each being the library as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from measuring import Cost, run_worker

LONGEST_MINUTES = 20
"""A measurement that takes longer is stopped: the slowest at 10 M takes three on an idle machine."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a group's work: the worker's job and what it is called in the results.

    `may_fail`: a competitor that runs out of memory or time is a finding, not a fault of the bench. `own_answers`: a
    yardstick that does less, or a job that does more, whose answers are checked by its worker alone.
    """

    title: str
    job: str
    memory_limit: str | None = None
    may_fail: bool = False
    own_answers: bool = False

    def measure(self, size: str) -> Cost:
        options = ["--memory-limit", self.memory_limit] if self.memory_limit else []
        return run_worker(self.job, size, options, minutes=LONGEST_MINUTES)


@dataclass(frozen=True, slots=True)
class Group:
    """Ways to do the same work; ratios are to `reference`, the library without a memory limit."""

    title: str
    says: str
    ways: tuple[Way, ...]
    needs: str = "files"
    """What must be made before: the client's "files", its "loaded" store, or the "stitched" one."""


FREE, USUAL, TIGHT = "library, no memory limit", "library, 2 GB (its default)", "library, 500 MB"
WHOLE = "library, the whole analysis, 2 GB"
WHOLE_PAGE = "library, the whole page, 2 GB"
BY_HAND, POLARS, PANDAS = "DuckDB by hand", "polars", "pandas"
BY_HAND_TOO = f"{BY_HAND}, 2 GB"
ALONE = "library, contacts alone, 2 GB"
AS_TEXT, WHILE_READING = "DuckDB, all as text, then cast", "DuckDB, cast while reading"


def _library(job: str) -> tuple[Way, ...]:
    return Way(FREE, job), Way(USUAL, job, "2GB"), Way(TIGHT, job, "500MB")


GROUPS: Mapping[str, Group] = MappingProxyType(
    {
        "load": Group(
            "Load and check: exports",
            "A semicolon CSV of contacts (decimal commas, local dates, blanks, words for nothing, rows that do not fit "
            "the header, total lines, repeated rows and ids, impossible values) and customers as Parquet, into typed, "
            "checked, pseudonymised, sorted tables on disk. The library and pandas are not told the encoding, the "
            "delimiter or how times and decimals are written. Equal: rows read, rejected by rule with row numbers and "
            "masked shapes, repaired, merged; orphans; pseudonyms; every compared column of every contact. The two "
            "ways of DuckDB alone are yardsticks of the least there is to do: told everything, they write the "
            "contacts typed into a DuckDB file, but check, repair, pseudonymise, sort and count nothing and leave the "
            "customers out, as `contacts alone` does; cast while reading, a row with one cell that can't be cast is "
            "lost.",
            (
                *_library("load.library"),
                Way(PANDAS, "load.pandas", may_fail=True),
                Way(ALONE, "load.library_contacts", "2GB", own_answers=True),
                Way(AS_TEXT, "load.duckdb_text", "2GB", own_answers=True),
                Way(WHILE_READING, "load.duckdb_cast", "2GB", own_answers=True),
            ),
        ),
        "tables": Group(
            "Load and check: all tables",
            "The same for clean Parquet files of all eight tables, three rows for each contact. Equal: also every "
            "column of the other tables.",
            (*_library("tables.library"), Way(PANDAS, "tables.pandas", may_fail=True)),
        ),
        "stitch": Group(
            "Stitching and first-contact resolution",
            "From the loaded tables to the stitched table (same columns, same rows) and first-contact resolution by "
            "channel and reason. The library and DuckDB by hand write the table into a DuckDB file; polars and pandas "
            "hold it in memory, `kept` also writes it (Parquet, LZ4). Only the library merges messages and follows "
            "case ids (none here), and only it gives customer-robust sums.",
            (
                *_library("stitch.library"),
                Way(BY_HAND, "stitch.duckdb"),
                Way(f"{BY_HAND}, 500 MB", "stitch.duckdb", "500MB", may_fail=True),
                Way(POLARS, "stitch.polars", may_fail=True),
                Way(f"{POLARS}, kept", "stitch.polars_kept", may_fail=True),
                Way(PANDAS, "stitch.pandas", may_fail=True),
            ),
            needs="loaded",
        ),
        "curves": Group(
            "Recontact curves",
            "From the stitched table to the counts behind the curve by channel, with those of its customer-robust "
            "intervals. Only the library goes on to the curve and its intervals; it counts pairs among 20,000 "
            "customers of a channel.",
            (
                Way(FREE, "curves.library"),
                Way(BY_HAND, "curves.duckdb"),
                Way(POLARS, "curves.polars", may_fail=True),
                Way(PANDAS, "curves.pandas", may_fail=True),
            ),
            needs="stitched",
        ),
        "channels": Group(
            "The page on channels",
            "From the stitched table to every frame of the page: resolution and recontact by rule, channel and reason, "
            "moves, metrics, teams. DuckDB by hand counts what the frames are made of, with the sums per customer that "
            "intervals need, one script for each part, with the same memory; cases and customers' paces are made once, "
            "as by the library, and pairs of what befell a customer's contacts counted among as many customers. It "
            "goes on to no interval, no fit, no protection of small cells and no sentence. Equal: resolution by "
            "channel, moves, cases settled, what teams resolved.",
            (Way(USUAL, "channels.library", "2GB"), Way(BY_HAND_TOO, "channels.duckdb", "2GB")),
            needs="stitched",
        ),
        "explorer": Group(
            "The explorer of windows",
            "Thirty moves of its slider, each drawn anew by the kernel, once the explorer is open: a thirtieth of it "
            "is what a move costs. Opening it, which counts everything that can be asked for, is not in it.",
            (Way(FREE, "explorer.library"),),
            needs="stitched",
        ),
        "churn": Group(
            "Leaving after a contact",
            "From the stitched table to whole weeks of customers at risk and who gave notice in them, by contact two "
            "to eight weeks back, contact lately, and what is adjusted for (calendar, time as a customer, nearness of "
            "the contract's end, four problems, segment, contract, region), and by contact in the last weeks; and to "
            "the adjusted ratio with its interval. DuckDB by hand lays out every week of every customer and counts "
            "the same cells; it goes on to no fit. Equal: weeks and notices by segment, calendar, contact, contact "
            "lately, time as a customer and nearness of the contract's end. The whole page is doses, guards, "
            "problems, risk scores and retention too.",
            (
                Way(FREE, "churn.library"),
                Way(USUAL, "churn.library", "2GB"),
                Way(WHOLE_PAGE, "churn.whole", "2GB", own_answers=True),
                Way(BY_HAND, "churn.duckdb"),
            ),
            needs="stitched",
        ),
        "causes": Group(
            "What processes cause",
            "From the stitched table and half as many process events to the rate ratio of every band of all "
            "processes together (spill-over, waiting, placebo and message bands included), with customer-robust "
            "intervals, and the contacts each process accounts for. DuckDB by hand does the least there is to do: "
            "it joins each contact to the latest event of every process and counts by band, which tells nothing "
            "of how often customers call otherwise. Of more than 200,000 callers the library watches a random "
            "sample of that many and its intervals say so; up to that many, all. Equal: contacts by process and "
            "band since the start of an event, of the first 100,000 customers. The whole analysis is all of the page "
            "on root causes: beside that three more fits, reasons with their rates, scores and audits, change, "
            "segments, persistence, owners, grades and readings.",
            (
                Way(FREE, "causes.library"),
                Way(USUAL, "causes.library", "2GB"),
                Way(WHOLE, "causes.whole", "2GB", own_answers=True),
                Way(BY_HAND, "causes.duckdb"),
            ),
            needs="stitched",
        ),
    }
)
