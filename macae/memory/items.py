"""The guide's methods for documents of any kind, for one user, over any store."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel

from macae.errors import Conflict, InvalidInput, StoreError
from macae.memory.documents import set_where_it_fits
from macae.memory.models import MODEL_CLASS_MAPPING, RESERVED, Item, find_model, read_as
from macae.memory.rules import (
    Guard,
    approvals_are_the_engines,
    check_deleted,
    check_written,
    kind_of,
    plain,
    version_of,
)
from macae.memory.store import ANY, Change, Store
from macae.models import Plan, Step

__all__ = ["Guard", "ItemMemory", "approvals_are_the_engines"]

Document = TypeVar("Document", bound=BaseModel)

_IDS_ONLY = re.compile(r"\s*SELECT\s+\w+\.\w+(?:\s*,\s*\w+\.\w+)*\s+FROM\b", re.I | re.A)


class ItemMemory:
    """Documents of any model: add, change, get, query, delete. See `SessionMemory`."""

    MODEL_CLASS_MAPPING: ClassVar[Mapping[str, type[BaseModel]]] = MODEL_CLASS_MAPPING
    """What documents are read as where no model is given; open: see `register_model`."""

    def __init__(self, session_id: str, user_id: str, *, store: Store, guard: Guard | None = None) -> None:
        if not session_id or not user_id:
            raise InvalidInput("A memory needs a session_id and a user_id.")
        self.session_id = session_id
        self.user_id = user_id
        self._store = store
        self._guard = guard or approvals_are_the_engines

    # Writing

    async def add_item(self, item: BaseModel) -> None:
        """Remember a new document of any model. What is a plan or a step is stored as just that, and held to its rules.

        Raises NotAllowed for what is not written through a memory: approvals and the questions for them (the engine's), and
        agents' chats (`add_message`).
        """
        await self._write(item, 0)

    async def update_item(self, item: BaseModel) -> None:
        """Store a changed document of any model. One whose model has no `version` overwrites what is stored.

        Raises Conflict when somebody else was first, InvalidInput for a version below 0, and NotAllowed: see `add_item`.
        """
        if getattr(item, "version", None) is not None:
            await self._write(item, version_of(item))
            return
        if kind_of(item) in RESERVED:
            raise InvalidInput(
                f"A {type(item).__name__} without a version cannot change one of the engine's documents."
            )
        await self._write(item, ANY)

    # Reading

    async def get_item_by_id(
        self, item_id: str, partition_key: str | None = None, model_class: type[BaseModel] | None = None
    ) -> Any:
        """A document by its id, or None; `partition_key` is its session. Without a model: as its own class."""
        session_id = partition_key or self.session_id
        if model_class is not None:
            return await self._get(model_class, item_id, session_id)
        row = await self._row(item_id, session_id)
        return None if row is None else read_as(self._model_of(row["data_type"]), row)

    get_item = get_item_by_id

    async def get_data_by_type(self, data_type: str, model_class: type[BaseModel] | None = None) -> list[Any]:
        """This session's documents of a kind, oldest first, as their own class."""
        return await self.get_data_by_type_and_session_id(data_type, self.session_id, model_class)

    async def get_data_by_type_and_session_id(
        self, data_type: str, session_id: str, model_class: type[BaseModel] | None = None
    ) -> list[Any]:
        """A session's documents of a kind, oldest first."""
        return await self._find(data_type, session_id, model_class)

    async def get_data_by_type_and_plan_id(
        self, data_type: str, plan_id: str, model_class: type[BaseModel] | None = None
    ) -> list[Any]:
        """What this session holds of one plan, of one kind, oldest first."""
        return await self._find(data_type, self.session_id, model_class, plan_id)

    async def query_items(
        self,
        query: str,
        parameters: Sequence[dict[str, Any]] = (),
        model_class: type[BaseModel] | None = None,
    ) -> list[Any]:
        """What a query finds among all the user's documents: see `Store.query`. Without a model: each as its own class.

        Raises InvalidInput for a query that is not understood, and for what is no such model.
        """
        rows = await self._store.query(query, parameters, user_id=self.user_id)
        models = {kind: model_class or self._model_of(kind) for kind in {row["data_type"] for row in rows}}
        return [read_as(models[row["data_type"]], row) for row in rows]

    async def get_all_messages(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest `limit` documents of this session, of every kind, as plain data, oldest first."""
        rows = await self._store.query(
            "SELECT * FROM c", (), user_id=self.user_id, session_id=self.session_id
        )
        return rows[max(0, len(rows) - limit) :]

    get_all_items = get_all_messages

    # Deleting

    async def delete_item(self, item_id: str, partition_key: str | None = None) -> None:
        """Remove a document; one that is not there is passed over.

        Raises NotAllowed for sessions, plans, steps, approvals, the questions for them, and agents' chats.
        """
        session_id = partition_key or self.session_id
        row = await self._row(item_id, session_id)
        if row is not None:
            await self._delete([row])

    async def delete_items_by_query(self, query: str, parameters: Sequence[dict[str, Any]] = ()) -> int:
        """Remove what a query finds among all the user's documents; gives how many.

        Together within each session: those of one session go all or none (in Cosmos DB, 90 at a time). When it fails between
        sessions or batches, the StoreError says how many are gone; the same call removes the rest.
        The query may begin with `SELECT c.id, c.session_id FROM c`, too. Raises NotAllowed, and removes nothing, when
        something is among them that `delete_item` refuses.
        """
        rows = await self._store.query(
            _IDS_ONLY.sub("SELECT * FROM", query, count=1), parameters, user_id=self.user_id
        )
        await self._delete(rows)
        return len(rows)

    async def delete_all_messages(self, data_type: str) -> int:
        """Remove all the user's documents of a kind, in every session; gives how many. Raises NotAllowed: see `delete_item`."""
        return await self.delete_items_by_query(
            "SELECT * FROM c WHERE c.data_type=@data_type",
            [{"name": "@data_type", "value": str(getattr(data_type, "value", data_type))}],
        )

    delete_all_items = delete_all_messages

    # Inside

    def _model_of(self, data_type: str) -> type[BaseModel]:
        return find_model(data_type, self.MODEL_CLASS_MAPPING) or Item

    async def _row(self, item_id: str, session_id: str) -> dict[str, Any] | None:
        rows = await self._store.query(
            "SELECT * FROM c WHERE c.id=@id",
            [{"name": "@id", "value": item_id}],
            user_id=self.user_id,
            session_id=session_id,
        )
        return rows[0] if rows else None

    async def _find(
        self, data_type: str, session_id: str, model: type[BaseModel] | None, plan_id: str | None = None
    ) -> list[Any]:
        kind = str(getattr(data_type, "value", data_type))
        find: Any = self._store.find  # a learner's model may be any pydantic model that has an id
        found: list[Any] = await find(
            model or self._model_of(kind),
            user_id=self.user_id,
            session_id=session_id,
            plan_id=plan_id,
            data_type=kind,
        )
        return found

    async def _get(self, model: type[Document], id: str, session_id: str | None) -> Document | None:
        get: Any = self._store.get
        found: Document | None = await get(
            model, id, user_id=self.user_id, session_id=session_id or self.session_id
        )
        return found

    async def _delete(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            check_deleted(row["data_type"])
        by_session: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows:
            by_session[row["session_id"]].append(row["id"])
        gone = 0
        for session_id, ids in by_session.items():
            try:
                await self._store.delete(self.user_id, session_id, ids)
            except StoreError as error:
                if not gone:
                    raise
                raise StoreError(
                    f"{error} Before that, {gone} documents of other sessions were removed."
                ) from None
            gone += len(ids)

    async def _write(self, document: Any, expect: int) -> None:
        kind = kind_of(document)
        check_written(kind)
        if kind not in ("plan", "step"):
            session_id = getattr(document, "session_id", None) or self.session_id
            await self._store.write(self.user_id, session_id, [Change(document, expect)])
            return
        stored = await self._write_plain(plain(document), expect)
        for field in ("session_id", "user_id", "version", "ts"):
            set_where_it_fits(document, field, getattr(stored, field))

    async def _write_plain(self, document: Plan | Step, expect: int) -> Plan | Step:
        """Store a plan or a step under its rules; gives what was stored."""
        session_id = document.session_id or self.session_id
        if isinstance(document, Step):
            before = await self._get(Step, document.id, session_id)
            if before is not None and before.version != document.version:
                raise Conflict(
                    f"The step {document.id} was changed meanwhile. Look at it and decide again.", before
                )
            document = self._guard(before, document)
        await self._store.write(self.user_id, session_id, [Change(document, expect)])
        return document
