"""How a tool meets the company: one transaction a call, and a call that was done is not done again."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any, ParamSpec

from macae.contoso.context import current
from macae.errors import ToolRefused
from macae.tools import current_call, tool

__all__ = ["changes", "reads"]

P = ParamSpec("P")
LONGEST = 20_000
"""Characters in one argument."""

Body = Callable[P, Coroutine[Any, Any, str]]


def reads(body: Body[P]) -> Body[P]:
    """A tool that only looks (`tool(effect="read")`): while it runs, SQLite refuses to write."""

    @functools.wraps(body)
    async def call(*args: P.args, **kwargs: P.kwargs) -> str:
        company = current()
        storable({str(n): v for n, v in enumerate(args)} | dict(kwargs))
        with company.using():
            company.db.execute("BEGIN")  # one moment for all that it reads
            company.db.execute("PRAGMA query_only = ON")
            try:
                return finish(body(*args, **kwargs))
            finally:
                company.db.execute("PRAGMA query_only = OFF")
                company.db.execute("ROLLBACK")

    return tool(effect="read")(shown_as(call, body))


def changes(body: Body[P]) -> Body[P]:
    """A tool that changes the company (`tool(effect="change")`).

    All that it writes is one transaction, which also stores the running call's key and the result: the same call made
    again has no effect and returns the stored result. Refusing (or failing) leaves everything as it was.
    """
    name = body.__name__
    signature = inspect.signature(body)

    @functools.wraps(body)
    async def call(*args: P.args, **kwargs: P.kwargs) -> str:
        company, running = current(), current_call()
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        storable(bound.arguments)
        given = json.dumps(bound.arguments, sort_keys=True, default=str)
        with company.using():
            company.db.execute("BEGIN IMMEDIATE")
            try:
                if running is not None and (done := company.effect(running.key)) is not None:
                    result = stored(done, name, given)
                else:
                    result = finish(body(*args, **kwargs))
                    if running is not None:
                        company.db.execute(
                            "INSERT INTO effects (key, tool, arguments, summary, at) VALUES (?, ?, ?, ?, ?)",
                            (
                                running.key,
                                name,
                                given,
                                result,
                                datetime.now(UTC).isoformat(timespec="seconds"),
                            ),
                        )
                company.db.execute("COMMIT")
            except BaseException:
                if company.db.in_transaction:
                    company.db.execute("ROLLBACK")
                raise
            return result

    return tool(effect="change")(shown_as(call, body))


def stored(done: dict[str, Any], name: str, given: str) -> str:
    """The result of a call that was made before. A key that stands for another call is refused, not misread."""
    if (done["tool"], done["arguments"]) == (name, given):
        return str(done["summary"])
    raise ToolRefused(
        f"Nothing was done now: this call already ran as {done['tool']} {done['arguments']}, with the result: "
        f"{done['summary']} A different call needs a step of its own."
    )


def storable(arguments: Mapping[str, Any]) -> None:
    """Refuse text that no database and no terminal should get: half characters, zero bytes, endless text."""
    for value in arguments.values():
        if not isinstance(value, str):
            continue
        if len(value) > LONGEST:
            raise ToolRefused(
                f"A text of {len(value)} characters is too long; at most {LONGEST} are possible."
            )
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise ToolRefused(
                f"The text {value[:40]!a} holds characters that cannot be stored. Write it anew."
            )


def finish(coroutine: Coroutine[Any, Any, str]) -> str:
    """Run a tool's body to its end at once: nothing else may happen inside its transaction."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return str(end.value)
    coroutine.close()
    raise RuntimeError("A tool of the sample company awaited something inside its transaction.")


def shown_as(call: Body[P], body: Body[P]) -> Body[P]:
    """Let the wrapper show the body's real types: AutoGen resolves annotations where the wrapper is defined."""
    signature = inspect.signature(body, eval_str=True)
    call.__signature__ = signature  # type: ignore[attr-defined]
    call.__annotations__ = {name: p.annotation for name, p in signature.parameters.items()} | {"return": str}
    return call
