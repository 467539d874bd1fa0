"""The remembered chat context: what is kept, what is shown, what is repaired."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from autogen_core import FunctionCall, Image
from autogen_core.model_context import ChatCompletionContext
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

from macae.errors import Conflict, InvalidInput, StoreError
from macae.memory import Change, ChatMessage, CosmosBufferedChatCompletionContext, SQLiteStore, Store
from macae.memory.chat.turns import INTERRUPTED, repaired
from macae.memory.cosmos import CosmosStore
from macae.models import Step


def user(text: str) -> UserMessage:
    return UserMessage(content=text, source="user")


def says(text: str) -> AssistantMessage:
    return AssistantMessage(content=text, source="A")


def calls(*ids: str) -> AssistantMessage:
    return AssistantMessage(
        content=[FunctionCall(id=id, name=f"tool_{id}", arguments="{}") for id in ids], source="A"
    )


def results(*ids: str) -> FunctionExecutionResultMessage:
    return FunctionExecutionResultMessage(
        content=[
            FunctionExecutionResult(content="ok", name=f"tool_{id}", call_id=id, is_error=False) for id in ids
        ]
    )


def shape(messages: list[LLMMessage]) -> list[str]:
    """Messages in short: u:text, a:text, c:ids, r:ids (an id with ! is a result that says "interrupted")."""
    short = []
    for message in messages:
        if isinstance(message, FunctionExecutionResultMessage):
            short.append(
                "r:" + ",".join(r.call_id + "!" * (r.content == INTERRUPTED) for r in message.content)
            )
        elif isinstance(message, AssistantMessage) and isinstance(message.content, list):
            short.append("c:" + ",".join(call.id for call in message.content))
        else:
            short.append(f"{message.type[0].lower()}:{message.content}")
    return short


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], []),
        ([user("x"), calls("1"), results("1"), says("y")], ["u:x", "c:1", "r:1", "a:y"]),
        ([calls("1")], ["c:1", "r:1!"]),
        ([calls("1"), user("next")], ["c:1", "r:1!", "u:next"]),
        ([calls("1", "2"), results("2"), user("next")], ["c:1,2", "r:2,1!", "u:next"]),
        ([calls("1", "2"), results("1"), results("2")], ["c:1,2", "r:1,2"]),
        ([results("1"), user("x")], ["u:x"]),
        ([user("x"), results("1"), says("y")], ["u:x", "a:y"]),
        ([calls("1"), results("1", "9")], ["c:1", "r:1"]),
        ([calls("1"), results("1"), results("1")], ["c:1", "r:1"]),
        ([calls("1"), user("between"), results("1")], ["c:1", "r:1!", "u:between"]),
        ([calls("1"), calls("2"), results("2")], ["c:1", "r:1!", "c:2", "r:2"]),
        ([calls("", ""), results("", "")], ["c:,", "r:,"]),
        ([calls("", ""), results("")], ["c:,", "r:,!"]),
    ],
)
def test_every_call_is_answered_and_every_result_was_asked_for(
    messages: list[LLMMessage], expected: list[str]
) -> None:
    assert shape(repaired(messages)) == expected
    assert repaired(repaired(messages)) == repaired(messages)


Context = CosmosBufferedChatCompletionContext


def context(store: Store, size: int = 100, agent: str = "A", **more: Any) -> Context:
    return Context("s", "ann", size, store=store, agent=agent, **more)


async def test_a_chat_is_there_again_in_a_new_context(store: Store) -> None:
    chat = context(store)
    image = Image.from_base64(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    messages: list[LLMMessage] = [
        SystemMessage(content="be kind"),
        user("hello"),
        UserMessage(content=["look", image], source="user"),
        AssistantMessage(
            content=[FunctionCall(id="1", name="f", arguments='{"a": 1}')], thought="hm", source="A"
        ),
        results("1"),
    ]
    for message in messages:
        await chat.add_message(message)
    assert await chat.get_messages() == messages
    again = await context(store).get_messages()
    assert [m.model_dump(mode="json") for m in again] == [m.model_dump(mode="json") for m in messages]


async def test_chats_are_apart_by_agent_session_and_user(store: Store) -> None:
    await context(store).add_message(user("x"))
    assert await context(store, agent="B").get_messages() == []
    assert await Context("t", "ann", store=store, agent="A").get_messages() == []
    assert await Context("s", "bob", store=store, agent="A").get_messages() == []


async def test_a_killed_tool_call_is_repaired_on_load(store: Store) -> None:
    chat = context(store)
    for message in (user("go"), calls("1", "2")):
        await chat.add_message(message)
    again = context(store)
    await again.add_message(user("go on"))
    assert shape(await again.get_messages()) == ["u:go", "c:1,2", "r:1!,2!", "u:go on"]


async def test_a_long_chat_is_bounded_in_view_and_memory_and_counted_truly(store: Store) -> None:
    chat = context(store, 5)
    for number in range(200):
        await chat.add_message(user(str(number)))
    assert len(chat._chat.held) < 100
    for present in (chat, context(store, 5)):
        note, *rest = await present.get_messages()
        assert str(note.content).startswith("195 earlier messages are not shown")
        assert shape(rest) == [f"u:{n}" for n in range(195, 200)]


async def test_clear_forgets_in_the_store_too(store: Store) -> None:
    chat, other = context(store), context(store, agent="B")
    await chat.add_message(user("x"))
    await other.add_message(user("y"))
    await chat.clear()
    await chat.add_message(user("z"))
    assert shape(await context(store).get_messages()) == ["u:z"]
    assert shape(await context(store, agent="B").get_messages()) == ["u:y"]


async def test_initial_messages_begin_a_new_chat_and_no_old_one(store: Store) -> None:
    first = context(store, initial_messages=[user("initial")])
    assert shape(await first.get_messages()) == ["u:initial"]
    await first.add_message(user("x"))
    again = context(store, initial_messages=[user("initial")])
    assert shape(await again.get_messages()) == ["u:initial", "u:x"]


async def test_saved_state_comes_back_also_in_the_store(store: Store) -> None:
    chat = context(store, 3)
    for number in range(60):
        await chat.add_message(user(str(number)))
    state = await chat.save_state()
    other = Context("t", "ann", 3, store=store, agent="A")
    await other.add_message(user("replaced"))
    await other.load_state(state)
    await other.add_message(user("60"))
    again = Context("t", "ann", 3, store=store, agent="A")
    for present in (other, again):
        note, *rest = await present.get_messages()
        assert str(note.content).startswith("58 earlier")
        assert shape(rest) == ["u:58", "u:59", "u:60"]


def state(texts: str = "xy", **more: Any) -> dict[str, Any]:
    """A saved chat."""
    return {"messages": [user(text).model_dump(mode="json") for text in texts], **more}


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": [{"bad": 1}]},
        {"messages": [{"type": "UserMessage", "source": "user", "content": [{"data": "no image"}]}]},
        state(summary={"upto": "x"}),
        state(summary={"upto": 3, "lines": ["beyond the messages"]}),
        state(earlier=-1),
        {},
    ],
)
async def test_what_is_no_saved_chat_replaces_none(store: Store, wrong: dict[str, Any]) -> None:
    chat = context(store)
    await chat.add_message(user("kept"))
    with pytest.raises(InvalidInput, match="no saved chat"):
        await chat.load_state(wrong)
    for present in (chat, context(store)):
        assert shape(await present.get_messages()) == ["u:kept"]


class Failing:
    """A store whose `write` or `delete` fails, before it is made or after."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.fails = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def write(self, user_id: str, session_id: str, changes: Any = (), events: Any = ()) -> None:
        if self.fails == "write":
            raise StoreError("no room")
        if self.fails == "answer":  # made, but nobody is told
            copies = [Change(change.document.model_copy(), change.expect) for change in changes]
            await self.store.write(user_id, session_id, copies, events)
            raise StoreError("It is not known whether this write was made.")
        await self.store.write(user_id, session_id, changes, events)

    async def delete(self, user_id: str, session_id: str, ids: Any) -> None:
        if self.fails == "delete":
            raise StoreError("no room")
        await self.store.delete(user_id, session_id, ids)


