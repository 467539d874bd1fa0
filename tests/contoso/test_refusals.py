"""What is impossible is refused, with the reason and what would be possible, and nothing is changed."""

from __future__ import annotations

from typing import Any

import pytest

from macae.contoso import Company
from macae.errors import ToolRefused
from tests.contoso.test_tools import FUNCTIONS

J = {"employee_name": "Jessica Smith"}
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    # people
    (
        "assign_mentor",
        {"employee_name": "Jesica Smyth"},
        r"did you mean Jessica Smith.*register_new_employee",
    ),
    ("assign_mentor", {"employee_name": "Noah Berger"}, r"has left the company"),
    ("assign_mentor", J | {"mentor_name": "Jessica Smith"}, r"their own mentor"),
    ("assign_mentor", J | {"mentor_name": "Tara Sullivan"}, r"on leave"),
    ("assign_mentor", {"employee_name": "Meera Iyer", "mentor_name": "Amara Diallo"}, r"already the mentor"),
    (
        "register_new_employee",
        {"employee_name": "Yuki Tanaka"},
        r"already in the company.*update_employee_record",
    ),
    ("register_new_employee", {"employee_name": "Cher"}, r"No employee is called"),
    ("register_new_employee", {"employee_name": "Robert'); DROP TABLE x"}, r"letters only"),
    (
        "register_new_employee",
        {"employee_name": "Ada Byron", "department": "Marketting"},
        r"did you mean Marketing",
    ),
    (
        "register_new_employee",
        {"employee_name": "Ada Byron", "start_date": "2026-11-20"},
        r"in the past: today is Sat 2026-11-21",
    ),
    ("register_new_employee", {"employee_name": "Ada Byron", "start_date": "next Monday"}, r"YYYY-MM-DD"),
    ("register_new_employee", {"employee_name": "Ada Byron", "start_date": "20261123"}, r"YYYY-MM-DD"),
    ("schedule_orientation_session", J | {"date": "2026-11-22"}, r"starts on Mon 2026-11-23"),
    ("schedule_orientation_session", J | {"date": "2026-11-26"}, r"Thanksgiving"),
    ("register_for_benefits", J | {"package": "Gold"}, r"Standard, Plus, Family"),
    ("register_for_benefits", {"employee_name": "Miriam Okafor"}, r"already has the Standard"),
    ("set_up_payroll", {"employee_name": "Grace Kim"}, r"already on the payroll"),
    ("set_up_payroll", J | {"annual_salary_usd": 5}, r"\$15,000 to \$500,000"),
    ("initiate_background_check", J | {"kind": "magic"}, r"standard, criminal"),
    ("provide_employee_handbook", {"employee_name": "Grace Kim"}, r"already has the 2026 edition"),
    # leave, training, records
    (
        "process_leave_request",
        {"start_date": "2026-12-01", "end_date": "2027-03-01"},
        r"has 15 days of vacation leave left",
    ),
    ("process_leave_request", {"start_date": "2026-12-05", "end_date": "2026-12-06"}, r"no working day"),
    ("process_leave_request", {"start_date": "2026-12-05", "end_date": "2026-12-01"}, r"must not lie before"),
    (
        "process_leave_request",
        {"start_date": "2026-12-01", "leave_type": "moon"},
        r"vacation, sick, parental",
    ),
    ("book_training_session", {"audience": "Marketing", "date": "2026-11-28"}, r"weekend day.*working day"),
    ("book_training_session", {"audience": "Marketing", "date": "2026-11-20"}, r"in the past"),
    (
        "book_training_session",
        {"audience": "Marketing", "date": "2026-11-23"},
        r"Marketing weekly, 11:00 to 11:45",
    ),
    (
        "book_training_session",
        {"audience": "Marketing", "date": "2026-11-24", "start_time": "23:00"},
        r"office hours",
    ),
    (
        "book_training_session",
        {"audience": "Marketing", "date": "2026-11-24", "start_time": "noon"},
        r"HH:MM",
    ),
    (
        "book_training_session",
        {"audience": "the gardening team", "date": "2026-11-24"},
        r"no department.*Departments: ",
    ),
    ("book_training_session", {"audience": "everybody", "date": "2026-11-26"}, r"Thanksgiving"),
    ("update_employee_record", J | {"field": "salary", "value": "1"}, r"job title, department"),
    (
        "update_employee_record",
        {"employee_name": "Marcus Bell", "field": "manager", "value": "Yuki Tanaka"},
        r"circle",
    ),
    (
        "update_employee_record",
        {"employee_name": "Yuki Tanaka", "field": "location", "value": "Seattle"},
        r"already",
    ),
    # orders and money
    ("order_hardware", {"item_name": "laptop", "quantity": 0}, r"from 1 to 500"),
    ("order_hardware", {"item_name": "laptop", "quantity": -5}, r"from 1 to 500"),
    ("order_hardware", {"item_name": "spaceship"}, r"Contoso Book 14"),
    (
        "order_hardware",
        {"item_name": "laptop", "quantity": 200, "department": "Legal"},
        r"Legal has only \$42,500.*transfer_budget",
    ),
    (
        "order_hardware",
        {"item_name": "Fabrikam Air", "quantity": 100, "department": "IT"},
        r"the most is 35 at Fabrikam",
    ),
    ("order_hardware", {"item_name": "laptop", "department": "Gardening"}, r"Departments: Executive"),
    ("order_software_license", {"software_name": "Clippy"}, r"Microsoft 365"),
    ("process_purchase_order", {"po_number": "PO-1031"}, r"is delivered"),
    ("process_purchase_order", {"po_number": "PO-9"}, r"The latest: PO-1041"),
    ("cancel_purchase_order", {"po_number": "1031"}, r"cannot be cancelled"),
    ("request_quote", {"item_name": "chair", "supplier_name": "Northwind"}, r"Those who do: Wide World"),
    ("request_quote", {"item_name": "chair", "supplier_name": "Acme"}, r"Suppliers: Adventure"),
    ("transfer_budget", {"from_department": "HR", "to_department": "HR", "amount_usd": 5}, r"two different"),
    (
        "transfer_budget",
        {"from_department": "HR", "to_department": "IT", "amount_usd": 9e6},
        r"only \$83,550",
    ),
    ("transfer_budget", {"from_department": "HR", "to_department": "IT", "amount_usd": -5}, r"\$0.01"),
    ("approve_invoice", {"invoice_number": "INV-2004"}, r"\$150 more than its order PO-1041"),
    ("approve_invoice", {"invoice_number": "INV-2005"}, r"PO-1036 is ordered, not delivered"),
    ("approve_invoice", {"invoice_number": "INV-2006"}, r"no purchase order"),
    ("approve_invoice", {"invoice_number": "2001"}, r"is paid already"),
    # IT
    (
        "set_up_office_365_account",
        {"employee_name": "Grace Kim"},
        r"already has the mailbox grace.kim@contoso.com",
    ),
    (
        "set_up_office_365_account",
        J | {"email_address": "grace.kim@contoso.com"},
        r"already belongs to Grace Kim\. Free: jessica",
    ),
    ("set_up_office_365_account", J | {"email_address": "jessica@gmail.com"}, r"must end with @contoso.com"),
    ("set_up_office_365_account", J | {"email_address": "not an address"}, r"no e-mail address"),
    ("create_shared_mailbox", {"address": "press"}, r"exists already; Isabel Ferreira"),
    ("configure_laptop", {"employee_name": "Grace Kim"}, r"already has the laptop A-1005"),
    (
        "configure_laptop",
        J | {"laptop_model": "Contoso Book 16 Pro"},
        r"Order one for them with order_hardware",
    ),
    ("install_software", {"software_name": "Figma", "employee_name": "Ngozi Eze"}, r"already has"),
    (
        "install_software",
        {"software_name": "Tableau", "employee_name": "Pavel Horak"},
        r"no free seat.*order_software_license",
    ),
    (
        "install_software",
        {"software_name": "Acrobat", "employee_name": "Jessica Smith"},
        r"no laptop yet.*configure_laptop",
    ),
    ("setup_vpn_access", {"employee_name": "Grace Kim"}, r"already has VPN access"),
    (
        "grant_database_access",
        {"employee_name": "Grace Kim", "database_name": "LunchDB"},
        r"Databases: CustomerDB",
    ),
    (
        "grant_database_access",
        {"employee_name": "Grace Kim", "database_name": "HRDB", "access_level": "admin"},
        r"only IT may",
    ),
    ("revoke_access", {"employee_name": "Miriam Okafor"}, r"has no access"),
    ("reset_password", J, r"no account yet"),
    ("send_welcome_email", J, r"no mailbox yet.*set_up_office_365_account"),
    ("send_welcome_email", {"employee_name": "Grace Kim"}, r"has been here since"),
    ("create_support_ticket", {"title": "x" * 500}, r"500 characters; at most 150"),
    ("create_support_ticket", {"title": " "}, r"is empty"),
    ("resolve_support_ticket", {"ticket_number": "T-301", "resolution": "again"}, r"was closed on"),
    ("check_system_status", {"system_name": "teleporter"}, r"Systems: E-mail, VPN"),
    # products and customers
    ("get_product_info", {"product_name": "Contoso Wach"}, r"did you mean Contoso Watch"),
    ("get_product_info", {"product_name": "fiber"}, r"More than one product fits"),
    ("add_new_product", {"product_name": "contoso watch", "price_usd": 5}, r"already"),
    ("add_new_product", {"product_name": "Free", "price_usd": 0}, r"The price 0"),
    ("update_product_price", {"product_name": "Watch", "price_usd": 1}, r"smaller steps"),
    ("create_promotion", {"product_name": "Buds", "discount_percent": 10}, r"already has 20% off"),
    ("create_promotion", {"product_name": "Watch", "discount_percent": 90}, r"from 1 to 60"),
    ("enable_roaming", {"start_date": "2026-11-01"}, r"in the past"),
    ("enable_roaming", {"start_date": "2026-12-01", "end_date": "2026-11-30"}, r"before the first"),
    ("enable_roaming", {"customer": "Luis Herrera"}, r"already on.*Europe Traveller"),
    ("enable_roaming", {"customer": "Nobody Known"}, r"no mobile customer"),
    ("enable_roaming", {"roaming_plan": "Moon Traveller"}, r"There is: .*World Traveller"),
    ("add_mobile_extras_pack", {"pack_name": "Second SIM"}, r"already has"),
    ("add_mobile_extras_pack", {"pack_name": "Data Boost"}, r"More than one extras pack"),
    ("cancel_mobile_extras_pack", {"pack_name": "Streaming Pack"}, r"Booked: Second SIM"),
    ("change_mobile_plan", {"plan_name": "Mobile Plus"}, r"already"),
    ("change_mobile_plan", {"plan_name": "Business Mobile"}, r"not sold to a consumer"),
    ("analyze_sales_data", {"months": 40}, r"from 1 to 12"),
    # marketing
    ("send_press_release", {}, r"no draft.*write_press_release"),
    ("send_press_release", {"release_number": "PR-10"}, r"sent already"),
    ("write_press_release", {"key_information": " "}, r"is empty"),
    ("list_press_contacts", {"topic": "cooking"}, r"Topics: "),
    ("create_marketing_campaign", {"campaign_name": "Spring Phones"}, r"already.*update_campaign"),
    ("create_marketing_campaign", {"campaign_name": "Huge", "budget_usd": 900_000}, r"only \$121,300"),
    ("update_campaign", {"campaign_name": "Spring Phones", "status": "running"}, r"has ended"),
    ("update_campaign", {"campaign_name": "Cloud Phone", "budget_usd": 100}, r"has cost \$4,300"),
    ("schedule_social_media_post", {"text": "x" * 281, "platform": "X"}, r"X allows 280"),
    ("schedule_social_media_post", {"text": "x", "platform": "MySpace"}, r"LinkedIn, X, Instagram, Facebook"),
    ("schedule_marketing_event", {"event_name": "Party", "date": "2026-11-20"}, r"in the past"),
    ("perform_competitor_analysis", {"competitor_name": "Nobody"}, r"Known: Proseware"),
    # legal
    ("create_nda", {"counterparty": "relecloud"}, r"There is an NDA with Relecloud already: N-21"),
    ("create_nda", {"counterparty": "Acme", "duration_months": 0}, r"from 1 to 120"),
    ("draft_contract", {"counterparty": "Dr. Ruth Amsel"}, r"C-107"),
    ("draft_contract", {"counterparty": "Acme", "end_date": "2026-11-30"}, r"the end must follow"),
    ("review_contract", {"contract": "C-999"}, r"There is: C-101 Northwind"),
    ("review_contract", {"contract": "supply"}, r"More than one contract fits.*C-101.*C-104"),
    ("send_contract_for_signature", {"contract": "C-101"}, r"only a draft"),
    ("renew_contract", {"contract": "C-103", "end_date": "2026-12-01"}, r"must be later"),
    ("terminate_contract", {"contract": "C-102", "reason": "x", "end_date": "2027-06-01"}, r"no early exit"),
    (
        "terminate_contract",
        {"contract": "C-101", "reason": "x", "end_date": "2026-12-01"},
        r"notice period is 60 days",
    ),
    ("register_trademark", {"mark": "Prosware"}, r"too near 'Proseware' of Proseware Inc"),
    ("log_data_protection_request", {"person": "yusuf.demir@mail.example"}, r"open already: DR-41"),
    # everyday
    ("find_employee", {"query": "Jesica Smth"}, r"did you mean Jessica Smith"),
    ("calculate", {"expression": "__import__('os')"}, r"cannot be calculated"),
    ("calculate", {"expression": "1 / 0"}, r"divides by zero"),
    ("calculate", {"expression": "9 ** 9 ** 9"}, r"cannot be calculated"),
    (
        "schedule_meeting",
        {"title": "x", "date": "2026-11-23", "start_time": "09:15"},
        r"Alex Romero \(Operations stand-up",
    ),
    ("schedule_meeting", {"title": "x", "date": "2026-11-24", "duration_minutes": 5}, r"between 15 and 480"),
    ("cancel_meeting", {"event_number": "Marketing weekly"}, r"More than one event fits.*E-2.*E-6"),
    ("view_calendar", {"days": 0}, r"from 1 to 60"),
    ("send_internal_message", {"to": "Bob", "text": "hi"}, r"No employee is called 'Bob'"),
]


@pytest.mark.parametrize(
    ("name", "arguments", "reason"), REFUSED, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(REFUSED)]
)
async def test_it_is_refused_with_the_reason(
    name: str, arguments: dict[str, Any], reason: str, company: Company, unchanged: None
) -> None:
    with pytest.raises(ToolRefused, match=f"(?s){reason}") as refusal:
        await FUNCTIONS[name](**arguments)
    assert str(refusal.value)[-1] in ".?"


def test_every_changing_tool_has_a_refusal() -> None:
    """Those without one can hardly fail: they take whatever is said."""
    covered = {name for name, _, _ in REFUSED}
    changing = {n for n, f in FUNCTIONS.items() if getattr(f, "__macae_effect__", "") == "change"}
    assert changing - covered == {
        "request_id_card",
        "conduct_customer_survey",
        "send_email_campaign",
        "save_note",
    }
