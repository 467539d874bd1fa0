"""Looking at a finished reply, and estimating tokens without a download."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from autogen_core import FunctionCall, Image
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel, ValidationError

from macae.errors import ModelBadReply, ModelFiltered
from macae.llm.endpoint import Endpoint

__all__ = ["check_reply", "estimate_tokens", "mend", "well_formed"]

_BYTES_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
_TOKENS_PER_IMAGE = 765


def check_reply(result: CreateResult, json_output: bool | type[BaseModel] | None, at: Endpoint) -> None:
    """Raise what AutoGen lets pass: filtered replies, and empty or broken ones where structure was asked for."""
    if result.finish_reason == "content_filter":
        raise ModelFiltered(f"The content filter of {at} stopped the reply. Put it in other words.")
    if not isinstance(result.content, str):
        return
    if not result.content.strip() and result.finish_reason == "unknown":
        raise ModelBadReply(f"{at} sent an empty reply. Try again.")
    if not json_output:
        return
    if not result.content.strip():
        raise ModelBadReply(f"{at} sent no text, or refused, where structure was asked for.")
    try:
        if isinstance(json_output, type):
            json_output.model_validate_json(result.content)
        else:
            json.loads(result.content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the reply"
        problem = at.quote(f"{place}: {first['msg']}")
    except json.JSONDecodeError:
        problem = "it is no JSON"
    else:
        return
    cut = " It was cut off at its token limit." if result.finish_reason == "length" else ""
    raise ModelBadReply(
        f"The reply of {at} has not the structure that was asked for ({problem}).{cut}", reply=result.content
    )


def well_formed(value: Any) -> Any:
    """A text, or what lists and dictionaries hold, with halves of characters (lone surrogates) replaced.

    JSON can carry them, and models cut emoji in two; but no store, hash or network takes them.
    """
    if isinstance(value, str):
        if value.isascii():
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {well_formed(key): well_formed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [well_formed(item) for item in value]
    return value


def mend(result: CreateResult) -> None:
    """Make a reply's texts well-formed."""
    result.thought = well_formed(result.thought)
    if isinstance(result.content, str):
        result.content = well_formed(result.content)
    else:
        result.content = [
            FunctionCall(
                id=well_formed(call.id), name=well_formed(call.name), arguments=well_formed(call.arguments)
            )
            for call in result.content
        ]


def estimate_tokens(messages: Sequence[LLMMessage], tools: Sequence[Tool | ToolSchema] = ()) -> int:
    """About how many tokens these are: four bytes of text each. Exact counts need files from the network."""
    count = sum(_TOKENS_PER_MESSAGE + _of_message(message) for message in messages)
    schemas = [tool.schema if isinstance(tool, Tool) else tool for tool in tools]
    return count + sum(_of_text(json.dumps(schema, default=str)) for schema in schemas)


def _of_message(message: LLMMessage) -> int:
    if isinstance(message, FunctionExecutionResultMessage):
        return sum(_of_text(result.content) + _of_text(result.name) for result in message.content)
    content: str | Sequence[str | Image | FunctionCall] = message.content
    thought = _of_text(message.thought or "") if isinstance(message, AssistantMessage) else 0
    if isinstance(content, str):
        return thought + _of_text(content)
    return thought + sum(_of_part(part) for part in content)


def _of_part(part: str | Image | FunctionCall) -> int:
    if isinstance(part, str):
        return _of_text(part)
    if isinstance(part, FunctionCall):
        return _of_text(part.name) + _of_text(part.arguments)
    return _TOKENS_PER_IMAGE


def _of_text(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN)
