"""Words as a widget, which would show HTML as it is."""

from __future__ import annotations

import html
from typing import Any


def words(plain: str) -> Any:
    """A line of text; escaped, since widgets show HTML as it is."""
    import ipywidgets as widgets

    return widgets.HTML(html.escape(plain))
