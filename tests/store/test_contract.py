"""What every store does, whatever it is made of."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ConfigDict

from macae.errors import Conflict, InvalidInput
from macae.memory import ANY, Change, Store
from macae.models import AgentMessage, BaseDataModel, Event, EventType, Plan, Session, Step, StepStatus
from tests.store.conftest import OpenStore


class Bare(BaseDataModel):
    """As the guide's CustomData: no session, no user, no data_type."""

    note: str = ""


class Frozen(BaseDataModel):
    model_config = ConfigDict(frozen=True)
    note: str = ""


def happened(text: str, plan_id: str = "") -> Event:
    return Event(type=EventType.message, session_id="s", user_id="ann", plan_id=plan_id, text=text)


async def fetch(
    store: Store, document: BaseDataModel, user_id: str = "ann", session_id: str = "s"
) -> BaseDataModel | None:
    return await store.get(type(document), document.id, user_id=user_id, session_id=session_id)


async def test_what_is_written_is_read_as_it_was_also_by_another_store(
    open_store: OpenStore, plan: Plan, step: Step
) -> None:
    store = await open_store()
    await store.write("ann", "s", [Change(plan, 0), Change(step, 0)])
    assert (plan.version, step.version) == (1, 1)
    assert plan.ts is not None
    again = await open_store()
    assert await fetch(again, plan) == plan
    assert await fetch(again, step) == step


async def test_a_conditional_write_of_the_stored_version_wins_and_of_another_is_told_the_state(
    store: Store, step: Step
) -> None:
    await store.write("ann", "s", [Change(step, 0)])
    stale = step.model_copy()
    step.status = StepStatus.approved
    await store.write("ann", "s", [Change(step, step.version)])
    assert step.version == 2
    stale.status = StepStatus.rejected
    with pytest.raises(Conflict) as caught:
        await store.write("ann", "s", [Change(stale, stale.version)])
    assert caught.value.current == step
    assert isinstance(caught.value.current, Step)
    assert stale.version == 1


async def test_expecting_nothing_refuses_what_exists(store: Store, step: Step) -> None:
    await store.write("ann", "s", [Change(step, 0)])
    with pytest.raises(Conflict) as caught:
        await store.write("ann", "s", [Change(step.model_copy(), 0)])
    assert caught.value.current == step


async def test_expecting_a_version_of_what_does_not_exist_is_a_conflict(store: Store, step: Step) -> None:
    with pytest.raises(Conflict) as caught:
        await store.write("ann", "s", [Change(step, 3)])
    assert caught.value.current is None


async def test_any_overwrites_and_counts_on(store: Store, step: Step) -> None:
    await store.write("ann", "s", [Change(step, ANY)])
    assert step.version == 1
    other = Step(**step.model_dump(exclude={"version"}))
    other.agent_reply = "done"
    await store.write("ann", "s", [Change(other)])
    assert other.version == 2
    assert await fetch(store, step) == other


async def test_a_write_is_made_whole_or_not_at_all(store: Store, plan: Plan, step: Step) -> None:
    await store.write("ann", "s", [Change(step, 0)])
    with pytest.raises(Conflict):
        await store.write("ann", "s", [Change(plan, 0), Change(step, 7)], [happened("never")])
    assert await fetch(store, plan) is None
    assert plan.version == 0
    assert await store.events(user_id="ann", session_id="s") == []


async def test_of_writes_at_the_same_time_a_conflict_fails_only_its_own(store: Store) -> None:
    messages = [AgentMessage(session_id="s", user_id="ann", content=str(n), source="x") for n in range(10)]
    writes = [
        store.write("ann", "s", [Change(message, 5 if n == 4 else 0)]) for n, message in enumerate(messages)
    ]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if outcome is not None] == [4]
    assert isinstance(outcomes[4], Conflict)
    found = await store.find(AgentMessage, user_id="ann", session_id="s")
    assert [message.content for message in found] == [str(n) for n in range(10) if n != 4]


