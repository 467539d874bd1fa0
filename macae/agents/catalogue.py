"""The tool catalogue in the planner's prompt: every agent, its tools ranked for the goal, and never more than so long."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from macae.agents.team import HUMAN, Team
from macae.llm.ranking import rank
from macae.tools import ActionTool

__all__ = ["MAX_CATALOGUE", "catalogue", "signature"]

MAX_CATALOGUE = 24_000
"""Characters, about 6,000 tokens. The planner's whole prompt stays under 30,000."""


@lru_cache(maxsize=4096)
def signature(tool: ActionTool) -> str:
    """A tool on one line: `order_hardware(item: string, quantity: integer = 1) [change]: Order …`."""
    parts = [
        f"{name}: {parameter(name, schema)}" + ("" if name in tool.required else f" = {default_of(schema)}")
        for name, schema in tool.parameters.items()
    ]
    return f"{tool.name}({', '.join(parts)}) [{tool.effect}]: {tool.description}"


def type_name(schema: dict[str, Any]) -> str:
    """A parameter's type in a word or two."""
    if "enum" in schema:
        name = " | ".join(repr(value) for value in schema["enum"])
    elif "anyOf" in schema:
        name = " | ".join(type_name(part) for part in schema["anyOf"] if part.get("type") != "null")
    elif schema.get("type") == "array":
        name = f"list of {type_name(schema.get('items', {}))}"
    else:
        name = str(schema.get("format") or schema.get("type") or "string")
    return name


def parameter(name: str, schema: dict[str, Any]) -> str:
    """A parameter's type, with its description where it says more than the name does."""
    text = schema.get("description")
    return f"{type_name(schema)} ({text})" if text and text != name else type_name(schema)


def default_of(schema: dict[str, Any]) -> str:
    """A parameter's default as it is shown."""
    return repr(schema.get("default"))


def catalogue(team: Team, goal: str, limit: int = MAX_CATALOGUE) -> str:
    """The team's agents and tools as text. What is least relevant to the goal is named only, or, when even that is too long, counted.

    Under the limit the order is the team's own, so that the text is the same for every goal.
    """
    lines = {tool.name: f"- {signature(tool)}" for agent in team for tool in agent.action_tools}
    if sum(map(len, lines.values())) > limit:
        lines = shortened(team, goal, lines, limit)
    blocks = []
    for agent in team:
        own = [lines[tool.name] for tool in agent.action_tools if tool.name in lines]
        left_out = len(agent.action_tools) - len(own)
        more = [f"- ({left_out} more tools that have little to do with the goal)"] if left_out else []
        blocks.append("\n".join([f"## {agent.name}: {agent.description}", *own, *more]))
    blocks.append(f"## {HUMAN}: The person who gave the goal, for what only a person can do. No tools.")
    return "\n\n".join(blocks)


def shortened(team: Team, goal: str, lines: dict[str, str], limit: int) -> dict[str, str]:
    """The lines that fit: the most relevant ones whole, the next ones as names, the rest not at all."""
    names = list(lines)
    scores = rank(goal, [lines[name] for name in names])
    order = [name for _, name in sorted(zip(scores, names, strict=True), key=lambda pair: -pair[0])]
    kept: dict[str, str] = {}
    room = limit - 6 * 200
    for place, name in enumerate(order):
        rest = sum(len(other) + 3 for other in order[place + 1 :])
        for text in (lines[name], f"- {name}"):
            if len(text) + (rest if text != f"- {name}" else 0) <= room:
                kept[name] = text
                room -= len(text)
                break
    return kept
