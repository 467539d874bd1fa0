"""An AgentChat agent's or team's stream, told as our events: thoughts, messages and memory queries inside an agent."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Protocol

from macae.models import EventType

__all__ = ["Tell", "observed_stream"]


class Tell(Protocol):
    """Where events go: in an agent of the engine, `self.memory.note`."""

    def __call__(self, type: EventType, agent: str = "", text: str = "", **data: Any) -> None:
        """Take one."""


async def observed_stream(stream: AsyncGenerator[Any, None], tell: Tell) -> AsyncGenerator[Any, None]:
    """Passes on what `agent.run_stream(…)` or `team.run_stream(…)` gives, and tells of it.

    Model calls are not told here but by the model client, which sees their latency, failures and price; tool calls of the engine's
    tools by the gate.
    """
    from autogen_agentchat.base import Response, TaskResult
    from autogen_agentchat.messages import BaseChatMessage, MemoryQueryEvent, ThoughtEvent

    async with aclosing(stream) as items:
        async for item in items:
            if isinstance(item, ThoughtEvent):
                tell(EventType.thought, item.source, item.content)
            elif isinstance(item, MemoryQueryEvent):
                told = [str(one.content) for one in item.content]
                names = [str((one.metadata or {}).get("id", "")) for one in item.content]
                tell(
                    EventType.memory_queried, item.source, "; ".join(text[:200] for text in told),
                    memory="", results=len(told), sources=[name for name in names if name],
                )  # fmt: skip
            elif isinstance(item, BaseChatMessage):
                tell(EventType.message, item.source, item.to_text(), to="")
            elif isinstance(item, Response) and isinstance(item.chat_message, BaseChatMessage):
                tell(EventType.message, item.chat_message.source, item.chat_message.to_text(), to="")
            elif isinstance(item, TaskResult) and item.stop_reason:
                tell(EventType.message, "team", f"stopped: {item.stop_reason}", to="")
            yield item
