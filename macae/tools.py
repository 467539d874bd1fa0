"""What a tool is: an async function that says what it does, what it needs and whether it changes anything.

A tool is written as a plain function::

    @tool(effect="change")
    async def bake_cookies(cookie_type: Annotated[str, "what kind"], quantity: int) -> str:
        \"\"\"Bake cookies of one kind.\"\"\"

It stays a plain function (`await bake_cookies("oat", 12)` works); `as_tool` makes what a model is shown of it, once.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from autogen_core.tools import FunctionTool, ToolSchema
from pydantic import BaseModel

from macae.errors import TeamError

__all__ = ["ActionTool", "Effect", "RunningCall", "as_tool", "current_call", "running_call", "tool"]

Effect = Literal["read", "change"]
"""`read` only looks; `change` leaves something different behind, and so each call of it needs a person's yes."""

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


def tool(*, effect: Effect, description: str | None = None) -> Callable[[AnyFunction], AnyFunction]:
    """Declare an async function as a tool. `description` is its docstring's first paragraph unless given.

    Raises TeamError for an effect that is neither read nor change.
    """

    def declare(function: AnyFunction) -> AnyFunction:
        check_effect(getattr(function, "__name__", type(function).__name__), effect)
        function.__macae_effect__ = effect  # type: ignore[attr-defined]
        function.__macae_description__ = description  # type: ignore[attr-defined]
        return function

    return declare


def check_effect(name: object, effect: object) -> None:
    """Raise TeamError for an effect that there is not."""
    if effect not in get_args(Effect):
        raise TeamError(
            f'The tool {name} has the effect {str(effect)[:40]!r}: write effect="read" when it only looks, '
            'or effect="change" when it leaves something different behind.'
        )


class ActionTool(FunctionTool):
    """A FunctionTool that knows its effect, refuses sync functions, and builds its schema once.

    A sync function would run in a thread that nothing can stop, and would lose its session's context.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        description: str | None = None,
        name: str | None = None,
        effect: Effect | None = None,
    ) -> None:
        self.label = name or getattr(function, "__name__", type(function).__name__)
        if not inspect.iscoroutinefunction(function):
            raise TeamError(
                f"The tool {self.label} is not async, so it could not be stopped. Write `async def {self.label}(…)`."
            )
        text = description or getattr(function, "__macae_description__", None) or first_paragraph(function)
        if not text:
            raise TeamError(
                f"The tool {self.label} has no description, so no model could choose it. Give it a docstring."
            )
        declared: Effect = getattr(function, "__macae_effect__", "change")
        self.effect: Effect = effect or declared
        check_effect(self.label, self.effect)
        try:
            super().__init__(function, description=text, name=name)
        except Exception as error:
            raise TeamError(
                f"The tool {self.label} cannot be described to a model: {error}. "
                "Annotate every parameter with a type defined at module level."
            ) from error

    @functools.cached_property
    def schema(self) -> ToolSchema:  # the base rebuilds it at each read
        """What the model is shown: name, description and parameters."""
        return super().schema

    @functools.cached_property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema of each parameter, by name."""
        return dict(self.schema.get("parameters", {}).get("properties", {}))

    @functools.cached_property
    def required(self) -> frozenset[str]:
        """The parameters that have no default."""
        return frozenset(self.schema.get("parameters", {}).get("required", ()))

    @property
    def function(self) -> Callable[..., Any]:
        """The function behind the tool."""
        return self._func

    def return_value_as_string(self, value: Any) -> str:
        """A result as the model reads it: text as it is, structures as JSON, None as "done"."""
        if value is None:
            return "done"
        if isinstance(value, str):
            return value
        if isinstance(value, BaseModel):
            return value.model_dump_json()
        if isinstance(value, bytes | bytearray | memoryview):
            return f"{len(bytes(value)):,} bytes of binary data"
        return json.dumps(value, ensure_ascii=False, default=str)


def as_tool(function: Callable[..., Any] | FunctionTool) -> ActionTool:
    """The tool of a function or a FunctionTool; the same one at every call. Raises TeamError if it cannot be one.

    What declares no effect counts as changing something: that asks more often, never less.
    """
    if isinstance(function, ActionTool):
        return function
    source = function._func if isinstance(function, FunctionTool) else function
    built = getattr(source, "__macae_tool__", None)
    wanted = (function.name, function.description) if isinstance(function, FunctionTool) else (None, None)
    if isinstance(built, ActionTool) and wanted in ((None, None), (built.name, built.description)):
        return built
    made = ActionTool(source, name=wanted[0], description=wanted[1])
    if wanted == (None, None):
        source.__macae_tool__ = made  # type: ignore[attr-defined]
    return made


def first_paragraph(function: Callable[..., Any]) -> str:
    """The first paragraph of a function's docstring, on one line."""
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


@dataclass(frozen=True, slots=True)
class RunningCall:
    """The tool call that is being carried out, for tools that want to know on whose behalf they act."""

    key: str
    """Idempotency key: the same for every try of this call of this step. Store it with the effect."""
    session_id: str
    user_id: str
    plan_id: str
    step_id: str
    agent: str


_running: ContextVar[RunningCall | None] = ContextVar("macae_running_call", default=None)


def current_call() -> RunningCall | None:
    """The call being carried out, or None when a tool is called by hand."""
    return _running.get()


@contextmanager
def running_call(call: RunningCall) -> Iterator[None]:
    """Make `call` the current one for what runs inside."""
    token = _running.set(call)
    try:
        yield
    finally:
        _running.reset(token)
