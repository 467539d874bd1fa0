"""A sink in its own thread: order, bounds and counts, whether it is quick, slow, failing or hanging."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Sequence

import pytest

from macae.errors import InvalidInput
from macae.models import Event
from macae.monitoring.sinks import SinkRunner, close_runners
from tests.monitoring.sinks.conftest import Kept, event, until


def test_events_of_many_threads_and_of_the_loop_arrive_each_in_their_order() -> None:
    sink = Kept()
    runner = SinkRunner(sink, wait=0.01)

    def hand_over(first: int) -> None:
        for number in range(first, first + 500):
            runner.put(event(number))

    async def on_the_loop() -> None:
        hand_over(10_000)

    threads = [threading.Thread(target=hand_over, args=(n * 1_000,)) for n in range(4)]
    for thread in threads:
        thread.start()
    asyncio.run(on_the_loop())
    for thread in threads:
        thread.join()
    runner.close()
    assert runner.health.written == 2_500 == len(sink.events) and runner.health.waiting == 0
    for first in (0, 1_000, 2_000, 3_000, 10_000):
        own = [n for n in sink.numbers if first <= n < first + 1_000]
        assert own == list(range(first, first + 500))
    assert sink.closed_by == "macae-sink-kept" and max(sink.batches) <= 512


def test_a_slow_sink_holds_up_nobody_and_gets_everything() -> None:
    sink = Kept(held=True)
    runner = SinkRunner(sink, wait=0)
    runner.put(event(0))
    assert sink.entered.wait(10)
    for number in range(1, 2_000):  # a put that waited would never come back: the gate is shut
        runner.put(event(number))
    assert runner.health.waiting == 2_000 and runner.health.busy > 0
    sink.gate.set()
    runner.close()
    assert sink.numbers == list(range(2_000)) and runner.health.dropped == 0


def test_a_full_queue_drops_what_comes_and_counts_it() -> None:
    sink = Kept(held=True)
    runner = SinkRunner(sink, size=10, batch=4, wait=0)
    runner.put(event(0))
    assert sink.entered.wait(10)
    for number in range(1, 101):
        runner.put(event(number))
    assert runner.health.dropped == 90 and runner.health.waiting == 11
    sink.gate.set()
    runner.close()
    assert sink.numbers == list(range(11)) and runner.health.dropped == 90


def test_a_queue_of_large_events_is_bounded_by_their_size() -> None:
    def large(number: int) -> Event:
        sent = [{"role": "user", "source": "x", "text": "α" * 5_000}]  # two bytes each
        return event(number, data={"sent": sent})

    sink = Kept(held=True)
    runner = SinkRunner(sink, wait=0, megabytes=0.1)
    runner.put(event(0))
    assert sink.entered.wait(10)
    for number in range(1, 101):
        runner.put(large(number))
    assert runner.health.waiting == 9 and runner.health.dropped == 92
    sink.gate.set()
    until(lambda: runner.health.waiting == 0)
    runner.put(large(101))  # what was written takes no room
    runner.close()
    assert sink.numbers == [*range(9), 101]


def test_a_write_that_fails_is_tried_again_without_losing_order(hasty: None) -> None:
    failures = iter(range(3))

    def fail(events: Sequence[Event]) -> None:
        if next(failures, None) is not None:
            raise OSError(28, "No space left on device")

    sink = Kept(fail)
    write = sink.write
    sink.write = lambda events: (write([*events]), events.clear())  # type: ignore
    runner = SinkRunner(sink, batch=5, wait=0)
    for number in range(20):
        runner.put(event(number))
    runner.close()
    health = runner.health
    assert sink.numbers == list(range(20)) and (health.failed, health.dropped, health.written) == (3, 0, 20)
    assert health.last_error == "OSError: [Errno 28] No space left on device"


def test_what_is_refused_too_often_is_dropped_and_the_rest_goes_on(hasty: None) -> None:
    broken = threading.Event()
    broken.set()

    def fail(events: Sequence[Event]) -> None:
        if broken.is_set():
            raise ValueError("no")

    sink = Kept(fail)
    runner = SinkRunner(sink, batch=10, wait=0)
    for number in range(10):
        runner.put(event(number))
    until(lambda: runner.health.dropped == 10)
    broken.clear()
    runner.put(event(10))
    runner.close()
    assert sink.numbers == [10] and runner.health.waiting == 0 and runner.health.written == 1


def test_one_bad_event_costs_no_other(hasty: None) -> None:
    def fail(events: Sequence[Event]) -> None:
        if any(event.seq == 7 for event in events):
            raise KeyError("tool")

    sink = Kept(fail)
    runner = SinkRunner(sink, batch=20)
    for number in range(20):
        runner.put(event(number))
    runner.close()
    assert sink.numbers == [n for n in range(20) if n != 7]
    assert runner.health.dropped == 1 and runner.health.written == 19


def test_a_sink_that_ends_the_program_ends_nothing(hasty: None) -> None:
    tried = iter(range(2))

    def fail(events: Sequence[Event]) -> None:
        if next(tried, None) is not None:
            raise SystemExit(3)

    sink = Kept(fail)
    runner = SinkRunner(sink, wait=0)
    runner.put(event(1))
    runner.close()
    assert sink.numbers == [1] and runner.health.failed == 2


def test_hanging_sinks_are_left_side_by_side_and_counted() -> None:
    sinks = [Kept(held=True) for _ in range(4)]
    quick = Kept()
    runners = [SinkRunner(sink, wait=0) for sink in (*sinks, quick)]
    for runner in runners:
        for number in range(5):
            runner.put(event(number))
    began = time.monotonic()
    close_runners(runners, 0.5)
    took = time.monotonic() - began
    assert 0.4 < took < 1.5, took  # one after the other would be two seconds
    assert quick.numbers == list(range(5))
    for runner in runners[:4]:
        runner.put(event(9))
        assert (runner.health.dropped, runner.health.written, runner.health.waiting) == (6, 0, 0)
        assert "did not finish in time" in runner.health.last_error
    for sink in sinks:
        sink.gate.set()
    until(lambda: all(sink.closed_by for sink in sinks))
    assert all(
        (r.health.dropped, r.health.written) == (6, 0) for r in runners[:4]
    )  # a write that ended later changes nothing


def test_what_cannot_be_cleaned_is_never_written(hasty: None) -> None:
    def clean(given: Event) -> Event:
        if given.seq == 1:
            raise RuntimeError(f"cannot look at {given.text}")
        if given.seq == 2:
            return None  # type: ignore[return-value]
        return given.model_copy(update={"text": given.text.replace("secret", "[hidden]")})

    def fail(events: Sequence[Event]) -> None:
        if len(sink.batches) == 1:
            sink.batches.append(0)
            raise OSError("https://example.invalid/?key=secret does not answer")

    sink = Kept(fail)
    runner = SinkRunner(sink, clean=clean, wait=0)
    runner.put(event(0, text="a secret"))
    until(lambda: runner.health.written == 1)
    for number, why in ((1, "RuntimeError"), (2, "NoneType")):
        runner.put(event(number, text="a secret"))
        until(lambda number=number: runner.health.dropped == number)
        assert why in runner.health.last_error and "secret" not in runner.health.last_error
    runner.put(event(3, text="a secret"))
    runner.close()
    assert [e.text for e in sink.events] == ["a [hidden]", "a [hidden]"] and sink.numbers == [0, 3]
    assert runner.health.failed == 1 and "[hidden]" in runner.health.last_error


def test_a_forgotten_runner_writes_what_it_has_and_its_thread_ends() -> None:
    sink = Kept()
    runner = SinkRunner(sink, wait=0.01)
    runner.put(event(1))
    del runner
    gc.collect()
    until(lambda: sink.closed_by)
    assert sink.numbers == [1]


def test_closing_twice_or_a_sink_that_cannot_close_harms_nothing() -> None:
    class Stuck(Kept):
        def close(self) -> None:
            raise OSError("gone")

    sink = Stuck()
    runner = SinkRunner(sink)
    runner.put(event(1))
    runner.close()
    runner.close()
    assert sink.numbers == [1] and (runner.health.failed, runner.health.last_error) == (1, "OSError: gone")


def test_a_sink_that_sends_later_tells_of_what_did_not_arrive() -> None:
    class Later(Kept):
        lost, trouble = 3, "nobody answers"

    runner = SinkRunner(Later())
    runner.close()
    assert (runner.health.lost, runner.health.last_error) == (3, "nobody answers")


def test_what_is_no_sink_is_told_so() -> None:
    with pytest.raises(InvalidInput, match=r"not a function without name, write, close.*engine.subscribe"):
        SinkRunner(print_it)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="not the class Kept"):
        SinkRunner(Kept)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="without async"):
        SinkRunner(Awaited())  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="size and batch"):
        SinkRunner(Kept(), size=0)


class Awaited(Kept):
    async def write(self, events: Sequence[Event]) -> None:  # type: ignore[override]
        """Nobody would await it."""


def print_it(event: Event) -> None:
    """A plain function."""
