"""The guide's memory methods, over every store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal, cast

import pytest
from autogen_core.models import UserMessage
from pydantic import field_serializer

from macae.errors import Conflict, InvalidInput, NotAllowed
from macae.memory import Change, CosmosBufferedChatCompletionContext, SessionMemory, Store
from macae.models import AgentMessage, Approval, BaseDataModel, Plan, PlanWithSteps, Session, Step, StepStatus
from tests.store.conftest import OpenStore


class CustomData(BaseDataModel):
    """As in the guide: a kind of its own, no session, no user."""

    data_type: Literal["custom_data"] = "custom_data"
    custom_field: str


class FakeStep(BaseDataModel):
    data_type: str = "step"
    plan_id: str = "p"
    session_id: str = "s"
    user_id: str = "ann"
    action: str = "x"
    agent: str = "A"
    approval: Approval | None = None


class FakeApproval(BaseDataModel):
    data_type: str = "approval"


YES = Approval(by="me myself", version=1, hash="0")


@pytest.fixture
def memory(store: Store) -> SessionMemory:
    return SessionMemory("s", "ann", store=store)


async def test_sessions(memory: SessionMemory) -> None:
    session = Session(session_id="s", user_id="ann", message_to_user="hello")
    await memory.add_session(session)
    assert await memory.get_session("s") == session
    assert await memory.get_session("t") is None
    with pytest.raises(Conflict):
        await memory.add_session(Session(session_id="s"))
    for number in range(5):
        await memory.add_session(Session(session_id=f"more{number}"))
    assert [found.session_id for found in await memory.get_all_sessions(limit=2)] == ["more4", "more3"]
    assert len(await memory.get_all_sessions()) == 6


async def test_plans(memory: SessionMemory, plan: Plan) -> None:
    await memory.add_plan(plan)
    later = Plan(session_id="s", user_id="ann", initial_goal="Something else")
    await memory.add_plan(later)
    elsewhere = Plan(session_id="t", user_id="ann", initial_goal="Elsewhere")
    await memory.add_plan(elsewhere)
    assert await memory.get_plan_by_session("s") == later
    assert await memory.get_plan_by_session("nothing") is None
    assert await memory.get_plan(plan.id) == plan
    assert await memory.get_plan(elsewhere.id) is None
    assert await memory.get_plan(elsewhere.id, "t") == elsewhere
    assert await memory.get_all_plans() == [elsewhere, later, plan]
    assert await memory.get_all_plans(limit=1) == [elsewhere]
    stale = plan.model_copy()
    plan.summary = "new"
    await memory.update_plan(plan)
    with pytest.raises(Conflict) as caught:
        await memory.update_plan(stale)
    assert caught.value.current == plan


async def test_a_plan_with_steps_is_stored_as_a_plan(memory: SessionMemory, plan: Plan, step: Step) -> None:
    await memory.add_plan(plan)
    joined = PlanWithSteps.of(plan, [step])
    joined.summary = "new"
    await memory.update_plan(joined)
    assert joined.version == 2
    (row,) = await memory.query_items(
        "SELECT * FROM c WHERE c.data_type=@t", [{"name": "@t", "value": "plan"}]
    )
    assert row.summary == "new" and not hasattr(row, "steps")


async def test_steps_come_in_the_plans_order(memory: SessionMemory, plan: Plan) -> None:
    steps = [
        Step(plan_id=plan.id, session_id="s", user_id="ann", index=index, action=str(index), agent="A")
        for index in (2, 3, 1)
    ]
    for step in steps:
        await memory.add_step(step)
    assert [step.index for step in await memory.get_steps_by_plan(plan.id)] == [1, 2, 3]
    assert await memory.get_steps_by_plan("another") == []
    step = steps[0]
    stale = step.model_copy()
    step.status = StepStatus.rejected
    await memory.update_step(step)
    assert await memory.get_step(step.id, "s") == step
    assert await memory.get_step(step.id, "t") is None
    with pytest.raises(Conflict) as caught:
        await memory.update_step(stale)
    assert caught.value.current == step


async def test_items_of_any_kind(memory: SessionMemory) -> None:
    item = CustomData(custom_field="x")
    await memory.add_item(item)
    assert await memory.get_item_by_id(item.id, "s", CustomData) == item
    assert await memory.get_item(item.id) == item, "read as what was declared for its kind"
    assert await memory.get_data_by_type("custom_data") == [item]
    assert await memory.get_data_by_type_and_session_id("custom_data", "s") == [item]
    assert await memory.get_data_by_type_and_session_id("custom_data", "t") == []
    item.custom_field = "y"
    await memory.update_item(item)
    assert await memory.get_item(item.id) == item
    with pytest.raises(Conflict):
        await memory.add_item(item)
    await memory.delete_item(item.id, "s")
    await memory.delete_item(item.id)
    assert await memory.get_item(item.id) is None


async def test_a_kind_that_nobody_declared_is_read_as_it_is(memory: SessionMemory, store: Store) -> None:
    class Odd(BaseDataModel):
        data_type: str = ""
        custom_field: str = "z"

    await store.write("ann", "s", [Change(Odd(id="odd", data_type="odd_kind"), 0)])
    found = await memory.query_items(
        "SELECT * FROM c WHERE c.data_type=@t", [{"name": "@t", "value": "odd_kind"}]
    )
    assert [(item.id, item.custom_field, item.session_id) for item in found] == [("odd", "z", "s")]


async def test_query_items_gives_models_and_says_which_do_not_fit(memory: SessionMemory) -> None:
    message = AgentMessage(session_id="s", user_id="ann", content="hello", source="x")
    await memory.add_item(message)
    await memory.add_item(CustomData(custom_field="x"))
    of_kind = "SELECT * FROM c WHERE c.data_type=@t"
    found = await memory.query_items(of_kind, [{"name": "@t", "value": "agent_message"}], AgentMessage)
    assert found == [message]
    with pytest.raises(InvalidInput, match="no AgentMessage"):
        await memory.query_items("SELECT * FROM c", [], AgentMessage)


async def test_another_users_memory_is_another(
    memory: SessionMemory, store: Store, plan: Plan, step: Step
) -> None:
    await memory.add_session(Session())
    await memory.add_plan(plan)
    await memory.add_step(step)
    other = SessionMemory("s", "bob", store=store)
    assert await other.get_session("s") is None
    assert await other.get_all_sessions() == []
    assert await other.get_all_plans() == []
    assert await other.get_plan(plan.id) is None
    assert await other.get_plan_by_session("s") is None
    assert await other.get_steps_by_plan(plan.id) == []
    assert await other.get_item_by_id(step.id, "s") is None
    assert await other.get_data_by_type("step") == []
    with pytest.raises(InvalidInput):
        await other.update_plan(plan)
    await other.delete_item(plan.id, "s")
    assert await memory.get_plan(plan.id) == plan


async def test_no_agent_approves_through_its_memory(memory: SessionMemory, store: Store, step: Step) -> None:
    with pytest.raises(NotAllowed):
        await memory.add_step(step.model_copy(update={"approval": YES}))
    await memory.add_step(step)
    with pytest.raises(NotAllowed):
        await memory.update_step(step.model_copy(update={"approval": YES}))
    with pytest.raises(NotAllowed):
        await memory.update_item(step.model_copy(update={"approval": YES}))
    with pytest.raises(NotAllowed):
        await memory.update_item(FakeStep(id=step.id, version=1, approval=YES))
    with pytest.raises(NotAllowed):
        await memory.add_item(FakeApproval())
    with pytest.raises(NotAllowed):
        await memory.delete_item(step.id)
    assert await memory.get_step(step.id) == step
    # What the engine approved may be changed otherwise, but neither taken over nor taken back.
    step.approval = YES
    await store.write("ann", "s", [Change(step, step.version)])
    step.agent_reply = "done"
    await memory.update_step(step)
    with pytest.raises(NotAllowed):
        await memory.update_step(step.model_copy(update={"approval": None}))
    assert await memory.get_step(step.id) == step


async def test_an_approval_is_not_carried_over_to_a_later_version(store: Store, step: Step) -> None:
    class Racing:
        """A person edits the step, and so takes the approval away, just after the guard has looked at it."""

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        async def get(self, *args: Any, **more: Any) -> Any:
            found = await store.get(*args, **more)
            edited = found.model_copy(update={"approval": None})
            await store.write("ann", "s", [Change(edited, found.version)])
            return found

    step.approval = YES
    await store.write("ann", "s", [Change(step, 0)])
    memory = SessionMemory("s", "ann", store=cast(Store, Racing()))
    guessed = step.model_copy(update={"version": 2})
    with pytest.raises(Conflict):
        await memory.update_step(guessed)
    stored = await store.get(Step, step.id, user_id="ann", session_id="s")
    assert stored is not None and stored.approval is None


class SlyStep(Step):
    """Shows the rules one approval, and the store another."""

    @field_serializer("approval", when_used="json")
    def forged(self, value: Approval | None) -> dict[str, Any]:
        return YES.model_dump()


async def test_no_other_approval_is_stored_than_was_looked_at(memory: SessionMemory, step: Step) -> None:
    sly = SlyStep(**step.model_dump())
    for write in (memory.add_item, memory.add_step):
        with pytest.raises(NotAllowed):
            await write(sly)
    await memory.add_step(step)
    sly.version = step.version
    for write in (memory.update_item, memory.update_step):
        with pytest.raises(NotAllowed):
            await write(sly)
    posing = FakeStep(id=step.id, version=1, plan_id=step.plan_id)
    await memory.update_item(posing)
    assert posing.version == 2
    stored = await memory.get_item(step.id)
    assert type(stored) is Step and stored.approval is None and stored.action == "x"


async def test_a_version_below_zero_switches_no_check_off(
    memory: SessionMemory, plan: Plan, step: Step
) -> None:
    item, session = CustomData(custom_field="x"), Session(session_id="s")
    await memory.add_item(item)
    await memory.add_plan(plan)
    await memory.add_step(step)
    await memory.add_session(session)
    writes: list[tuple[Callable[[Any], Awaitable[None]], BaseDataModel]] = [
        (memory.update_item, item),
        (memory.update_plan, plan),
        (memory.update_step, step),
        (memory.update_session, session),
    ]
    for write, document in writes:
        with pytest.raises(InvalidInput, match="version -1"):
            await write(document.model_copy(update={"version": -1}))
        assert (await memory.get_item(document.id)).version == 1


class Posing(BaseDataModel):
    data_type: str
    approved: bool = True


@pytest.mark.parametrize("kind", ["approval_request", "chat_message", "chat_summary"])
async def test_what_the_engine_writes_for_itself_nobody_else_writes(memory: SessionMemory, kind: str) -> None:
    for write in (memory.add_item, memory.update_item):
        with pytest.raises(NotAllowed, match=f"{kind!r} is written by"):
            await write(Posing(data_type=kind))
    assert await memory.get_all_messages() == []


async def test_a_session_and_a_chat_are_not_deleted_as_items(memory: SessionMemory, store: Store) -> None:
    await memory.add_session(Session())
    chat = CosmosBufferedChatCompletionContext("s", "ann", store=store, agent="HrAgent")
    await chat.add_message(UserMessage(content="hello", source="user"))
    for row in await memory.get_all_messages():
        with pytest.raises(NotAllowed):
            await memory.delete_item(row["id"])
    with pytest.raises(NotAllowed):
        await memory.delete_all_items("session")
    assert [session.id for session in await memory.get_all_sessions()] == ["s"]
    assert len(await memory.get_all_messages()) == 2


async def test_a_memory_carries_out_no_step(memory: SessionMemory, store: Store, step: Step) -> None:
    """A step counts as approved or done only by way of a person's yes."""
    for status in (StepStatus.approved, StepStatus.action_requested, StepStatus.completed):
        with pytest.raises(NotAllowed, match="no person's yes"):
            await memory.add_step(step.model_copy(update={"status": status}))
    await memory.add_step(step)
    with pytest.raises(NotAllowed, match="no person's yes"):
        await memory.update_item(step.model_copy(update={"status": StepStatus.completed}))
    step.status, step.approval = StepStatus.failed, YES
    await store.write("ann", "s", [Change(step, step.version)])
    with pytest.raises(NotAllowed, match="no person's yes"):  # an old yes
        await memory.update_step(step.model_copy(update={"status": StepStatus.approved}))
    step.status = StepStatus.action_requested
    await store.write("ann", "s", [Change(step, step.version)])
    step.status = StepStatus.completed
    await memory.update_step(step)
    assert await memory.get_step(step.id) == step


