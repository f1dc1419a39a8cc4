"""The `rootcause` command: progress on stderr, results on stdout, one message per error, exit codes of errors.py."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from rootcause_lib.errors import DataError, ParameterError, RootcauseError

UNEXPECTED = 70
INTERRUPTED = 130
TERMINATED = 143
_TRACEBACK = "ROOTCAUSE_TRACEBACK"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"rootcause: {message}. See `{self.prog} --help`.", file=sys.stderr)
        raise SystemExit(ParameterError.exit_code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return int(given.command(given))
    except RootcauseError as error:
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail("stopped; nothing was kept of this command.", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        return _fail(
            f"unexpected {type(error).__name__}; this is a fault of the program. Its message is withheld, it may "
            f"repeat data. Set {_TRACEBACK}=1 to see it with its place.",
            UNEXPECTED,
        )


def _terminated(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(TERMINATED)


def _fail(message: str, exit_code: int) -> int:
    _say(f"rootcause: {message}")
    return exit_code


def _say(message: str) -> None:
    """One line on stderr; file names and labels in it can't steer the terminal."""
    from rootcause_lib.prose import one_line

    print(one_line(message), file=sys.stderr, flush=True)


def _tell(text: str) -> None:
    """A result on stdout, its lines kept; control characters would steer the terminal."""
    from rootcause_lib.prose import plain

    print(plain(text))


def _tell_json(value: object) -> None:
    """A result as one line of JSON, letters as they are, what no terminal should be sent as \\u escapes."""
    text = json.dumps(value, ensure_ascii=False)
    print("".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="rootcause", description="Which upstream processes cause customer contacts.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    _run_options(_command(commands, "run", _run, "run the notebooks and write a report"))
    _init_options(commands.add_parser("init", help="draft an engagement from a client's exports"))
    check = _command(commands, "check", _check, "read the exports and say what can be answered from them")
    _output_options(check)
    sql = _command(commands, "sql", _sql, "print every statement that would run, without data")
    sql.add_argument("--dialect", default="duckdb", help="SQL dialect to print (default: %(default)s)")
    audit = _command(commands, "audit", _audit, "draw contacts for an audit of reasons, a blinded workbook per auditor")
    _audit_options(audit)
    explore = _command(commands, "explore", _explore, "open the notebooks in JupyterLab")
    explore.add_argument("--language", choices=("en", "fi"), help="default: the engagement's")
    explore.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    listing = _command(commands, "list", _list, "write the customers most at risk into a file of its own, by pseudonym")
    _list_options(listing)
    pseudonym = _command(
        commands, "pseudonym", _pseudonym, "turn pseudonyms back into the client's ids, with the key and the exports"
    )
    pseudonym.add_argument("pseudonyms", metavar="ID", nargs="+", help="of a list's customers; - reads them from stdin")
    _output_options(pseudonym)
    forget = _command(commands, "forget", _forget, "remove store, history and reports made from an engagement")
    forget.add_argument("--reports", metavar="DIR", help="where its reports are, if not in its own reports/")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    request = commands.add_parser("request", help="print the data request for a client's IT, as Markdown")
    request.add_argument("--language", choices=("en", "fi"), default="en", help="default: %(default)s")
    request.set_defaults(command=_request)
    metrics = commands.add_parser("metrics", help="print what each metric means")
    metrics.add_argument("--json", action="store_true", help="as JSON")
    metrics.set_defaults(command=_metrics)
    sample = commands.add_parser("sample", help="write a fictional client with planted truth")
    sample.add_argument("folder", metavar="DIR", help="an empty or new folder")
    sample.add_argument("--customers", type=_positive, default=2500, metavar="N", help="default: %(default)s")
    sample.add_argument("--seed", type=int, default=1, metavar="S", help="default: %(default)s")
    sample.set_defaults(command=_sample)
    return parser


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], says: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=says, description=says.capitalize() + ".")
    parser.add_argument("engagement", metavar="ENGAGEMENT", help="the engagement's folder or its engagement.toml")
    parser.set_defaults(command=run)
    return parser


