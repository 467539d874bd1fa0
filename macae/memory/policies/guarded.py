"""Who may read and who may write."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from autogen_core.memory import Memory

from macae.errors import InvalidInput, NotAllowed
from macae.memory.policies.wrapping import Call, WrappedMemory
from macae.models import Event, EventSink, EventType

__all__ = ["GuardedMemory"]


class GuardedMemory(WrappedMemory):
    """Lets `role` do what `may` says: `{"clerk": {"read"}, "manager": {"read", "write"}}`. Who is not named may nothing.

    Anything else raises NotAllowed, reaches nothing inside, and is an `access_refused` event to `emit`, without content.
    The role is fixed here and not an argument of the calls, so that no text can talk itself into another one: give each agent a
    GuardedMemory of its own around the same inner memory. Closing one leaves that open for the others, unless it `owns` it.
    """

    def __init__(
        self, inner: Memory, role: str, may: Mapping[str, Collection[str]], emit: EventSink | None = None,
        *, collection: str = "memory", session_id: str = "", user_id: str = "", owns: bool = False,
    ) -> None:  # fmt: skip
        if unknown := {right for rights in may.values() for right in rights} - {"read", "write"}:
            raise InvalidInput(f"A role may read or write; {', '.join(sorted(unknown))} is no right.")
        super().__init__(inner)
        self.role, self.collection, self.owns = role, collection, owns
        self.rights = frozenset(may.get(role, ()))
        self._emit, self._of = emit, {"session_id": session_id, "user_id": user_id}

    async def around(self, call: Call, run: Any) -> Any:
        """Check first."""
        right = "write" if call.writes else "read"
        if right not in self.rights:
            text = f"The role {self.role!r} may not {right} {self.collection!r} ({call.name} was refused)."
            if self._emit is not None:
                data = {"operation": call.name, "right": right, "collection": self.collection}
                event = Event(
                    type=EventType.access_refused, agent=self.role, text=text, data=data, **self._of
                )
                self._emit(event)
            raise NotAllowed(f"{text} Ask with a role that has this right, or add it to `may`.")
        return await run()
