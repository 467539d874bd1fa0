"""A team is a list of agents; one declaration adds an agent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autogen_core.tools import FunctionTool

from macae.errors import TeamError
from macae.models import BAgentType
from macae.tools import ActionTool, as_tool

__all__ = ["HUMAN", "MANAGER", "PLANNER", "AgentSpec", "Team"]

HUMAN, PLANNER, MANAGER = "HumanAgent", "PlannerAgent", "GroupChatManager"
"""The three agents that every team has; their names are taken."""


@dataclass(frozen=True)
class AgentSpec:
    """All that there is to say of an agent: the planner, the catalogue and the board read it from here.

    Raises TeamError where the declaration cannot work, naming what to mend.
    """

    name: str
    """A Python identifier, as AutoGen asks for."""
    system_message: str
    """What the model is told the agent is and how it works."""
    tools: Sequence[Callable[..., Any] | FunctionTool] = ()
    """Async functions or FunctionTools; `@tool(effect="read")` marks those that only look."""
    description: str = ""
    """What the planner is told of the agent: one line. Default: the system message's first sentence."""
    quick_tasks: Sequence[str] = ()
    """Goals that the board offers as buttons."""
    icon: str = "user"
    """A Font Awesome name, for the board."""
    kind: BAgentType = BAgentType.ai_assistant
    agent_class: type | None = None
    """A class of one's own (the guide's form: a subclass of BaseAgent); None for BaseAgent itself."""

    def __post_init__(self) -> None:
        for field_name in ("name", "system_message", "description", "icon"):
            value = getattr(self, field_name)
            if not isinstance(value, str):
                raise TeamError(
                    f"The {field_name} of the agent {self.name!r} must be text, not {type(value).__name__}."
                )
        for field_name in ("tools", "quick_tasks"):
            value = getattr(self, field_name)
            if isinstance(value, str) or not isinstance(value, Sequence):
                raise TeamError(f"{self.name}: {field_name} must be a list, not {type(value).__name__}.")
        if not all(isinstance(task, str) for task in self.quick_tasks):
            raise TeamError(f"{self.name}: every quick task must be text.")
        if not self.name.isidentifier():
            raise TeamError(
                f"The agent name {self.name!r} is not a Python identifier. Write it like BakerAgent: letters, digits and _."
            )
        if not self.system_message.strip():
            raise TeamError(f"{self.name} has no system message. Say in a sentence or two what it is for.")
        tools = tuple(as_tool(tool) for tool in self.tools)
        twice = {tool.name for tool in tools if sum(other.name == tool.name for other in tools) > 1}
        if twice:
            raise TeamError(f"{self.name} has two tools of the name {', '.join(sorted(twice))}. Rename one.")
        object.__setattr__(self, "tools", tools)
        if not self.description:
            sentence = self.system_message.strip().split("\n")[0].split(". ")[0].rstrip(".")
            object.__setattr__(self, "description", sentence)

    @property
    def action_tools(self) -> tuple[ActionTool, ...]:
        """The tools, as the engine uses them."""
        return tuple(as_tool(tool) for tool in self.tools)


@dataclass(frozen=True)
class Team:
    """The agents who can carry out steps, besides the person. Raises TeamError when two of them cannot live together."""

    agents: Sequence[AgentSpec]
    name: str = "My team"
    _by_name: dict[str, AgentSpec] = field(init=False, repr=False, compare=False)
    _by_tool: dict[str, tuple[AgentSpec, ActionTool]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.agents, Sequence) or not all(isinstance(a, AgentSpec) for a in self.agents):
            raise TeamError(f"The team {self.name!r} needs a list of AgentSpec.")
        if not self.agents:
            raise TeamError(f"The team {self.name!r} has no agents. Give it at least one AgentSpec.")
        by_name: dict[str, AgentSpec] = {}
        by_tool: dict[str, tuple[AgentSpec, ActionTool]] = {}
        for agent in self.agents:
            if agent.name in (HUMAN, PLANNER, MANAGER):
                raise TeamError(f"{agent.name} is part of every team; give your agent another name.")
            if agent.name in by_name:
                raise TeamError(
                    f"The team {self.name!r} has two agents of the name {agent.name}. Rename one."
                )
            by_name[agent.name] = agent
            for tool in agent.action_tools:
                if tool.name in by_tool:
                    raise TeamError(
                        f"{by_tool[tool.name][0].name} and {agent.name} both have a tool {tool.name}. "
                        "A plan names a step's tool, so each needs a name of its own."
                    )
                by_tool[tool.name] = (agent, tool)
        object.__setattr__(self, "agents", tuple(self.agents))
        object.__setattr__(self, "_by_name", by_name)
        object.__setattr__(self, "_by_tool", by_tool)

    def __iter__(self) -> Iterator[AgentSpec]:
        return iter(self.agents)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> AgentSpec:
        try:
            return self._by_name[name]
        except KeyError:
            raise TeamError(f"The team has no agent {name!r}. It has: {', '.join(self._by_name)}.") from None

    def tool(self, name: str) -> tuple[AgentSpec, ActionTool] | None:
        """The tool of that name with the agent that has it, or None."""
        return self._by_tool.get(name)

    @property
    def quick_tasks(self) -> list[str]:
        """The goals that the agents offer."""
        return [task for agent in self.agents for task in agent.quick_tasks]

    def plus(self, *agents: AgentSpec) -> Team:
        """A new team with these agents too."""
        return Team((*self.agents, *agents), name=self.name)