@pytest.mark.parametrize(("fails", "left"), [("write", "abc"), ("answer", "xy"), ("delete", "xy")])
async def test_a_replacement_that_fails_leaves_the_old_chat_or_the_new_one(
    store: Store, fails: str, left: str
) -> None:
    failing = Failing(store)
    chat = context(cast(Store, failing), 3)
    for text in "abc":
        await chat.add_message(user(text))
    failing.fails = fails
    with pytest.raises(StoreError):
        await chat.load_state(state())
    failing.fails = ""
    for present in (chat, context(store, 3)):
        assert shape(await present.get_messages()) == [f"u:{text}" for text in left]
    await chat.load_state(state())
    await chat.add_message(user("z"))
    assert shape(await context(store).get_messages()) == ["u:x", "u:y", "u:z"]
    stored = await store.find(ChatMessage, user_id="ann", session_id="s")
    assert {str(m.content) for record in stored for m in record.messages} == set("xyz"), (
        "nothing is left over"
    )


async def test_without_write_through_a_replacement_waits_too(store: Store) -> None:
    first = context(store)
    await first.add_message(user("old"))
    chat = context(store, write_through=False)
    await chat.load_state(state(earlier=7, summary={"upto": 7, "lines": ["said before"]}))
    assert shape(await chat.get_messages())[1:] == ["u:x", "u:y"]
    assert shape(await context(store).get_messages()) == ["u:old"]
    await chat.flush()
    note, *rest = await context(store).get_messages()
    assert "- said before" in str(note.content) and shape(rest) == ["u:x", "u:y"]
    assert len(await store.find(ChatMessage, user_id="ann", session_id="s")) == 1
    await chat.load_state({"messages": []})
    await chat.flush()
    assert await context(store).get_messages() == []


