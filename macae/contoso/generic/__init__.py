"""Everything that belongs to no one department: the tools of the department."""

from __future__ import annotations

from macae.contoso.generic.everyday import (
    cancel_meeting,
    find_notes,
    save_note,
    schedule_meeting,
    send_internal_message,
    view_calendar,
)
from macae.contoso.generic.facts import (
    calculate,
    describe_company,
    find_employee,
    get_date_facts,
    list_department_members,
    search_handbook,
)

__all__ = [
    "calculate",
    "cancel_meeting",
    "describe_company",
    "find_employee",
    "find_notes",
    "get_date_facts",
    "list_department_members",
    "save_note",
    "schedule_meeting",
    "search_handbook",
    "send_internal_message",
    "view_calendar",
]

TOOLS = (
    find_employee,
    list_department_members,
    describe_company,
    get_date_facts,
    search_handbook,
    calculate,
    schedule_meeting,
    cancel_meeting,
    view_calendar,
    send_internal_message,
    save_note,
    find_notes,
)
"""In the order in which a reader would look for them."""
