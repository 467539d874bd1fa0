"""What was said in a user's sessions is found, with where it was said; only what is new is embedded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from autogen_core.models import AssistantMessage, UserMessage

from macae.config import Settings
from macae.errors import InvalidInput
from macae.memory import SQLiteStore
from macae.memory.chat.messages import ChatMessage
from macae.memory.semantic import MessageIndex
from macae.memory.semantic.lexical import lexical_vectors
from macae.memory.store import Change
from macae.models import AgentMessage


def message(id: str, text: str, who: str = "HrAgent", **more: Any) -> AgentMessage:
    return AgentMessage(
        id=id, session_id="s1", user_id="ann", plan_id="p1", step_id="st1", content=text, source=who, **more
    )


async def test_messages_and_turns_are_found_with_their_source(tmp_path: Path, settings: Settings) -> None:
    embedded: list[str] = []

    def embed(input: list[str]) -> Any:
        embedded.extend(input)
        return list(np.asarray(lexical_vectors(input)))

    async def write(user: str, session: str, *documents: Any) -> None:
        await store.write(user, session, [Change(document, 0) for document in documents])

    store = SQLiteStore(tmp_path / "macae.db")
    await store.open()
    try:
        turn = ChatMessage(
            id="c1", agent="TechAgent", session_id="s2", user_id="ann",
            message=UserMessage(content="Set up the VPN for Jessica.", source="GroupChatManager"),
            more=[AssistantMessage(content="The VPN token is on its way.", source="TechAgent")],
        )  # fmt: skip
        await write("ann", "s1", message("m1", "The laptop was ordered for Jessica.", "ProcurementAgent"))
        await write("ann", "s1", message("m2", "The contract is signed.\0"), message("m3", "  "))
        await write("ann", "s2", turn)
        await write("bob", "s1", _bobs())
        async with MessageIndex(store, user_id="ann", settings=settings, embedding=embed) as index:
            assert await index.update() == 4 and await index.update() == 0
            assert len(embedded) == 4
            (first, *_) = await index.search("What was said about the laptop?")
            assert (first.who, first.session_id, first.plan_id, first.step_id, first.kind) == (
                "ProcurementAgent", "s1", "p1", "st1", "message",
            )  # fmt: skip
            assert first.when > 1_700_000_000 and 0 < first.score <= 1
            (vpn,) = await index.search("VPN token", k=1)
            assert (vpn.who, vpn.kind, vpn.session_id) == ("TechAgent", "turn", "s2")
            assert {
                said.session_id for said in await index.search("laptop, VPN, contract", session_id="s2")
            } == {"s2"}
            assert not any("Bob" in said.text for said in await index.search("secret laptop", k=50))
            before = len(embedded)
            await write("ann", "s1", message("m4", "The headset arrived."))
            await store.delete("ann", "s1", ["m1"])
            assert await index.update("s1") == 1 and embedded[before:] == ["The headset arrived."]
            texts = [said.text for said in await index.search("laptop headset", k=50)]
            assert len(texts) == 4 and "The laptop was ordered for Jessica." not in texts
            changed = message("m4", "The headset was sent back.")
            await store.write("ann", "s1", [Change(changed)])
            assert await index.update() == 1 and await index.update() == 0
            texts = [said.text for said in await index.search("headset", k=50)]
            assert "The headset was sent back." in texts and "The headset arrived." not in texts
        with pytest.raises(InvalidInput, match="user_id is empty"):
            MessageIndex(store, user_id="", settings=settings, embedding=embed)
        async with MessageIndex(store, user_id="bob", settings=settings, embedding=embed) as index:
            assert await index.update() == 1 and len(await index.search("laptop")) == 1
    finally:
        await store.close()


def _bobs() -> AgentMessage:
    return AgentMessage(
        id="m9", session_id="s1", user_id="bob", content="Bob's secret laptop.", source="user"
    )
