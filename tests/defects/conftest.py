"""The bakery of the engine's tests."""

from __future__ import annotations

from tests.engine.conftest import ledger, make

__all__ = ["ledger", "make"]
