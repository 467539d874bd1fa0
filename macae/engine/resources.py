"""What a session's tools work on: its copy of the sample company, and the documents that its user may search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from macae import contoso
from macae.agents.ledger import Ledger
from macae.private import private_folder

if TYPE_CHECKING:
    from macae.engine.session import SessionParts
    from macae.memory.retrieval import KnowledgeBase

__all__ = ["ToolResources"]


class ToolResources:
    """Each is made when it is first needed: most sessions are only looked at."""

    def __init__(self, parts: SessionParts, memory: Ledger) -> None:
        self._parts, self._memory = parts, memory
        self._company: contoso.Company | None = None
        self._knowledge: KnowledgeBase | None = None

    @property
    def company(self) -> contoso.Company:
        """The sample company: the session's own copy, or the one that all sessions of the engine share."""
        if self._company is None:
            self._company = self._parts.company or self._own_copy()
        return self._company

    def _own_copy(self) -> contoso.Company:
        with suppress(OSError):  # that it cannot be made is told when the copy is opened
            private_folder(self.company_path.parent, close=True)
        return contoso.Company.open(self.company_path, self._parts.today())

    @property
    def company_path(self) -> Path:
        """Where the session's own copy is kept."""
        from macae.contoso.company import company_file

        return company_file(self._parts.settings.home, self._memory.user_id, self._memory.session_id)

    @property
    def knowledge(self) -> KnowledgeBase:
        """The documents that the session's user may search."""
        from macae.monitoring.capture.knowledge import ObservedKnowledge

        if self._knowledge is None:
            self._knowledge = ObservedKnowledge(
                self._parts.settings, self._memory.note, user_id=self._memory.user_id
            )
        return self._knowledge

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Lets the tools called inside work on the session's company, and search its user's documents."""
        from macae.memory.retrieval import use_knowledge

        with contoso.use(lambda: self.company), use_knowledge(lambda: self.knowledge):
            yield

    def did_run(self, key: str) -> str | None:
        """What the company's own records say of a call: its result if it had its effect, else None."""
        effect = self.company.effect(key)
        return None if effect is None else str(effect["summary"])

    async def close(self) -> None:
        """Let go of what was opened. A company that is shared stays open."""
        if self._company is not None and self._company is not self._parts.company:
            self._company.close()
        if self._knowledge is not None:
            await self._knowledge.close()
