"""The tool catalogue that a planner's prompt holds, read from text: headings with tool lines, or a list of objects."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from macae.llm.offline.cards import AgentCard, ToolCard, params_from_anything, tool_from_signature
from macae.llm.offline.words import word_set

__all__ = ["read_catalogue"]

_TOOL = re.compile(r"^\s*(?:[-*•+]|\d+[.)])?\s*[`*_\"]*(?P<name>[A-Za-z_]\w*)[`*\"]*\s*\(")
_TAIL = re.compile(
    r"^(?:\s*->\s*[\w\[\], |.]+)?[`*]*\s*(?:\[(?P<effect>read|change)[^\]]*\])?\s*(?:[:—–-]\s*(?P<text>.*))?$"
)
_BARE_TOOL = re.compile(
    r"^\s*(?:[-*•+]|\d+[.)])\s*[`*\"]*(?P<name>[a-z][a-z0-9]*(?:_[a-z0-9]+)+)[`*\"]*\s*(?:\[(?P<effect>read|change)\])?\s*(?:[:—–-]+\s*(?P<text>.*))?$"
)
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s*|[-*•]\s+|\d+[.)]\s+)?(?:agent|name|assistant|team member)?\s*[:=]?\s*[`*_\"]*(?P<name>[A-Za-z_][\w-]*)[`*\"]*\s*(?:\((?P<role>[^)]*)\))?\s*(?P<sep>[:—–-]|$)[*]*\s*(?P<text>.*)$",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def read_catalogue(text: str) -> tuple[AgentCard, ...]:
    """The agents and tools that a prompt names; empty when it names none."""
    found = _objects(text)
    return found if found else _lines(text)


def _lines(text: str) -> tuple[AgentCard, ...]:
    agents: dict[str, tuple[str, list[ToolCard]]] = {}
    now: str | None = None
    sure = False
    listed: set[str] = set()
    for line in text.splitlines():
        if not line.strip():
            continue
        tool = _tool_line(line)
        bullet = bool(re.match(r"\s*(?:[-*•+]|\d+[.)])\s", line)) or line[:1] in " \t"
        if tool and now is not None and (bullet or tool.effect or tool.description):
            agents[now][1].append(replace(tool, agent=now))
            continue
        bare = _BARE_TOOL.match(line)
        if bare and now is not None:
            agents[now][1].append(
                ToolCard(
                    bare["name"],
                    (bare["text"] or "").strip(),
                    (),
                    now,
                    bare["effect"] or "",
                    known_params=False,
                )
            )
            continue
        heading = _HEADING.match(line)
        if (
            heading
            and heading["name"].lower() not in word_set("no_agents")
            and (_is_agent_name(heading["name"]) or line.lstrip().startswith("#"))
        ):
            marked = bool(re.match(r"\s*#|.*\bagent\s*[:=]", line, re.IGNORECASE)) or heading[
                "name"
            ].endswith("Agent")
            if line.lstrip().startswith("#") and " " in line.lstrip("# ").split(":")[0].strip():
                continue
            now, sure = heading["name"], sure or marked
            listed.add(now)
            agents.setdefault(now, ((heading["text"] or heading["role"] or "").strip(), []))
    kept = {n: v for n, v in agents.items() if v[1] or sure or len(listed) > 1}
    if not any(v[1] for v in kept.values()) and not sure:
        return ()
    return tuple(AgentCard(name, words, tuple(tools)) for name, (words, tools) in kept.items())


def _tool_line(line: str) -> ToolCard | None:
    """A line such as `- order(item: str = "x") [change]: Order an item.`"""
    opening = _TOOL.match(line)
    if opening is None:
        return None
    depth = 1
    for i in range(opening.end(), len(line)):
        depth += (line[i] in "([{") - (line[i] in ")]}")
        if depth == 0:
            tail = _TAIL.match(line[i + 1 :])
            if tail is None:
                return None
            return tool_from_signature(
                opening["name"], line[opening.end() : i], tail["text"] or "", tail["effect"] or ""
            )
    return None


def _is_agent_name(name: str) -> bool:
    return "_" in name or any(c.isupper() for c in name[1:]) or name.endswith(("agent", "Agent"))


def _objects(text: str) -> tuple[AgentCard, ...]:
    """A JSON or Python list of {"agent", "function", "description", "arguments"}, wherever it stands in the text."""
    rows = _rows(text)
    agents: dict[str, list[ToolCard]] = {}
    notes: dict[str, str] = {}
    for row in rows:
        name = _first(row, "function", "tool", "name", "function_name", "tool_name")
        agent = _first(row, "agent", "agent_name", "owner", "team_member", "assistant")
        if agent is None and name is None:
            continue
        inner = row.get("tools") or row.get("functions")
        who = str(agent or name)
        if isinstance(inner, list):
            notes[who] = str(_first(row, "description", "role", "purpose") or "")
            for tool in inner:
                card = _tool(tool, who)
                agents.setdefault(who, []).extend([card] if card else [])
        elif agent is not None and name is not None and name != agent:
            card = _tool(row, who)
            agents.setdefault(who, []).extend([card] if card else [])
        else:
            agents.setdefault(who, [])
            notes[who] = str(_first(row, "description", "role", "purpose") or "")
    described = {a.name: a.description for a in _lines(text)} if agents else {}
    return tuple(
        AgentCard(a, notes.get(a) or described.get(a, ""), tuple(tools)) for a, tools in agents.items()
    )


def _tool(row: Any, agent: str) -> ToolCard | None:
    if isinstance(row, str):
        found = _tool_line(row)
        return (
            replace(found, agent=agent)
            if found
            else ToolCard(row.strip(), agent=agent)
            if re.fullmatch(r"\w+", row.strip())
            else None
        )
    if isinstance(row.get("function"), Mapping):  # OpenAI's own form
        row = row["function"]
    name = _first(row, "function", "tool", "name", "function_name", "tool_name")
    if name is None:
        return None
    arguments = _first(row, "arguments", "parameters", "params", "args", "inputs")
    effect = str(row.get("effect") or "")
    return ToolCard(
        str(name),
        str(_first(row, "description", "summary", "doc") or ""),
        params_from_anything(arguments if arguments is not None else {}),
        agent,
        effect if effect in ("read", "change") else "",
    )


def _first(row: Mapping[str, Any], *names: str) -> Any:
    for name in names:
        if row.get(name) is not None:
            return row[name]
    return None


_TELLING = frozenset(
    {"description", "arguments", "parameters", "params", "args", "tools", "functions", "summary", "role"}
)
"""What a list of tools says beside names; an example of a plan's steps does not."""


