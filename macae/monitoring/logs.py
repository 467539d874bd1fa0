"""The standard library's logging, with what a record is about: a handler that writes JSON lines with plan, step and agent.

    logging.getLogger("macae").addHandler(json_handler())

The stamps come from the code that logs, so they are set by the handler's filter: a filter of a logger would not see what the
loggers below it log.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import FileIO, TextIOWrapper
from pathlib import Path
from typing import IO, Any

from pydantic_core import to_json

from macae.monitoring.scope import current_scope

__all__ = ["JsonFormatter", "ScopeFilter", "json_handler"]

STAMPS = ("trace_id", "plan_id", "step_id", "agent")


class ScopeFilter(logging.Filter):
    """Stamps every record with trace_id, plan_id, step_id and agent of the code that logs; None where it is about no plan."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Stamp it. Every record passes."""
        scope = current_scope()
        # The trace was not known before the plan was read.
        if not scope.trace_id and scope.plan_id and scope.home is not None:
            scope = replace(scope, trace_id=scope.home.trace_id(scope.plan_id))
        for name in STAMPS:
            if getattr(record, name, None) is None:  # the caller's own `extra` counts more
                setattr(record, name, getattr(scope, name) or None)
        return True


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON. `redact` is applied to its words and its traceback; when it fails, they are left out."""

    def __init__(self, redact: Callable[[str], str] | None = None) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "timestamp": when.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._safe(record.getMessage()),
        }
        line |= {name: getattr(record, name) for name in STAMPS if getattr(record, name, None)}
        if record.exc_info:
            line["exception"] = self._safe(self.formatException(record.exc_info))
        try:
            return to_json(line, fallback=repr).decode()
        except ValueError:  # half a surrogate pair is no UTF-8
            return to_json({name: ascii(value) for name, value in line.items()}).decode()

    def _safe(self, text: str) -> str:
        if self._redact is None:
            return text
        try:
            return self._redact(text)
        except Exception as error:
            return f"(left out: it could not be cleaned, {type(error).__name__})"


class OwnFile(logging.FileHandler):
    """A file that its owner alone may read."""

    def _open(self) -> TextIOWrapper:
        file = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return TextIOWrapper(
            FileIO(file, "a"), encoding=self.encoding, errors=self.errors, write_through=True
        )


def json_handler(
    where: Path | str | IO[str] | None = None, redact: Callable[[str], str] | None = None
) -> logging.Handler:
    """A handler that writes stamped JSON lines to a file, a stream, or (None) stderr."""
    handler: logging.Handler
    if isinstance(where, Path | str):
        handler = OwnFile(where, encoding="utf-8", delay=True)
    else:
        handler = logging.StreamHandler(where)
    handler.addFilter(ScopeFilter())
    handler.setFormatter(JsonFormatter(redact))
    return handler
