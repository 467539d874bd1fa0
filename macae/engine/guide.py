"""The guide's functions, for whoever comes from there."""

from __future__ import annotations

from typing import Any

from autogen_core import SingleThreadedAgentRuntime

from macae.agents.departments import default_team
from macae.agents.team import Team
from macae.engine.engine import Engine
from macae.errors import InvalidInput
from macae.memory.chat.context import CosmosBufferedChatCompletionContext
from macae.models.base import new_id

__all__ = ["initialize", "initialize_runtime_and_context", "retrieve_all_agent_tools"]


async def initialize_runtime_and_context(
    session_id: str | None = None, user_id: str | None = None, engine: Engine | None = None
) -> tuple[SingleThreadedAgentRuntime, CosmosBufferedChatCompletionContext]:
    """A session's runtime, with all agents registered, and its memory. Without a session: a new one.

    The runtime belongs to `engine` (without one: to a new one with the settings' defaults, reachable as `runtime.engine`). Messages
    may be sent to it by hand; but a `HumanFeedback` sent by hand opens no tool: approve through the engine.
    """
    if engine is not None and user_id not in (None, engine.user_id):
        raise InvalidInput(
            f"The engine acts for {engine.user_id!r}, not for {user_id!r}. Give one of the two."
        )
    used = engine or Engine(user_id=user_id)
    live = await used.live(session_id or new_id())
    memory = CosmosBufferedChatCompletionContext(
        live.session_id,
        used.user_id,
        used.settings.buffer_size,
        store=used.store,
        buffer_tokens=used.settings.buffer_tokens,
        summary_size=used.settings.summary_size,
    )
    live.runtime.engine = used  # type: ignore[attr-defined]
    return live.runtime, memory


async def initialize(
    session_id: str | None = None, user_id: str | None = None
) -> tuple[SingleThreadedAgentRuntime, CosmosBufferedChatCompletionContext]:
    """The guide's other name for `initialize_runtime_and_context`."""
    return await initialize_runtime_and_context(session_id, user_id)


def retrieve_all_agent_tools(team: Team | None = None) -> list[dict[str, Any]]:
    """Every tool of the team: its agent, function, description and arguments (JSON Schema properties)."""
    return [
        {
            "agent": agent.name,
            "function": tool.name,
            "description": tool.description,
            "arguments": tool.parameters,
        }
        for agent in team or default_team()
        for tool in agent.action_tools
    ]
