"""Checks of challenge 7 on who may read a memory, and who may write."""

from __future__ import annotations

from typing import Any

from autogen_core import CancellationToken
from autogen_core.memory import ListMemory, Memory, MemoryContent, MemoryMimeType, MemoryQueryResult
from autogen_core.model_context import BufferedChatCompletionContext, ChatCompletionContext

from macae.errors import NotAllowed
from macae.workshop.trial import Trial

__all__ = ["keeps_the_door"]

SECRET = "The safe opens with 4711."


class Inner(ListMemory):
    """A memory that notes what reaches it."""

    def __init__(self) -> None:
        super().__init__()
        self.reached: list[str] = []
        self.more: dict[str, Any] = {}
        self.token: Any = None

    async def add(self, content: MemoryContent, cancellation_token: Any = None) -> None:
        """Note it, and add."""
        self.reached.append("add")
        self.token = cancellation_token
        await super().add(content, cancellation_token)

    async def query(
        self, query: str | MemoryContent = "", cancellation_token: Any = None, **kwargs: Any
    ) -> MemoryQueryResult:
        """Note it, and look."""
        self.reached.append("query")
        self.more, self.token = kwargs, cancellation_token
        return await super().query(query, cancellation_token, **kwargs)

    async def update_context(self, model_context: ChatCompletionContext) -> Any:
        """Note it, and tell the model."""
        self.reached.append("update_context")
        return await super().update_context(model_context)

    async def clear(self) -> None:
        """Note it, and forget."""
        self.reached.append("clear")
        await super().clear()

    async def close(self) -> None:
        """Note it."""
        self.reached.append("close")


def text(words: str) -> MemoryContent:
    """Something to remember."""
    return MemoryContent(content=words, mime_type=MemoryMimeType.TEXT)


async def act(memory: Memory, what: str, token: CancellationToken | None = None) -> Any:
    """One of the five things that a memory does."""
    if what == "add":
        return await memory.add(text("Something new."), cancellation_token=token)
    if what == "query":
        return await memory.query("safe", cancellation_token=token, k=2)
    if what == "update_context":
        return await memory.update_context(BufferedChatCompletionContext(5))
    return await getattr(memory, what)()


NEEDS = {"query": "read", "update_context": "read", "add": "write", "clear": "write"}
RIGHTS = {"manager": {"read", "write"}, "clerk": {"read"}, "guest": set(), "": set()}


async def keeps_the_door(attempt: Any, trial: Trial) -> None:
    """Each role may do what it may, everything else is an error and an event, and nothing of it reaches the memory."""
    trial.expect(
        issubclass(attempt, Memory),
        expected="a class that derives from Memory",
        seen=", ".join(base.__name__ for base in attempt.__bases__),
        look="An agent takes only what is a Memory: `class RoleMemory(Memory):`",
        kind="no-memory",
    )
    await lets_through(attempt, trial)
    for role in ("clerk", "guest", ""):
        for what, right in NEEDS.items():
            if right not in RIGHTS[role]:
                await refuses(attempt, trial, role, what, right)
    trial.proven("A clerk reads and cannot write or clear; a guest can do neither, and no other role can.")
    trial.proven("Each refusal is a NotAllowed and an event, and nothing of it reached the memory.")
    await can_be_closed(attempt, trial)


async def made(attempt: Any, trial: Trial, role: str) -> tuple[Any, Inner, list[Any]]:
    """The learner's memory for a role, around one that knows something."""
    inner = Inner()
    await inner.add(text(SECRET))
    inner.reached.clear()
    events: list[Any] = []
    memory = await trial.call(attempt, inner, role, events.append)
    return memory, inner, events


