"""The base of all wrappers: a memory around a memory. It passes everything on; a policy changes one of two places.

- `around(call, run)`: every call passes here. Look at it, refuse it, time it, or answer without running it.
- `incoming(content)`: every entry that is added passes here. Change it or refuse it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from autogen_core import CancellationToken
from autogen_core.memory import Memory, MemoryContent, MemoryQueryResult, UpdateContextResult
from autogen_core.model_context import ChatCompletionContext

from macae.memory.policies.inner import add_to, check_options, delete_from, get_from, ids_of

__all__ = ["Call", "WrappedMemory"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a memory."""

    name: Literal["add", "query", "update_context", "clear", "ids", "get", "delete"]
    contents: Sequence[MemoryContent] = ()
    query: Any = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    ids: Sequence[str] = ()

    @property
    def writes(self) -> bool:
        """Whether it changes what is remembered; the others read."""
        return self.name in ("add", "clear", "delete")


class WrappedMemory(Memory):
    """Does what `inner` does. `ids`, `get` and `delete` raise InvalidInput where the memory below cannot."""

    owns = True
    """Whether closing this closes the inner memory too. Not so for one of several views of a memory (GuardedMemory, TeamMemory)."""

    def __init__(self, inner: Memory) -> None:
        self.inner = inner

    async def around(self, call: Call, run: Callable[[], Awaitable[Any]]) -> Any:
        """Every call passes here; `run` does it. Called again, it does it again."""
        return await run()

    async def incoming(self, content: MemoryContent) -> MemoryContent:
        """Every added entry passes here; what it gives is stored."""
        return content

    async def add(self, content: MemoryContent, cancellation_token: CancellationToken | None = None) -> None:
        """Remember it."""
        await self.add_many([content], cancellation_token)

    async def add_many(
        self, contents: Sequence[MemoryContent], cancellation_token: CancellationToken | None = None
    ) -> None:
        """Remember all of them, at once where the memory below can."""

        async def run() -> None:
            await add_to(self.inner, [await self.incoming(one) for one in contents], cancellation_token)

        await self.around(Call("add", contents=contents), run)

    async def query(
        self, query: Any = "", cancellation_token: CancellationToken | None = None, **kwargs: Any
    ) -> MemoryQueryResult:
        """What is known about it; further options are the inner memory's. Raises InvalidInput for those that it does not take."""
        check_options(self.inner, kwargs)
        result: MemoryQueryResult = await self.around(
            Call("query", query=query, options=kwargs),
            lambda: self.inner.query(query, cancellation_token, **kwargs),
        )
        return result

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        """Tell the model what is known, as the inner memory does it."""
        result: UpdateContextResult = await self.around(
            Call("update_context"), lambda: self.inner.update_context(model_context)
        )
        return result

    async def clear(self) -> None:
        """Forget everything."""
        await self.around(Call("clear"), self.inner.clear)

    async def ids(self) -> list[str]:
        """The ids of all entries."""
        result: list[str] = await self.around(Call("ids"), lambda: ids_of(self.inner))
        return result

    async def get(self, ids: Sequence[str]) -> list[MemoryContent]:
        """The entries with these ids that are there."""
        result: list[MemoryContent] = await self.around(
            Call("get", ids=ids), lambda: get_from(self.inner, ids)
        )
        return result

    async def delete(self, ids: Sequence[str]) -> None:
        """Forget these."""
        await self.around(Call("delete", ids=ids), lambda: delete_from(self.inner, ids))

    async def close(self) -> None:
        """Let go of what the inner memory holds open, where this `owns` it."""
        if self.owns:
            await self.inner.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
