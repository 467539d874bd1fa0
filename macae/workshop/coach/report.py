"""Reporting to the coach: only where an address and a join code, or a shared folder, are set; never in a cell's way."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from macae.workshop.coach.delivery import Destination, Refused, Unreachable, deliver, destination
from macae.workshop.coach.member import is_off, learner_id
from macae.workshop.coach.summary import Summary, clean_name

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["State", "code_for", "complete", "forget", "idle", "send", "state"]

FIRST, LONGEST = 2.0, 60.0
"""Seconds between tries: the first pause, doubled up to the longest."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """What became of the newest report. `at` is in seconds since 1970."""

    summary: Summary | None = None
    accepted: bool = False
    at: float = 0.0
    said: str = ""
    """Why it was not accepted (yet)."""


@dataclass(frozen=True)
class Job:
    """A report on its way."""

    summary: Summary
    to: Destination
    home: Path


class Sender:
    """One background thread that brings the newest report; older ones that still wait are dropped, for each report is whole."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting: Job | None = None
        self.working = False
        self.thread: threading.Thread | None = None
        self.state = State()

    def put(self, job: Job | None) -> None:
        """Replace what waits. Returns at once."""
        with self.changed:
            self.waiting = job
            if job is not None and (self.thread is None or not self.thread.is_alive()):
                self.thread = threading.Thread(target=self.run, name="coach-report", daemon=True)
                self.thread.start()
            self.changed.notify_all()

    def run(self) -> None:
        """Bring one after the other, until nothing waits any more for a while."""
        pause = FIRST
        while (job := self.take()) is not None:
            after: float | None = None
            try:
                if is_off(job.home):
                    continue
                deliver(job.summary, job.to)
                self.state = State(job.summary, True, time.time())
                pause = FIRST
            except Refused as error:
                self.state = State(job.summary, False, time.time(), str(error))
            except Unreachable as error:
                self.state = State(job.summary, False, time.time(), str(error))
                after = error.after or pause
                pause = min(2 * pause, LONGEST)
            except Exception as error:
                self.state = State(job.summary, False, time.time(), f"{type(error).__name__}: {error}")
                log.debug("a report to the coach failed", exc_info=True)
            finally:
                self.end(job, after)

    def take(self) -> Job | None:
        """The job to do now; None after a minute without one."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.waiting is not None, LONGEST):
                self.thread = None
                return None
            job, self.waiting = self.waiting, None
            self.working = True
            return job

    def end(self, job: Job, again_after: float | None) -> None:
        """Put a job that may work later back, unless a newer one has come."""
        with self.changed:
            if again_after is not None:
                self.changed.wait_for(lambda: self.waiting is not None or is_off(job.home), again_after)
                self.waiting = self.waiting or job
            self.working = False
            self.changed.notify_all()


sender = Sender()


def complete(summary: Summary, settings: Settings) -> Summary:
    """The summary with who sends it, and when. Raises OSError where the home cannot be written."""
    who = {
        "learner": learner_id(settings.home),
        "team": clean_name(settings.team),
        "name": clean_name(settings.name),
    }
    return summary.model_copy(update={**who, "sent": round(time.time(), 1)})


def code_for(summary: Summary) -> str:
    """The short code for how this learner stands now. Raises ConfigError, and OSError where the home cannot be written."""
    from macae.config import load_settings
    from macae.workshop.coach.code import encode

    return encode(complete(summary, load_settings()))


def send(summary: Summary) -> None:
    """Hand over how the learner stands now. Returns at once and never raises.

    Nothing is sent unless MACAE_COACH_URL and MACAE_COACH_CODE, or MACAE_COACH_FOLDER, are set, and never after `coach_off()`.
    """
    try:
        from macae.config import load_settings

        settings = load_settings()
        to = destination(settings)
        if to is not None and not is_off(settings.home):
            sender.put(Job(complete(summary, settings), to, settings.home))
    except Exception:
        log.debug("no report to the coach was made", exc_info=True)


def state() -> State:
    """What became of the newest report of this kernel."""
    return sender.state


def forget() -> None:
    """Drop the report that still waits."""
    sender.put(None)


def idle(seconds: float) -> bool:
    """Wait until no report waits or is on its way, at most so long. Gives whether that came."""
    with sender.changed:
        return sender.changed.wait_for(lambda: sender.waiting is None and not sender.working, seconds)
