"""The files of events: whole lines whoever writes, bounded in size and age, for their owner only, good after a kill or a full disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from macae.errors import InvalidInput, StoreError
from macae.models import Event, EventType
from macae.monitoring.sinks import NdjsonSink, SinkRunner, TraceSink, files, read_events, trace_line
from tests.monitoring.sinks.conftest import event, until

ROOT = Path(__file__).parents[3]
HOSTILE = "a\x1b[2J\nb\r\x9b31m\u2028c\u202eevil\x7f\x00 ‮ \t<script>"


def child(code: str, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, words)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_a_line_has_the_names_that_log_readers_look_for(tmp_path: Path) -> None:
    sink = NdjsonSink(tmp_path)
    sink.write(
        [
            event(1, type=EventType.tool_started, agent="HrAgent", time=1_700_000_000.25,
                  data={"tool": "bake", "arguments": {"kind": "oat"}, "key": "k:1"}),
            event(2, type=EventType.tool_finished, agent="HrAgent", text="burnt",
                  data={"tool": "bake", "key": "k:1", "state": "failed", "seconds": 0.25}),
            event(3, type=EventType.model_called, data={"seconds": 2, "ok": True}),
            event(4, type=EventType.tool_refused, text="no", data={"tool": "bake", "arguments": {}}),
            event(5, type=EventType.thought),
        ]
    )  # fmt: skip
    lines = (tmp_path / "agent_events.ndjson").read_text(encoding="utf-8").splitlines()
    started, finished, called, refused, thought = map(json.loads, lines)
    assert started["timestamp"] == "2023-11-14T22:13:20.250Z"
    assert (started["agent"], started["event_type"], started["seq"]) == ("HrAgent", "tool_started", 1)
    details = finished["details"]
    assert details == {
        "tool_name": "bake",
        "parameters": {"kind": "oat"},
        "duration_ms": 250.0,
        "success": False,
        "error": "burnt",
    }
    assert called["details"]["duration_ms"] == 2000.0 and called["details"]["success"] is True
    assert refused["details"]["error"] == "no" and refused["details"]["success"] is False
    assert set(thought["details"].values()) == {None} and set(Event.model_fields) <= set(thought)


def test_hostile_text_stays_one_line_of_plain_json_and_comes_back_as_it_was(tmp_path: Path) -> None:
    given = [
        event(1, text=HOSTILE, agent=HOSTILE, data={HOSTILE: [HOSTILE], "n": 1.5}),
        event(2, data={"half": "\ud800", "deep": {"many": [float("inf"), object()]}}),
        event(3, text="two\u2028lines\u202e"),
    ]
    NdjsonSink(tmp_path).write(given)
    raw = (tmp_path / "agent_events.ndjson").read_bytes()
    assert raw.count(b"\n") == 3 == len(raw.decode().splitlines())
    assert not any(c in raw.decode() for c in HOSTILE if not c.isprintable() and c != "\n")
    back = read_events(tmp_path)
    assert back[0] == given[0] and back[2] == given[2] and back.torn == 0
    assert back[1].data["half"] == "\ud800" and back[1].data["deep"]["many"][0] is None


def test_the_trace_says_who_told_whom_what_in_one_harmless_line(tmp_path: Path) -> None:
    at = {"time": datetime(2026, 11, 21, 9, 5, 7, tzinfo=UTC).timestamp()}
    told = event(1, type=EventType.goal_received, agent="eve", text="Bake.", **at)
    assert trace_line(told) == "[2026-11-21 09:05:07] eve → PlannerAgent: Bake."
    call = {"tool": "bake", "arguments": {"kind": "oat", "quantity": 2}}
    started = event(2, type=EventType.tool_started, agent="BakerAgent", data=call, **at)
    assert trace_line(started).endswith("BakerAgent → bake: kind='oat', quantity=2")
    wrong = {"ok": False, "error_type": "ModelUnavailable", "model": "gpt", "seconds": 1.0}
    failed = event(3, type=EventType.model_called, agent="BakerAgent", text="dead", data=wrong, **at)
    assert trace_line(failed).endswith("gpt → BakerAgent: failed: ModelUnavailable dead (1.00 s)")
    evil = event(4, text=HOSTILE + "x" * 2_000, agent=HOSTILE, **at)
    sink = TraceSink(tmp_path)
    sink.write([told, evil, *(event(0, type=kind, data={"arguments": 3, "calls": 4}) for kind in EventType)])
    lines = (tmp_path / "agent_trace.log").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 + len(EventType)
    assert all(line.isprintable() and len(line) < 650 for line in lines)
    assert "\\x1b[2J" in lines[1] and "\\u202e" in lines[1] and lines[1].endswith("…")


def test_a_line_of_the_trace_says_its_session_and_step(tmp_path: Path) -> None:
    made, chosen = "0123456789abcdef0123456789abcdef", "orders-of-the-group-on-wednesday-2"
    of = {"session_id": made, "plan_id": "p"}
    sink = TraceSink(tmp_path)
    sink.write(
        [
            event(1, type=EventType.goal_received, **of),
            event(2, type=EventType.step_offered, step_id="step-a", changes={"step-a": {"index": 2}, "p": {"summary": "x"}}, **of),
            event(3, type=EventType.step_started, step_id="step-of-long-ago", session_id=chosen),
        ]
    )  # fmt: skip
    sink.write([event(4, type=EventType.step_completed, step_id="step-a", **of)])
    lines = (tmp_path / "agent_trace.log").read_text(encoding="utf-8").splitlines()
    assert [line[1:].partition("]")[0].split(" ", 2)[2] for line in lines] == [
        "01234567", "01234567 #2", f"{chosen} #step-of-", "01234567 #2",
    ]  # fmt: skip


def test_a_full_file_is_followed_by_a_new_one_and_no_line_is_lost(tmp_path: Path) -> None:
    sink = NdjsonSink(tmp_path, megabytes=0.002)
    for first in range(0, 30, 10):
        sink.write([event(n) for n in range(first, first + 10)])
    sink.write([event(30, text="x" * 5_000), event(31)])  # longer than any file: it gets one of its own
    sizes = sorted(file.stat().st_size for file in tmp_path.glob("agent_events*.ndjson"))
    assert len(sizes) > 4 and sizes[-2] <= 2_000 and sizes[-1] < 5_600
    assert [e.seq for e in read_events(tmp_path)] == list(range(32))


def test_every_day_has_its_file_and_old_ones_go_but_only_our_own(tmp_path: Path) -> None:
    old = time.time() - 9 * 86_400
    strange = [
        "agent_events-copy.ndjson",
        "agent_events-20260101T000000Z.ndjson.gz",
        "my-agent_events-20260101T000000Z.ndjson",
        "agent_trace-20260101T000000Z.log",
    ]
    own = ["agent_events-20260101T000000Z.ndjson", "agent_events-20260101T000000Z-12.ndjson"]
    for name in [*strange, *own]:
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
        os.utime(tmp_path / name, (old, old))
    sink = NdjsonSink(tmp_path, days=7)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name[0] != ".") == sorted(
        ["agent_events.ndjson", *strange]
    )
    sink.write([event(1)])
    day_old = time.time() - 86_400
    os.utime(sink.file.path, (day_old, day_old))
    sink.write([event(2)])  # a process that runs for days needs no restart
    (yesterday,) = sink.file.older()
    assert [e.seq for e in read_events(yesterday)] == [1] and [e.seq for e in read_events(tmp_path)] == [1, 2]
    yesterday.unlink()
    os.utime(sink.file.path, (old, old))  # nothing was written for nine days
    NdjsonSink(tmp_path, days=7)
    assert sink.file.older() == [] and sink.file.path.stat().st_size == 0


def test_a_clock_that_jumps_to_and_fro_makes_one_file_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    sink = NdjsonSink(tmp_path)
    for number in range(8):
        monkeypatch.setattr(files.time, "time", lambda later=number % 2: now + later * 86_400)
        sink.write([event(number)])
    assert len(sink.file.older()) == 1 and [e.seq for e in read_events(tmp_path)] == list(range(8))


def test_a_file_that_cannot_be_followed_grows_and_that_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def held(path: Path, target: Path) -> Path:
        raise PermissionError(13, "somebody reads it")

    monkeypatch.setattr(Path, "rename", held)
    sink = NdjsonSink(tmp_path, megabytes=0.001)
    for number in range(20):
        sink.write([event(number)])
    assert [e.seq for e in read_events(tmp_path)] == list(range(20))
    assert [r.getMessage().endswith("somebody reads it") for r in caplog.records] == [True]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_the_files_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "logs"
    loose = tmp_path / "loose"
    loose.mkdir()
    (loose / "agent_events.ndjson").touch(0o644)
    for where in (folder, loose):
        NdjsonSink(where, megabytes=0.0003).write([event(n) for n in range(3)])
        assert {file.stat().st_mode & 0o777 for file in where.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_line_torn_by_a_kill_is_counted_and_spoils_no_other(tmp_path: Path) -> None:
    sink = NdjsonSink(tmp_path)
    sink.write([event(1), event(2)])
    with sink.file.path.open("r+b") as file:
        file.truncate(sink.file.path.stat().st_size - 40)
    NdjsonSink(tmp_path).write([event(3)])
    with sink.file.path.open("ab") as file:
        file.write(b'\xff\xfe not json\n[1]\n\n{"a": 1}\n')
    back = read_events(sink.file.path)
    assert [e.seq for e in back] == [1, 3] and back.torn == 4
    with pytest.raises(InvalidInput, match=r"no file or folder .*nothing\.ndjson"):
        read_events(tmp_path / "nothing.ndjson")


WRITER = """
    import sys
    from macae.models import Event, EventType
    from macae.monitoring.sinks import NdjsonSink
    sink = NdjsonSink(sys.argv[1], megabytes=0.03)
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(60):
        sink.write([Event(type=EventType.message, session_id=sys.argv[2], user_id="eve", seq=n * 5 + i, text="x" * (n * 7)) for i in range(5)])
    """


def test_processes_that_share_a_folder_mix_no_lines(tmp_path: Path) -> None:
    writers = [child(WRITER, tmp_path, f"s{n}") for n in range(3)]
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        assert writer.communicate(timeout=60)[1] == ""
    back = read_events(tmp_path)
    assert back.torn == 0 and len(back) == 900 and len(list(tmp_path.glob("agent_events-*.ndjson"))) > 5
    for n in range(3):
        assert [e.seq for e in back if e.session_id == f"s{n}"] == list(range(300))


@pytest.mark.skipif(os.name == "nt", reason="the limit is one of POSIX")
def test_a_full_disk_is_counted_and_what_was_begun_is_taken_back(tmp_path: Path) -> None:
    code = """
        import json, resource, sys
        from macae.monitoring.sinks import NdjsonSink, SinkRunner, work
        from tests.monitoring.sinks.conftest import event, until
        work.PAUSES = (0.0,)
        runner = SinkRunner(NdjsonSink(sys.argv[1]), wait=0)
        runner.put(event(1)); until(lambda: runner.health.written == 1)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
        runner.put(event(2, text="x" * 2_000)); until(lambda: runner.health.dropped == 1)
        told = runner.health
        size = NdjsonSink(sys.argv[1]).file.path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        runner.put(event(3)); runner.close()
        print(json.dumps([told.failed, told.last_error, size, runner.health.written]))
        """
    out, err = child(code, tmp_path).communicate(timeout=60)
    assert err == ""
    failed, words, size, written = json.loads(out)
    assert failed == 6 and "File too large" in words and size < 1_000 and written == 2
    assert [e.seq for e in read_events(tmp_path)] == [1, 3] and read_events(tmp_path).torn == 0


def test_a_disk_that_is_full_at_the_second_file_writes_no_line_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, full = files.write, True

    def fail(file: int, size: int, data: bytes) -> None:
        if full and list(tmp_path.glob("agent_events-*")):
            raise OSError(28, "No space left on device")
        write(file, size, data)

    monkeypatch.setattr(files, "write", fail)
    sink = NdjsonSink(tmp_path, megabytes=0.002)
    batch = [event(n) for n in range(12)]
    for _ in range(3):
        with pytest.raises(OSError, match="No space"):
            sink.write(batch)
    written = len(read_events(tmp_path))
    assert 0 < written < 12
    for one in batch[:written]:
        sink.write([one])  # as a runner does at last, one by one
    full = False
    sink.write(batch[written:])
    sink.write([batch[0]])  # later, and meant
    assert [e.seq for e in read_events(tmp_path)] == [*range(12), 0]


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="there are no such links")
def test_a_link_to_another_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("mine\n", encoding="utf-8")
    victim.chmod(0o644)
    os.utime(victim, (0, 0))
    sink = NdjsonSink(tmp_path / "logs")
    for name in ("agent_events.ndjson", "agent_trace.log"):
        (tmp_path / "logs" / name).unlink(missing_ok=True)
        (tmp_path / "logs" / name).symlink_to(victim)
    for make in (NdjsonSink, TraceSink):
        with pytest.raises(StoreError, match="is no file"):
            make(tmp_path / "logs")
    with pytest.raises(OSError, match="is no file"):
        sink.write([event(1)])
    assert victim.read_text(encoding="utf-8") == "mine\n" and victim.stat().st_mode & 0o777 == 0o644


def test_a_folder_that_cannot_be_written_is_told_when_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "agent_trace.log").mkdir()
    for make in (lambda: NdjsonSink(tmp_path / "file" / "logs"), lambda: TraceSink(tmp_path)):
        with pytest.raises(StoreError, match=r"cannot be written to .*MACAE_SINKS"):
            make()


def test_a_folder_that_goes_or_is_held_by_another_is_a_failure_that_passes(
    tmp_path: Path, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WAIT", 0.01)
    folder = tmp_path / "logs"
    runner = SinkRunner(NdjsonSink(folder), wait=0)
    with FileLock(folder / ".agent_events.lock"):
        NdjsonSink(folder)  # that another one is writing is no reason not to begin
        runner.put(event(1))
        until(lambda: runner.health.dropped == 1)
    runner.put(event(2))
    until(lambda: runner.health.written == 1)
    shutil.rmtree(folder)  # somebody tidies up
    runner.put(event(3))
    runner.close()
    assert [e.seq for e in read_events(folder)] == [3] and "agent_events.lock" in runner.health.last_error
