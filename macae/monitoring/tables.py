"""A session as CSV, for pandas and spreadsheets: a plain header, ISO times, numbers as they are, text that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from macae.errors import InvalidInput
from macae.monitoring.files import put_file
from macae.monitoring.recorded import of_recording
from macae.monitoring.recording import Recording

__all__ = ["KINDS", "to_csv"]

Kind = Literal["events", "calls", "steps", "tools"]
Row = Sequence[Any]

FORMULA = frozenset("=+-@\u2212")
"""A cell that begins so is taken for a formula by some spreadsheet; it gets a quotation mark in front, which makes it text."""
SKIPPED = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn"})
"""Kinds of characters that some spreadsheet drops or overlooks at a cell's beginning: spaces and what is unseen."""


@of_recording
def to_csv(recording: Recording, path: Path | str | None = None, kind: Kind = "events") -> str:
    """The session's events, model calls, steps or tool calls as CSV text; also written to `path`, if given, whole or not at all.

    `time` columns are ISO 8601 in UTC, `seconds`, `start` and `end` are seconds from the session's start. What is not known is
    an empty cell: an unknown price is never 0. Raises InvalidInput for another kind, or a file that cannot be written.
    """
    if kind not in KINDS:
        raise InvalidInput(f"There is no table {kind!r}. Choose from {', '.join(KINDS)}.")
    header, rows = KINDS[kind]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows(recording))
    made = text.getvalue()
    if path is not None:
        put_file(path, made.encode("utf-8"))
    return made


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    text = "".join(c for c in text if c in "\n\t" or (ord(c) >= 32 and ord(c) != 127))
    return f"'{text}" if _like_formula(text) else text


def _like_formula(text: str) -> bool:
    if text.startswith(("\t", "\n")):
        return True
    first = next((c for c in text if unicodedata.category(c) not in SKIPPED), "")
    return unicodedata.normalize("NFKC", first) in FORMULA  # wide and small forms are read as the plain ones


def _time(recording: Recording, seconds: float) -> str:
    try:
        return datetime.fromtimestamp(recording.start + seconds, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, OSError, ValueError):
        return ""


def _events(r: Recording) -> Iterable[Row]:
    for seconds, e in r.timeline:
        yield (
            e.seq, _time(r, seconds), seconds, str(e.type), e.session_id, e.plan_id, e.step_id, e.agent, e.text, e.data or None, e.trace_id,
        )  # fmt: skip


def _calls(r: Recording) -> Iterable[Row]:
    for c in r.model_calls:
        yield (
            c.seq, _time(r, c.start), c.start, c.end, c.seconds, r.session_id, c.plan_id, c.step_id, c.agent, c.model, c.first_token,
            c.prompt_tokens, c.completion_tokens, c.usd, c.ok, c.error or None,
        )  # fmt: skip


def _tools(r: Recording) -> Iterable[Row]:
    for c in r.tool_calls:
        yield (
            c.seq, _time(r, c.start), c.start, None if c.lost else c.end, None if c.lost else c.seconds, r.session_id, c.plan_id, c.step_id,
            c.agent, c.tool, c.arguments,
            c.effect or None, c.state, c.result or None, c.key,
        )  # fmt: skip


def _steps(r: Recording) -> Iterable[Row]:
    for s in r.steps:
        yield (
            s.index, _time(r, s.start) if s.start is not None else None, s.start, s.end, s.seconds, s.waited, r.session_id, s.plan_id,
            s.id, s.agent, s.task, s.status, s.attempts, s.tokens, s.usd, s.unpriced, s.grounded, s.approved_by or None,
            s.reply or None, s.error or None,
        )  # fmt: skip


KINDS: dict[str, tuple[tuple[str, ...], Callable[[Recording], Iterable[Row]]]] = {
    "events": (
        ("seq", "time", "seconds", "type", "session_id", "plan_id", "step_id", "agent", "text", "data", "trace_id"),
        _events,
    ),
    "calls": (
        ("seq", "time", "start", "end", "seconds", "session_id", "plan_id", "step_id", "agent", "model", "first_token",
         "prompt_tokens", "completion_tokens", "usd", "ok", "error"),
        _calls,
    ),
    "steps": (
        ("index", "time", "start", "end", "seconds", "waited", "session_id", "plan_id", "step_id", "agent", "task", "status",
         "attempts", "tokens", "usd", "unpriced", "grounded", "approved_by", "reply", "error"),
        _steps,
    ),
    "tools": (
        ("seq", "time", "start", "end", "seconds", "session_id", "plan_id", "step_id", "agent", "tool", "arguments", "effect",
         "state", "result", "key"),
        _tools,
    ),
}  # fmt: skip
"""The tables: header and rows."""
