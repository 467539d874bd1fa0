"""Reading and then writing as one: wrappers around the same memory wait for each other."""

from __future__ import annotations

import asyncio
import weakref

from autogen_core.memory import Memory

from macae.memory.policies.inner import layers

__all__ = ["turn_of"]

_turns: dict[int, dict[tuple[type, int], tuple[asyncio.AbstractEventLoop, asyncio.Lock]]] = {}
"""By the id of the lowest memory (it may have no hash), for as long as that lives."""


def turn_of(memory: Memory) -> asyncio.Lock:
    """The turn of all wrappers of this class around the same memory object. Other objects on the same file have their own."""
    inside = list(layers(memory))
    place = (
        type(memory),
        sum(type(layer) is type(memory) for layer in inside),
    )  # one around another: two turns
    lowest = inside[-1]
    if id(lowest) not in _turns:
        weakref.finalize(lowest, _turns.pop, id(lowest), None).atexit = False
    turns, loop = _turns.setdefault(id(lowest), {}), asyncio.get_running_loop()
    if place not in turns or turns[place][0] is not loop:  # a lock belongs to one loop
        turns[place] = loop, asyncio.Lock()
    return turns[place][1]