async def test_what_poses_as_a_step_and_is_none_is_refused(memory: SessionMemory) -> None:
    with pytest.raises(InvalidInput):
        await memory.add_item(BadStep())


class BadStep(BaseDataModel):
    data_type: str = "step"


async def test_another_guard_decides_instead(store: Store, step: Step) -> None:
    seen: list[tuple[Step | None, Step]] = []

    def guard(before: Step | None, after: Step) -> Step:
        seen.append((before, after))
        return after.model_copy(update={"agent_reply": "guarded"})

    memory = SessionMemory("s", "ann", store=store, guard=guard)
    await memory.add_step(step)
    assert seen == [(None, step.model_copy(update={"version": 0, "ts": None}))]
    stored = await memory.get_step(step.id)
    assert stored is not None and stored.agent_reply == "guarded"
    assert step.version == 1


@pytest.mark.parametrize(("session", "user"), [("", "ann"), ("s", "")])
async def test_a_memory_belongs_to_somebody(open_store: OpenStore, session: str, user: str) -> None:
    with pytest.raises(InvalidInput):
        SessionMemory(session, user, store=await open_store())


async def test_sessions_change_and_come_in_pages(memory: SessionMemory) -> None:
    for number in range(5):
        await memory.add_session(Session(session_id=f"s{number}"))
    session = await memory.get_session("s3")
    assert session is not None
    stale = session.model_copy()
    session.current_status = "completed"
    await memory.update_session(session)
    assert (await memory.get_session("s3")) == session
    with pytest.raises(Conflict):
        await memory.update_session(stale)
    seen: list[str] = []
    page = await memory.get_all_sessions(limit=2)
    while page:
        assert len(page) <= 2
        seen += [found.session_id for found in page]
        await memory.add_session(Session(session_id=f"later{len(seen)}"))  # moves no page
        page = await memory.get_all_sessions(limit=2, before=page[-1])
    assert seen == ["s4", "s3", "s2", "s1", "s0"]
    assert [found.id for found in await memory.get_all_sessions(before="s2")] == ["s1", "s0"]
    assert await memory.get_all_sessions(limit=2, before="nothing") == []


