"""What sessions, users and days have used: counted here as it happens, and read from the store for what others use."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from macae.config import Settings
from macae.errors import StoreError
from macae.models import Usage
from macae.models.spending import UsageRecord
from macae.monitoring.bills import Bill, bill_of

if TYPE_CHECKING:
    from macae.memory.store import Store

__all__ = ["Scope", "Spending", "Tally", "day_of"]

log = logging.getLogger(__name__)

Scope = Literal["session", "user", "day"]

READ_AGAIN = 30.0
"""Seconds after which other processes' use is looked up again."""
MOST_MODELS, LONGEST_NAME = 20, 80
"""Models that a record names, and characters of a name."""
NEWEST = 200
"""Records that a later look at all of a user's sessions reads: one page, one request."""


def day_of(moment: float) -> str:
    """The day of a Unix time, in UTC: 2026-11-21."""
    return _day(int(moment // 86_400))


@lru_cache(maxsize=8)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * 86_400, UTC).strftime("%Y-%m-%d")


class Tally:
    """What this process uses in one session, by day, until it is stored."""

    def __init__(self, spending: Spending, session_id: str) -> None:
        self._spending, self._session_id = spending, session_id
        self._name = uuid.uuid4().hex[:12]
        self._records: dict[str, UsageRecord] = {}
        self._unsaved: set[str] = set()
        self._tried: set[str] = set()

    def add(self, tokens: int, usd: float | None, plan_id: str = "", model: str = "") -> None:
        """Count one call of a model, made for a plan where one is named. `usd` None: its price is not known."""
        day = self._spending.today
        record = self._records.get(day)
        if record is None:
            record = self._records[day] = UsageRecord(
                id=f"usage-{day}-{self._name}",
                session_id=self._session_id,
                user_id=self._spending.user_id,
                day=day,
            )
        record.tokens += tokens
        record.usd = round(record.usd + (usd or 0.0), 9)
        if usd is None:
            record.unpriced += 1
            name = model[:LONGEST_NAME]
            if name in record.unpriced_models or len(record.unpriced_models) < MOST_MODELS:
                record.unpriced_models[name] = record.unpriced_models.get(name, 0) + 1
        record.calls += 1
        self._unsaved.add(day)
        self._spending.count(record, Usage(tokens=tokens, usd=usd), plan_id, model[:LONGEST_NAME])

    @property
    def has_unsaved(self) -> bool:
        """Whether something was counted since the last write."""
        return bool(self._unsaved)

    def unsaved(self) -> list[tuple[UsageRecord, bool]]:
        """The records to be stored with the session's next write; and whether each is new, so that nothing need be looked up."""
        days, self._unsaved = self._unsaved, set()
        found = [(self._records[day].model_copy(deep=True), day not in self._tried) for day in sorted(days)]
        self._tried |= days
        return found

    def not_saved(self, records: Iterable[tuple[UsageRecord, bool]]) -> None:
        """A write failed: these go with the next one."""
        self._unsaved.update(record.day for record, _ in records)


class Spending:
    """An engine's view of what its user has used. Nothing is read while no limit asks for it."""

    def __init__(
        self, store: Store, settings: Settings, user_id: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.store, self.settings, self.user_id, self.clock = store, settings, user_id, clock
        self.told: set[tuple[object, ...]] = set()
        """The warnings that were given."""
        self._mine: set[str] = set()
        self._here: defaultdict[tuple[str, str], Usage] = defaultdict(Usage)
        """By scope and name: what this process has used; for a plan, with what it had used before."""
        self._bills: defaultdict[tuple[str, str], Bill] = defaultdict(Bill)
        """By scope and name: what this process's calls cost, and which have no price."""
        self._others: dict[str, UsageRecord] = {}
        self._read: dict[tuple[str, str], float] = {}
        self._lock = asyncio.Lock()

    @property
    def today(self) -> str:
        """The day now, in UTC."""
        return day_of(self.clock())

    def tally(self, session_id: str) -> Tally:
        """Where a session's model calls are counted."""
        return Tally(self, session_id)

    def count(self, record: UsageRecord, used: Usage, plan_id: str = "", model: str = "") -> None:
        """Add a call of this process."""
        self._mine.add(record.id)
        places = [("session", record.session_id), ("user", self.user_id), ("day", record.day)]
        for place in (*places, ("plan", plan_id)) if plan_id else places:
            self._here[place] += used
            self._bills[place].add(model, used.usd)

    def counts_plan(self, plan_id: str) -> bool:
        """Whether a plan's calls are counted here already."""
        return ("plan", plan_id) in self._here

    def begin_plan(self, plan_id: str, used: Usage) -> None:
        """Count a plan's calls from here on, beside what it had used before the first of them."""
        self._here["plan", plan_id] = used

    def used_by_plan(self, plan_id: str, stored: Usage) -> Usage:
        """What a plan has used: as it is stored, or as it is counted here where that is more. What runs now is stored only at its end."""
        here = self._here.get(("plan", plan_id))
        if here is None:
            return stored
        usd = None if stored.usd is None or here.usd is None else max(stored.usd, here.usd)
        return Usage(tokens=max(stored.tokens, here.tokens), usd=usd, seconds=stored.seconds)

    def take(self, record: UsageRecord) -> None:
        """Know of a record that this process has just stored: what a person has allowed."""
        self._others[record.id] = record

    def used(self, scope: Scope, session_id: str) -> Usage:
        """What was used so far, other processes' use as it was last read."""
        return sum(
            (r.used for r in self._of(scope, session_id)), self._here[scope, self._name(scope, session_id)]
        )

    def bill(self, scope: Scope | Literal["plan"], id: str) -> Bill:
        """What is known of a cost that is not known as a whole, and which calls have no price. `id`: the session's, or the plan's.

        Of a plan only this process's calls are told.
        """
        if scope == "plan":
            return self._bills.get((scope, id), Bill())
        here = self._bills.get((scope, self._name(scope, id)), Bill())
        return sum((bill_of(record) for record in self._of(scope, id)), here)

    def allowed(self, scope: Scope, session_id: str) -> Usage:
        """What the person has allowed beyond the limit of a scope."""
        found = (r.allowed for r in self._of(scope, session_id) if r.allowed_scope == scope)
        return sum(found, Usage())

    def _name(self, scope: Scope, session_id: str) -> str:
        return {"session": session_id, "user": self.user_id, "day": self.today}[scope]

    def _of(self, scope: Scope, session_id: str) -> Iterable[UsageRecord]:
        today = self.today
        for record in self._others.values():
            if (
                scope == "user"
                or (scope == "session" and record.session_id == session_id)
                or (scope == "day" and record.day == today)
            ):
                yield record

    async def refresh(self, session_id: str, force: bool = False) -> None:
        """Read what others have used, where a limit asks for it and it was not read lately.

        Raises StoreError when it was to be read in any case (`force`); else what was read before counts on.
        """
        try:
            await self._refresh(session_id, force)
        except StoreError as error:
            if force:
                raise
            log.warning("What others have used could not be read: %s", error)

    async def _refresh(self, session_id: str, force: bool) -> None:
        limits = self.settings
        if limits.user_tokens is not None or limits.user_usd is not None:
            await self._look(("user", self.user_id), force, self._read_user)
            return
        if limits.day_tokens is not None or limits.day_usd is not None:
            await self._look(("day", self.today), force, self._read_day)
        if limits.session_tokens is not None or limits.session_usd is not None:
            await self._look(("session", session_id), force, lambda first: self._read_session(session_id))

    async def _look(
        self, place: tuple[str, str], force: bool, read: Callable[[bool], Awaitable[list[UsageRecord]]]
    ) -> None:
        asked = time.monotonic()
        async with self._lock:
            last = self._read.get(place)
            # Whoever had to wait for another's look takes what that one saw.
            if last is not None and (last >= asked or (not force and asked - last < READ_AGAIN)):
                return
            for record in await read(last is None):
                if record.id not in self._mine:
                    self._others[record.id] = record
            self._read[place] = time.monotonic()

    async def _read_user(self, first: bool) -> list[UsageRecord]:
        return await self.store.find(
            UsageRecord, user_id=self.user_id, limit=None if first else NEWEST, newest_first=not first
        )

    async def _read_day(self, first: bool) -> list[UsageRecord]:
        rows = await self.store.query(
            "SELECT * FROM c WHERE c.data_type=@kind AND c.day=@day",
            [{"name": "@kind", "value": "usage"}, {"name": "@day", "value": self.today}],
            user_id=self.user_id,
        )
        return [UsageRecord.model_validate(row) for row in rows]

    async def _read_session(self, session_id: str) -> list[UsageRecord]:
        return await self.store.find(UsageRecord, user_id=self.user_id, session_id=session_id)
