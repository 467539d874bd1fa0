"""What a check of the doctor's has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "ok", "problem", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and the fix where it is not well."""

    name: str
    status: Literal["ok", "warning", "problem"]
    text: str
    fix: str = ""


def ok(name: str, text: str) -> Finding:
    """All is well."""
    return Finding(name, "ok", text)


def warning(name: str, text: str, fix: str) -> Finding:
    """It works, but may bite."""
    return Finding(name, "warning", text, fix)


def problem(name: str, text: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(name, "problem", text, fix)
