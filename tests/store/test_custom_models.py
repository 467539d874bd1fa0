"""A learner's own model: registered in one line, stored, queried and given back as its own class, in every store."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, ClassVar, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from macae.errors import InvalidInput
from macae.memory import (
    MODEL_CLASS_MAPPING,
    CosmosBufferedChatCompletionContext,
    SessionMemory,
    Store,
    register_model,
)
from macae.models import BaseDataModel, Plan, Session, Step


@pytest.fixture(autouse=True)
def only_ours() -> Iterator[None]:
    """What a test registers is gone after it."""
    present = set(MODEL_CLASS_MAPPING)
    yield
    for kind in set(MODEL_CLASS_MAPPING) - present:
        del MODEL_CLASS_MAPPING[kind]


@pytest.fixture
def memory(store: Store) -> SessionMemory:
    return SessionMemory("s", "ann", store=store)


class CustomData(BaseDataModel):
    """As in the guide: no session, no user."""

    data_type: Literal["learner_data"] = "learner_data"
    custom_field: str
    amount: float = 0.0


class Untyped(BaseDataModel):
    """Not even a kind of its own: it is stored under its class name."""

    model_config = ConfigDict(extra="forbid")

    note: str


class Plain(BaseModel):
    """Not one of ours at all."""

    id: str
    title: str


def again(**more: Any) -> type[BaseDataModel]:
    """The class CustomData, defined once more, as by a cell that is run again."""
    annotations = {"data_type": Literal["learner_data"], **dict.fromkeys(more, str)}
    return type("CustomData", (BaseDataModel,), {"__annotations__": annotations, "data_type": "learner_data", "__module__": "__main__", **more})  # fmt: skip


async def test_one_line_and_it_comes_back_as_its_own_class(memory: SessionMemory, store: Store) -> None:
    register_model(CustomData)
    items = [
        CustomData(custom_field=name, amount=amount) for name, amount in (("b", 2), ("a", 1.5), ("b", 1))
    ]
    for item in items:
        await memory.add_item(item)
    assert await memory.get_item_by_id(items[0].id, "s", CustomData) == items[0]
    assert type(await memory.get_item_by_id(items[0].id)) is CustomData
    assert await memory.get_data_by_type("learner_data") == items
    query = "SELECT * FROM c WHERE c.data_type=@type AND c.custom_field=@field ORDER BY c.amount DESC"
    parameters = [{"name": "@type", "value": "learner_data"}, {"name": "@field", "value": "b"}]
    found = await memory.query_items(query, parameters, CustomData)
    assert found == [items[0], items[2]] == await memory.query_items(query, parameters)
    items[1].amount = 7
    await memory.update_item(items[1])
    assert (await memory.get_item_by_id(items[1].id)).amount == 7
    (row,) = await store.query(
        "SELECT * FROM c WHERE c.id=@id", [{"name": "@id", "value": items[1].id}], user_id="ann"
    )
    assert (row["session_id"], row["user_id"], row["data_type"]) == ("s", "ann", "learner_data"), "stamped"
    assert await SessionMemory("s", "bob", store=store).get_data_by_type("learner_data") == []


async def test_models_of_every_make(memory: SessionMemory) -> None:
    @register_model
    class Kind(BaseDataModel):
        """Decorated; its kind is an enum's member."""

        class Kinds(str, Enum):  # noqa: UP042 - learners write it so
            one = "kind_one"

        data_type: Kinds = Kinds.one
        related: list[dict[str, int]] = Field(default_factory=list)

    register_model(Untyped)
    register_model(Plain)
    assert set(MODEL_CLASS_MAPPING) >= {"kind_one", "untyped", "plain"}
    for item in (Kind(id="k", related=[{"a": 1}]), Untyped(id="u", note="n"), Plain(id="p", title="t")):
        await memory.add_item(item)
        for found in (
            await memory.get_item_by_id(item.id),
            *await memory.query_items("SELECT * FROM c WHERE c.id=@id", [{"name": "@id", "value": item.id}]),
        ):
            assert type(found) is type(item) and found == item
    assert [found.title for found in await memory.get_data_by_type("plain")] == ["t"]
    await memory.update_item(Plain(id="p", title="changed"))
    assert (await memory.get_item_by_id("p")).title == "changed"
    everything = await memory.query_items("SELECT * FROM c")
    assert [type(found) for found in everything] == [Kind, Untyped, Plain]


