"""An allow-list for HTML: what a notebook shows is parsed and written anew, and only what is listed here survives.

The report's own displays, pandas tables, Styler, `Markdown(...)` and a consultant's own HTML all pass through it, so
that no script, style, frame, form, redirect or outside address reaches a report whatever a client's text holds.
None of the allowed elements changes how a browser reads what follows, hence re-writing is safe.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

_ALLOWED = (
    "a abbr article aside b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption "
    "figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark meter nav ol p picture pre q s samp section "
    "small source span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr"
)
_WITHOUT_CONTENT = "br col hr img source wbr"
_DROPPED_WITH_CONTENT = (
    "script style template iframe object embed noscript textarea select title svg math noembed noframes xmp"
)
_TAGS, _EMPTY, _DROPPED = (frozenset(one.split()) for one in (_ALLOWED, _WITHOUT_CONTENT, _DROPPED_WITH_CONTENT))
_ANYWHERE = frozenset({"class", "id", "title", "lang", "dir", "role"})
_BY_TAG = {
    "a": frozenset(["href"]),
    "img": frozenset(["src", "alt", "width", "height"]),
    "source": frozenset(["media", "srcset", "width", "height"]),
    "td": frozenset(["colspan", "rowspan"]),
    "th": frozenset(["colspan", "rowspan", "scope"]),
    "div": frozenset(["tabindex"]),
    "details": frozenset(["open"]),
    "time": frozenset(["datetime"]),
    "meter": frozenset(["min", "max", "low", "high", "value", "optimum"]),
    "ol": frozenset(["start"]),
    "col": frozenset(["span"]),
}
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]*")
_LINK = re.compile(r"(?:#|https?://|mailto:|[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*(?:[#?]|$))")


def sanitised(html: str) -> str:
    """The HTML with everything outside the allow-list removed and every element closed."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.result()


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []
        self._dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropping.append(tag)
        elif not self._dropping and tag in _TAGS:
            self._parts.append(f"<{tag}{_attributes(tag, attrs)}>")
            if tag not in _EMPTY:
                self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            if tag == self._dropping[-1]:
                self._dropping.pop()
        elif tag in self._open:
            while True:
                closed = self._open.pop()
                self._parts.append(f"</{closed}>")
                if closed == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._parts.append(escape(data, quote=False))

    def result(self) -> str:
        return "".join(self._parts) + "".join(f"</{tag}>" for tag in reversed(self._open))


def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> str:
    kept = []
    seen = set()
    for name, value in attrs:
        listed = name in _ANYWHERE or name in _BY_TAG.get(tag, ()) or name.startswith("aria-")
        if listed and name not in seen and re.fullmatch(r"[a-z-]+", name) and _safe(name, value or ""):
            seen.add(name)
            kept.append(f' {name}="{escape(value or "", quote=True)}"')
    return "".join(kept)


def _safe(name: str, value: str) -> bool:
    if name in ("src", "srcset"):
        return _IMAGE.fullmatch(value) is not None
    if name == "tabindex":
        return value == "0"
    if name == "href":
        return _LINK.match(value) is not None
    return True