async def test_a_write_of_unknown_outcome_is_repeated_without_harm(store: Store) -> None:
    failing = Failing(store)
    chat = context(cast(Store, failing))
    for fails in ("write", "answer"):
        failing.fails = fails
        with pytest.raises(StoreError):
            await chat.add_message(user(fails))
        failing.fails = ""
        await chat.add_message(user(fails))
    failing.fails = "answer"
    with pytest.raises(StoreError):
        await chat.add_message(user("given up"))
    failing.fails = ""
    await chat.add_message(user("another"))
    for present in (chat, context(store)):
        assert shape(await present.get_messages()) == ["u:write", "u:answer", "u:given up", "u:another"]

    lazy = context(cast(Store, failing), agent="B", write_through=False)
    await lazy.add_message(user("x"))
    failing.fails = "answer"
    with pytest.raises(StoreError):
        await lazy.flush()
    failing.fails = ""
    await lazy.add_message(user("y"))
    await lazy.flush()
    await lazy.add_message(user("z"))
    failing.fails = "write"
    with pytest.raises(StoreError):
        await lazy.flush()
    failing.fails = ""
    await lazy.close()
    for present in (lazy, context(store, agent="B")):
        assert shape(await present.get_messages()) == ["u:x", "u:y", "u:z"]


async def test_a_component_comes_back_over_its_own_store_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {"HOME": str(tmp_path), "COSMOS_ENDPOINT": "https://a.example:443/"}.items():
        monkeypatch.setenv(f"MACAE_{name}", value)
    other = CosmosStore(endpoint="https://a.example/", key="c2VjcmV0", database="other")
    dumped = context(other).dump_component()
    assert "c2VjcmV0" not in dumped.model_dump_json()
    for chosen, database in (("sqlite", "other"), ("cosmos", "macae")):
        monkeypatch.setenv("MACAE_STORE", chosen)
        monkeypatch.setenv("MACAE_COSMOS_DATABASE", database)
        with pytest.raises(InvalidInput, match=r"a\.example:443/other/memory"):
            ChatCompletionContext.load_component(dumped)
    monkeypatch.setenv("MACAE_COSMOS_DATABASE", "other")
    rebuilt = ChatCompletionContext.load_component(dumped)
    assert isinstance(rebuilt, Context) and rebuilt.dump_component() == dumped
    with pytest.raises(InvalidInput, match="a Failing cannot be dumped"):
        context(cast(Store, Failing(other))).dump_component()


