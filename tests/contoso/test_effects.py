"""What the tools really leave behind, department by department."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from macae import contoso
from macae.contoso import Company, generic, hr, legal, marketing, procurement, product, tech_support
from macae.errors import ToolRefused

Rows = Callable[..., list[tuple[Any, ...]]]


# HR
async def test_a_new_mentor_replaces_the_old_one_and_is_chosen_sensibly(company: Company, rows: Rows) -> None:
    await hr.assign_mentor("Jessica Smith")
    ((mentor, department, status),) = rows(
        "SELECT e.name, e.department, e.status FROM mentorships JOIN employees e ON e.id = mentor_id WHERE employee_id = 41"
    )
    assert (department, status) == ("Marketing", "active") and mentor != "Marcus Bell", (
        "a colleague, not the manager"
    )
    assert f"instead of {mentor}" in await hr.assign_mentor("Jessica Smith", "Pavel Horak")
    assert rows("SELECT mentor_id FROM mentorships WHERE employee_id = 41") == [(18,)]


async def test_a_mentor_has_at_most_three_mentees(company: Company) -> None:
    for name in ("Jessica Smith", "Ngozi Eze", "Pavel Horak"):
        await hr.assign_mentor(name, "Yuki Tanaka")
    with pytest.raises(ToolRefused, match="three mentees"):
        await hr.assign_mentor("Oliver Grant", "Yuki Tanaka")


async def test_leave_is_taken_from_the_balance_and_blocks_meetings(company: Company, rows: Rows) -> None:
    told = await hr.process_leave_request("2026-12-21", "2026-12-28", "Yuki Tanaka")
    assert "5 working days" in told, "Christmas Day and the weekend do not count"
    assert rows("SELECT days FROM leave_balances WHERE employee_id = 14 AND kind = 'vacation'") == [(17 - 5,)]
    with pytest.raises(ToolRefused, match="already has vacation leave"):
        await hr.process_leave_request("2026-12-28", "2026-12-29", "Yuki Tanaka")
    with pytest.raises(ToolRefused, match=r"Yuki Tanaka \(vacation leave until 2026-12-28\)"):
        await hr.book_training_session("Marketing", "2026-12-22")
    assert "Mon 2026-12-21 to Mon 2026-12-28" in await hr.get_leave_balance("Yuki Tanaka")


async def test_sick_leave_may_begin_in_the_past(company: Company, rows: Rows) -> None:
    await hr.process_leave_request("2026-11-19", "2026-11-20", leave_type="sick leave")
    assert rows("SELECT kind, days FROM leave_requests") == [("sick", 2)]


async def test_a_record_changes_in_one_field(company: Company, rows: Rows) -> None:
    assert "is now Carla Mendes (it was Marcus Bell)" in await hr.update_employee_record(
        "Pavel Horak", "manager", "carla mendes"
    )
    await hr.update_employee_record("Pavel Horak", "Department", "sales team")
    await hr.update_employee_record("Jessica Smith", "start date", "2026-12-07")
    assert rows("SELECT manager_id, department FROM employees WHERE id = 18") == [(19, "Sales")]
    assert rows("SELECT start_date FROM employees WHERE id = 41") == [("2026-12-07",)]


async def test_two_trainings_at_one_time_get_two_rooms(company: Company, rows: Rows) -> None:
    await hr.book_training_session("Legal", "2026-12-08", "Contracts")
    await hr.book_training_session("HR", "2026-12-08", "Interviews")
    assert rows("SELECT room FROM events WHERE day = '2026-12-08' ORDER BY rowid") == [("Pine",), ("Cedar",)]
    await hr.book_training_session("everybody", "2026-12-09", "Fire drill")
    with pytest.raises(ToolRefused, match=r"Miriam Okafor \(Training: Fire drill"):
        await generic.schedule_meeting("Numbers", "2026-12-09", "Miriam Okafor", "11:00")


async def test_a_lost_card_is_blocked(company: Company, rows: Rows) -> None:
    assert "blocked" in await hr.request_id_card("Grace Kim")
    assert rows("SELECT status FROM id_cards WHERE employee_id = 5 ORDER BY requested_on") == [
        ("blocked",),
        ("requested",),
    ]
    with pytest.raises(ToolRefused, match="already requested"):
        await hr.request_id_card("Grace Kim")


# Procurement
async def test_what_stock_lacks_is_bought_from_the_cheapest_supplier(company: Company, rows: Rows) -> None:
    told = await procurement.order_hardware("laptop", 20, "Marketing")
    assert rows("SELECT in_stock FROM items WHERE sku = 'LAP-14'") == [(0,)]
    orders = rows(
        "SELECT quantity, supplier_id, total_usd, status, expected_on FROM purchase_orders WHERE number > 'PO-1041'"
    )
    assert orders == [
        (14, None, 14 * 1190, "delivered", "2026-11-21"),
        (6, 2, 6 * 1165, "ordered", "2026-12-02"),
    ]
    assert rows("SELECT count(*) FROM assets WHERE status = 'ready'") == [(14,)]
    assert f"${14 * 1190 + 6 * 1165:,}" in told


async def test_a_large_order_awaits_approval_then_is_placed_or_cancelled(
    company: Company, rows: Rows
) -> None:
    told = await procurement.order_hardware("Rack Server", 2, "IT")
    assert "awaits approval" in told and rows("SELECT spent_usd FROM budgets WHERE department = 'IT'") == [
        (401_350 + 14_300,)
    ]
    assert "approved and placed" in await procurement.process_purchase_order("PO-1042")
    assert "ordered" in await procurement.track_order("po 1042")
    await procurement.cancel_purchase_order("PO-1042")
    assert rows("SELECT spent_usd FROM budgets WHERE department = 'IT'") == [(401_350,)]


async def test_seats_can_be_used_once_bought(company: Company, rows: Rows) -> None:
    with pytest.raises(ToolRefused, match="no free seat"):
        await tech_support.install_software("Tableau", "Pavel Horak")
    await procurement.order_software_license("tableau", 1, "Marketing")
    await tech_support.install_software("Tableau", "Pavel Horak")
    assert rows("SELECT seats, used FROM licences WHERE sku = 'SW-TAB' AND department = 'Marketing'") == [
        (1, 1)
    ]


async def test_a_budget_grows_by_a_transfer(company: Company, rows: Rows) -> None:
    with pytest.raises(ToolRefused, match="transfer_budget"):
        await procurement.order_hardware("Book 16 Pro", 40, "Finance")
    await procurement.transfer_budget("IT", "Finance", 50_000)
    await procurement.order_hardware("Book 16 Pro", 40, "Finance")
    assert rows(
        "SELECT total_usd FROM budgets WHERE department IN ('IT', 'Finance') ORDER BY department"
    ) == [(170_000,), (470_000,)]


async def test_quotes_give_a_discount_for_quantity(company: Company, rows: Rows) -> None:
    await procurement.request_quote("chairs", 50)
    assert rows("SELECT total_usd FROM quotes WHERE number = 'Q-502'") == [(50 * 345 * 0.92,)]


# IT support
async def test_a_replaced_laptop_returns_to_the_pool(company: Company, rows: Rows) -> None:
    await procurement.order_hardware("Book 16 Pro", 1, for_employee="Yuki Tanaka")
    assert "A-1014" in await tech_support.configure_laptop("Yuki Tanaka")
    assert rows("SELECT status, employee_id FROM assets WHERE tag = 'A-1014'") == [("IT pool", None)]
    assert rows("SELECT sku FROM assets WHERE employee_id = 14 AND status = 'in use'") == [("LAP-16",)]


async def test_a_laptop_kept_for_one_colleague_is_not_given_to_another(company: Company, rows: Rows) -> None:
    await procurement.order_hardware("laptop", 1, for_employee="Jessica Smith")
    await hr.register_new_employee("Ada Byron", department="Marketing")
    await tech_support.configure_laptop("Ada Byron")
    assert rows("SELECT status FROM assets WHERE employee_id = 41") == [("ready",)]


async def test_addresses_stay_apart_for_namesakes(company: Company, rows: Rows) -> None:
    await hr.register_new_employee("Grace  Kim-Lee")
    await hr.register_new_employee("Grace Kimlee")
    addresses = [a for (a,) in rows("SELECT email FROM employees WHERE id > 42 ORDER BY id")]
    assert len(set(addresses)) == 2
    await tech_support.set_up_office_365_account("Grace Kimlee", "g.kimlee@contoso.com")
    assert rows("SELECT email FROM employees WHERE name = 'Grace Kimlee'") == [("g.kimlee@contoso.com",)]


async def test_access_is_granted_changed_and_revoked(company: Company, rows: Rows) -> None:
    await tech_support.grant_database_access("Yuki Tanaka", "CustomerDB", "write", "2026-12-31")
    await tech_support.grant_database_access("Yuki Tanaka", "customer", "read")
    await tech_support.setup_vpn_access("Yuki Tanaka")
    assert rows("SELECT database, level, until FROM database_access WHERE employee_id = 14") == [
        ("CustomerDB", "read", None)
    ]
    assert "VPN, CustomerDB" in await tech_support.revoke_access("Yuki Tanaka")
    assert rows("SELECT 1 FROM vpn_access WHERE employee_id = 14") == []


async def test_a_ticket_goes_to_the_help_desk_and_is_closed(company: Company, rows: Rows) -> None:
    await tech_support.create_support_ticket("No sound", "Since today.", "high", "Wei Zhang")
    assert rows("SELECT priority, status, employee_id FROM tickets WHERE number = 'T-306'") == [
        ("high", "open", 39)
    ]
    await tech_support.resolve_support_ticket("306", "Turned it up.")
    assert "Turned it up" in await tech_support.list_support_tickets("closed", "Wei Zhang")


# Products and customers
async def test_a_price_and_a_promotion_show_in_the_catalogue(company: Company) -> None:
    await product.update_product_price("watch", 229)
    await product.create_promotion("watch", 10, "2026-11-21", "2026-12-01")
    assert (
        "$229 a piece" in (told := await product.get_product_info("Contoso Watch"))
        and "10% off until Tue 2026-12-01" in told
    )


async def test_extras_roaming_and_plan_are_on_the_next_bill(company: Company, rows: Rows) -> None:
    assert "about $42" in await product.get_billing_info()
    await product.add_mobile_extras_pack("streaming")
    await product.add_mobile_extras_pack("World Traveller", "2026-12-01")
    await product.change_mobile_plan("unlimited", start_date="2026-11-21")
    assert "about $134" in await product.get_billing_info(), "55 + 7 + 12 + 60"
    assert rows("SELECT roaming_plan, last_day FROM roaming WHERE subscription_id = 1") == [
        ("World Traveller", "2026-12-30")
    ]
    assert "off" in await product.cancel_mobile_extras_pack("roaming")
    assert rows("SELECT plan, next_plan FROM subscriptions WHERE id = 1") == [("Mobile Unlimited", None)]


async def test_a_customer_is_found_by_name_phone_or_address(company: Company) -> None:
    for customer in ("nora jensen", "nora.jensen@mail.example", "+1 (206) 555-0151", "Jensen"):
        assert "Nora Jensen" in await product.get_subscription(customer)


# Marketing
async def test_a_release_is_sent_to_those_who_write_about_it(company: Company, rows: Rows) -> None:
    await marketing.write_press_release(
        "We connect 12 towns in Oregon. Work begins in May.", release_date="2026-12-01"
    )
    ((title, body),) = rows("SELECT title, body FROM press_releases WHERE number = 'PR-12'")
    assert (
        title == "Contoso: We connect 12 towns in Oregon"
        and "Work begins in May." in body
        and "* " not in body
    )
    told = await marketing.send_press_release(topic="travel")
    assert "not to be published before Tue 2026-12-01" in told
    assert rows("SELECT contact_id FROM press_mailings WHERE release = 'PR-12'") == [(6,)]


async def test_a_release_about_one_product_tells_its_facts(company: Company, rows: Rows) -> None:
    await marketing.write_press_release("The Contoso Watch is now sold in Ireland")
    ((body,),) = rows("SELECT body FROM press_releases WHERE number = 'PR-12'")
    assert "now sold in Ireland." in body and "* Contoso Watch: " in body and "Contoso Buds" not in body


async def test_a_campaign_takes_and_returns_its_budget(company: Company, rows: Rows) -> None:
    spent = "SELECT spent_usd FROM budgets WHERE department = 'Marketing'"
    await marketing.create_marketing_campaign("Snow", budget_usd=10_000, start_date="2026-11-21")
    assert rows(spent) == [(308_700,)]
    await marketing.update_campaign("snow", budget_usd=4_000)
    assert rows(spent) == [(302_700,)]
    await marketing.update_campaign("Snow", "ended")
    assert rows(spent) == [(298_700,)] and rows(
        "SELECT status, last_day FROM campaigns WHERE name = 'Snow'"
    ) == [("ended", "2026-11-21")]


async def test_only_customers_who_agreed_are_written_to(company: Company, rows: Rows) -> None:
    await marketing.send_email_campaign("Hello", "News", "Businesses")
    assert rows("SELECT recipients FROM mailings") == [(3,)]


# Legal
async def test_a_contract_from_draft_to_signature(company: Company, rows: Rows) -> None:
    await legal.draft_contract(
        "Acme", "services", 12_000, "2027-01-01", terms="Unlimited liability of Contoso."
    )
    assert "Risk: high" in await legal.review_contract("Acme")
    with pytest.raises(ToolRefused, match="signer_email"):
        await legal.send_contract_for_signature("C-108")
    await legal.send_contract_for_signature("C-108", "boss@acme.example")
    assert rows("SELECT status, contact_email, last_day FROM contracts WHERE number = 'C-108'") == [
        ("out for signature", "boss@acme.example", "2027-12-31")
    ]
    assert "withdrawn" in await legal.terminate_contract("Acme", "no longer needed")


async def test_an_nda_binds_for_its_months(company: Company, rows: Rows) -> None:
    await legal.create_nda("Proseware", "a shared network", 18)
    assert rows("SELECT last_day, status FROM contracts WHERE number = 'N-23'") == [("2028-05-21", "draft")]
    with pytest.raises(ToolRefused, match="N-23"):
        await legal.create_nda("PROSEWARE")


async def test_compliance_and_handbook_answer_honestly(company: Company, unchanged: None) -> None:
    assert "CAN-SPAM" in await legal.check_compliance("sending a marketing e-mail")
    assert "say nothing about" in await legal.check_compliance("zebra")
    assert "three days a week" in await generic.search_handbook("home office")
    assert "says nothing about" in await generic.search_handbook("zebra")


# Everyday
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("5 * 1,190", "5950"),
        ("0.1 + 0.2", "0.3"),
        ("15% of 80", "12"),
        ("200 * 7%", "14"),
        ("10 % 3", "1"),
        ("2^10", "1024"),
        ("(3 + 4) x 2", "14"),
        ("-$5 + 7", "2"),
        ("1/3", "0.3333333333"),
        ("7 // 2 =", "3"),
        ("1,000,000 / 7", "142857.1428571429"),
    ],
)
async def test_sums_are_exact(expression: str, value: str, company: Company) -> None:
    assert (await generic.calculate(expression)).endswith(f"= {value}")


async def test_messages_reach_departments_and_people(company: Company, rows: Rows) -> None:
    await generic.send_internal_message("everybody", "Cake on floor 2!\nCome.")
    await generic.send_internal_message("Grace Kim, Wei Zhang and me", "Hello")
    assert rows("SELECT recipient, subject FROM messages WHERE id > 2") == [
        ("everybody", "Cake on floor 2!"),
        ("Grace Kim, Wei Zhang, Alex Romero", "Hello"),
    ]


async def test_dates_are_told(company: Company) -> None:
    told = await generic.get_date_facts()
    assert (
        "2026-11-21 is a Saturday, today, in calendar week 47" in told
        and "Thanksgiving on Thu 2026-11-26" in told
    )
    assert "Christmas Day" in await generic.get_date_facts("2026-12-25")


async def test_the_numbers_add_up_after_a_busy_day(company: Company, rows: Rows) -> None:
    """Money is conserved: what budgets lost is what orders cost."""
    ((before,),) = rows("SELECT sum(spent_usd) FROM budgets")
    ((ordered_before,),) = rows("SELECT sum(total_usd) FROM purchase_orders")
    for item, count, team in (
        ("laptop", 7, "Sales"),
        ("chair", 30, "Operations"),
        ("phone", 3, "Legal"),
        ("monitor", 25, "IT"),
    ):
        await procurement.order_hardware(item, count, team)
    await procurement.order_software_license("Figma", 9, "Product")
    ((after,),) = rows("SELECT sum(spent_usd) FROM budgets")
    ((ordered,),) = rows("SELECT sum(total_usd) FROM purchase_orders")
    assert after - before == pytest.approx(ordered - ordered_before)
    assert not contoso.diff(company, company)
