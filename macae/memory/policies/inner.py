"""What a wrapper asks of the memory inside it, whatever that is.

Any `Memory` can add, query and clear. Some can more: `ids()`, `get(ids)`, `delete(ids)`, `add_many(contents)`. These functions use
what is there; for AutoGen's ListMemory, whose list is open, they do it on the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from inspect import Parameter, signature
from typing import Any

from autogen_core import CancellationToken
from autogen_core.memory import ListMemory, Memory, MemoryContent

from macae.errors import InvalidInput
from macae.memory.policies.entries import id_of, identified

__all__ = [
    "add_to",
    "batches",
    "bottom",
    "check_options",
    "delete_from",
    "get_from",
    "ids_of",
    "layers",
    "removes",
    "takes",
]

_NEEDED = ("ids", "get", "delete")


def bottom(memory: Memory) -> Memory:
    """The memory below all wrappers (or the one that takes removing upon itself)."""
    while not getattr(memory, "rebuilds", False) and isinstance(getattr(memory, "inner", None), Memory):
        memory = memory.inner  # type: ignore[attr-defined]
    return memory


def removes(memory: Memory) -> bool:
    """Whether single entries can be listed, read and removed."""
    lowest = bottom(memory)
    return isinstance(lowest, ListMemory) or all(callable(getattr(lowest, name, None)) for name in _NEEDED)


def batches(memory: Memory) -> bool:
    """Whether many entries can be written at once."""
    lowest = bottom(memory)
    return not getattr(lowest, "rebuilds", False) and callable(getattr(lowest, "add_many", None))


def layers(memory: Memory) -> Iterator[Memory]:
    """The memory, and what is inside it, and inside that."""
    yield memory
    while isinstance(memory := getattr(memory, "inner", None), Memory):  # type: ignore[assignment]
        yield memory


def takes(memory: Memory, option: str) -> bool:
    """Whether a query is known to take this option: it, or what is inside it, names it."""
    return any(option in signature(layer.query).parameters for layer in layers(memory))


def check_options(memory: Memory, options: Iterable[str]) -> None:
    """Raises InvalidInput for options of a query that would be passed over in silence, or that it does not take."""
    *_, lowest = layers(memory)
    kinds = {parameter.kind for parameter in signature(lowest.query).parameters.values()}
    if isinstance(lowest, ListMemory) or Parameter.VAR_KEYWORD not in kinds:  # the others say it themselves
        unknown = [option for option in options if not takes(memory, option)]
        if unknown:
            raise InvalidInput(f"{type(lowest).__name__}'s query does not know {', '.join(unknown)}.")


async def add_to(
    memory: Memory, contents: Sequence[MemoryContent], token: CancellationToken | None = None
) -> None:
    """Add them, at once where the memory can. An entry with the id of an earlier one replaces it, where entries can be removed."""
    if len(contents) > 1 and callable(many := getattr(memory, "add_many", None)):
        await many(list(contents))
        return
    for content in contents:
        if isinstance(memory, ListMemory) and id_of(content):
            await delete_from(memory, [id_of(content)])
        await memory.add(content, token)


async def ids_of(memory: Memory) -> list[str]:
    """The ids of all entries, oldest first."""
    if isinstance(memory, ListMemory):
        memory.content = [identified(content) for content in memory.content]
        return [id_of(content) for content in memory.content]
    found: list[str] = await _method(memory, "ids")()
    return list(found)


async def get_from(memory: Memory, ids: Sequence[str]) -> list[MemoryContent]:
    """The entries with these ids; those that are not there are passed over."""
    if not ids:
        return []
    if isinstance(memory, ListMemory):
        wanted = set(ids)
        return [content for content in memory.content if id_of(content) in wanted]
    found: list[MemoryContent] = await _method(memory, "get")(list(ids))
    return list(found)


async def delete_from(memory: Memory, ids: Sequence[str]) -> None:
    """Remove entries; those that are not there are passed over."""
    if not ids:
        return
    if isinstance(memory, ListMemory):
        gone = set(ids)
        memory.content = [content for content in memory.content if id_of(content) not in gone]
    else:
        await _method(memory, "delete")(list(ids))


def _method(memory: Memory, name: str) -> Any:
    method = getattr(memory, name, None)
    if not callable(method):
        raise InvalidInput(
            f"{type(memory).__name__} has no {name}(): it can only add, query and clear. "
            "Put it into RebuildingMemory(…), or use SQLMemory or SemanticMemory."
        )
    return method
