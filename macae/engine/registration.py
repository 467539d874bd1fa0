"""Building a session's agents, with the checks that AutoGen forgets."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from autogen_core import Agent, AgentId, AgentInstantiationContext, AgentRuntime, RoutedAgent

from macae import models
from macae.agents.base import BaseAgent
from macae.agents.context import AgentContext, AgentFactory
from macae.agents.gatedtool import GatedTool
from macae.agents.observing import observed
from macae.agents.team import HUMAN, MANAGER, PLANNER, AgentSpec
from macae.errors import MacaeError, TeamError

__all__ = ["register_agents"]

PART_NAMES = {"planner": PLANNER, "manager": MANAGER, "human": HUMAN}


async def register_agents(
    runtime: AgentRuntime,
    context: AgentContext,
    planner: AgentFactory,
    manager: AgentFactory,
    human: AgentFactory,
) -> None:
    """Build a session's agents, the team's among them, and register each under its name. Raises TeamError."""
    leading = [models.InputTask, models.HumanClarification, models.ApprovalRequest]
    builds: dict[str, Callable[[], Agent]] = {
        PLANNER: lambda: build_part("planner", planner, context, [models.InputTask]),
        MANAGER: lambda: build_part("manager", manager, context, leading),
        HUMAN: lambda: build_part("human", human, context, [models.HumanFeedback]),
        **{spec.name: partial(build_specialist, spec, context) for spec in context.team},
    }
    for name, build in builds.items():
        agent_id = AgentId(name, context.session_id)
        with AgentInstantiationContext.populate_context((runtime, agent_id)):
            agent = build()
        await runtime.register_agent_instance(agent, agent_id)


def build_part(role: str, factory: AgentFactory, context: AgentContext, handles: Sequence[type]) -> Agent:
    """The planner, manager or human. Raises TeamError, naming the part, when it could not do its work."""
    own = replace(context, model_client=observed(context.model_client, context.gate, PART_NAMES[role]))
    agent: Agent = guarded(role, lambda: factory(own))
    check_handlers(role, agent, handles)
    return agent


def build_specialist(spec: AgentSpec, context: AgentContext) -> Agent:
    """The agent of a declaration, its tools behind the gate."""
    made = spec.agent_class or BaseAgent
    client = observed(context.model_client, context.gate, spec.name)
    tools = [GatedTool(tool, context.gate, spec.name) for tool in spec.action_tools]
    offered: dict[str, Any] = {
        "agent_name": spec.name,
        "model_client": client,
        "session_id": context.session_id,
        "user_id": context.user_id,
        "memory": context.memory,
        "tools": tools,
        "agent_id": AgentId(spec.name, context.session_id),
        "system_message": spec.system_message,
        "context": replace(context, model_client=client),
    }
    parameters = inspect.signature(made).parameters
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    given = {name: value for name, value in offered.items() if takes_all or name in parameters}
    agent: Agent = guarded(spec.name, lambda: made(**given))
    check_handlers(spec.name, agent, [models.ActionRequest])
    if isinstance(agent, BaseAgent):
        for tool in agent.tools:
            if not isinstance(tool, GatedTool):
                raise TeamError(
                    f"{spec.name} replaced its tools after they were put behind the gate. Pass them to super().__init__."
                )
    return agent


def guarded(role: str, build: Any) -> Any:
    """What `build` gives; whatever it raises becomes a TeamError that names the part."""
    try:
        return build()
    except MacaeError:
        raise
    except Exception as error:
        raise TeamError(f"{role} could not be built: {type(error).__name__}: {error}") from error


def check_handlers(role: str, agent: Any, handles: Sequence[type]) -> None:
    """Raise TeamError unless the agent answers the messages that its part is sent.

    AutoGen drops a message that no handler takes, without a word; and a message class that was defined a second time in a
    notebook is another class than the one that is sent.
    """
    if not isinstance(agent, RoutedAgent):
        if hasattr(agent, "on_message"):
            return
        raise TeamError(
            f"{role} is a {type(agent).__name__}, not an agent. Derive it from autogen_core.RoutedAgent."
        )
    taken = set(agent._handlers)
    for wanted in handles:
        if wanted in taken:
            continue
        twin = next((t for t in taken if t.__name__ == wanted.__name__), None)
        if twin is not None:
            where = getattr(sys.modules.get(twin.__module__), "__name__", twin.__module__)
            raise TeamError(
                f"{role} handles a {wanted.__name__} that was defined again in {where}, not the engine's. "
                f"Write `from macae.models import {wanted.__name__}`, then re-run the cell of the agent."
            )
        near = [
            name
            for name, value in vars(type(agent)).items()
            if inspect.iscoroutinefunction(value) and name.startswith("handle")
        ]
        hint = f" Is @message_handler missing on {', '.join(near)}?" if near and not taken else ""
        raise TeamError(f"{role} has no handler for {wanted.__name__}.{hint}")