async def test_a_component_is_rebuilt_as_itself_on_its_store(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "store.db") as store:
        chat = context(store, 7, initial_messages=[user("initial")])
        await chat.add_message(user("x"))
        dumped = chat.dump_component()
    rebuilt = ChatCompletionContext.load_component(dumped)
    assert type(rebuilt) is Context
    async with rebuilt:
        assert shape(await rebuilt.get_messages()) == ["u:initial", "u:x"]
        assert rebuilt.dump_component() == dumped


async def test_without_a_store_it_is_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACAE_HOME", str(tmp_path / "home"))
    async with Context("s", "ann") as memory:
        await memory.add_message(user("x"))
        step = Step(plan_id="p", session_id="s", user_id="ann", action="x", agent="A")
        await memory.add_step(step)
    async with Context("s", "ann") as memory:
        assert shape(await memory.get_messages()) == ["u:x"]
        assert await memory.get_step(step.id, "s") == step
    assert (tmp_path / "home" / "macae.db").exists()


async def test_messages_travel_in_the_steps_own_write(store: Store, step: Step) -> None:
    await store.write("ann", "s", [Change(step, 0)])
    chat = context(store, write_through=False)
    await chat.add_message(user("go"))
    await chat.add_message(says("done"))
    assert await store.find(ChatMessage, user_id="ann", session_id="s") == []

    lost = step.model_copy(update={"agent_reply": "lost"})
    with pytest.raises(Conflict):
        await store.write("ann", "s", [Change(lost, 9), *chat.pending_changes()])
    assert await store.find(ChatMessage, user_id="ann", session_id="s") == []
    assert len(chat.pending_changes()) == 2

    step.agent_reply = "done"
    await store.write("ann", "s", [Change(step, 1), *chat.pending_changes()])
    assert chat.pending_changes() == []
    assert shape(await context(store).get_messages()) == ["u:go", "a:done"]
    await chat.flush()
    assert len(await store.find(ChatMessage, user_id="ann", session_id="s")) == 2


async def test_an_attempt_that_is_given_up_leaves_no_messages(store: Store) -> None:
    chat = context(store, write_through=False)
    await chat.add_message(user("kept"))
    await chat.flush()
    await chat.add_message(user("dropped"))
    chat.discard()
    await chat.add_message(user("next"))
    await chat.close()
    assert shape(await context(store).get_messages()) == ["u:kept", "u:next"]


async def test_a_message_that_could_not_be_stored_was_not_added(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "store.db") as store:
        chat = context(store)
        await chat.add_message(user("x"))
        assert store._writer is not None
        store._writer._db.execute("PRAGMA query_only = 1")
        with pytest.raises(StoreError):
            await chat.add_message(user("y"))
        assert shape(await chat.get_messages()) == ["u:x"]
        store._writer._db.execute("PRAGMA query_only = 0")
        await chat.add_message(user("z"))
        assert shape(await context(store).get_messages()) == ["u:x", "u:z"]


@pytest.mark.parametrize("size", [0, -1])
def test_a_buffer_holds_something(size: int) -> None:
    with pytest.raises(InvalidInput):
        Context("s", "ann", size)
