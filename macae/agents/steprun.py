"""One attempt of a step: its tool calls, written before they start and after they end."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from autogen_core.models import LLMMessage

from macae.agents.ledger import Ledger
from macae.memory.chat.context import CosmosBufferedChatCompletionContext
from macae.models import CallRecord, Event, EventType, PendingCall, Step, Usage
from macae.monitoring.capture.fitting import bytes_of, shortened
from macae.tools import ActionTool

__all__ = ["MOST_ARGUMENT", "StepRun"]

MOST_ARGUMENT = 4_000
"""Characters of one argument that the event of a call shows; the step's record has all of it."""
MOST_NOTES = 40
"""Notes that wait for the step's next write; more get a write of their own, as no store takes endless ones."""
MOST_NOTE_BYTES = 200_000
"""Bytes of their texts and data as JSON."""


class StepRun:
    """The working copy of a step while it is carried out. Its writes are made in order, each conditional on the one before.

    A changing call starts only after its record is durable; the other records are written without making anybody wait, and
    `settled` waits for them all.
    """

    def __init__(self, ledger: Ledger, step: Step) -> None:
        self.ledger = ledger
        self.step = step
        self.pending: PendingCall | None = None
        self.history: list[LLMMessage] = []
        """The messages of this attempt, for the agent's chat context; stored together with the outcome."""
        self.notes: list[Event] = []
        """Events that go with the next write: model calls and thoughts."""
        self._bytes = 0
        """Of these notes."""
        self._given: list[Event] = []
        """Notes that went with a write which has not answered yet."""
        self.task: asyncio.Task[Any] | None = None
        self.context: CosmosBufferedChatCompletionContext | None = None
        """The chat context that `history` belongs to."""
        self.usage = Usage()
        self.began = time.perf_counter()
        self.halt: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done as soon as the attempt is stopped from outside."""
        self.released = False
        self.stopped = ""
        """Why the attempt was stopped from outside, or "" while nobody did."""
        self.over = False
        """Whether the outcome is stored, or given up: whatever an agent left behind still does is not recorded any more."""
        self._writes: list[asyncio.Future[None]] = []

    def stop(self, why: str, release: bool = False) -> None:
        """Stop the attempt: its model call or tool is cancelled at once. With `release` it is left as if its owner had died."""
        self.stopped = self.stopped or why
        self.released = self.released or release
        if not self.halt.done():
            self.halt.set_result(None)
        if self.task is not None:
            self.task.cancel()

    def find(self, tool: str, arguments: dict[str, Any]) -> CallRecord | None:
        """The record of just this call from this attempt or an earlier one."""
        return next(
            (call for call in self.step.calls if call.tool == tool and call.arguments == arguments), None
        )

    def want(self, tool: str, arguments: dict[str, Any]) -> None:
        """Remember the first call that the approval does not cover: the person will be asked for it."""
        if self.pending is None:
            self.pending = PendingCall(tool=tool, arguments=arguments)

    async def started(
        self, tool: ActionTool, arguments: dict[str, Any], known: CallRecord | None
    ) -> CallRecord:
        """Write that a call starts. Raises Conflict or StoreError when that could not be written: then do not make it."""
        number = self.step.calls.index(known) if known else len(self.step.calls)
        record = CallRecord(
            key=f"{self.step.id}:{number + 1}",
            tool=tool.name,
            arguments=arguments,
            effect=tool.effect,
            attempt=self.step.attempt,
        )
        calls = [*self.step.calls]
        calls[number : number + 1] = [record]
        write = self.write(
            self.ledger.event(
                EventType.tool_started,
                self.step,
                self.step.agent,
                tool.name,
                tool=tool.name,
                arguments=shortened(arguments, MOST_ARGUMENT),
                key=record.key,
                effect=tool.effect,
            ),
            calls=calls,
        )
        if tool.effect == "change":
            try:
                await asyncio.shield(write)
            except asyncio.CancelledError:
                self.ended(record, "failed", "stopped before it ran", 0.0)
                raise
        return record

    def ended(self, record: CallRecord, state: str, result: str, seconds: float) -> None:
        """Write how a call ended."""
        if self.over:
            return
        number = next(i for i, call in enumerate(self.step.calls) if call.key == record.key)
        update = {
            "state": state,
            "result": result,
            "is_error": state != "completed",
            "seconds": round(seconds, 4),
        }
        calls = [*self.step.calls]
        calls[number] = calls[number].model_copy(update=update)
        self.write(
            self.ledger.event(
                EventType.tool_finished,
                self.step,
                self.step.agent,
                result,
                tool=record.tool,
                key=record.key,
                state=state,
                seconds=update["seconds"],
            ),
            calls=calls,
        )

    def note(self, event: Event) -> None:
        """Have an event go with the next write."""
        self.notes.append(event)
        self._bytes += bytes_of([event.text, event.data]) or 0
        if len(self.notes) >= MOST_NOTES or self._bytes >= MOST_NOTE_BYTES:
            notes, self.notes, self._bytes = self.notes, [], 0
            self.ledger.tell(notes)

    def tell_rest(self) -> None:
        """Store the notes that no write has taken, or only one that was not made: what was used is told, whatever came of it."""
        notes = [*self._given, *self.notes]

        def tell() -> None:
            left = [note for note in notes if not note.seq]
            if left:
                self.ledger.tell(left)

        self.ledger.when_settled(tell)

    def write(self, event: Event, **changes: Any) -> asyncio.Future[None]:
        """Submit the step's next version; do not wait."""
        write = self.ledger.submit(self.step.model_copy(update=changes), events=[*self.notes, event])
        self.step = self.ledger.held(self.step)
        self._given = [*(note for note in self._given if not note.seq), *self.notes]
        self.notes, self._bytes = [], 0
        self._writes.append(write)
        return write

    async def settled(self) -> Step:
        """Wait until everything so far is durable; give the step as it is stored. Raises what the writes raised."""
        for write in self._writes:
            await asyncio.shield(write)
        self._writes = []
        return self.step

    async def result(self) -> Step:
        """The step as it is stored once everything so far is durable, with what this attempt used, and owned by nobody."""
        step = await self.settled()
        used = Usage(tokens=step.tokens, usd=step.usd, seconds=step.seconds) + self.usage
        seconds = round(step.seconds + time.perf_counter() - self.began, 3)
        return step.model_copy(
            update={"seconds": seconds, "tokens": used.tokens, "usd": used.usd, "owner": None}
        )
