"""What explorers put on the screen: figures with their alternative text, and things above one another."""

from __future__ import annotations

import base64
import html
from typing import Any


def pictured(painted: bytes, words: str) -> str:
    """A figure (PNG) as HTML with `words` in its place for those who can't see it."""
    # An Image widget takes no alternative text.
    encoded = base64.b64encode(painted).decode()
    return (
        f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(words)}" style="width: 760px; max-width: 100%">'
    )


def stacked(children: list[Any]) -> Any:
    """Widgets above one another."""
    import ipywidgets as widgets

    return widgets.VBox(children)
