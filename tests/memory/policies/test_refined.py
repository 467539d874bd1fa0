"""Entries that a model improves before they are stored: bounded, and never worse than the original."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from autogen_core.memory import ListMemory

from macae.errors import InvalidInput, ModelUnavailable
from macae.llm.offline import OfflineChatCompletionClient
from macae.memory.policies import EvictingMemory, RefinedMemory, ValidatedMemory, VersionedMemory
from macae.memory.policies.refined import keeps_facts
from tests.memory.policies.support import note
from tests.support.scripted import ScriptedClient

RAW = "so um the the office in Lisbon it opens at 9:15 i think ask Ann"
BETTER = "The office in Lisbon opens at 9:15. Ask Ann."


def says(*answers: Any) -> ScriptedClient:
    """A model that gives these answers, one a call: (good, better), or any text."""
    left = list(answers)

    def script(messages: Any, tools: Any, json_output: Any) -> str:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str):
            return answer
        return json.dumps({"good": answer[0], "critique": "long-winded", "better": answer[1]})

    return ScriptedClient(script)


async def stored(client: Any, text: Any = RAW, **options: Any) -> tuple[Any, dict[str, Any]]:
    inner = ListMemory()
    memory = RefinedMemory(EvictingMemory(inner), client, **options)
    await memory.add(note(text, "n1"))
    assert len(inner.content) == 1
    return inner.content[0].content, inner.content[0].metadata or {}


async def test_what_is_better_is_stored_with_the_original_beside_it() -> None:
    model = says(
        (False, "The office in Lisbon opens at 9:15, I think. Ask Ann."), (False, BETTER), (True, "")
    )
    text, metadata = await stored(model, rounds=3)
    assert (text, metadata["original"], metadata["refined"], metadata["id"]) == (BETTER, RAW, "good", "n1")
    assert model.calls == 3
    assert RAW in str(model.seen[0][-1].content) and RAW not in str(model.seen[0][0].content)


async def test_rounds_are_bounded() -> None:
    model = says(*[(False, f"The office in Lisbon opens at 9:15. Ask Ann{'.' * n}") for n in range(1, 9)])
    _, metadata = await stored(model, rounds=2)
    assert (model.calls, metadata["refined"]) == (2, "all rounds used")


@pytest.mark.parametrize(
    "worse",
    [
        "The office opens at 9:15. Ask Ann.",
        "The office in Lisbon opens at 9:45. Ask Ann.",
        "The office in Lisbon opens at 9:15. Ask somebody.",
        "The office in Lisbon opens at 9:15 and closes at 18:00. Ask Ann.",
        BETTER + " It is a nice place to be." * 5,
    ],
)
async def test_a_proposal_that_changes_facts_is_not_taken(worse: str) -> None:
    text, metadata = await stored(says((False, worse)))
    assert text == RAW and "original" not in metadata
    assert "changed facts" in metadata["refined"]


@pytest.mark.parametrize(
    "failure", [ModelUnavailable("no network"), RuntimeError("boom"), "I cannot.", '{"good": 1}']
)
async def test_the_original_is_kept_when_the_model_fails(failure: Any) -> None:
    text, metadata = await stored(says(failure))
    assert text == RAW and metadata["refined"].startswith("the model failed (")


async def test_what_one_round_reached_is_kept_when_the_next_fails() -> None:
    text, metadata = await stored(says((False, BETTER), RuntimeError("boom")))
    assert (text, metadata["original"]) == (BETTER, RAW)


async def test_time_is_bounded() -> None:
    async def script(*_: Any) -> str:
        await asyncio.sleep(60)
        return ""

    began = time.monotonic()
    text, metadata = await stored(ScriptedClient(script), seconds=0.05)
    assert time.monotonic() - began < 5
    assert (text, metadata["refined"]) == (RAW, "the model failed (TimeoutError)")


async def test_the_offline_model_leaves_the_original() -> None:
    text, metadata = await stored(OfflineChatCompletionClient())
    assert text == RAW and metadata["refined"] != "good"


async def test_structures_pass_untouched_and_others_rules_see_the_refined(tmp_path: Path) -> None:
    model = says((False, BETTER), (True, ""))
    inner = ListMemory()
    memory = RefinedMemory(
        VersionedMemory(ValidatedMemory(inner, lambda c: "um" not in str(c.content))), model
    )
    await memory.add(note(RAW, "n"))
    assert inner.content[0].content == BETTER
    with pytest.raises(InvalidInput):
        await memory.add(note({"um": 1}))
    assert model.calls == 2


def test_facts_are_names_numbers_and_addresses() -> None:
    assert keeps_facts("Ask Ann.", "Ask Ann!")
    assert keeps_facts("Mail to ann@contoso.com, order PO-17.", "Order PO-17: mail to ann@contoso.com.")
    assert not keeps_facts("Mail to ann@contoso.com", "Mail to Ann")
    assert not keeps_facts("Order PO-17", "Order PO-71")
    assert not keeps_facts("tea is number 0", "0")