async def test_a_cell_that_runs_again_wins_and_reads_what_was_stored_before(memory: SessionMemory) -> None:
    first = register_model(again(custom_field="x"))
    await memory.add_item(first(id="old"))
    second = register_model(again(custom_field="x", added="default"))
    assert MODEL_CLASS_MAPPING["learner_data"] is second
    found = await memory.get_item_by_id("old")
    assert type(found) is second and vars(found)["added"] == "default"
    assert [type(item) for item in await memory.get_data_by_type("learner_data")] == [second]


async def test_what_an_older_model_stored_is_told_and_can_be_removed(memory: SessionMemory) -> None:
    await memory.add_item(register_model(again(custom_field="x"))(id="old"))
    required = type("CustomData", (BaseDataModel,), {"__annotations__": {"data_type": Literal["learner_data"], "needed": int}, "data_type": "learner_data"})  # fmt: skip
    register_model(required)
    with pytest.raises(InvalidInput, match="needed"):
        await memory.query_items("SELECT * FROM c")
    assert await memory.delete_all_items("learner_data") == 1
    assert await memory.query_items("SELECT * FROM c") == []


def test_two_models_of_one_kind_are_told_apart() -> None:
    register_model(CustomData)
    other = type(
        "OtherData", (BaseDataModel,), {"__annotations__": {"data_type": str}, "data_type": "learner_data"}
    )
    with pytest.raises(
        InvalidInput, match=r'CustomData is registered.*del MODEL_CLASS_MAPPING\["learner_data"\]'
    ):
        register_model(other)
    assert MODEL_CLASS_MAPPING["learner_data"] is CustomData
    del MODEL_CLASS_MAPPING["learner_data"]
    assert register_model(other) is MODEL_CLASS_MAPPING["learner_data"]


@pytest.mark.parametrize(
    "kind",
    [
        "plan",
        "step",
        "session",
        "agent_message",
        "approval",
        "approval_request",
        "chat_message",
        "chat_summary",
    ],
)
def test_the_engines_kinds_are_its_own(kind: str) -> None:
    fake = type("Fake", (BaseDataModel,), {"__annotations__": {"data_type": str}, "data_type": kind})
    with pytest.raises(InvalidInput, match=f"{kind!r} is a kind of the engine's own"):
        register_model(fake)
    if kind != "approval":
        with pytest.raises(InvalidInput):
            del MODEL_CLASS_MAPPING[kind]


@pytest.mark.parametrize("wrong", [dict, "learner_data", CustomData(custom_field="x"), BaseDataModel, type("NoId", (BaseModel,), {})])  # fmt: skip
def test_what_cannot_be_stored_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        register_model(wrong)


def test_it_is_a_mapping_as_in_the_guide() -> None:
    mapping: Any = CosmosBufferedChatCompletionContext.MODEL_CLASS_MAPPING
    assert mapping is MODEL_CLASS_MAPPING
    assert (mapping["plan"], mapping["step"], mapping["session"]) == (Plan, Step, Session)
    mapping["learner_data"] = CustomData
    assert dict(mapping)["learner_data"] is CustomData and "learner_data" in repr(mapping)
    with pytest.raises(InvalidInput, match="Register it as 'learner_data'"):
        mapping["another"] = CustomData
    assert mapping.get("nothing") is None and len(mapping) == len(list(mapping))


async def test_a_subclass_may_bring_a_mapping_of_its_own(store: Store) -> None:
    """The guide writes the new model into the class's own mapping."""

    class Learners(SessionMemory):
        MODEL_CLASS_MAPPING: ClassVar = {"learner_data": CustomData, "step": Untyped}

    memory = Learners("s", "ann", store=store)
    await memory.add_item(CustomData(custom_field="x"))
    assert [type(item) for item in await memory.get_data_by_type("learner_data")] == [CustomData]
    step = Step(plan_id="p", session_id="s", user_id="ann", action="x", agent="A")
    await memory.add_step(step)
    with pytest.raises(Exception, match="the record"):
        await memory.delete_item(step.id)


async def test_what_has_no_version_does_not_overwrite_the_engines_documents(
    memory: SessionMemory, plan: Plan
) -> None:
    class FakePlan(BaseModel):
        id: str
        data_type: str = "plan"
        initial_goal: str = "Something else"

    await memory.add_plan(plan)
    with pytest.raises(InvalidInput, match="engine's documents"):
        await memory.update_item(FakePlan(id=plan.id))
    assert await memory.get_plan(plan.id) == plan
