"""Contoso's written knowledge says the same as its data and its tools."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from macae import contoso
from macae.contoso import Company
from macae.contoso.legal.helpers import CHECKS
from macae.contoso.marketing.campaigns import CHANNELS
from macae.contoso.marketing.outreach import LIMITS
from macae.contoso.procurement.buying import LIMIT, TRACKED
from macae.contoso.tech_support.service import HOURS
from tests.contoso import pdf_pages

Rows = Callable[..., list[tuple[Any, ...]]]
POLICY = re.compile(r"\b(?:HR|FI|IT|PR|MK|PS|LG|FA|SE)-\d{3}\b")
HEADER = re.compile(r"^(?:Policy|Sheet) (?P<code>[A-Z]{2}-\d{3}), edition (?P<edition>\d{4})\.", re.MULTILINE)


def read(path: Path) -> str:
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(path, strict=True).pages)
    return path.read_text(encoding="utf-8")


@functools.cache
def documents() -> dict[str, str]:
    """Text by document id."""
    files = sorted(f for f in contoso.policies_folder().rglob("*") if f.is_file())
    assert len({f.stem for f in files}) == len(files), "a stem is a document's id"
    return {f.stem: read(f) for f in files}


def superseded(name: str) -> bool:
    return name.endswith(("-2024", "-2025"))


def in_force() -> dict[str, str]:
    return {name: text for name, text in documents().items() if not superseded(name)}


def csv_rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(documents()[name])))


def table_rows(name: str) -> list[list[str]]:
    """The rows of a document's Markdown tables, as cells."""
    lines = [line for line in documents()[name].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def found(pattern: str) -> dict[str, list[str]]:
    """What a pattern finds, in which documents."""
    where: dict[str, list[str]] = {}
    for name, text in documents().items():
        for hit in re.findall(pattern, text):
            where.setdefault(hit, []).append(name)
    return where


def plain(text: str) -> str:
    return " ".join(text.split()).casefold()


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    """Ask a fresh company."""
    with Company.create() as company:
        yield lambda sql, *values: [tuple(row) for row in company.db.execute(sql, values)]


def test_about_forty_pages() -> None:
    assert sum(len(text.split()) for text in documents().values()) >= 40 * 350
    assert len(documents()) >= 25
    assert {f.suffix for f in contoso.policies_folder().rglob("*.*")} == {".md", ".txt", ".csv", ".pdf"}


def test_each_policy_has_one_code_and_references_lead_somewhere() -> None:
    heads = {name: HEADER.search(text) for name, text in documents().items()}
    numbers = [(head["code"], head["edition"]) for head in heads.values() if head]
    assert len(set(numbers)) == len(numbers)
    for name, head in heads.items():
        if head:
            assert name.startswith(head["code"].lower()), name
            old = "SUPERSEDED" in documents()[name]
            assert old == superseded(name) == (head["edition"] != "2026"), name
    assert set(found(POLICY.pattern)) == {code for code, _ in numbers}
    assert [code for code, names in found(POLICY.pattern).items() if len(set(names)) < 2] == [], (
        "not referred to"
    )
    # files are named in code marks
    assert set(found(r"`([a-z]+(?:-[a-z0-9]+)+)`")) <= set(documents())


def test_each_code_is_explained_once() -> None:
    """Codes that screens show (VPN-412), courses (TR-01): one document explains them, in one place."""
    table = r"^\| (?:[^|\n]+ \| )?([A-Z]{2,3}-\d{2,3}) \|"
    defined = [c for text in documents().values() for c in re.findall(table, text, re.MULTILINE)]
    defined += [c for text in documents().values() for c in re.findall(r"\*\*([A-Z]{2,3}-\d{2,3})\*\*", text)]
    shown = [code for code in defined if not POLICY.fullmatch(code)]
    assert [code for code, count in Counter(shown).items() if count > 1] == []
    assert {"VPN-412", "PWD-11", "BUY-102", "BKP-21", "TR-01", "DEV-09", "ROA-31"} <= set(shown)


def test_the_register_of_forms_is_complete() -> None:
    register = {row["form"]: row for row in csv_rows("forms")}
    assert len(register) == len(csv_rows("forms"))
    named = found(r"\bF-\d{2}\b")
    assert set(named) == set(register)
    for form, row in register.items():
        [home] = [n for n in in_force() if n.startswith(row["policy"].lower())]
        assert form in documents()[home], f"{row['policy']} does not speak of {form}"


def test_price_lists_are_the_companys_prices(rows: Rows) -> None:
    listed = {row["item_code"]: row for row in csv_rows("price-list-2026")}
    offers = {(sku, name): (price, days) for sku, name, price, days in rows(
        "SELECT sku, name, price_usd, delivery_days FROM supplier_prices JOIN suppliers ON id = supplier_id"
    )}  # fmt: skip
    for sku, name, kind, price in rows("SELECT sku, name, kind, price_usd FROM items"):
        row = listed.pop(sku)
        assert (row["name"], row["kind"], float(row["price_usd"])) == (name, kind, price)
        assert offers[sku, row["supplier"]] == (price, int(row["delivery_days"]))
    assert not listed
    told = {(r["item_code"], r["supplier"]): (float(r["price_usd"]), int(r["delivery_days"])) for r in csv_rows("supplier-offers-2026")}  # fmt: skip
    assert told == offers
    marks = [(r["supplier"], r["country"], float(r["mark_of_5"]), int(r["on_time_percent"])) for r in csv_rows("supplier-scorecard-2026")]  # fmt: skip
    assert marks == rows("SELECT name, country, rating, on_time_percent FROM suppliers ORDER BY id")


def test_tariffs_and_product_sheets_are_the_companys(rows: Rows) -> None:
    goods = rows(
        "SELECT name, price_usd, per FROM products UNION SELECT name, price_usd, 'month' FROM mobile_plans "
        "UNION SELECT name, price_usd, 'month' FROM extras_packs UNION SELECT name, price_usd, per FROM roaming_plans"
    )
    tariffs = csv_rows("tariffs-2026")
    assert sorted((r["name"], float(r["price_usd"]), r["per"]) for r in tariffs) == sorted(goods)
    assert len({r["tariff_code"] for r in tariffs}) == len(tariffs)
    sheets = [name for name in documents() if name.startswith("ps-")]
    price = {name: usd for name, usd, _ in goods}
    shown = [(row[0], row[1]) for name in sheets for row in table_rows(name) if row[0] in price]
    for name, cell in shown:
        assert re.match(rf"\${price[name]:g}(?!\d)", cell), (name, cell)
    unshown = {"Business Cloud Phone", "Contoso Care", "Contoso Fold"}  # told in sentences
    assert {name for name, _ in shown} | unshown == set(price)
    every_sheet = plain(" ".join(documents()[name] for name in sheets))
    assert "$24 a month for each person" in every_sheet and "$9 a month for one device" in every_sheet
    countries = rows("SELECT countries FROM roaming_plans WHERE per = '30 days' AND region <> 'worldwide'")
    assert all(plain(listed) in every_sheet for (listed,) in countries)


def test_budgets_rooms_packages_and_databases_are_the_companys(rows: Rows) -> None:
    assert [[n, f"${total:,.0f}"] for n, total in rows("SELECT department, total_usd FROM budgets")] == [
        row for row in table_rows("pr-213-budgets") if row[0] not in ("Department", "---")
    ]
    for name, seats in rows("SELECT name, seats FROM rooms"):
        assert [name, str(seats)] in [row[:2] for row in table_rows("fa-801-offices")]
    for name, usd in rows("SELECT name, monthly_usd FROM benefit_packages"):
        assert [name, f"${usd:g}"] in [
            [row[0], row[2]] for row in table_rows("hr-111-benefits-and-pay") if len(row) > 2
        ]
    for name, purpose, owner, title, sensitive in rows(
        "SELECT d.name, purpose, e.name, job_title, sensitive FROM databases d JOIN employees e ON e.id = owner_id"
    ):
        assert [name, purpose, f"{owner} ({title})", "yes" if sensitive else "no"] in table_rows(
            "it-408-databases"
        )
    saved = {row[0]: row[1] for row in table_rows("it-406-backups")}
    assert {name for (name,) in rows("SELECT name FROM systems")} <= set(saved)
    for sku, price in rows("SELECT sku, price_usd FROM items WHERE kind = 'software' AND sku <> 'SW-M365'"):
        assert [sku, f"${price:g}"] in [[row[0], row[2]] for row in table_rows("it-404-software")]
    for name, country, email in rows("SELECT name, country, email FROM suppliers"):
        assert [name, country, email] in [row[:2] + row[3:] for row in table_rows("pr-211-suppliers")]


def test_people_addresses_and_numbers_are_the_companys(rows: Rows) -> None:
    titles: dict[str, str] = dict(rows("SELECT name, job_title FROM employees WHERE status = 'active'"))
    titled = re.compile(r"\b([A-Z][a-z]+ [A-Z][A-Za-z']+) \(([A-Z][A-Za-z ]+)\)")
    seen = [pair for text in documents().values() for pair in titled.findall(plain_spaces(text))]
    assert len(seen) > 60
    assert [pair for pair in seen if titles.get(pair[0]) != pair[1]] == []
    answering = [
        row["send_to"] for row in csv_rows("forms") if " " in row["send_to"] and row["send_to"] != "help desk"
    ]
    assert set(answering) <= set(titles)
    addresses = {a for (a,) in rows("SELECT address FROM mailboxes")} | {"first.last@contoso.com"}
    assert set(found(r"[\w.]+@contoso\.com")) <= addresses
    numbers = {n for t in ("contracts", "invoices", "purchase_orders", "press_releases") for (n,) in rows(f"SELECT number FROM {t}")}  # fmt: skip
    assert set(found(r"\b(?:[CN]-\d{2,3}|INV-\d{4}|PO-\d{4}|PR-\d{2})\b(?!-)")) <= numbers
    skus = {sku for (sku,) in rows("SELECT sku FROM items")} | {"LAP-13"}  # sold out since 2025
    assert set(found(r"\b(?:LAP|MON|DOC|KEY|HEA|PHO|TAB|PRI|PRO|CHA|DES|SRV|SW)-\w+\b")) <= skus


def plain_spaces(text: str) -> str:
    return " ".join(text.split())


def test_rules_are_those_that_the_tools_enforce(rows: Rows) -> None:
    def says(name: str, *parts: str) -> None:
        text = plain(documents()[name])
        assert [part for part in parts if plain(part) not in text] == []

    says("pr-210-approvals", f"From ${LIMIT:,} on, an order to a supplier needs the approval of Procurement")
    says(
        "it-403-devices",
        ", ".join(f"{kind}s" for kind in ("Laptop", "phone", "tablet", "projector", "printer")),
    )
    assert set(TRACKED) == {"laptop", "phone", "tablet", "projector", "printer", "server"}
    assert [row[::2] for row in table_rows("it-405-incidents") if row[0] in HOURS] == [
        list(pair) for pair in HOURS.items()
    ]
    says("mk-501-brand-and-social-media", *(f"| {where} | {most} |" for where, most in LIMITS.items()))
    says("mk-504-campaigns", f"{', '.join(CHANNELS[:-1])} and {CHANNELS[-1]}")
    assert len(CHECKS) == 7
    says(
        "lg-701-contracts-and-nda",
        "unlimited liability",
        "penalty",
        "exclusive",
        "renews by itself",
        "no early exit",
    )
    says("hr-108-mentors", "at least one year", "Three is the most", "never the newcomer's own manager")
    says(
        "hr-104-leave",
        "20 days of vacation",
        "Ten paid sick days",
        "up to 14 days afterwards",
        "up to one year ahead",
    )
    says(
        "pr-211-suppliers",
        "holds for 30 days",
        "| 10 and more | 3% |",
        "| 25 and more | 5% |",
        "| 50 and more | 8% |",
    )
    steps = (
        "employee record",
        "orientation session",
        "mentor",
        "laptop",
        "mailbox",
        "payroll",
        "benefits package",
    )
    says("hr-107-onboarding", *steps, "ID card", "handbook", "A standard check takes 7 days", "takes 12")
    # what the handbook in the database says, the long policies say too
    handbook = plain(" ".join(rule for (rule,) in rows("SELECT rule FROM handbook")))
    for name, rule in HANDBOOK.items():
        assert plain(rule) in handbook, rule
        says(name, rule)


def test_who_has_which_laptop_access_and_software(rows: Rows) -> None:
    models = {row[2] for row in table_rows("it-403-devices") if row[2:] and row[2].startswith("LAP-")}
    used = rows(
        "SELECT sku, e.department, manager_id FROM assets a JOIN employees e ON e.id = employee_id AND a.status = 'in use'"
    )
    assert {sku for sku, _, _ in used} == models
    for sku, department, manager in used:
        head = "LAP-MB" if manager == 1 else "LAP-14"
        assert sku == ("LAP-16" if department in ("Product", "IT") else head)
    without = rows(
        "SELECT department, location FROM employees WHERE status = 'active' AND id NOT IN (SELECT employee_id FROM vpn_access)"
    )
    assert {place for _, place in without} == {"Seattle"} and not {"IT", "Sales"} & {
        team for team, _ in without
    }
    seats = {
        row[0]: set(row[3].split(", ")) for row in table_rows("it-404-software") if row[0].startswith("SW-")
    }
    for sku, holders in seats.items():
        assert holders == {team for (team,) in rows("SELECT department FROM licences WHERE sku = ?", sku)}


HANDBOOK = {
    "hr-101-working-time": "40 hours",
    "hr-102-remote-work": "three days a week from home after agreement with",
    "hr-104-leave": "more than ten days in a row needs four weeks' notice",
    "hr-105-parental-leave": "16 weeks at full pay within the first year after birth or adoption",
    "hr-109-conduct": "Concerns go to HR or, without a name, to the ethics line.",
    "hr-110-training": "Each employee has five training days and $1,500 a year.",
    "fi-301-travel": "Hand in receipts within 30 days",
    "it-401-passwords": "at least 14 characters",
    "it-403-devices": "Report loss to the help desk within a day",
    "pr-210-approvals": "All purchases go through Procurement.",
    "lg-703-data-protection": "Personal data is used only for the purpose it was collected for.",
}


def test_one_document_carries_a_planted_instruction() -> None:
    hostile = [
        name for name, text in documents().items() if "ignore all previous instructions" in plain(text)
    ]
    assert hostile == ["supplier-mail-training-example"]
    assert documents()[hostile[0]].startswith("TRAINING EXAMPLE, NOT A POLICY")


@pytest.mark.parametrize("text", sorted(pdf_pages.TEXTS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_pdf_is_what_its_text_makes_and_can_be_read(text: Path) -> None:
    content = text.read_text(encoding="utf-8")
    made = pdf_pages.file_of(text)
    assert made.read_bytes() == pdf_pages.written(content, pdf_pages.title_of(content))
    assert plain(documents()[made.stem]) == plain(content)
