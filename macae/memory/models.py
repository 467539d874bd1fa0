"""Which model each kind of stored documents is read as: an open mapping, to which anybody adds models of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from macae.errors import InvalidInput
from macae.memory.chat.messages import ChatMessage
from macae.memory.chat.summary import ChatSummary
from macae.memory.documents import STAMPS, data_type_of
from macae.models import AgentMessage, ApprovalRequest, BaseDataModel, Plan, Session, Step

__all__ = ["MODEL_CLASS_MAPPING", "Item", "ModelMapping", "find_model", "read_as", "register_model"]

Model = TypeVar("Model", bound=type[BaseModel])
Stored = TypeVar("Stored", bound=BaseModel)

ENGINES: Mapping[str, type[BaseDataModel]] = {
    str(data_type_of(model)): model
    for model in (Session, Plan, Step, AgentMessage, ApprovalRequest, ChatMessage, ChatSummary)
}
RESERVED = frozenset({*ENGINES, "approval"})
"""Kinds that the engine writes for itself."""


class Item(BaseDataModel):
    """A stored document whose model is not known here: its fields are attributes."""

    model_config = ConfigDict(extra="allow")


class ModelMapping(MutableMapping[str, type[BaseModel]]):
    """From `data_type` to the model class. `mapping["custom_data"] = CustomData` and `register_model(CustomData)` are the same.

    A class of the same name replaces the one before it: a notebook's cell may run often. Raises InvalidInput for a kind of
    the engine, for a second model of one kind, and for a class that cannot be stored.
    """

    def __init__(self, engines: Mapping[str, type[BaseModel]]) -> None:
        self._engines = dict(engines)
        self._added: dict[str, type[BaseModel]] = {}

    def __getitem__(self, data_type: str) -> type[BaseModel]:
        """The model of a kind. Raises KeyError."""
        return self._engines[data_type] if data_type in self._engines else self._added[data_type]

    def __setitem__(self, data_type: str, model: type[BaseModel]) -> None:
        """Add a model."""
        if self._engines.get(data_type) is model:
            return
        kind = _kind_of(model)
        if kind in RESERVED:
            raise InvalidInput(
                f"{kind!r} is a kind of the engine's own documents. Give {model.__name__} another data_type."
            )
        if kind != data_type:
            raise InvalidInput(
                f"{model.__name__} is stored with the data_type {kind!r}, so it is not found as {data_type!r}. "
                f"Register it as {kind!r}, or change its data_type."
            )
        present = self._added.get(kind)
        if present is not None and present.__name__ != model.__name__:
            raise InvalidInput(
                f"{present.__name__} is registered for the data_type {kind!r} already. Give {model.__name__} another "
                f'data_type, or take the other one out: `del MODEL_CLASS_MAPPING["{kind}"]`.'
            )
        self._added[kind] = model

    def __delitem__(self, data_type: str) -> None:
        """Take a model out; what is stored of it stays. Raises InvalidInput for the engine's."""
        if data_type in self._engines:
            raise InvalidInput(f"{data_type!r} is a kind of the engine's own documents: it stays.")
        del self._added[data_type]

    def __iter__(self) -> Iterator[str]:
        """All kinds."""
        yield from (*self._engines, *self._added)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._engines) + len(self._added)

    def __repr__(self) -> str:
        """As a dict of names."""
        return f"MODEL_CLASS_MAPPING({ {kind: model.__name__ for kind, model in self.items()} })"


MODEL_CLASS_MAPPING = ModelMapping(ENGINES)
"""The guide's name: what `get_item_by_id`, `get_data_by_type` and `query_items` read documents as."""


def register_model(model: Model) -> Model:
    """Let documents of this model come back as its own class, from every store. One line, or a decorator on the class.

    The model may lack session_id, user_id and data_type: the store stamps them. Raises InvalidInput: see `ModelMapping`.
    """
    MODEL_CLASS_MAPPING[_kind_of(model)] = model
    return model


def _kind_of(model: Any) -> str:
    if not isinstance(model, type) or not issubclass(model, BaseModel) or "id" not in model.model_fields:
        name = getattr(model, "__name__", repr(model))[:80]
        raise InvalidInput(
            f"{name} cannot be stored: register a class, made as `class CustomData(BaseDataModel)`."
        )
    kind = data_type_of(model)
    if kind is None:
        raise InvalidInput("BaseDataModel is the base of all kinds. Register a class of your own.")
    return kind


def find_model(data_type: str, mapping: Mapping[str, type[BaseModel]] = MODEL_CLASS_MAPPING) -> Any:
    """The model of a kind: the registered one, else one that was only declared (the latest), else None."""
    registered = mapping.get(data_type)
    if registered is not None:
        return registered
    found = None
    waiting: list[type[BaseDataModel]] = [BaseDataModel]
    while waiting:
        model = waiting.pop(0)
        # A subclass that shares its parent's kind (PlanWithSteps) is a view of it, not what is stored.
        waiting.extend(c for c in model.__subclasses__() if data_type_of(c) != data_type_of(model))
        if data_type_of(model) == data_type:
            if model.__module__.startswith("macae."):
                return model
            found = model
    return found


def read_as(model: type[Stored], row: Mapping[str, Any]) -> Stored:
    """A row of a query as a model. Raises InvalidInput when it is none."""
    every = model.model_config.get("extra") == "allow"
    fields = {k: v for k, v in row.items() if k not in STAMPS or k in model.model_fields or every}
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(
            f"The query found something that is no {model.__name__} "
            f"({'.'.join(map(str, first['loc']))}: {first['msg']}). Add c.data_type to the query; where old documents lack "
            "a new field, give it a default."
        ) from None
