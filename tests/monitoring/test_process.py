"""The memory and processor time of this process, by themselves and on a monitor."""

from __future__ import annotations

from macae.monitoring import Recording, process_use
from macae.ui import Monitor
from tests.support.recordings import onboarding


def test_memory_that_is_held_is_counted_and_can_stand_on_a_monitor() -> None:
    before = process_use()
    held = b"x" * 80_000_000
    after = process_use()
    assert after.rss - before.rss > 60_000_000 and len(held) == 80_000_000
    assert after.cpu >= before.cpu > 0 and after.megabytes == after.rss / 1e6
    monitor = Monitor.replay(Recording(onboarding()))
    monitor.add_metric("memory, MB", lambda recording: process_use().megabytes)
    assert "memory, MB" in str(getattr(monitor.snapshot(), "data", ""))
