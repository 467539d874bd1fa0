"""Helpers of Marketing: the text of a press release, which release and campaign is meant, who gets a mailing."""

from __future__ import annotations

import sqlite3
from datetime import date

from macae.contoso.dates import today
from macae.contoso.product.helpers import named_row
from macae.contoso.rows import every, one
from macae.contoso.values import choice, near, simple, usd, words
from macae.errors import ToolRefused

__all__ = ["AUDIENCES", "campaign", "press_release", "recipients", "release_text", "running"]

ABOUT = (
    "About Contoso: Contoso sells mobile plans, home internet and devices to consumers and businesses. "
    "It has offices in Seattle, Austin and Dublin."
)
AUDIENCES = ("all customers", "consumers", "businesses")


def release_text(facts: str, title: str, when: date) -> tuple[str, str]:
    """Headline and body. Only stored facts and what was given go in: products that the facts name (or all) with their prices."""
    rows = every(
        "SELECT * FROM products WHERE launched_on <= ? ORDER BY category DESC, name", when.isoformat()
    )
    plain = simple(facts)
    shown = [row for row in rows if simple(row["name"]) in plain]
    if not shown and words(facts) & {"product", "portfolio", "range", "catalogue", "catalog"}:
        shown = rows
    # a listing from an earlier step is told by the products themselves; what a person wrote is told in their words
    told = "" if shown and ("\n" in facts or words(facts) <= ABOUT_PRODUCTS) else " ".join(facts.split())
    if not title and told:
        title = f"Contoso: {cut(told, 80)}"
    elif not title:
        names = " and ".join(row["name"] for row in shown)
        title = f"Available now: {names}" if len(shown) < 3 else "Contoso presents its current products"
    officer = one("SELECT name, email FROM employees WHERE job_title = 'Press Officer'")
    parts = [f"Seattle, {when.isoformat()}."]
    parts += [told if told.endswith((".", "!", "?")) else f"{told}."] if told else []
    parts += ["These products are available now:" if len(shown) > 1 else "Available now:"] if shown else []
    lines = [
        f"* {row['name']}: {row['description']} {usd(row['price_usd'])} a {row['per']}." for row in shown
    ]
    contact = (
        f"Press contact: {officer['name']}, {officer['email']}"
        if officer
        else "Press contact: press@contoso.com"
    )
    return title, "\n".join([" ".join(parts), *lines, "", ABOUT, contact])


ABOUT_PRODUCTS = frozenset(
    [
        "product",
        "current",
        "new",
        "all",
        "available",
        "portfolio",
        "range",
        "catalogue",
        "catalog",
        "contoso",
        "about",
        "information",
        "info",
    ]
)


def cut(text: str, most: int) -> str:
    """The first sentence of a text, at most so many characters, cut at a word."""
    first = text.split(". ")[0].rstrip(".")
    return first if len(first) <= most else first[:most].rsplit(" ", 1)[0] + " …"


def press_release(name: str) -> sqlite3.Row:
    """The press release with this number, or the latest draft."""
    rows = every("SELECT * FROM press_releases ORDER BY CAST(substr(number, 4) AS INTEGER) DESC")
    if not name.strip():
        for row in rows:
            if row["status"] == "draft":
                return row
        raise ToolRefused("There is no draft of a press release. Write one first with write_press_release.")
    wanted = simple(name).upper().replace(" ", "").removeprefix("PR")
    for row in rows:
        if row["number"] == f"PR-{wanted}" or simple(row["title"]) == simple(name):
            return row
    raise ToolRefused(
        f"There is no press release {name[:60]!r}. There is: {', '.join(r['number'] for r in rows)}."
    )


def campaign(name: str) -> sqlite3.Row:
    """The campaign that is meant."""
    return named_row("campaigns", name, "campaign")


def recipients(audience: str) -> tuple[str, list[sqlite3.Row]]:
    """The customers who agreed to be written to, of an audience."""
    given = {
        "": "all customers",
        "customers": "all customers",
        "all": "all customers",
        "everybody": "all customers",
    }
    chosen = choice(given.get(simple(audience), audience), AUDIENCES, "The audience")
    segment = {"consumers": "consumer", "businesses": "business"}.get(chosen, "")
    rows = every("SELECT * FROM customers WHERE newsletter = 1 AND ? IN ('', segment) ORDER BY name", segment)
    if not rows:
        raise ToolRefused(f"None of the {chosen} agreed to be written to{near(audience, AUDIENCES)}.")
    return chosen, rows


def running(row: sqlite3.Row) -> bool:
    """Whether a campaign can still be changed."""
    return row["status"] in ("planned", "running", "paused") and row["last_day"] >= today().isoformat()
