"""Products and mobile customers: the tools of the department."""

from __future__ import annotations

from macae.contoso.product.catalogue import (
    add_new_product,
    analyze_sales_data,
    create_promotion,
    get_customer_feedback,
    get_product_info,
    update_product_price,
)
from macae.contoso.product.mobile import (
    add_mobile_extras_pack,
    cancel_mobile_extras_pack,
    change_mobile_plan,
    enable_roaming,
    get_billing_info,
    get_mobile_plans,
    get_roaming_plans,
    get_subscription,
)

__all__ = [
    "add_mobile_extras_pack",
    "add_new_product",
    "analyze_sales_data",
    "cancel_mobile_extras_pack",
    "change_mobile_plan",
    "create_promotion",
    "enable_roaming",
    "get_billing_info",
    "get_customer_feedback",
    "get_mobile_plans",
    "get_product_info",
    "get_roaming_plans",
    "get_subscription",
    "update_product_price",
]

TOOLS = (
    get_product_info,
    get_customer_feedback,
    analyze_sales_data,
    add_new_product,
    update_product_price,
    create_promotion,
    get_mobile_plans,
    get_roaming_plans,
    get_subscription,
    get_billing_info,
    enable_roaming,
    add_mobile_extras_pack,
    cancel_mobile_extras_pack,
    change_mobile_plan,
)
"""In the order in which a reader would look for them."""
