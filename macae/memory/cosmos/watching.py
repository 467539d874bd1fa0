"""What goes over the wire, watched: each request counted by kind, and the last answer known when the time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["OutOfTime", "count", "counted_as", "explained", "note_answer"]

_PURPOSE: ContextVar[str | None] = ContextVar("cosmos_purpose", default=None)

_ANSWERS: ContextVar[list[int] | None] = ContextVar("cosmos_answers", default=None)
"""The statuses that the call at hand was answered with."""


class OutOfTime(TimeoutError):
    """No time is left to try again what was last answered with this status."""

    def __init__(self, status_code: int) -> None:
        super().__init__()
        self.status_code = status_code


@contextmanager
def counted_as(purpose: str) -> Iterator[None]:
    """Requests inside are counted under this name."""
    token = _PURPOSE.set(purpose)
    try:
        yield
    finally:
        _PURPOSE.reset(token)


@contextmanager
def explained() -> Iterator[None]:
    """When the time is over inside although the service did answer, its last answer is the reason."""
    answers = _ANSWERS.get()
    token = _ANSWERS.set(answers := []) if answers is None else None
    try:
        yield
    except TimeoutError:
        if answers and answers[-1] >= 400:
            raise OutOfTime(answers[-1]) from None
        raise
    finally:
        if token is not None:
            _ANSWERS.reset(token)


def _kind_of(request: Any) -> str:
    """What a request does, in one word or two, from its headers and path."""
    parts = [part for part in request.url.partition("://")[2].split("?")[0].split("/")[1:] if part]
    headers = {name.lower(): str(value).lower() for name, value in request.headers.items()}
    if not parts:
        return "account"
    if headers.get("x-ms-cosmos-is-query-plan-request") == "true":
        return "query plan"
    if headers.get("x-ms-cosmos-is-batch-request") == "true":
        return "batch"
    if headers.get("x-ms-documentdb-isquery") == "true":
        return "query"
    what = {"dbs": " database", "colls": " container", "pkranges": " ranges", "docs": ""}
    verbs = {"POST": "create", "PUT": "replace", "GET": "read", "DELETE": "delete"}
    noun = parts[-1] if len(parts) % 2 else parts[-2]
    return verbs.get(str(request.method), str(request.method).lower()) + what.get(noun, f" {noun}")


def count(requests: Counter[str], request: Any) -> None:
    """Count one request."""
    requests[_PURPOSE.get() or _kind_of(request)] += 1


def note_answer(response: Any) -> None:
    """Note what the call at hand was answered with."""
    answers = _ANSWERS.get()
    if answers is not None:
        answers.append(response.http_response.status_code)
