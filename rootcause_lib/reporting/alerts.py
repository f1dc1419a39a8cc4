"""What failed, said above everything else: on a notebook's page and on a run's overview alike."""

from __future__ import annotations

from collections.abc import Sequence

from rootcause_lib.findings import Finding
from rootcause_lib.prose import sentence
from rootcause_lib.reporting.fragments import element, text
from rootcause_lib.reporting.recording import CheckMade
from rootcause_lib.reporting.texts import said


def failed_checks(checks: Sequence[CheckMade], *, language: str) -> str:
    """The checks that failed, as an alert; nothing when none did."""
    failed = [check for check in checks if check.passed is False]
    if not failed:
        return ""
    mark = element("span", text(said("page.failed_mark", language=language)), of="rc-failed")
    items = "".join(element("li", mark + text(check.text)) for check in failed)
    title = element("h2", text(sentence(Finding("page.checks_failed", {"checks": len(failed)}), language=language)))
    return f'<aside class="rc rc-alert" role="alert">{title}<ul>{items}</ul></aside>'