def _init_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Recognise exports and draft an engagement.toml, with what is unsure marked and listed."
    parser.add_argument("exports", metavar="EXPORT", nargs="+", help="CSV, workbook, Parquet or database.duckdb::table")
    parser.add_argument("--into", metavar="DIR", required=True, help="the engagement's folder, made if need be")
    parser.add_argument("--client", metavar="NAME", help="default: the folder's name")
    parser.add_argument("--time-zone", metavar="ZONE", help='the zone of the exports, such as "Europe/Helsinki"')
    parser.add_argument("--language", choices=("en", "fi"), help="of reports (default: that of the headers)")
    parser.set_defaults(command=_init)


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", nargs="+", action="extend", default=[], metavar="NOTEBOOK", help="such as 02")
    parser.add_argument("-p", dest="parameters", action="append", default=[], metavar="NAME=VALUE", help="a parameter")
    parser.add_argument("--language", choices=("en", "fi"), help="default: the engagement's")
    parser.add_argument("--reports", metavar="DIR", help="where reports go (default: reports/ of the engagement)")
    parser.add_argument("--timeout", type=_positive_seconds, metavar="SECONDS", help="for each notebook")
    _output_options(parser)


def _audit_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--into", metavar="DIR", required=True, help="the folder for the workbooks, made if need be")
    parser.add_argument("--contacts", type=_positive, metavar="N", help="default: to know reasons to 3 points")
    parser.add_argument("--coders", type=_positive, default=2, metavar="N", help="auditors (default: %(default)s)")
    parser.add_argument("--start", metavar="DAY", help="first day, such as 2025-03-01 (default: of the data)")
    parser.add_argument("--end", metavar="DAY", help="last day (default: of the data)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another draw (default: %(default)s)")
    parser.add_argument("--language", choices=("en", "fi"), help="default: the engagement's")
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")


def _list_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--top", type=_positive, required=True, metavar="N", help="how many customers")
    parser.add_argument("--purpose", required=True, metavar="TEXT", help="what the list is for; stands in every row")
    parser.add_argument(
        "--expires", type=_positive, default=30, metavar="DAYS", help="when it must be deleted (default: %(default)s)"
    )
    parser.add_argument("--into", metavar="DIR", default=".", help="the folder for the file (default: the current one)")
    parser.add_argument("--segment", metavar="NAME", help="of one customer group alone")
    _output_options(parser)


def _output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of at least 1, not '{text}'")
    return int(text)


def _positive_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"a number of seconds above 0, not '{text}'")
    return seconds


def _progress(given: argparse.Namespace) -> Callable[[str], None]:
    return (lambda _: None) if given.quiet else _say


def _run(given: argparse.Namespace) -> int:
    from rootcause_lib.reporting.run import run_engagement

    run = run_engagement(
        given.engagement,
        only=given.only,
        assignments=given.parameters,
        language=given.language,
        reports=given.reports,
        timeout_seconds=given.timeout,
        progress=_progress(given),
    )
    if given.json:
        _tell_json(run.summary())
    else:
        print(run.index)
    return _fail(run.message, run.exit_code) if run.exit_code else 0


def _init(given: argparse.Namespace) -> int:
    from rootcause_lib.periods import zone
    from rootcause_lib.recognition import assumed_settings, check_untouched, draft, recognise, told, write_draft

    if given.time_zone is not None:
        zone(given.time_zone)
    check_untouched(given.into)
    found = recognise(given.exports)
    text = draft(found, into=given.into, client=given.client, time_zone=given.time_zone, language=given.language)
    file = write_draft(text, given.into)
    assumed = assumed_settings(found, time_zone=given.time_zone, language=given.language)
    _tell(told(found, file=file, assumed=assumed))
    return 0


def _check(given: argparse.Namespace) -> int:
    from rootcause_lib.analyses import analyse_data_health
    from rootcause_lib.reporting import console
    from rootcause_lib.store import open_engagement

    store = open_engagement(given.engagement, progress=_progress(given))
    health = analyse_data_health(store)
    if given.json:
        more = {"linked": console.linked_records(store.intake), "unsure": console.unsure_records(store.engagement)}
        _tell_json(console.check_records(health) | more)
    else:
        parts = [console.check_text(health), console.linked_text(store.intake), console.unsure_text(store.engagement)]
        _tell("\n\n".join(part for part in parts if part))
    return 0


