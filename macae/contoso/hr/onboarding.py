"""Bringing a new colleague in: record, orientation, mentor, benefits, payroll, checks, card, handbook."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@changes
async def register_new_employee(
    employee_name: Annotated[str, "full name of the new hire"],
    job_title: Annotated[str, "job title; empty: as in the accepted offer"] = "",
    department: Annotated[str, "department, e.g. Marketing; empty: as in the accepted offer"] = "",
    start_date: Annotated[
        str, "first working day, YYYY-MM-DD; empty: as in the offer, else next Monday"
    ] = "",
    manager_name: Annotated[str, "full name of the manager; empty: the head of the department"] = "",
) -> str:
    """Register a new hire: open the employee record, the first step of onboarding a new employee."""
    raise NotImplementedError


@changes
async def schedule_orientation_session(
    employee_name: Annotated[str, "full name of the new employee"],
    date: Annotated[str, "day of the session, YYYY-MM-DD; empty: the first working day"] = "",
) -> str:
    """Schedule the orientation session that introduces a new employee to the company (onboarding)."""
    raise NotImplementedError


@changes
async def assign_mentor(
    employee_name: Annotated[str, "full name of the employee who gets a mentor"],
    mentor_name: Annotated[str, "full name of the mentor; empty: a fitting colleague is chosen"] = "",
) -> str:
    """Assign a mentor to a new employee: an experienced colleague who helps during onboarding."""
    raise NotImplementedError


@changes
async def register_for_benefits(
    employee_name: Annotated[str, "full name of the employee"],
    package: Annotated[str, "Standard, Family or Plus"] = "Standard",
) -> str:
    """Enrol an employee in a benefits package (health insurance, pension)."""
    raise NotImplementedError


@changes
async def set_up_payroll(
    employee_name: Annotated[str, "full name of the employee"],
    annual_salary_usd: Annotated[float, "gross salary a year in US dollars; 0: as in the offer"] = 0,
) -> str:
    """Set up payroll for an employee, so that the salary is paid each month."""
    raise NotImplementedError


@changes
async def initiate_background_check(
    employee_name: Annotated[str, "full name of the new hire or employee"],
    kind: Annotated[str, "standard, criminal, education or employment"] = "standard",
) -> str:
    """Start a background check of a new hire or employee."""
    raise NotImplementedError


@changes
async def request_id_card(
    employee_name: Annotated[str, "full name of the employee"],
) -> str:
    """Request an ID card (access badge) for an employee; a lost card is blocked and replaced."""
    raise NotImplementedError


@changes
async def provide_employee_handbook(
    employee_name: Annotated[str, "full name of the employee"],
) -> str:
    """Give an employee the employee handbook and record that it was received."""
    raise NotImplementedError


@reads
async def get_onboarding_status(
    employee_name: Annotated[str, "full name of the new employee"],
) -> str:
    """Show how far the onboarding of an employee is: what is done and what is still missing."""
    raise NotImplementedError