def _rows(text: str) -> list[Mapping[str, Any]]:
    """The objects of the first list of objects in the text that speaks of agents or functions."""
    for match in re.finditer(r"\[\s*\{", text):
        piece = _balanced(text, match.start())
        if piece is None:
            continue
        for load in (json.loads, ast.literal_eval):
            try:
                rows = load(piece)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                continue
            if (
                isinstance(rows, list)
                and all(isinstance(r, dict) for r in rows)
                and any({"agent", "function", "tool", "name", "tools", "functions"} & set(r) for r in rows)
                and any(_TELLING & set(r) for r in rows)
            ):
                return rows
            break
    rows = []
    for line in text.splitlines():  # one object a line
        line = line.strip().strip(",").lstrip("-* ")
        if line.startswith("{") and line.endswith("}"):
            for load in (json.loads, ast.literal_eval):
                try:
                    row = load(line)
                except (ValueError, SyntaxError, MemoryError, RecursionError):
                    continue
                if (
                    isinstance(row, dict)
                    and {"function", "tool", "name"} & set(row)
                    and {"agent", "arguments", "parameters", "description"} & set(row)
                ):
                    rows.append(row)
                break
    return rows


def _balanced(text: str, start: int) -> str | None:
    depth, quote, skip = 0, "", False
    for i in range(start, len(text)):
        c = text[i]
        if skip:
            skip = False
        elif quote:
            skip = c == "\\"
            quote = "" if c == quote else quote
        elif c == '"' or (c == "'" and (not text[i - 1].isalnum())):
            quote = c
        elif c in "[{":
            depth += 1
        elif c in "]}":
            depth -= 1
            if depth == 0:
                return text[start : i + 1]
    return None
