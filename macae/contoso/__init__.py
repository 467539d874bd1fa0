"""Contoso, the sample company: a small SQLite business with about 40 employees, and the tools of its departments."""

from __future__ import annotations

from macae.contoso import generic, hr, legal, marketing, procurement, product, tech_support

DEPARTMENTS = {
    "Hr": hr.TOOLS,
    "Procurement": procurement.TOOLS,
    "Marketing": marketing.TOOLS,
    "Product": product.TOOLS,
    "TechSupport": tech_support.TOOLS,
    "Legal": legal.TOOLS,
    "Generic": generic.TOOLS,
}
