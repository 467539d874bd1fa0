"""Human resources: the tools of the department."""

from __future__ import annotations

from macae.contoso.hr.employment import (
    initiate_background_check,
    register_for_benefits,
    request_id_card,
    set_up_payroll,
)
from macae.contoso.hr.onboarding import (
    assign_mentor,
    get_onboarding_status,
    provide_employee_handbook,
    register_new_employee,
    schedule_orientation_session,
)
from macae.contoso.hr.people import (
    book_training_session,
    get_leave_balance,
    process_leave_request,
    update_employee_record,
)

__all__ = [
    "assign_mentor",
    "book_training_session",
    "get_leave_balance",
    "get_onboarding_status",
    "initiate_background_check",
    "process_leave_request",
    "provide_employee_handbook",
    "register_for_benefits",
    "register_new_employee",
    "request_id_card",
    "schedule_orientation_session",
    "set_up_payroll",
    "update_employee_record",
]

TOOLS = (
    register_new_employee,
    schedule_orientation_session,
    assign_mentor,
    provide_employee_handbook,
    get_onboarding_status,
    register_for_benefits,
    set_up_payroll,
    initiate_background_check,
    request_id_card,
    book_training_session,
    process_leave_request,
    get_leave_balance,
    update_employee_record,
)
"""In the order in which a reader would look for them."""
