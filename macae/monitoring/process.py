"""What this process uses: memory and processor, as figures beside the events.

On a monitor, in one line: `monitor.add_metric("memory, MB", lambda recording: process_use().megabytes)`.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any, NamedTuple

__all__ = ["ProcessUse", "process_use"]


class ProcessUse(NamedTuple):
    """What the process uses at one moment."""

    time: float
    """Unix time, seconds."""
    rss: int
    """Bytes of memory that it holds (the resident set)."""
    cpu: float
    """Seconds of processor time that it has used since it began."""

    @property
    def megabytes(self) -> float:
        """The memory in megabytes (of 1,000,000 bytes)."""
        return self.rss / 1e6


def process_use() -> ProcessUse:
    """The figures now; costs some microseconds, so a monitor may ask each second."""
    process = _process()
    with process.oneshot():
        times = process.cpu_times()
        return ProcessUse(time.time(), int(process.memory_info().rss), float(times.user + times.system))


@lru_cache(maxsize=1)
def _process() -> Any:
    """This process; psutil is loaded when it is first asked for."""
    import psutil

    return psutil.Process()
