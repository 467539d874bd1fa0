"""The workshop's goals, carried out by hand: each has tools that lead to its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from macae import contoso
from macae.contoso import Company, generic, hr, marketing, procurement, product, tech_support

Rows = Callable[..., list[tuple[Any, ...]]]


async def onboard(name: str) -> str:
    await hr.register_new_employee(name)
    await hr.schedule_orientation_session(name)
    await hr.assign_mentor(name)
    await procurement.order_hardware("laptop", 1, for_employee=name)
    await tech_support.configure_laptop(name)
    await tech_support.set_up_office_365_account(name)
    await hr.register_for_benefits(name)
    await hr.set_up_payroll(name, 0 if name == "Jessica Smith" else 52_000)
    await hr.request_id_card(name)
    await hr.provide_employee_handbook(name)
    await tech_support.send_welcome_email(name)
    return await hr.get_onboarding_status(name)


@pytest.mark.parametrize("name", ["Jessica Smith", "Zoë Müller-O’Brien"])
async def test_onboarding_an_expected_and_an_unknown_colleague(
    name: str, company: Company, rows: Rows
) -> None:
    status = await onboard(name)
    assert "Missing: nothing" in status and "onboarding" in status
    ((number, address, start),) = rows("SELECT id, email, start_date FROM employees WHERE name = ?", name)
    laptop = rows("SELECT sku, status, department FROM assets WHERE employee_id = ?", number)
    assert laptop == [("LAP-14", "in use", "Marketing" if name == "Jessica Smith" else "Operations")]
    assert rows("SELECT for_employee_id, status FROM purchase_orders WHERE number = 'PO-1042'") == [
        (number, "delivered")
    ]
    assert rows("SELECT address FROM mailboxes WHERE employee_id = ?", number) == [(address,)]
    assert address in ("jessica.smith@contoso.com", "zoe.muller.obrien@contoso.com")
    ((day,),) = rows(
        "SELECT day FROM events JOIN attendance ON event = number WHERE employee_id = ? AND kind = 'orientation'",
        number,
    )
    assert day >= start == "2026-11-23"
    ((body,),) = rows("SELECT body FROM messages WHERE recipient = ?", address)
    assert "mentor" in body and "Orientation" in body


@pytest.mark.parametrize("today", [date(2026, 12, 24), date(2027, 1, 1), date(2027, 7, 2), date(2028, 2, 28)])
async def test_onboarding_works_around_holidays(today: date) -> None:
    with Company.create(today=today) as company, contoso.use(company):
        assert "Missing: nothing" in await onboard("Jessica Smith")


async def test_a_team_in_the_steps_order_does_not_need_the_record_first(company: Company) -> None:
    """A plan may leave the record out, or write it last: Jessica is known from her offer."""
    await hr.assign_mentor("jessica smith")
    await tech_support.configure_laptop("Jessica")
    await hr.register_new_employee("Jessica")
    assert "Done: employee record, mentor, laptop" in await hr.get_onboarding_status("Jessica Smith")


async def test_enable_roaming_on_my_plan_next_week(company: Company, rows: Rows) -> None:
    told = await product.enable_roaming("2026-11-23")
    assert rows("SELECT * FROM roaming WHERE subscription_id = 1") == [
        (1, "Roam Anywhere", "2026-11-23", None)
    ]
    assert "Mon 2026-11-23" in told and "$10" in told
    assert "Roaming: Roam Anywhere from Mon 2026-11-23" in await product.get_subscription()


async def test_information_about_roaming_for_a_journey_overseas(company: Company) -> None:
    everywhere = await product.get_roaming_plans("overseas")
    assert all(name in everywhere for name in ("Roam Anywhere", "Europe Traveller", "World Traveller", "$30"))
    japan = await product.get_roaming_plans("japan")
    assert (
        "Asia Pacific Traveller" in japan and "World Traveller" in japan and "Europe Traveller" not in japan
    )
    assert "No plan is made for Atlantis alone" in await product.get_roaming_plans("Atlantis")


async def test_products_and_a_press_release_about_them(company: Company, rows: Rows) -> None:
    information = await product.get_product_info()
    for given in ("our current products", information):
        told = await marketing.write_press_release(given)
        assert "PR-" in told
    drafts = rows(
        "SELECT title, body, status FROM press_releases WHERE number IN ('PR-12', 'PR-13') ORDER BY number"
    )
    assert drafts[0] == drafts[1], "a reference to the products and their listing say the same"
    title, body, status = drafts[0]
    assert (title, status) == ("Contoso presents its current products", "draft")
    sold = rows("SELECT name, price_usd FROM products WHERE launched_on <= '2026-11-21'")
    assert len(sold) == 9 and all(f"{name}: " in body for name, _ in sold)
    assert "Contoso Fold" not in body, "what is not on sale is not announced as available"
    assert "$699 a piece" in body and "isabel.ferreira@contoso.com" in body


async def test_laptops_for_marketing_and_a_training_next_tuesday(company: Company, rows: Rows) -> None:
    before = company.snapshot()
    told = await procurement.order_hardware("laptops", 5, "the marketing team")
    assert "PO-1042" in told and "$5,950" in told and "$115,350 left" in told
    booked = await hr.book_training_session("marketing team", "2026-11-24")
    assert "Tue 2026-11-24" in booked and "Yuki Tanaka" in booked
    found = contoso.diff(before, company)
    assert set(found.tables) == {"budgets", "items", "purchase_orders", "assets", "events", "attendance"}
    assert len(found.tables["assets"]) == 5 and len(found.tables["attendance"]) == 7
    assert rows("SELECT in_stock FROM items WHERE sku = 'LAP-14'") == [(9,)]
    assert rows("SELECT spent_usd FROM budgets WHERE department = 'Marketing'") == [(298_700 + 5_950,)]


async def test_a_meeting_can_be_planned_found_and_cancelled(company: Company) -> None:
    told = await generic.schedule_meeting("Fold launch", "2026-12-02", "Product")
    assert "E-9" in told and "Alex Romero" in told
    assert "Fold launch" in await generic.view_calendar("2026-12-02", 1, "Amara Diallo")
    await generic.cancel_meeting("fold launch")
    assert "Fold launch" not in await generic.view_calendar("2026-12-02", 1, "")
