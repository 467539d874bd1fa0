"""What holds for every tool."""

from __future__ import annotations

import asyncio
import inspect
import random
from collections.abc import Callable
from typing import Any

import pytest

from macae import contoso
from macae.contoso import Company
from macae.errors import NotFound, ToolRefused
from macae.tools import as_tool, running_call
from tests.contoso.cases import CASES, FIRST, TODAY
from tests.contoso.conftest import call

FUNCTIONS = {f.__name__: f for functions in contoso.DEPARTMENTS.values() for f in functions}
GETTERS = {
    "Hr": contoso.get_hr_tools,
    "Procurement": contoso.get_procurement_tools,
    "Marketing": contoso.get_marketing_tools,
    "Product": contoso.get_product_tools,
    "TechSupport": contoso.get_tech_support_tools,
    "Legal": contoso.get_legal_tools,
    "Generic": contoso.get_generic_tools,
}


def test_every_department_has_about_ten_tools_and_no_name_twice() -> None:
    names = [f.__name__ for functions in contoso.DEPARTMENTS.values() for f in functions]
    assert len(names) == len(set(names)) >= 70
    assert all(len(functions) >= 10 for functions in contoso.DEPARTMENTS.values())
    assert set(names) == set(CASES), "each tool has a case"


@pytest.mark.parametrize("department", GETTERS)
def test_the_getters_give_the_same_tools_at_every_call(department: str) -> None:
    tools = GETTERS[department]()
    assert [t.name for t in tools] == [f.__name__ for f in contoso.DEPARTMENTS[department]]
    assert all(a is b for a, b in zip(tools, GETTERS[department](), strict=True))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_tool_is_async_typed_and_documented(name: str) -> None:
    function = FUNCTIONS[name]
    tool = as_tool(function)
    assert inspect.iscoroutinefunction(function)
    assert tool.effect in ("read", "change")
    assert len(tool.description) > 25 and tool.description.endswith(".")
    parameters = tool.schema["parameters"]["properties"]
    assert set(parameters) == set(inspect.signature(function).parameters)
    assert all(spec.get("description") for spec in parameters.values()), parameters
    assert len(tool.schema["parameters"].get("required", [])) <= 3
    for parameter, spec in parameters.items():
        assert "date" not in parameter or "YYYY-MM-DD" in spec["description"], parameter


@pytest.mark.parametrize("name", CASES)
async def test_a_read_changes_nothing_and_a_change_something(name: str, company: Company) -> None:
    if name in FIRST:
        before_it, arguments = FIRST[name]
        await FUNCTIONS[before_it](**arguments)
    before = company.snapshot()
    result = await FUNCTIONS[name](**CASES[name])
    assert isinstance(result, str) and len(result) > 5 and "None" not in result
    changed = bool(contoso.diff(before, company))
    assert changed == (as_tool(FUNCTIONS[name]).effect == "change")
    assert company.db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert not company.db.in_transaction


@pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if as_tool(f).effect == "change"])
async def test_a_change_called_again_with_its_key_has_no_second_effect(name: str, company: Company) -> None:
    if name in FIRST:
        before_it, arguments = FIRST[name]
        await FUNCTIONS[before_it](**arguments)
    with running_call(call("step-1:1")):
        first = await FUNCTIONS[name](**CASES[name])
        before = company.snapshot()
        assert await FUNCTIONS[name](**CASES[name]) == first
    assert not contoso.diff(before, company)
    stored = company.effect("step-1:1")
    assert stored is not None and (stored["tool"], stored["summary"]) == (name, first)


async def test_no_company_in_use_is_said_helpfully() -> None:
    with pytest.raises(NotFound, match=r"contoso\.use"):
        await contoso.hr.assign_mentor("Jessica Smith")


HOSTILE: tuple[Callable[[random.Random], Any], ...] = (
    lambda r: "",
    lambda r: "   \n\t",
    lambda r: "<script>alert(1)</script>",
    lambda r: "'; DROP TABLE employees; --",
    lambda r: "%_%",
    lambda r: "\x1b[31mred\x07",
    lambda r: "a" * 30_000,
    lambda r: "\ud800",
    lambda r: "a\0b",
    lambda r: "Ünïcödé 漢字 🚀 " * 3,
    lambda r: "2026-02-30",
    lambda r: "9999-12-31",
    lambda r: "0001-01-01",
    lambda r: "99:99",
    lambda r: "me",
    lambda r: "all",
    lambda r: "Jessica Smith",
    lambda r: "Marketing, Sales and Robert Yazzie",
    lambda r: "((((" * 50 + "1",
    lambda r: "9**9**9**9",
    lambda r: "".join(chr(r.randrange(32, 0x2FFF)) for _ in range(r.randrange(1, 60))),
)
NUMBERS = (0, -1, 1, 7, 10**6, -(10**30), 10**30, 10**400)
FLOATS = (0.0, -1.5, 0.004, 1e308, float("inf"), float("-inf"), float("nan"), 12.345)


@pytest.mark.parametrize("name", FUNCTIONS)
async def test_hostile_arguments_are_refused_or_stored_harmlessly(name: str, company: Company) -> None:
    """Whatever is given: a text or a ToolRefused, never another error, and the tables hold together."""
    chance = random.Random(name)
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    for _ in range(60):
        arguments: dict[str, Any] = {}
        for parameter in parameters:
            kind = parameter.annotation.__origin__
            if parameter.name in CASES[name] and chance.random() < 0.4:
                arguments[parameter.name] = CASES[name][parameter.name]
            elif kind is str:
                arguments[parameter.name] = chance.choice(HOSTILE)(chance)
            else:
                arguments[parameter.name] = chance.choice(NUMBERS if kind is int else FLOATS)
        try:
            result = await FUNCTIONS[name](**arguments)
        except ToolRefused as refusal:
            assert 10 < len(str(refusal)) < 4000
            str(refusal).encode()
        else:
            assert result
            result.encode()
        assert not company.db.in_transaction
    assert company.db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert company.db.execute("SELECT count(*) FROM employees").fetchone()[0] >= 42


async def test_companies_are_apart_in_tasks_that_run_at_the_same_time() -> None:
    """Two sessions in one process: each task sees its own company, also between awaits."""
    with Company.create(today=TODAY) as one, Company.create(today=TODAY) as two:

        async def work(company: Company, times: int) -> None:
            with contoso.use(company):
                for _ in range(times):
                    await contoso.procurement.order_hardware("laptop", 1, "Sales")
                    await asyncio.sleep(0)
                    assert contoso.current() is company

        await asyncio.gather(work(one, 3), work(two, 5))
        left = [
            c.db.execute("SELECT in_stock FROM items WHERE sku = 'LAP-14'").fetchone()[0] for c in (one, two)
        ]
    assert left == [11, 9]
