"""A desk for the first hour: what was recognised of a client's exports, to confirm or change, and the rows as read."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rootcause_lib.engagement import FILE_NAME, read_engagement
from rootcause_lib.errors import RootcauseError
from rootcause_lib.explore.escaped import words
from rootcause_lib.findings import Finding
from rootcause_lib.loaders.previewing import preview
from rootcause_lib.prose import label, sentence, text
from rootcause_lib.recognition import (
    ColumnGuess,
    Recognition,
    TableGuess,
    choices_of,
    draft,
    recognise,
    with_confirmed,
    with_constant,
    with_headers,
    with_label,
    write_draft,
)
from rootcause_lib.schemas import TABLES, Column

if TYPE_CHECKING:
    from ipywidgets import VBox

Choice = tuple[str, tuple[str, ...]]
"""("headers", names) or ("always", (value,)); ("headers", ()) is nothing."""

_ROWS = 5
_NOTHING: Choice = ("headers", ())


def confirm_mapping(
    exports: str | Path | Sequence[str | Path],
    *,
    into: str | Path,
    client: str | None = None,
    time_zone: str | None = None,
    language: str = "en",
) -> VBox:
    """What `recognise` finds in the exports, with a list to choose from for every column and each table's first rows.

    A change is shown as the rows would then be read; choosing a column confirms it. The button writes the
    engagement.toml of the folder `into`, never over one that was edited. Ids of persons are shown by their shape.
    Raises what `recognise` raises.
    """
    import ipywidgets as widgets

    paths = [exports] if isinstance(exports, str | Path) else list(exports)
    desk = _Desk(recognise(paths), Path(into), client, time_zone, language)
    parts = [_TablePart(desk, table.table) for table in desk.recognition.tables]
    button = widgets.Button(description=text("mapping.write", language=language), button_style="primary")
    button.on_click(lambda _button: desk.write())
    desk.refresh()
    return widgets.VBox([*(part.box() for part in parts), desk.left, button, desk.status])


class _Desk:
    """What is believed now, and what shows it."""

    def __init__(
        self, recognition: Recognition, into: Path, client: str | None, time_zone: str | None, language: str
    ) -> None:
        self.recognition = recognition
        self.language = language
        self.left, self.status = words(""), words("")
        self._into, self._client, self._time_zone = into, client, time_zone
        self._shown: list[Callable[[], None]] = []

    def on_refresh(self, show: Callable[[], None]) -> None:
        self._shown.append(show)

    def change(self, make: Callable[[Recognition], Recognition]) -> None:
        """Put another belief in place and show it; what can't be is said and leaves the old one."""
        try:
            self.recognition = make(self.recognition)
            self.status.value = ""
        except RootcauseError as error:
            self._fail(error)
        self.refresh()

    def refresh(self) -> None:
        count = len(self.recognition.unsure)
        told = sentence(Finding("mapping.unsure", {"n": count}), language=self.language)
        self.left.value = html.escape(told)
        for show in self._shown:
            show()

    def text_for(self, folder: Path) -> str:
        return draft(
            self.recognition, into=folder, client=self._client, time_zone=self._time_zone, language=self.language
        )

    def write(self) -> None:
        try:
            file = write_draft(self.text_for(self._into), self._into)
            told = sentence(Finding("mapping.written", {"file": str(file)}), language=self.language)
            self.status.value = html.escape(told)
        except RootcauseError as error:
            self._fail(error)

    def _fail(self, error: RootcauseError) -> None:
        told = sentence(Finding("mapping.failed", {"reason": str(error)}), language=self.language)
        self.status.value = html.escape(told)

    def rows(self, table: str) -> str:
        """The first rows as they would be read, as HTML; what can't be read says why."""
        with tempfile.TemporaryDirectory(prefix="rootcause-") as folder:
            try:
                (Path(folder) / FILE_NAME).write_text(self.text_for(Path(folder)), encoding="utf-8")
                frame = preview(read_engagement(folder), table, rows=_ROWS)
            except RootcauseError as error:
                told = sentence(Finding("mapping.failed", {"reason": str(error)}), language=self.language)
                return html.escape(told.replace(folder, "").replace(f"/{FILE_NAME}", FILE_NAME))
        return str(frame.to_html(index=False, na_rep="", escape=True, max_cols=None))


