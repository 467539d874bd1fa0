"""Suppliers and what they ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import say, today
from macae.contoso.lookup import named
from macae.contoso.procurement.buying import (
    cheapest,
    supplier,
)
from macae.contoso.rows import add, every, number
from macae.contoso.values import listed, near, positive, usd
from macae.errors import ToolRefused


@reads
async def find_suppliers(
    item_name: Annotated[str, "what should be bought; empty: all suppliers"] = "",
) -> str:
    """Find suppliers (vendors) of an item with their prices, delivery times and ratings."""
    if not item_name.strip():
        rows = every("SELECT * FROM suppliers ORDER BY rating DESC")
        return "Suppliers:\n" + listed(
            (
                f"{r['name']} ({r['country']}, {r['email']}): rating {r['rating']} of 5, {r['on_time_percent']}% on time"
                for r in rows
            ),
            "",
        )
    goods = every("SELECT rowid, * FROM items ORDER BY rowid")
    wanted = named(item_name, goods)
    if not wanted:
        raise ToolRefused(
            f"No supplier sells {item_name[:60]!r}{near(item_name, [r['name'] for r in goods])}."
        )
    rows = every(
        f"SELECT i.name AS item, s.*, p.price_usd, p.delivery_days, p.available FROM supplier_prices p "
        f"JOIN suppliers s ON s.id = supplier_id JOIN items i USING (sku) WHERE sku IN ({', '.join('?' * len(wanted))}) "
        "ORDER BY i.rowid, p.price_usd",
        *(r["sku"] for r in wanted),
    )
    return "Suppliers and prices:\n" + listed(
        (
            f"{r['item']}: {r['name']}, {usd(r['price_usd'])} each, {r['delivery_days']} days, {r['available']} available, "
            f"rating {r['rating']} of 5"
            for r in rows
        ),
        "",
    )


@changes
async def request_quote(
    item_name: Annotated[str, "what should be bought"],
    quantity: Annotated[int, "how many"] = 1,
    supplier_name: Annotated[str, "the supplier; empty: the cheapest"] = "",
) -> str:
    """Request a quote from a supplier: a price for a quantity, with discount, that holds for 30 days."""
    goods = every("SELECT rowid, * FROM items ORDER BY rowid")
    found = named(item_name, goods)
    if not found:
        raise ToolRefused(f"Nobody sells {item_name[:60]!r}{near(item_name, [r['name'] for r in goods])}.")
    positive(quantity, "The quantity", most=5000)
    seller = supplier(supplier_name)["id"] if supplier_name.strip() else None
    offer = cheapest(found[0]["sku"], quantity, seller)
    percent = next((p for least, p in ((50, 8), (25, 5), (10, 3)) if quantity >= least), 0)
    total = round(quantity * offer["price_usd"] * (100 - percent) / 100, 2)
    until = today() + timedelta(days=30)
    made = number("quotes", "Q-")
    add(
        "quotes", number=made, supplier_id=offer["supplier_id"], sku=found[0]["sku"], quantity=quantity, total_usd=total,
        valid_until=until.isoformat(),
    )  # fmt: skip
    return (
        f"Quote {made} from {offer['name']}: {quantity} x {found[0]['name']} for {usd(total)} "
        f"({usd(offer['price_usd'])} each, {percent}% discount), delivery in {offer['delivery_days']} days, valid until {say(until)}."
    )
