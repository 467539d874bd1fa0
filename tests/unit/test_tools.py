"""What may be a tool, and what a model is shown of it."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from autogen_core import CancellationToken
from autogen_core.tools import FunctionTool

from macae.errors import TeamError
from macae.tools import RunningCall, as_tool, current_call, running_call, tool


@tool(effect="read")
async def look(shelf: Annotated[str, "which shelf"], deep: bool = False) -> str:
    """Look at a shelf.

    Not part of the description.
    """
    return f"{shelf} {deep}"


async def bare(x: int) -> dict[str, Any]:
    """Double it."""
    return {"double": 2 * x}


def test_a_declared_function_stays_a_function_and_is_built_once() -> None:
    made = as_tool(look)
    assert made is as_tool(look) and made.schema is as_tool(look).schema
    assert (made.name, made.description, made.effect) == ("look", "Look at a shelf.", "read")
    assert made.parameters["shelf"]["description"] == "which shelf"
    assert made.required == {"shelf"}


async def test_results_reach_the_model_as_text() -> None:
    assert await look("top") == "top False"
    made = as_tool(bare)
    value = await made.run_json({"x": 4}, CancellationToken())
    assert made.return_value_as_string(value) == '{"double": 8}'
    assert made.return_value_as_string(None) == "done"


def test_an_undeclared_tool_counts_as_changing() -> None:
    assert as_tool(bare).effect == "change"
    guided = FunctionTool(bare, description="Twice it", name="twice")
    assert (as_tool(guided).name, as_tool(guided).description, as_tool(guided).effect) == (
        "twice",
        "Twice it",
        "change",
    )


def test_what_cannot_be_a_tool_is_refused_with_the_mend() -> None:
    def sync(x: int) -> str:
        """Sync."""
        return str(x)

    async def silent(x: int) -> str:
        return str(x)

    async def untyped(x, *rest):  # type: ignore[no-untyped-def]
        """Untyped."""

    with pytest.raises(TeamError, match="async def sync"):
        as_tool(sync)
    with pytest.raises(TeamError, match="docstring"):
        as_tool(silent)
    with pytest.raises(TeamError, match="untyped"):
        as_tool(untyped)


def test_a_running_call_is_known_only_inside() -> None:
    call = RunningCall("k", "s", "u", "p", "st", "A")
    with running_call(call):
        assert current_call() is call
    assert current_call() is None


@pytest.mark.parametrize("effect", ["write", "", None, ["read"]])
def test_an_effect_that_there_is_not_is_refused_when_it_is_declared(effect: Any) -> None:
    with pytest.raises(TeamError, match=r'The tool order has the effect .*effect="read".*effect="change"'):

        @tool(effect=effect)
        async def order(item: str) -> str:
            """Order."""
            return item
