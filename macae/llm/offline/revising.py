"""Planning again after a failure or a rejection: what was done is not done twice, what failed is not simply repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macae.llm.offline.drafts import DraftStep, Wanted
    from macae.llm.offline.matching import Index

__all__ = ["revise"]


def revise(steps: list[DraftStep], wanted: Wanted, index: Index) -> list[DraftStep]:
    """The steps without those that were done already."""
    if not wanted.done:
        return steps
    return [s for s in steps if s.tool is None or s.tool.name not in wanted.done]
