"""Looking things up: people, the company, dates, the handbook, sums."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import reads


@reads
async def find_employee(
    query: Annotated[str, "name, job title, e-mail address or location"],
) -> str:
    """Look up an employee: job title, department, manager, e-mail, phone, location."""
    raise NotImplementedError


@reads
async def list_department_members(
    department: Annotated[
        str, "department or team, e.g. Marketing; empty: all departments with their heads"
    ] = "",
) -> str:
    """List the people of a department or team."""
    raise NotImplementedError


@reads
async def describe_company() -> str:
    """Say what Contoso is: what it does, its size, departments, products and locations."""
    raise NotImplementedError


@reads
async def get_date_facts(
    date: Annotated[str, "a day, YYYY-MM-DD; empty: today"] = "",
) -> str:
    """Tell today's date, or the weekday, calendar week and public holidays around a date."""
    raise NotImplementedError


@reads
async def search_handbook(
    topic: Annotated[str, "what to look up, e.g. remote work, expenses, dress code"],
) -> str:
    """Search the company handbook for a rule or policy, e.g. remote work, travel expenses, sick leave."""
    raise NotImplementedError


@reads
async def calculate(
    expression: Annotated[str, "arithmetic, e.g. 5 * 1299 * 1.1"],
) -> str:
    """Calculate an arithmetic expression exactly."""
    raise NotImplementedError
