"""A session as one HTML file that needs nothing else: no script, no network, no font."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.report.document import report_html
    from macae.monitoring.report.saving import save_report

__all__ = ["report_html", "save_report"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "report_html": "macae.monitoring.report.document",
        "save_report": "macae.monitoring.report.saving",
    },
)
