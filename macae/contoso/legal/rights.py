"""Rules and rights: compliance, trademarks, data protection."""

from __future__ import annotations

import difflib
from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import months_on, say, today
from macae.contoso.rows import add, every, number, one
from macae.contoso.search import ranked
from macae.contoso.values import choice, listed, sentence, simple
from macae.errors import ToolRefused


@reads
async def check_compliance(
    topic: Annotated[str, "what is planned or asked, e.g. customer data, gifts, advertising"],
) -> str:
    """Check which laws and company policies apply to a topic, and what they require (compliance)."""
    rows = every("SELECT topic, keywords, requires AS text, source FROM compliance_rules ORDER BY topic")
    found = ranked(topic, rows)[:3]
    if not found:
        topics = ", ".join(r["topic"] for r in rows)
        return f"Our rules say nothing about {topic.strip()[:80]!r}; ask Legal. Topics that they cover: {topics}."
    lines = (f"{r['topic']} ({r['source']}): {r['text']}" for r in found)
    return f"What applies:\n{listed(lines, '')}\nThis is Contoso's own list, not legal advice."


@changes
async def register_trademark(
    mark: Annotated[str, "the name or slogan to protect"],
    goods: Annotated[str, "goods and services it is used for"] = "telecommunications services and devices",
) -> str:
    """File a trademark application for a name or slogan, unless it is too near an existing mark."""
    name = sentence(mark, "The mark", most=60)
    what = sentence(goods, "The goods", most=300)
    if len([c for c in name if c.isalnum()]) < 3:
        raise ToolRefused(f"{name!r} is too short for a trademark. It needs three letters or digits.")
    for row in every("SELECT * FROM trademarks ORDER BY mark"):
        old, new = simple(row["mark"]), simple(name)
        likeness = difflib.SequenceMatcher(None, old, new).ratio()
        if old == new or (row["holder"] != OURS and (likeness > 0.8 or old in new.split())):
            raise ToolRefused(
                f"{name!r} is too near {row['mark']!r} of {row['holder']} ({row['goods']}, {row['status']}). Choose another name."
            )
    add("trademarks", mark=name, holder=OURS, goods=what, status="filed", filed_on=today().isoformat())
    return f"The trademark {name!r} is filed for {what}; no mark in our register is too near. The office answers in about six months."


@changes
async def log_data_protection_request(
    person: Annotated[str, "name or e-mail address of the person whose data it is"],
    kind: Annotated[str, "access, erasure, correction or objection"] = "access",
) -> str:
    """Log a data protection (privacy, GDPR) request of a customer or employee, with its legal deadline."""
    who = sentence(person, "The person", most=120)
    which = choice(
        KINDS.get(simple(kind), kind), ("access", "erasure", "correction", "objection"), "The kind of request"
    )
    if present := one(
        "SELECT * FROM data_requests WHERE person = ? COLLATE NOCASE AND kind = ? AND status = 'open'",
        who,
        which,
    ):
        raise ToolRefused(
            f"The {which} request of {who} is open already: {present['number']}, due {say(present['due_on'])}."
        )
    made = number("data_requests", "DR-")
    due = months_on(today(), 1)
    add(
        "data_requests",
        number=made,
        person=who,
        kind=which,
        received_on=today().isoformat(),
        due_on=due.isoformat(),
        status="open",
    )
    known = one(
        "SELECT 'a customer' AS what FROM customers WHERE ? IN (lower(name), lower(email)) UNION "
        "SELECT 'an employee' FROM employees WHERE ? IN (lower(name), lower(email))",
        who.lower(), who.lower(),
    )  # fmt: skip
    what = (
        f"We know {who} as {known['what']}"
        if known
        else f"{who} is in neither our customers nor our employees; check the identity"
    )
    return f"Request {made} is logged: {which} of the data of {who}, to be answered by {say(due)}. {what}."


OURS = "Contoso Ltd."
KINDS = {
    "deletion": "erasure",
    "delete": "erasure",
    "erase": "erasure",
    "correct": "correction",
    "rectification": "correction",
}