async def lets_through(attempt: Any, trial: Trial) -> None:
    """What a role may do is done, once, by the memory inside."""
    for role in ("manager", "clerk"):
        for what, right in NEEDS.items():
            if right not in RIGHTS[role]:
                continue
            memory, inner, events = await made(attempt, trial, role)
            token = CancellationToken()
            try:
                got = await act(memory, what, token)
            except NotAllowed as error:
                trial.fail(expected=f"a {role} may {right}: `{what}` is done", seen=str(error), look="Which right does each method need? Compare with the table.", kind="locked-out")  # fmt: skip
            trial.expect(
                inner.reached.count(what) == 1,
                expected=f"a {role}'s `{what}` reaches the inner memory, once",
                seen=", ".join(inner.reached) or "nothing reached it",
                look=f"`await self.inner.{what}(…)` after the question",
                kind="not-passed-on",
            )
            trial.expect(not events, expected="an event only where something was refused", seen=events, kind="false-alarm")  # fmt: skip
            if what == "query":
                found = [one.content for one in getattr(got, "results", ())]
                trial.expect(
                    SECRET in found,
                    expected=f"a {role}'s query gives what the inner memory found",
                    seen=got,
                    look="`return await self.inner.query(…)`",
                    kind="no-result",
                )
                trial.expect(
                    inner.more == {"k": 2},
                    expected="`query(\"safe\", k=2)` hands `k=2` on",
                    seen=inner.more,
                    look="`**kwargs` in, `**kwargs` out.",
                    kind="kwargs-lost",
                )  # fmt: skip
            if what in ("query", "add"):
                trial.expect(
                    inner.token is token,
                    expected=f"`{what}(…, cancellation_token=token)` hands the token on",
                    seen="the inner memory got none" if inner.token is None else inner.token,
                    look="Whoever presses Stop cancels this token. The work is done inside, so it has to arrive there.",
                    kind="token-lost",
                )
            if what == "update_context":
                trial.expect(
                    getattr(got, "memories", None) is not None,
                    expected="`update_context` gives back what the inner memory's gave",
                    seen=got,
                    look="An agent reads that result: `return await self.inner.update_context(…)`",
                    kind="no-result",
                )
    trial.proven("What a role may do is done by the memory inside, and its answer comes back.")


async def refuses(attempt: Any, trial: Trial, role: str, what: str, right: str) -> None:
    """One thing that a role may not do."""
    memory, inner, events = await made(attempt, trial, role)
    who = f"a {role}" if role in ("clerk", "guest") else "somebody without a role"
    try:
        got = await act(memory, what)
    except NotAllowed as error:
        said = str(error)
    except KeyError as error:
        trial.fail(
            expected=f"{who} may not {right}: NotAllowed",
            seen=f"KeyError: {error}",
            look="A role that the table does not name has no rights: `RIGHTS.get(role, set())`.",
            kind="unknown-role",
        )
    else:
        if inner.reached:
            trial.fail(
                expected=f"{who} may not {right}: `{what}` is refused",
                seen=f"`{what}` was done" + (f", and gave {got}" if got is not None else ""),
                look="Five methods, two rights. An agent never calls `query` itself: it calls `update_context`, and so reads.",
                kind="back-door",
            )
        trial.fail(
            expected=f"{who} may not {right}: `{what}` raises NotAllowed",
            seen=f"no error; it gave {got!r}",
            look="An empty answer looks as if there were nothing. `raise NotAllowed(…)` says what happened.",
            kind="silent",
        )
    trial.expect(
        not inner.reached,
        expected=f"a refused `{what}` never reaches the memory",
        seen=f"{', '.join(inner.reached)} was done, and then refused",
        look="Ask first, then act.",
        kind="too-late",
    )
    trial.expect(
        len(events) == 1,
        expected=f"one event for the refused `{what}`",
        seen=f"{len(events)} events",
        look="`self.emit(…)` before `raise`: whatever stands behind a `raise` never runs.",
        kind="no-event",
    )
    shown = str(events[0])
    kind = events[0].get("type") if isinstance(events[0], dict) else None
    trial.expect(
        kind == "memory_refused",
        expected='a dict with the type "memory_refused": `{"type": "memory_refused", "role": …, "right": …}`',
        seen=events[0],
        look="Whoever counts the refusals looks for this type, and passes over every other.",
        kind="other-event",
    )
    for words, source in ((shown, "the event"), (said, "the error")):
        trial.expect(
            role in words and right in words,
            expected=f"{source} names {f'the role ({role}) and ' if role else ''}what was refused ({right})",
            seen=words,
            look="Whoever reads it was not there.",
            kind="mute",
        )
    trial.expect(
        SECRET not in shown + said and "Something new" not in shown + said,
        expected="neither the event nor the error holds what the memory holds",
        seen=shown,
        look="Logs are read by many. Say who wanted to do what, not the content.",
        kind="told-too-much",
    )


async def can_be_closed(attempt: Any, trial: Trial) -> None:
    """Everybody may let go."""
    memory, inner, events = await made(attempt, trial, "guest")
    try:
        await memory.close()
    except NotAllowed as error:
        trial.fail(expected="anybody may close", seen=str(error), look="To close is to let go, neither to read nor to write.", kind="locked-out")  # fmt: skip
    trial.expect(
        inner.reached == ["close"] and not events,
        expected="`close` closes the memory inside",
        seen=", ".join(inner.reached) or "nothing reached it",
        look="`await self.inner.close()`, or its file stays open.",
        kind="not-passed-on",
    )
    trial.proven("Anybody may close, and the memory inside is closed.")
