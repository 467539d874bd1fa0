"""What was used, as it is stored beside the plans: so that sessions, users and days can be added up."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from macae.models.base import BaseDataModel
from macae.models.plans import Usage

__all__ = ["UsageRecord"]


class UsageRecord(BaseDataModel):
    """What one process has used for a session on one day; or (with `allowed_scope`) what a person has allowed more.

    Each is written by one process alone, so nobody's figures overwrite another's.
    """

    data_type: Literal["usage"] = "usage"
    session_id: str = ""
    user_id: str = ""
    day: str
    """The day in UTC: 2026-11-21."""
    tokens: int = 0
    usd: float = 0.0
    """US dollars at list price, of the calls whose price is known."""
    unpriced: int = 0
    """Calls whose price is not known."""
    unpriced_models: dict[str, int] = Field(default_factory=dict)
    """How many of those each model got; not told of the models beyond the first 20, nor by earlier versions."""
    calls: int = 0
    allowed_scope: Literal["", "session", "user", "day"] = ""
    allowed: Usage = Field(default_factory=Usage)

    @property
    def used(self) -> Usage:
        """What was used; US dollars None when a call had no known price. Never less than nothing, whatever a file said."""
        return Usage(tokens=max(self.tokens, 0), usd=None if self.unpriced else max(self.usd, 0.0))