async def test_plans_come_in_pages(memory: SessionMemory) -> None:
    for number in range(23):
        await memory.add_plan(
            Plan(id=f"p{number}", session_id=f"s{number % 3}", user_id="ann", initial_goal="x")
        )
    seen: list[str] = []
    page = await memory.get_all_plans(limit=2)
    while page:
        assert len(page) <= 2
        seen += [plan.id for plan in page]
        if len(seen) == 4:
            await memory.add_plan(Plan(session_id="s", user_id="ann", initial_goal="new"))
        page = await memory.get_all_plans(limit=2, before=page[-1])
    assert seen == [f"p{number}" for number in reversed(range(23))]
    assert len(await memory.get_all_plans(before="p20")) == 20
    assert await memory.get_all_plans(limit=5, before="nothing") == []


async def test_what_was_said_and_whatever_there_is(memory: SessionMemory, store: Store, step: Step) -> None:
    hello = AgentMessage(session_id="s", user_id="ann", content="hello", source="x", plan_id=step.plan_id)
    elsewhere = AgentMessage(session_id="t", user_id="ann", content="elsewhere", source="x")
    await memory.add_agent_message(hello)
    await memory.add_agent_message(elsewhere)
    await memory.add_step(step)
    assert await memory.get_agent_messages_by_session("t") == [elsewhere]
    assert await memory.get_data_by_type_and_plan_id("agent_message", step.plan_id) == [hello]
    assert await memory.get_data_by_type_and_plan_id("agent_message", "another") == []
    assert await memory.get_steps_for_plan(step.plan_id) == [step]
    rows = await memory.get_all_messages()
    assert [row["id"] for row in rows] == [hello.id, step.id] and rows[0]["content"] == "hello"
    assert await memory.get_all_items(limit=1) == rows[1:]
    assert await SessionMemory("s", "bob", store=store).get_all_messages() == []


