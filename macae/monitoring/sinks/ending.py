"""How sinks' threads end: closed side by side, at the end of the program, or left behind by a fork."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macae.monitoring.sinks.work import Work

__all__ = ["began", "close_works", "ended"]

AT_EXIT = 2.5
"""Seconds that the end of the program waits for sinks that nobody has closed, all together."""

_open: set[Work] = set()
"""Those whose thread has not ended."""
_registered: list[bool] = []


def began(work: Work) -> None:
    """Have the end of the program wait for it, should nobody close it. Daemon threads still run then."""
    _open.add(work)
    if not _registered:
        _registered.append(True)
        atexit.register(_finish_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_leave_all_behind)


def ended(work: Work) -> None:
    """Nobody need wait for it."""
    _open.discard(work)


def close_works(works: Sequence[Work], seconds: float) -> None:
    """All at the same time, so that several that hang cost no more than one."""
    until = time.monotonic() + max(0.0, seconds)
    for work in works:
        work.finish()
    for work in works:
        if work.thread is not threading.current_thread():  # as it is when the collector runs there
            work.thread.join(max(0.0, until - time.monotonic()))
        if work.thread.is_alive() or work.queue:
            work.give_up()


def _finish_all() -> None:
    # Who was given up has had its time already.
    close_works([work for work in list(_open) if not work.given_up.is_set()], AT_EXIT)


def _leave_all_behind() -> None:
    for work in _open:
        work.leave_behind()
    _open.clear()
