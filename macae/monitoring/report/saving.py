"""The report as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from macae.errors import InvalidInput
from macae.monitoring.files import put_file
from macae.monitoring.recorded import recorded
from macae.monitoring.report.document import report_html

if TYPE_CHECKING:
    from macae.monitoring.recording import Recording

__all__ = ["save_report"]


def save_report(recording: Recording, path: str | Path, **options: Any) -> Path:
    """Write the report of a session, whole or not at all; a file that is there is replaced. `options` as for `report_html`.

    Raises InvalidInput where the file cannot be written, and for what is no recording or an empty one.
    """
    recording = recorded(recording)
    if not recording.events:
        raise InvalidInput("This recording has no events: there is nothing to report.")
    return put_file(path, report_html(recording, **options).encode("utf-8"))
