"""What Contoso sells: products, prices, promotions, what customers say and buy."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@reads
async def get_product_info(
    product_name: Annotated[str, "a product; empty: all current products"] = "",
) -> str:
    """Get information about our products: descriptions, prices, availability, current promotions."""
    raise NotImplementedError


@reads
async def get_customer_feedback(
    product_name: Annotated[str, "a product; empty: all"] = "",
) -> str:
    """Show what customers say about a product: ratings and comments."""
    raise NotImplementedError


@reads
async def analyze_sales_data(
    product_name: Annotated[str, "a product; empty: all"] = "",
    months: Annotated[int, "how many months back, 1 to 12"] = 6,
) -> str:
    """Analyse the sales of our products: units and revenue a month, and the trend."""
    raise NotImplementedError


@changes
async def add_new_product(
    product_name: Annotated[str, "name of the product"],
    price_usd: Annotated[float, "price in US dollars"],
    description: Annotated[str, "one or two sentences"] = "",
    category: Annotated[str, "device, accessory, internet or service"] = "device",
    launch_date: Annotated[str, "first day of sale, YYYY-MM-DD; empty: today"] = "",
) -> str:
    """Add a new product to the product catalogue, with its price and launch date."""
    raise NotImplementedError


@changes
async def update_product_price(
    product_name: Annotated[str, "name of the product"],
    price_usd: Annotated[float, "the new price in US dollars"],
) -> str:
    """Change the price of a product."""
    raise NotImplementedError


@changes
async def create_promotion(
    product_name: Annotated[str, "name of the product"],
    discount_percent: Annotated[float, "discount in percent, e.g. 15"],
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: today"] = "",
    end_date: Annotated[str, "last day, YYYY-MM-DD; empty: 30 days after the start"] = "",
) -> str:
    """Create a promotion: a discount on a product for some time."""
    raise NotImplementedError