async def test_deleting_by_query_and_by_kind(memory: SessionMemory, store: Store, step: Step) -> None:
    bob = SessionMemory("s2", "bob", store=store)
    await bob.add_item(CustomData(id="bobs", custom_field="x"))
    for number in range(3):
        other = SessionMemory(f"t{number}", "ann", store=store)
        await other.add_item(CustomData(custom_field="x" if number else "y"))
    query = "SELECT c.id, c.session_id FROM c WHERE c.data_type=@data_type AND c.custom_field=@f"
    parameters = [{"name": "@data_type", "value": "custom_data"}, {"name": "@f", "value": "x"}]
    assert await memory.delete_items_by_query(query, parameters) == 2
    assert await memory.delete_items_by_query(query, parameters) == 0
    assert await memory.delete_all_messages("custom_data") == 1
    assert await bob.get_item("bobs") is not None
    await memory.add_step(step)
    await memory.add_item(CustomData(id="kept", custom_field="x"))
    with pytest.raises(NotAllowed):
        await memory.delete_items_by_query("SELECT * FROM c")
    with pytest.raises(NotAllowed):
        await memory.delete_all_items("step")
    assert await memory.get_item("kept") is not None and await memory.get_step(step.id) == step
    with pytest.raises(InvalidInput):
        await memory.delete_items_by_query("SELECT c.id FROM c WHERE c.id != 'x'")
