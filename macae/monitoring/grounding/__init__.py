"""The grounding check: what a reply says that is nowhere in its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.grounding.checking import Grounding, check_reply
    from macae.monitoring.grounding.claims import Claim

__all__ = ["Claim", "Grounding", "check_reply"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Claim": "macae.monitoring.grounding.claims",
        "Grounding": "macae.monitoring.grounding.checking",
        "check_reply": "macae.monitoring.grounding.checking",
    },
)
