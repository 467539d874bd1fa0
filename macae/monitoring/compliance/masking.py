"""A model client that shows the model placeholders instead of what the policy masks, and puts the real values back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
)
from autogen_core.tools import Tool, ToolSchema

from macae.errors import ModelBadReply
from macae.llm.wrapped import WrappedClient
from macae.monitoring.compliance.clearing import Mark, characters_of, mark_of
from macae.monitoring.compliance.compliance import Compliance, Tell
from macae.monitoring.compliance.findings import Finding
from macae.monitoring.compliance.messages import changed_message
from macae.monitoring.compliance.placeholders import Placeholders, invented, is_bare
from macae.monitoring.compliance.restoring import PieceRestorer

__all__ = ["MaskingClient"]

LARGE = 50_000
"""Characters of a request that were not looked at before. To look at more takes longer than others should wait."""


class MaskingClient(WrappedClient):
    """Does what `inner` does with the route `model` of a policy in between. Closing it closes `inner`.

    Placeholders are given anew for each request, in the order of its messages: between calls nothing is kept but which messages
    hold nothing (see `Cleared`). What the policy blocks raises NotAllowed before anything is sent.
    """

    def __init__(self, inner: ChatCompletionClient, compliance: Compliance, tell: Tell | None = None) -> None:
        super().__init__(inner)
        self.compliance = compliance
        self._tell = tell

    async def _masked(self, messages: Sequence[LLMMessage]) -> tuple[Sequence[LLMMessage], Placeholders]:
        """As `masked`; much text is looked at in a thread, so that nobody else waits for it."""
        marks = [mark_of(message) for message in messages] if self.compliance.watches("model") else []
        new = (mark for mark in marks if mark not in self.compliance.cleared)
        if sum(map(characters_of, new)) <= LARGE:
            return self.masked(messages, self._tell, marks)
        told: list[tuple[Any, ...]] = []
        try:
            return await asyncio.to_thread(self.masked, messages, lambda *one: told.append(one), marks)
        finally:
            if self._tell is not None:
                for one in told:
                    self._tell(*one)

    def masked(
        self, messages: Sequence[LLMMessage], tell: Tell | None = None, marks: Sequence[Mark] = ()
    ) -> tuple[Sequence[LLMMessage], Placeholders]:
        """The messages as they are sent, and the placeholders in them. `marks`: theirs, where they are known. Raises NotAllowed."""
        names, cleared = Placeholders(lambda: texts_of(messages)), self.compliance.cleared
        if not self.compliance.watches("model"):
            return messages, names
        found: list[Finding] = []

        def change(text: str, where: str, name: str) -> str:
            findings = self.compliance.find(text, "model", name)
            if not findings:
                return text
            found.extend(findings)
            self.compliance.judge(findings, "model", where, tell)
            parts, at = [], 0
            for one in findings:
                if self.compliance.policy.action(one.entity, "model") == "mask":
                    value, bare = text[one.start : one.end], is_bare(text, one.start, one.end)
                    parts += [text[at : one.start], names.of(one.entity, value, bare)]
                    at = one.end
            return "".join((*parts, text[at:]))

        sent: list[LLMMessage] = []
        for message, mark in zip(messages, marks or map(mark_of, messages), strict=True):
            if mark not in cleared:
                found.clear()
                sent.append(changed_message(message, change, calls=True))
                if not found:
                    cleared.add(mark)
            else:
                sent.append(message)
        return sent, names

    async def create(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = (), **options: Any
    ) -> CreateResult:
        """One reply, with the real values in it."""
        sent, names = await self._masked(messages)
        with restored_errors(names):
            result = await self.inner.create(sent, tools=tools, **options)
        return restored(result, names)

    async def create_stream(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = (), **options: Any
    ) -> AsyncGenerator[str | CreateResult, None]:
        """The reply's text in pieces, then the CreateResult. A placeholder that is split over pieces comes out whole."""
        sent, names = await self._masked(messages)
        pieces = PieceRestorer(names)
        stream: Any = self.inner.create_stream(sent, tools=tools, **options)
        with restored_errors(names):
            async with aclosing(stream) as items:
                async for item in items:
                    if isinstance(item, CreateResult):
                        if rest := pieces.rest():
                            yield rest
                        yield restored(item, names)
                    elif shown := pieces.feed(item):
                        yield shown


def texts_of(messages: Sequence[LLMMessage]) -> list[str]:
    """All texts of the messages."""
    texts: list[str] = []

    def look(text: str, where: str, name: str) -> str:
        texts.append(text)
        return text

    for message in messages:
        changed_message(message, look, calls=True)
    return texts


def restored(result: CreateResult, names: Placeholders) -> CreateResult:
    """The reply with the real values in its text, its thought and its calls. The one that was given stays as it is."""
    if not names:
        return result
    content: str | list[FunctionCall]
    if isinstance(result.content, str):
        content = names.restored_reply(result.content)
    else:
        content = [restored_call(call, names) for call in result.content]
    thought = names.restored(result.thought) if result.thought else result.thought
    return result.model_copy(update={"content": content, "thought": thought})


def restored_call(call: FunctionCall, names: Placeholders) -> FunctionCall:
    """The call with the real values. Raises ModelBadReply for a placeholder that stands for nothing: it would be somebody's address."""
    arguments = names.restored_json(call.arguments)
    if made_up := invented(arguments):
        raise ModelBadReply(
            f"The model called {call.name} with {made_up}, which looks like a placeholder and stands for nothing. Nothing was done. "
            "Retry the step, or edit it."
        )
    return FunctionCall(id=call.id, name=call.name, arguments=arguments)


@contextmanager
def restored_errors(names: Placeholders) -> Iterator[None]:
    """A reply that comes with an error (the planner mends it) has the real values too."""
    try:
        yield
    except ModelBadReply as error:
        if error.reply and names:
            raise ModelBadReply(names.restored(str(error)), names.restored_reply(error.reply)) from error
        raise
