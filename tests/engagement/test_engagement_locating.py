"""The line locator against texts whose lines are known because the test wrote them."""

from __future__ import annotations

import datetime as dt
import json
import random
import tomllib
from typing import Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from rootcause_lib.engagement.locating import Key, key_lines, line_of

TRICKY = st.text(alphabet="ab ä.#[]{}\"'=,\\\n\t", max_size=8)
KEYS = st.text(alphabet="abc_-9 ä.#[]{}\"'=,\\", min_size=1, max_size=5)
SCALARS = st.one_of(
    TRICKY,
    st.integers(-99, 99),
    st.booleans(),
    st.sampled_from([0.5, -2e10]),
    st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1)),
    st.just(dt.datetime(2025, 3, 1, 12, 30)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)
TABLES = st.recursive(
    st.dictionaries(KEYS, VALUES, max_size=3),
    lambda inner: st.dictionaries(KEYS, VALUES | inner | st.lists(inner, min_size=1, max_size=2), max_size=3),
    max_leaves=4,
)


class Writer:
    """Writes data as TOML in varying styles and notes the line of every key and element it writes."""

    def __init__(self, data: dict[str, Any], chance: random.Random) -> None:
        self.text = ""
        self.chance = chance
        self.lines: dict[Key, int] = {}
        self.table(data, (), ())

    def note(self, key: Key) -> None:
        for length in range(1, len(key) + 1):
            self.lines.setdefault(key[:length], self.text.count("\n") + 1)

    def gap(self) -> str:
        return self.chance.choice(["\n", "\n\n", "  # [no] = {header} ''' \"\"\"\n"])

    def table(self, data: dict[str, Any], key: Key, header: tuple[str, ...]) -> None:
        below = {name: value for name, value in data.items() if self.own_header(value)}
        for name, value in data.items():
            if name not in below:
                self.pair(name, value, key)
                self.text += self.gap()
        for name, value in below.items():
            path = (*header, name)
            dotted = " . ".join(self.name(part) for part in path)
            for position, each in enumerate(value if isinstance(value, list) else [value]):
                inside = (*key, name, position) if isinstance(value, list) else (*key, name)
                self.note(inside)
                self.text += (f"[[{dotted}]]" if isinstance(value, list) else f"[ {dotted} ]") + self.gap()
                self.table(each, inside, path)

    def own_header(self, value: Any) -> bool:
        tables = isinstance(value, list) and value and all(isinstance(each, dict) for each in value)
        return bool(tables or isinstance(value, dict)) and self.chance.random() < 0.6

    def pair(self, name: str, value: Any, key: Key) -> None:
        self.note((*key, name))
        if isinstance(value, dict) and len(value) == 1 and self.chance.random() < 0.5:
            self.text += self.name(name) + "."
            self.pair(*next(iter(value.items())), (*key, name))
            return
        self.text += self.name(name) + self.chance.choice(["=", " = "])
        self.value(value, (*key, name))

    def name(self, text: str) -> str:
        if text.isascii() and all(letter.isalnum() or letter in "_-" for letter in text):
            return text
        return json.dumps(text) if "'" in text or self.chance.random() < 0.5 else f"'{text}'"

    def value(self, value: Any, key: Key) -> None:
        if isinstance(value, list):
            self.elements(value, key)
        elif isinstance(value, dict):
            self.text += "{ "
            for position, (name, inner) in enumerate(value.items()):
                self.text += ", " if position else ""
                self.pair(name, inner, key)
            self.text += " }"
        else:
            self.text += self.scalar(value)

    def elements(self, value: list[Any], key: Key) -> None:
        self.text += "["
        for position, inner in enumerate(value):
            self.text += self.chance.choice(["", " ", self.gap()])
            self.note((*key, position))
            self.value(inner, (*key, position))
            self.text += "," if position < len(value) - 1 or self.chance.random() < 0.5 else ""
        self.text += self.chance.choice(["", self.gap()]) + "]"

    def scalar(self, value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, dt.datetime):
            return value.isoformat(self.chance.choice(["T", " "]))
        if isinstance(value, dt.date):
            return value.isoformat()
        if not isinstance(value, str):
            return repr(value)
        styles = [json.dumps(value)]
        if "'" not in value:
            styles.append(f"'''\n{value}'''")
            styles += [f"'{value}'"] if "\n" not in value else []
        if "\\" not in value and '"""' not in value:
            styles.append(f'"""\n{value}"""')
        return self.chance.choice(styles)


@settings(max_examples=300, deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_lines_of_all_keys_by_planted_truth(data: dict[str, Any], chance: random.Random) -> None:
    written = Writer(data, chance)
    try:
        parsed = tomllib.loads(written.text)
    except tomllib.TOMLDecodeError:
        reject()  # dotted keys may write one table twice, which TOML forbids
    assert parsed == data
    assert key_lines(written.text) == written.lines


def test_lines_by_hand_count() -> None:
    text = '[a]\nx = 1 # [b]\n\n[[list]]\nk = """\n[c]\n"""\n'
    text += '[[list]]\n"a.b" = [\n  1,\n  { d.e = 2 },\n]\n[list.under]\nz=1\n'
    text += 'q = ["""so ""he"" said \\"""""",\n1]\n'
    lines = key_lines(text)
    assert tomllib.loads(text)["list"][1]["under"]["q"] == ['so ""he"" said """', 1]
    assert lines[("list", 1, "under", "q", 1)] == 16
    assert lines[("a", "x")] == 2
    assert lines[("list", 0)] == 4
    assert lines[("list", 0, "k")] == 5
    assert lines[("list", 1)] == 8
    assert lines[("list", 1, "a.b", 1, "d", "e")] == 11
    assert lines[("list", 1, "under", "z")] == 14
    assert ("b",) not in lines
    assert ("c",) not in lines


def test_a_key_that_is_not_there_has_the_line_of_its_table_by_hand_count() -> None:
    lines = key_lines("\n[a.b]\nx = 1\n")
    assert line_of(lines, ("a", "b", "missing")) == 2
    assert line_of(lines, ("c",)) is None