class _TablePart:
    """One table: its sources, a line per column, its first rows."""

    def __init__(self, desk: _Desk, table: str) -> None:
        self._desk, self._table = desk, table
        guess = self._guess()
        self._lines = [_ColumnLine(desk, guess, column) for column in TABLES[table] if column.name != "text"]
        self._preview = words("")
        desk.on_refresh(self._show)

    def _guess(self) -> TableGuess:
        guess = self._desk.recognition.table(self._table)
        assert guess is not None
        return guess

    def _show(self) -> None:
        guess = self._guess()
        for line in self._lines:
            line.show(guess.column(line.column.name))
        self._preview.value = self._desk.rows(self._table)

    def box(self) -> Any:
        import ipywidgets as widgets

        names = ", ".join(source.name for source in self._guess().sources)
        title = f"{label(self._table, language=self._desk.language, kind='table')}: {names}"
        heading = widgets.HTML(f"<h3>{html.escape(title)}</h3>")
        first = words(text("mapping.first_rows", language=self._desk.language))
        return widgets.VBox([heading, *(line.box for line in self._lines), first, self._preview])


class _ColumnLine:
    """One canonical column: where it comes from, whether that is confirmed, why it is believed, its labels."""

    def __init__(self, desk: _Desk, guess: TableGuess, column: Column) -> None:
        import ipywidgets as widgets

        self.column, self._desk, self._table = column, desk, guess.table
        self.source = widgets.Dropdown(
            options=self._options(guess), description=column.name, style=_STYLE, layout=_WIDE
        )
        said = text("mapping.confirmed", language=desk.language)
        self.confirmed = widgets.Checkbox(description=said, indent=False, layout={"width": "8em"})
        self.evidence = words("")
        self.labels = widgets.VBox([], layout={"margin": "0 0 0 3em"})
        self.box = widgets.VBox([widgets.HBox([self.source, self.confirmed, self.evidence]), self.labels])
        self._quiet = False
        self.source.observe(self._chosen, names="value")
        self.confirmed.observe(self._agreed, names="value")

    def _options(self, guess: TableGuess) -> list[tuple[str, Choice]]:
        nothing = text("mapping.nothing", language=self._desk.language)
        found: list[tuple[str, Choice]] = [(nothing, _NOTHING)]
        found += [(" + ".join(headers), ("headers", headers)) for headers in choices_of(guess)]
        now = guess.column(self.column.name)
        own = [now.constant] if now is not None and now.constant is not None else []
        values = dict.fromkeys([*self.column.choices, *own])
        always = text("mapping.always", language=self._desk.language)
        return [*found, *((f"{always} {value}", ("always", (value,))) for value in values)]

    def show(self, guess: ColumnGuess | None) -> None:
        """Bring the widgets to what is believed, without taking that for a choice."""
        self._quiet = True
        self.source.value = _choice(guess)
        self.confirmed.value = guess is not None and not guess.unsure
        self.confirmed.disabled = guess is None
        words = "" if guess is None else f"{guess.evidence}{f' — {guess.doubt}' if guess.doubt else ''}"
        self.evidence.value = html.escape(words)
        self.labels.children = self._label_lines(guess)
        self._quiet = False

    def _label_lines(self, guess: ColumnGuess | None) -> tuple[Any, ...]:
        import ipywidgets as widgets

        if guess is None or not self.column.choices:
            return ()
        nothing = text("mapping.nothing", language=self._desk.language)
        lines = []
        for each in guess.labels:
            line = widgets.Dropdown(
                options=[(nothing, None), *((choice, choice) for choice in self.column.choices)],
                value=each.value, description=each.label, style=_STYLE, layout=_WIDE,
            )  # fmt: skip
            line.observe(lambda change, label=each.label: self._meant(label, change["new"]), names="value")
            lines.append(line)
        return tuple(lines)

    def _chosen(self, change: dict[str, Any]) -> None:
        if self._quiet:
            return
        kind, names = change["new"]
        if kind == "always":
            self._desk.change(lambda now: with_constant(now, self._table, self.column.name, names[0]))
        else:
            self._desk.change(lambda now: with_headers(now, self._table, self.column.name, names))

    def _agreed(self, change: dict[str, Any]) -> None:
        if not self._quiet and change["new"]:
            self._desk.change(lambda now: with_confirmed(now, self._table, self.column.name))

    def _meant(self, label: str, value: str | None) -> None:
        if not self._quiet:
            self._desk.change(lambda now: with_label(now, self._table, self.column.name, label, value))


_STYLE = {"description_width": "12em"}
_WIDE = {"width": "36em"}


def _choice(guess: ColumnGuess | None) -> Choice:
    if guess is None:
        return _NOTHING
    return ("always", (guess.constant,)) if guess.constant is not None else ("headers", guess.headers)
