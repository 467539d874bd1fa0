"""Sessions from one store to another: compared first, then what is missing is written, then compared again.

A copy that was cut short is finished by the next one: nothing is written twice, and nothing that was changed in the target
is overwritten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Protocol

from macae.errors import Conflict, InvalidInput, NotFound, StoreError
from macae.memory.archive.approvals import asking_again
from macae.memory.archive.copies import Copies, digest
from macae.memory.archive.protocol import Archive, Record, Stored, happened
from macae.models import Event, StepStatus

__all__ = [
    "Copied",
    "Difference",
    "Source",
    "compare",
    "copy_session",
    "copy_sessions",
    "delete_session",
    "refuse_running",
]


class Source(Protocol):
    """Where sessions come from: a store, or a backup's file."""

    async def census(self) -> list[tuple[str, str]]:
        """(user, session) of everything in it."""

    async def record(self, user_id: str, session_id: str) -> Record:
        """All of a session."""

    async def owner_alive(self, owner: str) -> bool:
        """Whether the process that carries a step out lives."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a target lacks of a source, and what speaks against writing it (empty: nothing)."""

    documents: tuple[Stored, ...]
    events: tuple[Event, ...]
    objection: str = ""

    @property
    def is_none(self) -> bool:
        """Whether both hold the same."""
        return not (self.documents or self.events or self.objection)


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of one session. `problem` is empty where it is the same in both stores now."""

    user_id: str
    session_id: str
    documents: int = 0
    events: int = 0
    asks_again: int = 0
    """Steps that were approved, but not done, and came from a file: they wait for a new approval."""
    problem: str = ""


def compare(source: Record, target: Record, known: Container[str] = ()) -> Difference:
    """What is to be written into the target so that it holds what the source does.

    `known` has the digests of what was copied before (`Copies`): what the target holds in an older version is written over
    only when it is among them. Anything else was changed there, and is nowhere else.
    """
    there = target.by_id
    wanted: list[Stored] = []
    for document in source.documents:
        other = there.pop(document.id, None)
        if other is not None and other.version > document.version:
            return _objection(f"its {document.data_type} {document.id} is newer there")
        if other is not None and other.version == document.version:
            if other.content != document.content:
                return _objection(f"its {document.data_type} {document.id} differs there")
            continue
        if other is not None and digest(other) not in known:
            return _objection(f"its {document.data_type} {document.id} there is not what was last copied")
        wanted.append(document)
    if there:
        extra = next(iter(there.values()))
        return _objection(f"there is a {extra.data_type} {extra.id} there which is not in the source")
    trail = [happened(event) for event in source.events]
    if trail[: len(target.events)] != [happened(event) for event in target.events]:
        return _objection("its audit trail there goes on differently")
    return Difference(tuple(wanted), source.events[len(target.events) :])


def _objection(text: str) -> Difference:
    return Difference((), (), text)


async def copy_session(
    source: Source,
    target: Archive,
    user_id: str,
    session_id: str,
    *,
    copies: Copies | None = None,
    from_file: bool = False,
) -> Copied:
    """Copy one session, and look whether it arrived. Approvals in a file count for nothing: see `asking_again`.

    `copies` remembers what was copied; without it nothing that is there in another version is written over.
    Raises NotFound; Conflict when a living process carries out one of its steps, or when the target holds something newer;
    StoreError.
    """
    wanted = await source.record(user_id, session_id)
    if wanted.is_empty:
        raise NotFound(f"There is no session {session_id!r} of {user_id} to copy.")
    await refuse_running(source, wanted, "copied")
    there = await target.record(user_id, session_id)
    await refuse_running(target, there, "overwritten")
    asked = 0
    if from_file:
        wanted, asked = asking_again(wanted, there)
    known = await asyncio.to_thread(copies.known, user_id, session_id) if copies else frozenset()
    difference = compare(wanted, there, known)
    if difference.objection:
        raise Conflict(
            f"The session {session_id} was not copied: {difference.objection}. Delete it there first if it is to be replaced."
        )
    if copies:
        await asyncio.to_thread(copies.remember, wanted)
    if not difference.is_none:
        try:
            await target.put(Record(user_id, session_id, difference.documents, difference.events), there)
        except Conflict:
            await _refuse_anothers(target, user_id, session_id)
            raise
        left = compare(wanted, await target.record(user_id, session_id))
        if not left.is_none:
            raise StoreError(
                f"The session {session_id} is not the same in both stores after copying"
                f"{': ' + left.objection if left.objection else ''}. Copy it again."
            )
    return Copied(user_id, session_id, len(difference.documents), len(difference.events), asked)


async def _refuse_anothers(target: Archive, user_id: str, session_id: str) -> None:
    if any(session == session_id and user != user_id for user, session in await target.census()):
        raise Conflict(
            f"The session {session_id} is in this store already, and belongs to somebody else: it was not written. "
            "Use a store of your own for it, e.g. with --home FOLDER."
        ) from None


async def copy_sessions(
    source: Source,
    target: Archive,
    sessions: Sequence[tuple[str, str]],
    progress: Callable[[int, Copied], None] | None = None,
    *,
    copies: Copies | None = None,
    from_file: bool = False,
) -> list[Copied]:
    """Copy many, oldest first, so that their order stays. One that cannot be copied is told in its `problem`; others go on.

    `progress` is called after each with its place, from 1. Raises StoreError when a store fails; the next call goes on there.
    """
    done: list[Copied] = []
    for user_id, session_id in sessions:
        try:
            copied = await copy_session(
                source, target, user_id, session_id, copies=copies, from_file=from_file
            )
        except (Conflict, NotFound, InvalidInput) as error:  # about this session alone
            copied = Copied(user_id, session_id, problem=str(error))
        done.append(copied)
        if progress is not None:
            progress(len(done), copied)
    return done


async def delete_session(store: Archive, seen: Record) -> None:
    """Remove a session that was looked at. Raises Conflict when it has changed since, or is at work."""
    await refuse_running(store, seen, "deleted")
    await store.erase(seen)


async def refuse_running(store: Source, record: Record, what: str) -> None:
    """Raises Conflict when a living process carries out a step of the session."""
    for document in record.documents:
        owner = document.body.get("owner")
        if document.data_type != "step" or document.body.get("status") != StepStatus.action_requested:
            continue
        if owner and await store.owner_alive(str(owner)):
            raise Conflict(
                f"The session {record.session_id} is at work (step {document.id}), so it cannot be {what}. "
                "Wait until the step is done, or stop the process that carries it out."
            )
