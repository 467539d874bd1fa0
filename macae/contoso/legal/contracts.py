"""Contracts and NDAs, from draft to end."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import day, future_day, months_on, say, today
from macae.contoso.legal.helpers import contract as known_contract
from macae.contoso.legal.helpers import line, weighed
from macae.contoso.rows import add, every, number, one, run, value
from macae.contoso.values import amount, choice, email, listed, sentence, usd, words
from macae.errors import ToolRefused


@changes
async def draft_contract(
    counterparty: Annotated[str, "the other party: a company or a person"],
    contract_type: Annotated[str, "services, supply, employment, lease or partnership"] = "services",
    value_usd: Annotated[float, "value in US dollars; 0: not agreed yet"] = 0,
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: first of next month"] = "",
    end_date: Annotated[str, "last day, YYYY-MM-DD; empty: one year after the start"] = "",
    terms: Annotated[str, "special terms"] = "",
) -> str:
    """Draft a contract (agreement) with a company or a person and store it."""
    party = sentence(counterparty, "The other party", most=120)
    kind = choice(
        contract_type.lower().replace("service", "services").replace("servicess", "services"),
        KINDS,
        "The type",
    )
    dollars = amount(value_usd, "The value", least=0, most=100_000_000)
    first = future_day(start_date, "The first day", months_on(today().replace(day=1), 1))
    last = day(end_date, "The last day", months_on(first, 12) - timedelta(days=1))
    if not first < last <= months_on(first, 240):
        raise ToolRefused(
            f"A contract from {say(first)} to {say(last)} is not possible: the end must follow, within 20 years."
        )
    if twin := one(
        "SELECT number FROM contracts WHERE counterparty = ? COLLATE NOCASE AND kind = ? AND status = 'draft'",
        party,
        kind,
    ):
        raise ToolRefused(
            f"There is a draft of a {kind} contract with {party} already: {twin['number']}. Review or send that one."
        )
    made = number("contracts", "C-")
    text = (
        sentence(terms, "The terms", most=4000, may_be_empty=True)
        or "Standard terms of Contoso. Liability capped at the contract value."
    )
    known = value("SELECT email FROM suppliers WHERE name = ? COLLATE NOCASE", party)
    add(
        "contracts", number=made, title=f"{kind.capitalize()} contract", counterparty=party, kind=kind, value_usd=dollars,
        first_day=first.isoformat(), last_day=last.isoformat(), notice_days=30, status="draft", terms=text, contact_email=known,
    )  # fmt: skip
    worth = usd(dollars) if dollars else "value not agreed yet"
    two = " It needs two signatures." if dollars >= 50_000 else ""
    return f"Draft {made}: {kind} contract with {party}, {worth}, {say(first)} to {say(last)}, 30 days' notice. Terms: {text}{two}"


@changes
async def create_nda(
    counterparty: Annotated[str, "the other party: a company or a person"],
    purpose: Annotated[
        str, "what is to stay secret and why it is shared"
    ] = "evaluating a business relationship",
    duration_months: Annotated[int, "how long it binds, in months"] = 24,
) -> str:
    """Create a non-disclosure agreement (NDA, confidentiality agreement) with a company or a person."""
    party = sentence(counterparty, "The other party", most=120)
    if not 1 <= duration_months <= 120:
        raise ToolRefused(f"{duration_months} months is not possible. Choose from 1 to 120.")
    if present := one(
        "SELECT * FROM contracts WHERE kind = 'nda' AND counterparty = ? COLLATE NOCASE AND status <> 'ended' AND last_day >= ?",
        party, today().isoformat(),
    ):  # fmt: skip
        raise ToolRefused(
            f"There is an NDA with {present['counterparty']} already: {line(present)}. Renew it if it is too short."
        )
    made = number("contracts", "N-")
    last = months_on(today(), duration_months)
    known = value("SELECT email FROM suppliers WHERE name = ? COLLATE NOCASE", party)
    text = sentence(purpose, "The purpose", most=1000)
    add(
        "contracts", number=made, title="Non-disclosure agreement", counterparty=party, kind="nda", value_usd=0,
        first_day=today().isoformat(), last_day=last.isoformat(), notice_days=30, status="draft", terms=text, contact_email=known,
    )  # fmt: skip
    return f"NDA {made} with {party} is drafted: {text}; it binds until {say(last)}. Send it with send_contract_for_signature."


@changes
async def review_contract(
    contract: Annotated[str, "number, e.g. C-107, or counterparty or title of the contract"],
) -> str:
    """Review a contract for risks against the legal checklist, and record the findings."""
    row = known_contract(contract)
    risk, findings = weighed(row)
    made = add(
        "contract_reviews",
        contract=row["number"],
        risk=risk,
        findings="; ".join(findings),
        reviewed_on=today().isoformat(),
    )
    return f"Review {made} of {line(row)}. Terms: {row['terms']}\nRisk: {risk}. Findings:\n{listed(findings, '')}\nThis is a checklist, not legal advice."


@changes
async def send_contract_for_signature(
    contract: Annotated[str, "number, e.g. C-107, or counterparty or title of the contract or NDA"],
    signer_email: Annotated[str, "e-mail address of who signs; empty: the counterparty's known address"] = "",
) -> str:
    """Send a drafted contract or NDA out for signature."""
    row = known_contract(contract)
    if row["status"] != "draft":
        raise ToolRefused(f"{row['number']} is {row['status']}; only a draft can be sent for signature.")
    if not signer_email.strip() and not row["contact_email"]:
        raise ToolRefused(f"No address of {row['counterparty']} is known. Give signer_email.")
    address = email(signer_email or row["contact_email"])
    run(
        "UPDATE contracts SET status = 'out for signature', contact_email = ? WHERE number = ?",
        address,
        row["number"],
    )
    add("signature_requests", contract=row["number"], signer_email=address, sent_on=today().isoformat())
    return f"{row['number']} ({row['title']} with {row['counterparty']}) was sent to {address} for signature."


@reads
async def find_contracts(
    query: Annotated[str, "counterparty, type, title or status; empty: all"] = "",
    ending_within_days: Annotated[int, "only those that end within so many days; 0: any"] = 0,
) -> str:
    """Find contracts and NDAs, e.g. with a company, or those that expire soon."""
    rows = every("SELECT * FROM contracts ORDER BY last_day")
    asked = words(query) - {"all", "contract", "agreement", "our"}
    if ending_within_days > 0:
        limit = (today() + timedelta(days=min(ending_within_days, 3660))).isoformat()
        rows = [r for r in rows if today().isoformat() <= r["last_day"] <= limit]
    found = [
        r
        for r in rows
        if asked
        <= words(f"{r['number']} {r['title']} {r['counterparty']} {r['kind']} {r['status']} {r['terms']}")
    ]
    return f"Contracts:\n{listed(map(line, found), '- none')}"


@changes
async def renew_contract(
    contract: Annotated[str, "number, e.g. C-107, or counterparty or title of the contract"],
    end_date: Annotated[str, "the new last day, YYYY-MM-DD; empty: one year more"] = "",
) -> str:
    """Renew (extend) a contract to a later end date."""
    row = known_contract(contract)
    if row["status"] != "active":
        raise ToolRefused(f"{row['number']} is {row['status']}; only an active contract can be renewed.")
    old = day(row["last_day"], "The present end")
    last = future_day(end_date, "The new last day", months_on(max(old, today()), 12), years=20)
    if last <= old:
        raise ToolRefused(f"{row['number']} runs until {say(old)} already. The new last day must be later.")
    run("UPDATE contracts SET last_day = ? WHERE number = ?", last.isoformat(), row["number"])
    return f"{row['number']} ({row['title']} with {row['counterparty']}) is renewed until {say(last)} (it was {say(old)})."


@changes
async def terminate_contract(
    contract: Annotated[str, "number, e.g. C-107, or counterparty or title of the contract"],
    reason: Annotated[str, "why"],
    end_date: Annotated[str, "last day, YYYY-MM-DD; empty: the earliest that the notice period allows"] = "",
) -> str:
    """Terminate (give notice of) a contract, keeping its notice period."""
    row = known_contract(contract)
    why = sentence(reason, "The reason", most=500)
    if row["status"] not in ("active", "draft", "out for signature"):
        raise ToolRefused(f"{row['number']} is {row['status']} already.")
    if row["status"] != "active":
        run("UPDATE contracts SET status = 'withdrawn' WHERE number = ?", row["number"])
        return f"{row['number']} ({row['title']} with {row['counterparty']}) was not signed yet and is withdrawn: {why}."
    fixed = "no early exit" in row["terms"].lower()
    earliest = (
        row["last_day"]
        if fixed
        else min((today() + timedelta(days=row["notice_days"])).isoformat(), row["last_day"])
    )
    last = future_day(end_date or earliest, "The last day", years=20).isoformat()
    if last < earliest:
        why_not = "it has no early exit" if fixed else f"its notice period is {row['notice_days']} days"
        raise ToolRefused(
            f"{row['number']} cannot end on {say(last)}: {why_not}. The earliest day is {say(earliest)}."
        )
    if last > row["last_day"]:
        raise ToolRefused(
            f"{row['number']} ends on {say(row['last_day'])} anyway. Choose that day or an earlier one."
        )
    run("UPDATE contracts SET status = 'ending', last_day = ? WHERE number = ?", last, row["number"])
    return f"Notice of {row['number']} ({row['title']} with {row['counterparty']}) is given: it ends on {say(last)}. Reason: {why}."


KINDS = ("services", "supply", "employment", "lease", "partnership")
