"""What a page does when it is opened from its file: what ran, what was asked for, what was said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAIT = 250
"""Milliseconds; nothing here waits for a network."""
_TOUCHED = (
    "document.querySelectorAll('details').forEach(e => e.open = true)",
    "document.querySelectorAll('*').forEach(e => { e.focus && e.focus();"
    " e.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})); })",
)
_ASKED = {
    "canary": "window.__canary || null",
    "handlers": "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/i.test(a.name)))"
    ".length",
    "harmful": "document.querySelectorAll('script, iframe, frame, object, embed, form, input, base, template').length",
    "broken_images": "[...document.images].filter(e => e.getAttribute('src') && e.complete && !e.naturalWidth).length",
    "protocols": "[...new Set([...document.querySelectorAll('a[href], area[href]')].map(e => e.protocol))]",
    "width": "document.documentElement.scrollWidth",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page did: `canary` is set where a payload ran."""

    canary: object
    requests: tuple[str, ...]
    said: tuple[str, ...]
    dialogs: tuple[str, ...]
    address: str
    handlers: int
    harmful: int
    broken_images: int
    protocols: list[str]
    width: int

    @property
    def quiet(self) -> bool:
        """Whether nothing ran, nothing was asked for and nothing was said."""
        return self.canary is None and not (self.requests or self.said or self.dialogs)


def watched(browser: Any, page: Path, *, wait: int = WAIT) -> Seen:
    """Open a page, go over everything that can be focused or pointed at, and tell what it did."""
    from playwright.sync_api import Error

    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    requests: list[str] = []
    said: list[str] = []
    dialogs: list[str] = []
    tab.on("request", lambda one: requests.append(one.url))
    tab.on("console", lambda one: said.append(one.text))
    tab.on("pageerror", lambda one: said.append(str(one)))
    tab.on("dialog", lambda one: (dialogs.append(one.message), one.dismiss()))
    tab.goto(page.as_uri())
    found: dict[str, Any] = dict.fromkeys(_ASKED)
    try:
        for each in _TOUCHED:
            tab.evaluate(each)
        tab.wait_for_timeout(wait)
        found = {name: tab.evaluate(question) for name, question in _ASKED.items()}
    except Error:
        said.append("went elsewhere")
    outside = [url for url in requests if not url.startswith(("data:", page.as_uri(), "about:"))]
    address = tab.url
    tab.close()
    return Seen(requests=tuple(outside), said=tuple(said), dialogs=tuple(dialogs), address=address, **found)
