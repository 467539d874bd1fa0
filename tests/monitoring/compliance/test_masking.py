"""Placeholders towards the model: the same for the same value, put back in text, thought and calls, also from split pieces."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    RequestUsage,
    SystemMessage,
    UserMessage,
)

from macae.errors import ModelBadReply, NotAllowed
from macae.monitoring.compliance import Compliance, MaskingClient, Policy
from macae.monitoring.compliance.placeholders import Placeholders
from macae.monitoring.compliance.policyfile import preset, read_policy
from tests.support.scripted import ScriptedClient

MAIL, PHONE, CARD, KEY = (
    "anna@contoso.com",
    "+49 170 5551234",
    "4111 1111 1111 1111",
    "sk-proj-4fGh7Kd92mXq0PzLw8Rt",
)
QUOTED = """
start: gdpr
words: {MOTTO: ['Say "a\\b"']}
"""
USAGE = RequestUsage(prompt_tokens=1, completion_tokens=1)


class Replying(ScriptedClient):
    """Replies with what `reply` makes of the messages; streams it in pieces of `size` characters."""

    def __init__(self, reply: Any, size: int = 3, thought: str | None = None) -> None:
        super().__init__(lambda messages, tools, json_output: reply(messages))
        self.size, self.thought = size, thought

    async def create(self, *args: Any, **more: Any) -> CreateResult:
        result = await super().create(*args, **more)
        return result.model_copy(update={"thought": self.thought})

    async def create_stream(self, *args: Any, **more: Any) -> Any:
        result = await self.create(*args, **more)
        text = str(result.content)
        for at in range(0, len(text), self.size):
            yield text[at : at + self.size]
        yield result


def user(text: str) -> LLMMessage:
    return UserMessage(content=text, source="user")


def echo(messages: Sequence[LLMMessage]) -> str:
    return " | ".join(str(message.content) for message in messages)


def masking(client: Any, policy: Policy | str = "gdpr", tell: Any = None) -> MaskingClient:
    return MaskingClient(client, Compliance(preset(policy) if isinstance(policy, str) else policy), tell)


async def test_every_message_is_masked_and_the_reply_restored() -> None:
    inner = Replying(echo, thought="I write to mail1@masked.example.")
    told: list[tuple[Any, ...]] = []
    client = masking(inner, tell=lambda *one: told.append(one))
    messages: list[LLMMessage] = [
        SystemMessage(content=f"Write to {MAIL}."),
        UserMessage(content=[f"Card {CARD}", "no image"], source="user"),
        AssistantMessage(content=[FunctionCall(id="1", name="find", arguments=json.dumps({"text": f"x\n{PHONE}"}))], thought=f"call {MAIL}", source="A"),
        FunctionExecutionResultMessage(content=[FunctionExecutionResult(content=f"bob@x.org and {MAIL}", name="find", call_id="1", is_error=False)]),
    ]  # fmt: skip
    before = [message.model_copy(deep=True) for message in messages]
    result = await client.create(messages)
    sent = str(inner.seen[0])
    for value in (MAIL, "bob@x.org", PHONE, CARD):
        assert value not in sent and value in str(result.content), value
    assert sent.count("mail1@masked.example") == 3, "the same value, the same placeholder"
    assert sent.count("mail2@masked.example") == 1
    assert result.thought == f"I write to {MAIL}."
    assert messages == before, "the agent's own messages stay as they are"
    assert ("model", "CREDIT_CARD", "mask", 1, "a user message") in told
    assert not any(CARD in str(one) or MAIL in str(one) for one in told)
    # Nothing is kept: another request begins anew, in the order of its own messages.
    await client.create([user("bob@x.org")])
    assert inner.seen[1] == [user("mail1@masked.example")]


async def test_calls_get_the_real_values_as_json_wants_them() -> None:
    policy, secret = read_policy(QUOTED, "p"), 'Say "a\\b"'
    arguments = '{"to": "mail1@masked.example", "phone": "+99900000001", "card": 9999000000000001, "more": ["9999 0000 0000 0001"], "n": 3, "text": "MOTTO_1"}'
    inner = Replying(lambda messages: [("send", json.loads(arguments))])
    result = await masking(inner, policy).create([user(f"{MAIL} {PHONE} {CARD}; {secret}")])
    (call,) = result.content
    assert isinstance(call, FunctionCall)
    assert json.loads(call.arguments) == {
        "to": MAIL, "phone": PHONE, "card": 4111111111111111, "more": [CARD], "n": 3, "text": secret,
    }  # fmt: skip


async def test_a_reply_in_json_stays_json() -> None:
    secret = 'Say "a\\b"'
    inner = Replying(lambda messages: '{"text": "MOTTO_1"}')
    result = await masking(inner, read_policy(QUOTED, "p")).create([user(secret)])
    assert json.loads(str(result.content)) == {"text": secret}


async def test_a_reply_that_comes_with_an_error_is_restored_too() -> None:
    class Bad(ScriptedClient):
        async def create(self, *args: Any, **more: Any) -> CreateResult:
            raise ModelBadReply("No JSON for mail1@masked.example.", "Dear mail1@masked.example")

    with pytest.raises(ModelBadReply) as caught:
        await masking(Bad(lambda *_: "")).create([user(MAIL)])
    assert (str(caught.value), caught.value.reply) == (f"No JSON for {MAIL}.", f"Dear {MAIL}")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 11, 100])
async def test_a_placeholder_split_over_pieces_comes_out_whole(size: int) -> None:
    mails = [f"p{number}@x.org" for number in range(12)]
    inner = Replying(echo, size)
    pieces = [
        piece
        async for piece in masking(inner).create_stream(
            [user(f"m mail {' '.join(mails)} {PHONE}, {CARD} mail")]
        )
    ]
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    assert text == f"m mail {' '.join(mails)} {PHONE}, {CARD} mail"
    assert not any("masked" in str(piece) for piece in pieces), (
        "mail1 is not taken for the beginning of mail10"
    )
    last = pieces[-1]
    assert isinstance(last, CreateResult) and last.content == text


async def test_what_is_blocked_is_not_sent() -> None:
    inner = Replying(echo)
    client = masking(inner, "hipaa")
    with pytest.raises(
        NotAllowed, match=r"a result of find holds what may not reach the model \(US_SSN\)"
    ) as caught:
        results = [
            FunctionExecutionResult(content="SSN 536-90-4399", name="find", call_id="1", is_error=False)
        ]
        await client.create([user("x"), FunctionExecutionResultMessage(content=results)])
    assert "4399" not in str(caught.value) and not inner.seen
    with pytest.raises(NotAllowed):
        _ = [piece async for piece in client.create_stream([user("MRN 00123456")])]
    assert not inner.seen


async def test_nothing_to_mask_is_passed_on_as_it_is() -> None:
    inner = Replying(echo)
    messages = [user(f"{MAIL} {PHONE}")]
    result = await masking(inner, "workshop").create(messages)
    assert inner.seen[0][0] is messages[0] and MAIL in str(result.content)


def test_a_placeholder_that_is_there_already_is_not_used() -> None:
    names = Placeholders(lambda: ["write to mail1@masked.example, API_KEY_1"])
    assert names.of("EMAIL_ADDRESS", MAIL) == "mail2@masked.example"
    assert names.of("API_KEY", KEY) == "API_KEY_2"
    assert (
        names.restored("mail1@masked.example MAIL2@masked.example api_key_2 API_KEY_22")
        == f"mail1@masked.example {MAIL} {KEY} API_KEY_22"
    )
    assert KEY not in repr(names)


async def test_much_text_is_looked_at_in_a_thread_and_told_of_here() -> None:
    threads: list[int] = []
    client = masking(Replying(echo), tell=lambda *one: threads.append(threading.get_ident()))
    asked: list[int] = []
    find = client.compliance.find
    client.compliance.find = lambda *args: asked.append(threading.get_ident()) or find(*args)  # type: ignore
    text = f"{MAIL} " + "word " * 11_000
    assert (await client.create([user(text)])).content == text
    assert set(threads) == {threading.get_ident()} and threading.get_ident() not in asked
