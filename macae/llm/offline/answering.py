"""Recognise what a call wants, from its messages, tools and schema, and answer it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from autogen_core import FunctionCall
from autogen_core.models import LLMMessage
from pydantic import BaseModel

from macae.llm.offline.cards import AgentCard, ToolCard
from macae.llm.offline.catalogue import read_catalogue
from macae.llm.offline.drafts import Draft
from macae.llm.offline.planning import make_plan
from macae.llm.offline.prompt import Prompt, read_prompt
from macae.llm.offline.requests import wanted_of
from macae.llm.offline.shaping import PLAN_SCHEMA, is_plan_schema, plan_object
from macae.llm.offline.sourced import sourced
from macae.llm.offline.speaking import choose_speaker, is_selection
from macae.llm.offline.toolturn import tool_turn
from macae.llm.offline.writing import write

__all__ = ["answer"]

Content = str | list[FunctionCall]
_PLANNING = re.compile(
    r"\b(?:plan|plans|planner|planning|break(?:s|ing)? (?:it |this |the \w+ )?down|steps|decompose|orchestrat\w+)\b",
    re.IGNORECASE,
)
_JSON = re.compile(r"\bjson\b", re.IGNORECASE)


def answer(messages: Sequence[LLMMessage], cards: Sequence[ToolCard], choice: str, json_output: bool | type[BaseModel] | None) -> tuple[Content, str | None]:  # fmt: skip
    """The content (text or tool calls) and, beside calls, the thought."""
    prompt = read_prompt(messages)
    if cards and choice != "none":
        calls, thought = tool_turn(prompt, cards, choice)
        if calls:
            return calls, thought
        if thought and not json_output:
            return thought, None
    if isinstance(json_output, type) and issubclass(json_output, BaseModel):
        return _structured(prompt, json_output), None
    if is_selection(prompt) and not json_output:
        return choose_speaker(prompt), None
    from_sources = None if json_output else sourced(prompt, sure=True)
    if from_sources is not None:
        return from_sources, None
    agents = _agents(prompt)
    wants_plan = bool(agents) and not prompt.results and bool(_PLANNING.search(prompt.everything))
    if wants_plan and (json_output or _JSON.search(prompt.everything)):
        return json.dumps(
            plan_object(_plan(prompt, agents), _told_schema(prompt) or PLAN_SCHEMA), ensure_ascii=False
        ), None
    if wants_plan:
        return _plan_text(_plan(prompt, agents)), None
    if json_output or (_JSON.search(prompt.everything) and not prompt.results and _told_schema(prompt)):
        from macae.llm.offline.structured import fill_schema

        schema = _told_schema(prompt) or {"type": "object", "properties": {"answer": {"type": "string"}}}
        return json.dumps(fill_schema(schema, prompt), ensure_ascii=False), None
    return write(prompt), None


def _agents(prompt: Prompt) -> tuple[AgentCard, ...]:
    """The agents that the prompt speaks of: the instructions before the message."""
    found = read_catalogue(prompt.system) if prompt.system else ()
    return found or read_catalogue(prompt.text)


def _named_agents(prompt: Prompt, schema: object) -> tuple[AgentCard, ...]:
    """Agents of which only the names are told, in the text or as the schema's choices."""
    names = re.findall(r"\b[A-Z][A-Za-z]*Agent\b", prompt.everything)
    names += re.findall(r"\"(\w*[Aa]gent\w*|[Hh]uman\w*)\"", json.dumps(schema)) if not names else []
    keep = [n for n in dict.fromkeys(names) if n.lower() not in ("agent", "planneragent", "agents")]
    return tuple(AgentCard(n, n.removesuffix("Agent")) for n in keep)


def _plan(prompt: Prompt, agents: tuple[AgentCard, ...]) -> Draft:
    return make_plan(wanted_of(prompt), agents)


def _structured(prompt: Prompt, wanted: type[BaseModel]) -> str:
    schema = _schema_of(wanted)
    if is_plan_schema(schema):
        agents = _agents(prompt) or _named_agents(prompt, schema)
        return json.dumps(plan_object(_plan(prompt, agents), schema), ensure_ascii=False)
    from macae.llm.offline.structured import fill_schema

    return json.dumps(fill_schema(schema, prompt), ensure_ascii=False)


_schemas: WeakKeyDictionary[type[BaseModel], dict[str, Any]] = WeakKeyDictionary()


def _schema_of(wanted: type[BaseModel]) -> dict[str, Any]:
    found = _schemas.get(wanted)
    if found is None:
        found = _schemas[wanted] = wanted.model_json_schema()
    return found


def _told_schema(prompt: Prompt) -> dict[str, object] | None:
    """The JSON schema or example that a prompt shows, as a schema."""
    from macae.llm.offline.structured import schema_in

    return schema_in(prompt.system) or schema_in(prompt.text)


def _plan_text(draft: Draft) -> str:
    if draft.impossible:
        return f"This goal is impossible for the team. {draft.impossible}"
    lines = [f"{i}. {s.agent}: {s.action}" for i, s in enumerate(draft.steps, 1)]
    if draft.question:
        lines.append(draft.question)
    return "\n".join(lines)
