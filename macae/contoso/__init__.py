"""Contoso, the sample company: a small SQLite business with about 40 employees, and the tools of its departments.

    company = contoso.Company.create()
    with contoso.use(company):
        await contoso.hr.assign_mentor("Jessica Smith")

Each call of a tool is one transaction; `contoso.diff` shows what a run changed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from macae.contoso import generic, hr, legal, marketing, procurement, product, tech_support
    from macae.contoso.company import Company
    from macae.contoso.context import current, use
    from macae.contoso.departments import (
        DEPARTMENTS,
        get_generic_tools,
        get_hr_tools,
        get_legal_tools,
        get_marketing_tools,
        get_procurement_tools,
        get_product_tools,
        get_tech_support_tools,
    )
    from macae.contoso.differences import Diff, RowChange, diff
    from macae.contoso.knowledge import policies_folder
    from macae.contoso.snapshots import Snapshot

__all__ = [
    "DEPARTMENTS",
    "Company",
    "Diff",
    "RowChange",
    "Snapshot",
    "current",
    "diff",
    "generic",
    "get_generic_tools",
    "get_hr_tools",
    "get_legal_tools",
    "get_marketing_tools",
    "get_procurement_tools",
    "get_product_tools",
    "get_tech_support_tools",
    "hr",
    "legal",
    "marketing",
    "policies_folder",
    "procurement",
    "product",
    "tech_support",
    "use",
]

_HOMES = {
    "Company": "company",
    "current": "context",
    "use": "context",
    "Snapshot": "snapshots",
    "Diff": "differences",
    "RowChange": "differences",
    "diff": "differences",
    "policies_folder": "knowledge",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in ("generic", "hr", "legal", "marketing", "procurement", "product", "tech_support"):
        return importlib.import_module(f"{__name__}.{name}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, 'departments')}"), name)


def __dir__() -> list[str]:
    return __all__
