"""What Contoso sells: products, prices, promotions, what customers say and buy."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import day, future_day, months_on, say, today
from macae.contoso.product.helpers import product
from macae.contoso.rows import add, every, one, run
from macae.contoso.values import amount, choice, listed, sentence, simple, usd
from macae.errors import ToolRefused


@reads
async def get_product_info(
    product_name: Annotated[str, "a product; empty: all current products"] = "",
) -> str:
    """Get information about our products: descriptions, prices, availability, current promotions."""
    chosen = product(product_name)["name"] if simple(product_name) not in ALL_PRODUCTS else ""
    rows = every(
        "SELECT * FROM products WHERE ? IN ('', name) ORDER BY launched_on > ?, category, name",
        chosen,
        today().isoformat(),
    )
    text = f"Products:\n{listed(map(described, rows), '')}"
    if chosen:
        return text
    plans = every("SELECT * FROM mobile_plans ORDER BY price_usd")
    return (
        f"{text}\nMobile plans: "
        + ", ".join(f"{r['name']} ({r['data']}, {usd(r['price_usd'])} a month)" for r in plans)
        + "."
    )


@reads
async def get_customer_feedback(
    product_name: Annotated[str, "a product; empty: all"] = "",
) -> str:
    """Show what customers say about a product: ratings and comments."""
    only = product(product_name)["name"] if product_name.strip() else ""
    rows = every("SELECT * FROM feedback WHERE ? IN ('', product) ORDER BY product, given_on DESC", only)
    if not rows:
        return f"There is no feedback on {only} yet."
    mean = sum(r["rating"] for r in rows) / len(rows)
    lines = (f"{r['product']}: {r['rating']} of 5, {r['comment']} ({say(r['given_on'])})" for r in rows)
    return (
        f"{len(rows)} ratings of {only or 'our products'}, {mean:.1f} of 5 on average:\n{listed(lines, '')}"
    )


@reads
async def analyze_sales_data(
    product_name: Annotated[str, "a product; empty: all"] = "",
    months: Annotated[int, "how many months back, 1 to 12"] = 6,
) -> str:
    """Analyse the sales of our products: units and revenue a month, and the trend."""
    if not 1 <= months <= 12:
        raise ToolRefused(f"{months} months is not possible: sales are kept for 12. Choose from 1 to 12.")
    only = product(product_name)["name"] if product_name.strip() else ""
    since = months_on(today().replace(day=1), -months).isoformat()[:7]
    rows = every(
        "SELECT * FROM sales WHERE ? IN ('', product) AND month >= ? ORDER BY product, month", only, since
    )
    if not rows:
        return f"{only or 'Nothing'} was not sold yet in the last {months} months."
    lines = []
    for name in dict.fromkeys(r["product"] for r in rows):
        own = [r for r in rows if r["product"] == name]
        change = (own[-1]["units"] / own[0]["units"] - 1) * 100
        trend = f", {change:+.0f}% from {own[0]['month']} to {own[-1]['month']}" if len(own) > 1 else ""
        lines.append(
            f"{name}: {sum(r['units'] for r in own):,} units, {usd(sum(r['revenue_usd'] for r in own))}{trend}"
        )
    total = usd(sum(r["revenue_usd"] for r in rows))
    return f"Sales of the last {months} months, {total} in all:\n{listed(lines, '')}"


@changes
async def add_new_product(
    product_name: Annotated[str, "name of the product"],
    price_usd: Annotated[float, "price in US dollars"],
    description: Annotated[str, "one or two sentences"] = "",
    category: Annotated[str, "device, accessory, internet or service"] = "device",
    launch_date: Annotated[str, "first day of sale, YYYY-MM-DD; empty: today"] = "",
) -> str:
    """Add a new product to the product catalogue, with its price and launch date."""
    name = sentence(product_name, "The name", most=80)
    if one(
        "SELECT 1 FROM products WHERE name = ? UNION SELECT 1 FROM mobile_plans WHERE name = ?", name, name
    ):
        raise ToolRefused(f"There is a product {name!r} already. Choose another name, or change its price.")
    price = amount(price_usd, "The price", most=100_000)
    kind = choice(category, ("device", "accessory", "internet", "service"), "The category")
    when = future_day(launch_date, "The launch date", today())
    per = "month" if kind in ("internet", "service") else "piece"
    text = sentence(description, "The description", most=500, may_be_empty=True) or f"New: {name}."
    add(
        "products",
        name=name,
        category=kind,
        price_usd=price,
        per=per,
        launched_on=when.isoformat(),
        description=text,
    )
    return f"{name} ({kind}) is in the catalogue: {usd(price)} a {per}, on sale from {say(when)}."


@changes
async def update_product_price(
    product_name: Annotated[str, "name of the product"],
    price_usd: Annotated[float, "the new price in US dollars"],
) -> str:
    """Change the price of a product."""
    row = product(product_name)
    price = amount(price_usd, "The price", most=100_000)
    if price == row["price_usd"]:
        raise ToolRefused(f"{row['name']} costs {usd(price)} already.")
    if not row["price_usd"] / 2 <= price <= row["price_usd"] * 2:
        raise ToolRefused(
            f"{usd(price)} is less than half or more than twice the present price of {row['name']}, {usd(row['price_usd'])}. "
            "Change it in smaller steps."
        )
    run("UPDATE products SET price_usd = ? WHERE name = ?", price, row["name"])
    return f"{row['name']} now costs {usd(price)} a {row['per']} (it was {usd(row['price_usd'])})."


@changes
async def create_promotion(
    product_name: Annotated[str, "name of the product"],
    discount_percent: Annotated[float, "discount in percent, e.g. 15"],
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: today"] = "",
    end_date: Annotated[str, "last day, YYYY-MM-DD; empty: 30 days after the start"] = "",
) -> str:
    """Create a promotion: a discount on a product for some time."""
    row = product(product_name)
    if not 1 <= discount_percent <= 60:
        raise ToolRefused(f"A discount of {discount_percent:g}% is not possible. Choose from 1 to 60.")
    first = future_day(start_date, "The first day", today())
    last = day(end_date, "The last day", first + timedelta(days=30))
    if not first <= last <= first + timedelta(days=366):
        raise ToolRefused(
            f"A promotion from {say(first)} to {say(last)} is not possible: at least a day, at most a year."
        )
    if present := one(
        "SELECT * FROM promotions WHERE product = ? AND first_day <= ? AND last_day >= ?",
        row["name"],
        last.isoformat(),
        first.isoformat(),
    ):
        raise ToolRefused(
            f"{row['name']} already has {present['percent']:g}% off from {say(present['first_day'])} to {say(present['last_day'])}. "
            "Choose other days."
        )
    percent = round(float(discount_percent), 2)
    made = add(
        "promotions",
        product=row["name"],
        percent=percent,
        first_day=first.isoformat(),
        last_day=last.isoformat(),
    )
    reduced = usd(round(row["price_usd"] * (100 - percent) / 100, 2))
    return f"Promotion {made}: {row['name']} {percent:g}% off, {reduced} instead of {usd(row['price_usd'])}, {say(first)} to {say(last)}."


ALL_PRODUCTS = {
    "",
    "all",
    "all products",
    "products",
    "our products",
    "current products",
    "our current products",
}


def described(row: sqlite3.Row) -> str:
    """A product with its price, and its promotion or launch where there is one."""
    text = f"{row['name']} ({row['category']}), {usd(row['price_usd'])} a {row['per']}: {row['description']}"
    now = today().isoformat()
    if row["launched_on"] > now:
        return f"{text} On sale from {say(row['launched_on'])}."
    offer = one(
        "SELECT * FROM promotions WHERE product = ? AND ? BETWEEN first_day AND last_day", row["name"], now
    )
    return f"{text} Now {offer['percent']:g}% off until {say(offer['last_day'])}." if offer else text
