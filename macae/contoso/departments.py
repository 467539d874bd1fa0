"""The departments and their tools: plain functions, and as a model is shown them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from macae.contoso import generic, hr, legal, marketing, procurement, product, tech_support
from macae.tools import ActionTool, as_tool

__all__ = [
    "DEPARTMENTS",
    "get_generic_tools",
    "get_hr_tools",
    "get_legal_tools",
    "get_marketing_tools",
    "get_procurement_tools",
    "get_product_tools",
    "get_tech_support_tools",
]

ToolFunction = Callable[..., Coroutine[Any, Any, str]]

DEPARTMENTS: dict[str, tuple[ToolFunction, ...]] = {
    "Hr": hr.TOOLS,
    "Procurement": procurement.TOOLS,
    "Marketing": marketing.TOOLS,
    "Product": product.TOOLS,
    "TechSupport": tech_support.TOOLS,
    "Legal": legal.TOOLS,
    "Generic": generic.TOOLS,
}
"""The tool functions of each department; no name stands twice."""


def tools_of(department: str) -> list[ActionTool]:
    """The tools of a department; the same objects at every call."""
    return [as_tool(function) for function in DEPARTMENTS[department]]


def get_hr_tools() -> list[ActionTool]:
    """Onboarding, training, leave, personnel records."""
    return tools_of("Hr")


def get_procurement_tools() -> list[ActionTool]:
    """Stock, orders, suppliers, budgets, invoices."""
    return tools_of("Procurement")


def get_marketing_tools() -> list[ActionTool]:
    """Press, campaigns, posts, events, surveys."""
    return tools_of("Marketing")


def get_product_tools() -> list[ActionTool]:
    """Products, mobile plans, roaming, bills."""
    return tools_of("Product")


def get_tech_support_tools() -> list[ActionTool]:
    """Accounts, laptops, access, tickets, systems."""
    return tools_of("TechSupport")


def get_legal_tools() -> list[ActionTool]:
    """Contracts, NDAs, compliance, trademarks, data protection."""
    return tools_of("Legal")


def get_generic_tools() -> list[ActionTool]:
    """People, dates, the calendar, the handbook, messages, notes, sums."""
    return tools_of("Generic")