async def test_a_write_that_fails_beside_others_leaves_nothing_of_itself(
    store: Store, plan: Plan, step: Step
) -> None:
    halves = [Change(plan, 0), Change(step, 5)]
    others = [store.write("ann", "s", [], [happened(text)]) for text in ("before", "after")]
    outcomes = await asyncio.gather(
        others[0], store.write("ann", "s", halves, [happened("no")]), others[1], return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict, type(None)]
    assert await fetch(store, plan) is None
    assert [event.text for event in await store.events(user_id="ann", session_id="s")] == ["before", "after"]


async def test_of_two_conditional_writes_at_once_one_wins(open_store: OpenStore, step: Step) -> None:
    first, second = await open_store(), await open_store()
    await first.write("ann", "s", [Change(step, 0)])
    for _ in range(20):
        rivals = [step.model_copy(), step.model_copy()]
        outcomes = await asyncio.gather(
            first.write("ann", "s", [Change(rivals[0], step.version)]),
            second.write("ann", "s", [Change(rivals[1], step.version)]),
            return_exceptions=True,
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
        step = rivals[0] if outcomes[0] is None else rivals[1]


async def test_submitted_writes_are_made_in_order(store: Store, step: Step) -> None:
    await store.write("ann", "s", [Change(step, 0)])
    futures = []
    for number in range(1, 30):
        step.tokens = number
        futures.append(store.submit("ann", "s", [Change(step, number)], [happened(str(number))]))
    step.tokens = 999  # what is submitted is a copy
    await asyncio.gather(*futures)
    assert step.version == 30
    stored = await fetch(store, step)
    assert isinstance(stored, Step) and stored.tokens == 29
    trail = await store.events(user_id="ann", session_id="s")
    assert [event.text for event in trail] == [str(number) for number in range(1, 30)]


async def test_a_write_whose_task_was_cancelled_is_still_whole(store: Store, plan: Plan, step: Step) -> None:
    task = asyncio.create_task(store.write("ann", "s", [Change(plan, 0), Change(step, 0)]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.write("ann", "s", [], [happened("after")])
    assert (await fetch(store, plan) is None) == (await fetch(store, step) is None)


async def test_events_are_numbered_and_read_from_a_number_on(store: Store) -> None:
    events = [happened(str(n), plan_id="p" if n % 2 else "q") for n in range(6)]
    await store.write("ann", "s", [], events[:3])
    await store.write("ann", "s", [], events[3:])
    numbers = [event.seq for event in events]
    assert numbers == sorted(set(numbers)) and numbers[0] > 0
    assert await store.events(user_id="ann", session_id="s") == events
    assert await store.events(user_id="ann", session_id="s", plan_id="p", after=events[1].seq) == [
        events[3],
        events[5],
    ]
    assert await store.events(user_id="ann", session_id="s", after=events[1].seq, limit=2) == events[2:4]
    assert await store.events(user_id="ann", session_id="s", after=events[-1].seq) == []
    for limit in (None, 6, 2, 0):
        newest = await store.events(user_id="ann", session_id="s", limit=limit, newest_first=True)
        assert newest == events[::-1][:limit]


async def test_find_keeps_the_order_of_the_first_write(store: Store) -> None:
    steps = [
        Step(plan_id="p" if n < 3 else "q", session_id="s", user_id="ann", action=str(n), agent="AB"[n % 2])
        for n in range(5)
    ]
    for step in steps:
        await store.write("ann", "s", [Change(step, 0)])
    await store.write("ann", "s", [Change(steps[0], 1)])

    async def actions(**more: object) -> list[str]:
        found = await store.find(Step, user_id="ann", session_id="s", **more)  # type: ignore[arg-type]
        return [step.action for step in found]

    assert await actions() == ["0", "1", "2", "3", "4"]
    assert await actions(plan_id="p") == ["0", "1", "2"]
    assert await actions(newest_first=True, limit=2) == ["4", "3"]
    assert await actions(agent="B") == ["1", "3"]
    assert await actions(agent="B", newest_first=True, limit=1) == ["3"]
    assert await actions(plan_id="") == []
    assert await actions(data_type="plan") == []
    everywhere = await store.find(Step, user_id="ann", plan_id="q")
    assert [step.action for step in everywhere] == ["3", "4"]


async def test_a_learners_model_without_the_usual_fields_is_stamped(store: Store) -> None:
    item = Bare(note="oat")
    await store.write("ann", "s", [Change(item, 0)])
    assert await fetch(store, item) == item
    assert await store.find(Bare, user_id="ann", session_id="s") == [item]
    row = (
        await store.query(
            "SELECT * FROM c WHERE c.data_type=@t", [{"name": "@t", "value": "bare"}], user_id="ann"
        )
    )[0]
    assert (row["session_id"], row["user_id"], row["note"], row["version"]) == ("s", "ann", "oat", 1)
    await store.write("ann", "s", [Change(item, item.version)])
    assert item.version == 2


async def test_a_frozen_model_can_be_stored(store: Store) -> None:
    item = Frozen(note="x")
    await store.write("ann", "s", [Change(item, 0)])
    assert [found.note for found in await store.find(Frozen, user_id="ann", session_id="s")] == ["x"]


async def test_empty_fields_are_stamped_and_wrong_ones_refused(store: Store) -> None:
    session = Session()
    await store.write("ann", "s", [Change(session, 0)])
    assert (session.session_id, session.user_id) == ("s", "ann")
    with pytest.raises(InvalidInput, match="session_id"):
        await store.write("ann", "s", [Change(Session(session_id="other"), 0)])
    with pytest.raises(InvalidInput, match="user_id"):
        await store.write("ann", "s", [Change(Session(user_id="bob"), 0)])
    with pytest.raises(InvalidInput):
        await store.write("bob", "s", [], [happened("as ann")])


async def test_a_value_of_the_wrong_type_is_converted_or_refused_never_stored(
    store: Store, step: Step
) -> None:
    step.status = "completed"  # type: ignore[assignment]
    await store.write("ann", "s", [Change(step, 0)])
    stored = await fetch(store, step)
    assert isinstance(stored, Step) and stored.status is StepStatus.completed
    step.status = "banana"  # type: ignore[assignment]
    with pytest.raises(InvalidInput, match="status"):
        await store.write("ann", "s", [Change(step, 1)])


@pytest.mark.parametrize(
    "text", ["", "\x00\x1b[31m", "'; DROP TABLE documents; --", "<script>", "日本語 🎉", "x" * 1_000_000]
)
async def test_any_text_comes_back_as_it_was(store: Store, text: str) -> None:
    message = AgentMessage(session_id="s", user_id="ann", content=text, source="x")
    await store.write("ann", "s", [Change(message, 0)])
    assert await fetch(store, message) == message


async def test_text_that_is_no_unicode_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput):
        await store.write("ann", "s", [Change(Bare(note="\ud800"), 0)])
    with pytest.raises(InvalidInput):
        await store.write("ann", "\ud800", [Change(Bare(), 0)])
    with pytest.raises(InvalidInput):
        await store.get(Bare, "\ud800", user_id="ann", session_id="s")


@pytest.mark.parametrize(("user", "session"), [("", "s"), ("ann", ""), (None, "s"), ("ann", None)])
async def test_nothing_is_stored_for_nobody(store: Store, user: str, session: str) -> None:
    with pytest.raises(InvalidInput):
        await store.write(user, session, [Change(Bare(), 0)])


async def test_a_document_cannot_become_one_of_another_kind(store: Store, step: Step) -> None:
    await store.write("ann", "s", [Change(step, 0)])
    for expect in (ANY, 0, 1):
        with pytest.raises(Conflict):
            await store.write("ann", "s", [Change(Bare(id=step.id), expect)])
    assert await fetch(store, step) == step
    assert await store.get(Plan, step.id, user_id="ann", session_id="s") is None


async def test_another_users_documents_do_not_exist(store: Store, plan: Plan, step: Step) -> None:
    await store.write("ann", "s", [Change(plan, 0), Change(step, 0)], [happened("secret", plan.id)])
    await store.write("ann", "s", [Change(Session(id="s"), 0)])
    assert await fetch(store, step, user_id="bob") is None
    assert await store.find(Step, user_id="bob", session_id="s") == []
    assert await store.find(Step, user_id="bob", session_id="s", plan_id=plan.id) == []
    assert await store.find(Step, user_id="bob", session_id="s", agent="HrAgent") == []
    assert await store.find(Step, user_id="bob") == []
    assert await store.events(user_id="bob", session_id="s") == []
    assert await store.events(user_id="bob", session_id="s", plan_id=plan.id) == []
    assert (await store.sessions(user_id="bob")).items == []
    by_user = [{"name": "@u", "value": "ann"}]
    assert await store.query("SELECT * FROM c WHERE c.user_id=@u", by_user, user_id="bob") == []
    for expect in (ANY, 0, 1):
        taken = Step(**step.model_dump() | {"user_id": "bob", "version": 0, "action": "mine now"})
        with pytest.raises(Conflict) as caught:
            await store.write("bob", "s", [Change(taken, expect)])
        assert caught.value.current is None
        assert step.action not in str(caught.value)
    await store.delete("bob", "s", [step.id])
    assert await fetch(store, step) == step


async def test_a_document_of_another_session_is_not_found_there(store: Store, step: Step) -> None:
    await store.write("ann", "s", [Change(step, 0)])
    assert await fetch(store, step, session_id="t") is None
    await store.delete("ann", "t", [step.id])
    twin = Step(**step.model_dump() | {"session_id": "t", "version": 0})
    await store.write("ann", "t", [Change(twin, 0)])
    assert await fetch(store, step) == step


async def test_delete_removes_and_passes_over_what_is_not_there(store: Store, step: Step) -> None:
    await store.write("ann", "s", [Change(step, 0)])
    await store.delete("ann", "s", [step.id, "nothing"])
    await store.delete("ann", "s", [])
    assert await fetch(store, step) is None


async def test_sessions_come_a_page_at_a_time_newest_first(store: Store) -> None:
    for number in range(7):
        session = Session(id=f"s{number}", session_id=f"s{number}")
        await store.write("ann", f"s{number}", [Change(session, 0)])
    await store.write("bob", "b", [Change(Session(id="b"), 0)])
    pages, cursor = [], None
    while True:
        page = await store.sessions(user_id="ann", limit=3, before=cursor)
        pages.append([session.session_id for session in page.items])
        cursor = page.next
        if cursor is None:
            break
        # What begins meanwhile does not disturb the pages that follow.
        late = Session(id=f"late{len(pages)}")
        await store.write("ann", late.id, [Change(late, 0)])
    assert pages == [["s6", "s5", "s4"], ["s3", "s2", "s1"], ["s0"]]
    exact = await store.sessions(user_id="bob", limit=1)
    assert (len(exact.items), exact.next) == (1, None)


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1; DROP TABLE documents", "٣", "9" * 40])
async def test_a_page_that_is_none_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        await store.sessions(user_id="ann", before=cursor)


async def test_a_page_of_no_size_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput):
        await store.sessions(user_id="ann", limit=0)


async def test_each_open_store_is_an_owner_of_its_own(open_store: OpenStore) -> None:
    first, second = await open_store(), await open_store()
    assert first.owner != second.owner
    for watcher in (first, second):
        assert await watcher.owner_alive(first.owner)
        assert await watcher.owner_alive(second.owner)
    name = first.owner
    await first.close()
    assert not await second.owner_alive(name)


@pytest.mark.parametrize("name", ["", "nobody", "../../etc/passwd", "1-" + "0" * 16, "a\x00b"])
async def test_an_owner_that_never_was_is_not_alive(store: Store, name: str) -> None:
    assert not await store.owner_alive(name)


async def test_open_and_close_can_be_called_twice(open_store: OpenStore, step: Step) -> None:
    store = await open_store()
    await asyncio.gather(store.open(), store.open())
    await store.write("ann", "s", [Change(step, 0)])
    await store.close()
    await store.close()
    await store.open()
    assert await fetch(store, step) == step


async def test_close_finishes_what_was_submitted(open_store: OpenStore, step: Step) -> None:
    store = await open_store()
    future = store.submit("ann", "s", [Change(step, 0)])
    await store.close()
    assert future.done() and future.exception() is None
    assert await fetch(await open_store(), step) == step
