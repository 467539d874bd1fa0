"""Spans in a file, or wherever text can be written, for those without a server."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from macae.errors import StoreError
from macae.private import private_folder

__all__ = ["FileSpanExporter"]


class FileSpanExporter(SpanExporter):
    """Writes each span as one line of JSON (OpenTelemetry's own form) to a file, or to an open stream such as sys.stderr.

    The file is for its owner's eyes only, and grows for as long as somebody writes to it. Raises StoreError when it cannot be written.
    """

    def __init__(self, target: Path | str | TextIO) -> None:
        self._stream = None if isinstance(target, Path | str) else target
        self._path = Path(target) if isinstance(target, Path | str) else None
        self._open([])

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Append the spans."""
        lines = [json.dumps(json.loads(span.to_json()), ensure_ascii=True) + "\n" for span in spans]
        try:
            self._open(lines)
        except StoreError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def _open(self, lines: Sequence[str]) -> None:
        """Append lines, each whole."""
        if self._path is None:
            if self._stream is not None:
                self._stream.write("".join(lines))
                self._stream.flush()
            return
        try:
            private_folder(self._path.parent)
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(file, "a", encoding="utf-8", newline="\n") as stream:
                stream.write("".join(lines))
        except OSError as error:
            raise StoreError(
                f"Spans cannot be written to {self._path}: {error.strerror}. Choose another file."
            ) from None

    def shutdown(self) -> None:
        """Nothing is held open."""
