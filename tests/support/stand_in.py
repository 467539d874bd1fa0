"""A stand-in for a real provider: it speaks OpenAI's protocol, answers as the offline model does, and counts what it is sent.

with OpenAIServer() as server:
    server.answer(stand_in)
    ...                                 # MACAE_PROVIDER=openai, MACAE_BASE_URL=server.url
    used = use_of(server.requests)      # by real requests, so what a check or a stub asks nobody is not in it
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from pydantic import BaseModel

from macae.llm.offline.answering import answer
from macae.llm.offline.schemas import card_of
from macae.workshop.shows.costs import Use
from tests.support.openai_server import Reply, Request, calls, text

CHARACTERS = 4
"""Characters that are counted as one token: about right for English, in prompts and in JSON."""
A_MESSAGE = 4
"""Tokens that a message takes besides its text."""


def stand_in(request: Request) -> Reply:
    """The offline model's answer to an OpenAI request, with the tokens that both are."""
    asked = request.json
    cards = [card_of(tool["function"]) for tool in asked.get("tools") or []]
    chosen = asked.get("tool_choice") or "auto"
    choice = chosen if isinstance(chosen, str) else chosen["function"]["name"]
    content, thought = answer(messages(asked["messages"]), cards, choice, wanted(asked))
    if isinstance(content, str):
        said, written = text(content), content
    else:
        named = [(call.name, json.loads(call.arguments)) for call in content]
        said, written = calls(*named, content=thought), f"{thought or ''}{json.dumps(named)}"
        for number, call in enumerate((said.message or {})["tool_calls"]):
            call["id"] = f"call_{len(asked['messages'])}_{number}"
    prompt, completion = prompt_tokens(asked), tokens(written)
    said.usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    return said


def use_of(requests: Iterable[Request]) -> Use:
    """What these requests, and the stand-in's answers to them, come to."""
    calls_made = prompt = completion = largest = 0
    for request in requests:
        usage = stand_in(request).usage or {}
        calls_made += 1
        prompt += usage["prompt_tokens"]
        completion += usage["completion_tokens"]
        largest = max(largest, usage["prompt_tokens"])
    return Use(calls_made, prompt, completion, largest)


def tokens(written: str) -> int:
    """About how many tokens a text is."""
    return -(-len(written) // CHARACTERS)


def prompt_tokens(asked: Mapping[str, Any]) -> int:
    """What is sent: the messages, the tools' schemas, and the schema of the answer."""
    total = 0
    for message in asked["messages"]:
        total += A_MESSAGE + tokens(message.get("content") or "")
        total += sum(tokens(json.dumps(call["function"])) for call in message.get("tool_calls") or [])
    total += sum(tokens(json.dumps(tool["function"])) for tool in asked.get("tools") or [])
    form = asked.get("response_format")
    return total + (tokens(json.dumps(form)) if form else 0)


def wanted(asked: Mapping[str, Any]) -> bool | type[BaseModel] | None:
    """What `json_output` was, from the request's `response_format`."""
    form = asked.get("response_format") or {}
    if form.get("type") != "json_schema":
        return form.get("type") == "json_object" or None
    schema = form["json_schema"]["schema"]

    class Wanted(BaseModel):
        @classmethod
        def model_json_schema(cls, *args: Any, **more: Any) -> dict[str, Any]:
            return dict(schema)

    return Wanted


def messages(sent: Iterable[Mapping[str, Any]]) -> list[LLMMessage]:
    """OpenAI's messages as AutoGen's."""
    made: list[LLMMessage] = []
    names: dict[str, str] = {}
    for one in sent:
        content = one.get("content") or ""
        if one["role"] == "system":
            made.append(SystemMessage(content=content))
        elif one["role"] == "user":
            made.append(UserMessage(content=content, source=one.get("name", "user")))
        elif one["role"] == "tool":
            known = names.get(one["tool_call_id"], "")
            result = FunctionExecutionResult(content=content, name=known, call_id=one["tool_call_id"])
            if made and isinstance(made[-1], FunctionExecutionResultMessage):
                made[-1].content.append(result)
            else:
                made.append(FunctionExecutionResultMessage(content=[result]))
        else:
            named = [
                FunctionCall(
                    id=call["id"], name=call["function"]["name"], arguments=call["function"]["arguments"]
                )
                for call in one.get("tool_calls") or []
            ]
            names |= {call.id: call.name for call in named}
            source = one.get("name", "assistant")
            made.append(
                AssistantMessage(content=named, thought=content or None, source=source)
                if named
                else AssistantMessage(content=content, source=source)
            )
    return made
