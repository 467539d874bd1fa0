"""The monitor's parts, each alone: when it draws, what it reads, what it hides, what metrics may do to it, which cell made it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from macae.errors import InvalidInput, NotFound, StoreError
from macae.memory.atwork import AtWork
from macae.models import Event, EventType
from macae.monitoring.feed import Feed
from macae.monitoring.recording import Recording
from macae.ui.monitor import cells, following, metrics
from macae.ui.monitor.following import Following
from macae.ui.monitor.frames import Frames
from macae.ui.monitor.masking import HIDDEN, Mask, shown_of
from macae.ui.monitor.metrics import Metrics
from tests.support.bakery import bakery
from tests.support.recordings import START, onboarding

E = EventType


def event(seq: int, text: str = "", type: EventType = E.message, session: str = "s", **data: Any) -> Event:
    return Event(
        seq=seq, time=START + seq, type=type, session_id=session, user_id="local", text=text, data=data
    )


# Frames -----------------------------------------------------------------------------------------------------------


async def test_many_changes_are_few_pictures_and_the_last_one_is_drawn() -> None:
    state, drawn = 0, list[int]()

    async def draw() -> None:
        drawn.append(state)
        await asyncio.sleep(0.002)

    frames = Frames(asyncio.get_running_loop(), draw, pause=0.05)
    for state in range(1, 41):  # noqa: B007 (the drawing reads it)
        frames.want()
        await asyncio.sleep(0.003)
    await frames.settled()
    assert drawn[-1] == 40
    assert 2 <= len(drawn) <= 12
    assert frames.count == len(drawn)


async def test_a_person_does_not_wait_for_the_pause_and_nothing_is_left_when_all_is_drawn() -> None:
    drawn = list[float]()

    async def draw() -> None:
        drawn.append(time.monotonic())

    frames = Frames(asyncio.get_running_loop(), draw, pause=60)
    before = asyncio.all_tasks()
    frames.want()
    await frames.settled()
    frames.want()  # waits for the pause
    await asyncio.sleep(0.01)
    assert len(drawn) == 1
    frames.want(now=True)
    await asyncio.wait_for(frames.settled(), 5)
    assert len(drawn) == 2
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_a_slow_drawing_is_followed_by_a_longer_rest() -> None:
    async def draw() -> None:
        await asyncio.sleep(0.03)

    frames = Frames(asyncio.get_running_loop(), draw, pause=0.001)
    for _ in range(30):
        frames.want()
        await asyncio.sleep(0.01)
    assert frames.count <= 4, "it draws for a fifth of the time at most"
    frames.stop()


# Following --------------------------------------------------------------------------------------------------------


class Company:
    """An engine of which a test says what it stores, and what it tells."""

    def __init__(self) -> None:
        self.stored: list[Event] = []
        self.feed = Feed(1000)
        self.sizes: list[int] = []
        self.broken: Exception | None = None
        self.reads = 0
        self.lookup: Any = None

    async def plan(self, plan: str) -> Any:
        raise NotFound("no such plan")

    async def sessions(self, limit: int = 20) -> Any:
        return type("Page", (), {"items": []})()

    async def session_events(self, session_id: str, after: int = 0) -> list[Event]:
        self.reads += 1
        if self.broken is not None:
            raise self.broken
        return [one for one in self.stored if one.seq > after and one.session_id == session_id]

    @asynccontextmanager
    async def watch(self, plan_id: str | None = None, size: int = 1000) -> AsyncIterator[Feed]:
        self.sizes.append(size)
        yield self.feed


async def until(condition: Any, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def seqs(follower: Following) -> list[int]:
    return [one.seq for one in follower.events()]


async def test_a_session_that_is_told_of_before_it_is_stored_is_no_trouble(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "POLL", 0.01)
    company, said = Company(), list[str]()
    company.broken = NotFound("There is no such session")
    follower = Following(company, None, lambda: None, said.append)
    follower.start()
    company.feed.put(event(0))
    await until(lambda: company.reads > 1)
    assert follower.error is None and not said
    company.broken, company.stored = None, [event(1)]
    await until(lambda: seqs(follower)[:1] == [1])
    company.broken = NotFound("It was deleted")
    await until(lambda: said == ["It was deleted"])
    follower.stop()


async def test_what_was_missed_is_read_from_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "POLL", 60)
    company, changed = Company(), list[int]()
    company.feed = Feed(5)
    company.stored = [event(1)]
    follower = Following(company, "s", lambda: changed.append(1), lambda text: None)
    follower.start()
    await follower.tried.wait()
    company.stored = [event(seq) for seq in range(1, 101)]
    for one in company.stored[1:]:  # all at once: only five of them fit
        company.feed.put(one)
    await until(lambda: len(follower.events()) == 100)
    assert seqs(follower) == list(range(1, 101))
    assert follower.missed == 94
    assert company.sizes == [following.QUEUE], "the queue has a bound"
    follower.stop()


async def test_another_process_is_seen_without_being_told(quick: None) -> None:
    company, changed = Company(), list[int]()
    follower = Following(company, "s", lambda: changed.append(1), lambda text: None)
    follower.start()
    await follower.tried.wait()
    company.feed.put(event(7))  # what this process did; numbers 5 and 6 are another's, and are seen later
    await until(lambda: seqs(follower) == [7])
    company.stored = [event(5)]
    await until(lambda: seqs(follower) == [5, 7])
    company.stored = [event(5), event(6), event(7)]
    await until(lambda: seqs(follower) == [5, 6, 7])
    known = len(changed)
    reads = company.reads
    await until(lambda: company.reads > reads + 1)
    assert len(changed) == known, "to read the same again is no news"
    follower.stop()


async def test_a_session_whose_process_is_gone_is_told_until_somebody_takes_it_up(quick: None) -> None:
    company, work = Company(), AtWork(False, ("planning",), False, False, 1.0)

    async def at_work(session_id: str) -> AtWork:
        return work

    company.lookup = SimpleNamespace(at_work=at_work)
    company.stored = [event(1, "go", E.goal_received)]
    follower = Following(company, "s", lambda: None, lambda text: None)
    follower.start()
    await until(lambda: follower.left)
    company.stored.append(event(2))
    await until(lambda: seqs(follower) == [1, 2])
    work = AtWork(True, (), False, False, 2.0)
    company.stored.append(event(3))
    await until(lambda: seqs(follower) == [1, 2, 3] and not follower.left)
    follower.stop()


async def test_nobody_named_follows_the_session_with_the_newest_goal(quick: None) -> None:
    company = Company()
    follower = Following(company, None, lambda: None, lambda text: None)
    follower.start()
    company.feed.put(event(1, "first", E.goal_received, "a"))
    company.feed.put(event(2, "says", E.message, "b"))
    await until(lambda: follower.session_id == "a" and seqs(follower) == [1])
    company.stored = [event(3, "second", E.goal_received, "b"), event(4, session="b")]
    company.feed.put(company.stored[0])
    await until(lambda: follower.session_id == "b" and seqs(follower) == [3, 4])
    follower.stop()


async def test_a_store_that_fails_is_said_and_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "POLL", 0.001)
    company, said = Company(), list[str]()
    company.broken = StoreError("The disk is full.")
    follower = Following(company, "s", lambda: None, said.append)
    follower.start()
    await until(lambda: follower.over)
    assert "The disk is full." in said
    assert "last that is known" in said[-1]
    assert company.reads == following.GIVE_UP
    follower.stop()


async def test_when_the_store_answers_again_the_trouble_is_taken_back(quick: None) -> None:
    company, said = Company(), list[str]()
    company.broken = StoreError("Busy.")
    follower = Following(company, "s", lambda: None, said.append)
    follower.start()
    await until(lambda: said)
    company.broken = None
    company.stored = [event(1)]
    await until(lambda: seqs(follower) == [1])
    assert said == [*["Busy."] * (len(said) - 1), ""]
    follower.stop()


async def test_a_closed_engine_ends_it_after_a_last_look(quick: None) -> None:
    company = Company()
    before = asyncio.all_tasks()
    follower = Following(company, "s", lambda: None, lambda text: None)
    follower.start()
    await follower.tried.wait()
    company.stored = [event(1)]
    company.feed.close()
    await until(lambda: follower.over and seqs(follower) == [1])
    await until(lambda: asyncio.all_tasks() == before)


# Masking ----------------------------------------------------------------------------------------------------------


def test_every_text_goes_through_the_rule_and_nothing_that_code_reads_changes() -> None:
    one = event(
        1, "mail a@b.c", tool="send", arguments={"to": ["a@b.c", 3], "step_id": "a@b.c"}, call="a@b.c"
    )
    one.changes = {"p": {"id": "p", "version": 1, "data_type": "plan", "initial_goal": "to a@b.c"}}
    masked = Mask(lambda text: text.replace("a@b.c", "<e-mail>"))([one])[0]
    assert masked.text == "mail <e-mail>"
    assert masked.data == {
        "tool": "send",
        "arguments": {"to": ["<e-mail>", 3], "step_id": "<e-mail>"},
        "call": "a@b.c",
    }
    assert masked.changes["p"]["initial_goal"] == "to <e-mail>"
    assert masked.changes["p"]["version"] == 1
    assert one.text == "mail a@b.c", "what is stored stays as it is"


def test_a_rule_that_fails_lets_nothing_through() -> None:
    def fails(text: str) -> str:
        raise ValueError(text)

    masked = Mask(fails)([event(1, "secret", note="secret")])[0]
    assert masked.text == masked.data["note"] == HIDDEN


def test_each_stored_event_is_looked_at_once() -> None:
    seen = list[str]()
    mask = Mask(lambda text: seen.append(text) or text)  # type: ignore[func-returns-value]
    events = [event(1, "one"), event(2, "two")]
    mask(events)
    mask([*events, event(3, "three")])
    assert seen == ["one", "two", "three"]


def test_the_rule_is_the_engines_own(tmp_path: Path) -> None:
    assert shown_of(object()) is None
    assert shown_of(bakery(tmp_path, compliance="off")) is None
    rule = shown_of(bakery(tmp_path, compliance="hipaa"))
    assert rule is not None
    assert "536-22-1874" not in rule("Her social security number is 536-22-1874.")


# Metrics ----------------------------------------------------------------------------------------------------------


def test_a_metric_has_a_value_and_a_past() -> None:
    whole = Recording(onboarding())
    mine = Metrics()
    mine.add("tools", lambda recording: len(recording.tool_calls))
    mine.measure(whole, whole.until(10))
    (metric,) = mine
    assert (metric.value, metric.text, metric.error) == (1, "1", "")
    ((name, points),) = mine.series(whole.seconds)
    assert name == "tools"
    assert points == sorted(points)
    assert points[-1][1] == 5
    assert (10, 1) in points
    assert mine.series(9.0)[0][1][-1][0] <= 9.0


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda recording: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda recording: recording.nothing, "AttributeError"),
        (lambda recording: "many", "TypeError: a metric gives a number, not str"),
        (lambda recording: None, "not NoneType"),
    ],
)
def test_a_metric_that_fails_says_so_in_its_place(function: Any, said: str) -> None:
    whole = Recording(onboarding())
    mine = Metrics()
    mine.add("broken", function)
    mine.add("fine", lambda recording: 2.5)
    mine.measure(whole, whole)
    broken, fine = mine
    assert said in broken.text
    assert broken.value is None
    assert fine.text == "2.5"


def test_a_metric_that_never_ends_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "PATIENCE", 0.05)
    go_on, asked = threading.Event(), list[int]()

    def slow(recording: Recording) -> float:
        asked.append(1)
        go_on.wait(20)
        return 3.0

    whole = Recording(onboarding())
    mine = Metrics()
    mine.add("slow", slow)
    for _ in range(3):
        mine.measure(whole, whole)
    (metric,) = mine
    assert "takes more than" in metric.text
    assert len(asked) == 1, "it is not asked again while it is busy"
    go_on.set()
    metric.asked.join(10)
    mine.measure(whole, whole)
    assert metric.text == "3"


@pytest.mark.parametrize(("name", "function"), [("", len), ("  ", len), (3, len), ("orders", 3)])
def test_what_is_no_metric_is_refused(name: Any, function: Any) -> None:
    with pytest.raises(InvalidInput, match="metric"):
        Metrics().add(name, function)


# Cells ------------------------------------------------------------------------------------------------------------


class Thing:
    stopped = False

    def stop(self) -> None:
        self.stopped = True


def test_a_cell_that_runs_again_stops_what_it_made_before(quick: None) -> None:
    first, beside, other, second = (Thing() for _ in range(4))
    cells.replace_earlier(first, ("cell 1", "run 1"))
    cells.replace_earlier(beside, ("cell 1", "run 1"))
    cells.replace_earlier(other, ("cell 2", "run 2"))
    assert not first.stopped, "two of one run live side by side"
    cells.replace_earlier(second, ("cell 1", "run 3"))
    assert first.stopped
    assert beside.stopped
    assert not other.stopped
    assert not second.stopped
    cells.replace_earlier(Thing(), None)


def test_outside_a_notebook_there_is_no_cell() -> None:
    assert cells.running_cell() is None
