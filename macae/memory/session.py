"""What an agent may remember and look up: the guide's methods, for one user, over any store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import ConfigDict, ValidationError

from macae.errors import Conflict, InvalidInput, NotAllowed
from macae.memory.documents import data_type_of, find_model
from macae.memory.store import Change, Store
from macae.models import BaseDataModel, Plan, PlanWithSteps, Session, Step

__all__ = ["Guard", "Item", "SessionMemory", "approvals_are_the_engines"]

Document = TypeVar("Document", bound=BaseDataModel)

Guard = Callable[[Step | None, Step], Step]
"""Given a step as stored (None: a new one) and as it is to be, gives what to store, or raises NotAllowed."""


class Item(BaseDataModel):
    """A stored document whose model is not known here: its fields are attributes."""

    model_config = ConfigDict(extra="allow")


def approvals_are_the_engines(before: Step | None, after: Step) -> Step:
    """The guard unless another is given: no step's approval changes through an agent's memory. Raises NotAllowed."""
    if after.approval != (before.approval if before is not None else None):
        raise NotAllowed(
            f"The approval of step {after.id} cannot be written by an agent. "
            "A person approves: await engine.approve(step)."
        )
    return after


class SessionMemory:
    """One user's view of a store, standing in one session.

    `add_…` creates (Conflict when it exists), `update_…` changes the version that was read (Conflict, with `.current`, when
    somebody else was first), `get_…` gives None or an empty list for what is not there. Every write is durable when it returns.
    All raise StoreError when the store fails.
    """

    def __init__(self, session_id: str, user_id: str, *, store: Store, guard: Guard | None = None) -> None:
        if not session_id or not user_id:
            raise InvalidInput("A memory needs a session_id and a user_id.")
        self.session_id = session_id
        self.user_id = user_id
        self._store = store
        self._guard = guard or approvals_are_the_engines

    # Sessions

    async def add_session(self, session: Session) -> None:
        """Remember a session: one row each, whose id is the session's."""
        session.session_id = session.session_id or self.session_id
        session.id = session.session_id
        await self._write(session, 0)

    async def get_session(self, session_id: str) -> Session | None:
        """The row of a session."""
        found = await self._store.find(Session, user_id=self.user_id, session_id=session_id, limit=1)
        return found[0] if found else None

    async def get_all_sessions(self, limit: int | None = None) -> list[Session]:
        """The user's sessions, newest first; all of them unless `limit` says how many."""
        found: list[Session] = []
        cursor: str | None = None
        while limit is None or len(found) < limit:
            size = 100 if limit is None else min(100, limit - len(found))
            page = await self._store.sessions(user_id=self.user_id, limit=size, before=cursor)
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        return found

    # Plans and steps

    async def add_plan(self, plan: Plan) -> None:
        """Remember a new plan."""
        await self._write_plan(plan, 0)

    async def update_plan(self, plan: Plan) -> None:
        """Store a changed plan."""
        await self._write_plan(plan, plan.version)

    async def get_plan_by_session(self, session_id: str) -> Plan | None:
        """The newest plan of a session."""
        plans = await self._store.find(
            Plan, user_id=self.user_id, session_id=session_id, limit=1, newest_first=True
        )
        return plans[0] if plans else None

    async def get_plan(self, plan_id: str, session_id: str | None = None) -> Plan | None:
        """A plan by its id, of this session unless another is named."""
        return await self._get(Plan, plan_id, session_id)

    async def get_all_plans(self, limit: int | None = None) -> list[Plan]:
        """The user's plans of all sessions, newest first; all of them unless `limit` says how many."""
        return await self._store.find(Plan, user_id=self.user_id, limit=limit, newest_first=True)

    async def add_step(self, step: Step) -> None:
        """Remember a new step. Raises NotAllowed when it carries an approval."""
        await self._write(step, 0)

    async def update_step(self, step: Step) -> None:
        """Store a changed step. Raises NotAllowed when its approval was changed."""
        await self._write(step, step.version)

    async def get_step(self, step_id: str, session_id: str | None = None) -> Step | None:
        """A step by its id."""
        return await self._get(Step, step_id, session_id)

    async def get_steps_by_plan(self, plan_id: str, session_id: str | None = None) -> list[Step]:
        """The steps of a plan, in its order."""
        steps = await self._store.find(
            Step, user_id=self.user_id, session_id=session_id or self.session_id, plan_id=plan_id
        )
        return sorted(steps, key=lambda step: step.index)

    # Documents of any kind

    async def add_item(self, item: BaseDataModel) -> None:
        """Remember a new document of any model."""
        await self._write(item, 0)

    async def update_item(self, item: BaseDataModel) -> None:
        """Store a changed document of any model."""
        await self._write(item, item.version)

    async def get_item_by_id(
        self, item_id: str, partition_key: str | None = None, model_class: type[BaseDataModel] | None = None
    ) -> Any:
        """A document by its id, or None; `partition_key` is its session. Without a model: as what was declared for its kind."""
        session_id = partition_key or self.session_id
        if model_class is not None:
            return await self._get(model_class, item_id, session_id)
        rows = await self._store.query(
            "SELECT * FROM c WHERE c.id=@id",
            [{"name": "@id", "value": item_id}],
            user_id=self.user_id,
            session_id=session_id,
        )
        return (find_model(rows[0]["data_type"]) or Item).model_validate(rows[0]) if rows else None

    get_item = get_item_by_id

    async def delete_item(self, item_id: str, partition_key: str | None = None) -> None:
        """Remove a document; one that is not there is passed over. Raises NotAllowed for what the engine stores for itself."""
        found = await self.get_item_by_id(item_id, partition_key)
        if getattr(found, "data_type", "") in ("approval", "step", "plan"):
            raise NotAllowed(
                "Plans, steps and approvals are not deleted: they are the record. Cancel or skip them."
            )
        await self._store.delete(self.user_id, partition_key or self.session_id, [item_id])

    async def get_data_by_type(
        self, data_type: str, model_class: type[BaseDataModel] | None = None
    ) -> list[BaseDataModel]:
        """This session's documents of a kind, oldest first, as the model that was declared for it."""
        return await self.get_data_by_type_and_session_id(data_type, self.session_id, model_class)

    async def get_data_by_type_and_session_id(
        self, data_type: str, session_id: str, model_class: type[BaseDataModel] | None = None
    ) -> list[BaseDataModel]:
        """A session's documents of a kind, oldest first."""
        model = model_class or find_model(str(data_type)) or Item
        return await self._store.find(
            model, user_id=self.user_id, session_id=session_id, data_type=str(data_type)
        )

    async def query_items(
        self, query: str, parameters: Sequence[dict[str, Any]] = (), model_class: type[BaseDataModel] = Item
    ) -> list[Any]:
        """What a query finds among all the user's documents: see `Store.query`. Raises InvalidInput, also for a wrong model."""
        rows = await self._store.query(query, parameters, user_id=self.user_id)
        try:
            return [model_class.model_validate(row) for row in rows]
        except ValidationError as error:
            first = error.errors()[0]
            raise InvalidInput(
                f"The query found something that is no {model_class.__name__} "
                f"({'.'.join(map(str, first['loc']))}: {first['msg']}). Add c.data_type to the query."
            ) from None

    # Inside

    async def _get(self, model: type[Document], id: str, session_id: str | None) -> Document | None:
        return await self._store.get(
            model, id, user_id=self.user_id, session_id=session_id or self.session_id
        )

    async def _write(self, document: BaseDataModel, expect: int) -> None:
        session_id = getattr(document, "session_id", None) or self.session_id
        kind = getattr(document, "data_type", None) or data_type_of(type(document))
        if kind == "approval":
            raise NotAllowed("Approvals are written by the engine alone: await engine.approve(step).")
        if kind == "step":
            document = await self._guarded(document, session_id)
        await self._store.write(self.user_id, session_id, [Change(document, expect)])

    async def _write_plan(self, plan: Plan, expect: int) -> None:
        # Of a PlanWithSteps, only the plan: its steps have rows of their own.
        bare = (
            Plan(**plan.model_dump(include=set(Plan.model_fields)))
            if isinstance(plan, PlanWithSteps)
            else plan
        )
        await self._write(bare, expect)
        plan.version, plan.ts = bare.version, bare.ts

    async def _guarded(self, document: BaseDataModel, session_id: str) -> BaseDataModel:
        try:  # what poses as a step is held to a step's rules
            step = document if isinstance(document, Step) else Step.model_validate(document.model_dump())
        except ValidationError as error:
            raise InvalidInput(f"This is no step: {error.errors()[0]['msg']}.") from None
        before = await self._get(Step, step.id, session_id)
        if before is not None and before.version != step.version:
            raise Conflict(f"The step {step.id} was changed meanwhile. Look at it and decide again.", before)
        allowed = self._guard(before, step)
        return document if allowed is step else allowed