def _audit(given: argparse.Namespace) -> int:
    from pathlib import Path

    from rootcause_lib.analyses.root_cause.audits import draw_contacts
    from rootcause_lib.reporting.audit_workbook import write_audit
    from rootcause_lib.store import open_engagement

    store = open_engagement(given.engagement, progress=_progress(given))
    draw = draw_contacts(store, store.period(given.start, given.end), contacts=given.contacts, seed=given.seed)
    language = given.language or store.engagement.engagement.language
    files = write_audit(draw, Path(given.into), coders=given.coders, language=language, seed=given.seed)
    _say(f"{len(draw.contacts)} of {draw.of} contacts drawn. Filled in, the workbooks are read by [tables.audits].")
    _tell("\n".join(map(str, files)))
    return 0


def _list(given: argparse.Namespace) -> int:
    from rootcause_lib.reporting.risk_list import make_list, ordered

    order = ordered(given.purpose, customers=given.top, expires_days=given.expires, segment=given.segment)
    made = make_list(given.engagement, order, into=given.into, progress=_progress(given))
    if given.json:
        told = {"file": str(made.file), "customers": made.customers, "delete_after": made.delete_after.isoformat()}
        _tell_json(told)
    else:
        graded = f" The risks have grade {made.grade}." if made.grade else ""
        _say(f"{made.customers} by pseudonym, readable by you alone. Delete it after {made.delete_after}.{graded}")
        _tell(str(made.file))
    return 0


def _pseudonym(given: argparse.Namespace) -> int:
    from rootcause_lib.engagement import read_engagement
    from rootcause_lib.loaders.turning_back import turn_back
    from rootcause_lib.reporting.recording import spreadsheet_safe

    asked = sys.stdin.read().split() if given.pseudonyms == ["-"] else given.pseudonyms
    found = turn_back(read_engagement(given.engagement), asked, progress=_progress(given))
    missing = int(found["customer_id"].isna().sum())
    if given.json:
        _tell_json(found.where(found.notna(), None).to_dict("records"))
    else:
        _tell(spreadsheet_safe(found).to_csv(index=False, lineterminator="\n").rstrip("\n"))
    if missing:
        return _fail(f"{missing} of {len(found)} pseudonyms are of no customer in these exports.", DataError.exit_code)
    return 0


def _sql(given: argparse.Namespace) -> int:
    from rootcause_lib.analyses import recorded_statements
    from rootcause_lib.engagement import read_engagement

    for statement in recorded_statements(read_engagement(given.engagement)):
        _tell(statement.review(given.dialect) + "\n")
    return 0


def _request(given: argparse.Namespace) -> int:
    from rootcause_lib.reporting.data_request import data_request

    print(data_request(language=given.language), end="")
    return 0


def _metrics(given: argparse.Namespace) -> int:
    from rootcause_lib.reporting.console import metric_records, metrics_text

    print(json.dumps(metric_records(), ensure_ascii=False) if given.json else metrics_text())
    return 0


def _sample(given: argparse.Namespace) -> int:
    from rootcause_lib.sample_client import write_sample

    folder = write_sample(given.folder, customers=given.customers, seed=given.seed)
    print(folder / "engagement.toml")
    return 0


def _explore(given: argparse.Namespace) -> int:
    from rootcause_lib.reporting.exploring import prepare_workspace, start_jupyter

    workspace = prepare_workspace(given.engagement, language=given.language)
    if workspace.kept:
        print(f"Left as you changed them: {', '.join(workspace.kept)}", file=sys.stderr)
    print(workspace.folder, flush=True)
    return start_jupyter(workspace.folder, options=("--no-browser",) if given.no_browser else ())


def _forget(given: argparse.Namespace) -> int:
    from rootcause_lib.reporting.forgetting import forget, what_is_kept

    folders = what_is_kept(given.engagement, reports=given.reports)
    for folder in folders:
        print(folder, flush=True)
    if not folders:
        print("Nothing is kept of this engagement.", file=sys.stderr)
        return 0
    if not given.yes:
        if not sys.stdin.isatty():
            raise ParameterError("These folders would be removed. Add --yes to remove them.")
        print("Remove these folders and all they hold? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().casefold() not in ("y", "yes", "k", "kyllä"):
            print("Nothing was removed.", file=sys.stderr)
            return 0
    forget(folders)
    return 0


if __name__ == "__main__":
    sys.exit(main())
