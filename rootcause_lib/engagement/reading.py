"""From a folder to an engagement, or to one error that lists what to mend."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rootcause_lib.engagement.faults import faults_of, prunable
from rootcause_lib.engagement.locating import Key, key_lines, line_of
from rootcause_lib.engagement.model import FILE_NAME, Engagement, place
from rootcause_lib.engagement.relations import Fault
from rootcause_lib.errors import EngagementError, nearest

MOST_FAULTS = 10
_TOML_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)


def read_engagement(path: str | Path) -> Engagement:
    """The engagement of a folder, or of the engagement.toml itself.

    Raises EngagementError naming every key that is wrong (at most ten), its line, what was
    expected and the nearest valid choice. No export is opened.
    """
    file = _file_of(Path(path))
    text = _text_of(file)
    raw = _parsed(text, file)
    lines = key_lines(text)
    context = {"file": file, "lines": lines}
    try:
        return _validated(raw, context)
    except ValidationError as error:
        faults = _all_faults(error, raw, context)
    raise EngagementError(_message(faults, file, lines))


def _file_of(path: Path) -> Path:
    if path.is_file():
        return path
    if not path.exists():
        raise EngagementError(f"There is no '{path}'.{_similar(path)} Give an engagement's folder or its {FILE_NAME}.")
    file = path / FILE_NAME
    if not file.is_file():
        others = sorted(each.name for each in path.glob("*.toml"))
        found = f" There is {', '.join(others)}: rename it, or give its path." if others else ""
        draft = "`rootcause sample DIR` makes an engagement to copy from; DATA_DICTIONARY.md lists the tables."
        raise EngagementError(f"There is no {FILE_NAME} in '{path}'.{found} {draft}")
    return file


def _similar(path: Path) -> str:
    if not path.parent.is_dir():
        return f" Nor is there a folder '{path.parent}'."
    close = nearest(path.name, sorted(each.name for each in path.parent.iterdir()))
    return f" Did you mean '{path.parent / close}'?" if close else ""


def _text_of(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise EngagementError(f"{file} can't be read: {error.strerror}.") from None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise EngagementError(f"{file}, line {line}: this is not UTF-8. Save the file as UTF-8.") from None


def _parsed(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.fullmatch(str(error))
        what = found.group(1) if found else str(error)
        line = int(found.group(2)) if found and found.group(2) else text.rstrip().count("\n") + 1
        raise EngagementError(f"{place(file, line, ())}: this is not TOML: {what}.") from None


def _iso(value: Any) -> str:
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _validated(raw: Mapping[str, Any], context: Mapping[str, Any]) -> Engagement:
    # JSON is the form in which strict validation still reads arrays as tuples and text as days
    return Engagement.model_validate_json(json.dumps(raw, default=_iso), context=dict(context))


def _all_faults(error: ValidationError, raw: dict[str, Any], context: Mapping[str, Any]) -> list[Fault]:
    """Faults of single keys, and those between keys as far as the sound keys show them."""
    errors = error.errors(include_url=False)
    faults = faults_of(errors, raw)
    keys = prunable(errors, raw)
    if keys is None:
        return faults
    try:
        _validated(_without(raw, keys), context)
    except ValidationError as rest:
        related = [each for each in rest.errors(include_url=False) if each["type"] == "relations"]
        faults += faults_of(related, raw)
    return faults


def _without(raw: dict[str, Any], keys: Sequence[Key]) -> dict[str, Any]:
    pruned = copy.deepcopy(raw)
    for *above, last in keys:
        table: Any = pruned
        for part in above:
            table = table[part]
        table.pop(last, None)
    return pruned


def _message(faults: Sequence[Fault], file: Path, lines: Mapping[Key, int]) -> str:
    placed = sorted(((line_of(lines, fault.key), fault) for fault in faults), key=lambda pair: pair[0] or 0)
    if len(placed) == 1:
        line, fault = placed[0]
        return f"{place(file, line, fault.key)}: {fault.text}"
    # the file stands once above, so each line begins with where in it
    listed = [f"- {place(Path(), line, fault.key).removeprefix('., ')}: {fault.text}" for line, fault in placed]
    rest = [f"- and {len(listed) - MOST_FAULTS} more"] if len(listed) > MOST_FAULTS else []
    return "\n".join([f"{len(listed)} faults in {file}:", *listed[:MOST_FAULTS], *rest])
