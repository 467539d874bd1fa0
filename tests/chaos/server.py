"""A warm, single-threaded process that forks the lives of plans: everything is imported once.

It reads cases as JSON lines, lives up to `SIDE_BY_SIDE` of them at a time, and answers each with a line. A case is a folder and
the points at which its stages die, one after the other; the stage after the last death lives on to the end.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections import deque
from pathlib import Path
from typing import Any

from tests.chaos.judge import said
from tests.chaos.stage import live

SIDE_BY_SIDE = 2
TOO_LONG = 30
"""Seconds after which a stage counts as hanging."""


def begin(case: dict[str, Any], number: int) -> int:
    """Fork a stage; gives the child's id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        home = Path(case["home"])
        os.setpgid(0, 0)
        with (home / "log.txt").open("a", encoding="utf-8") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            faulthandler.dump_traceback_later(TOO_LONG, exit=True)
            fatal = case["kills"][number] if number < len(case["kills"]) else None
            code = live(home, fatal, case.get("cancels", False))
    finally:
        os._exit(code)


def verdict(case: dict[str, Any], codes: list[int]) -> dict[str, Any]:
    """What came of a case. The folder of one without problems is removed."""
    home = Path(case["home"])
    words = said(home / "said.jsonl")
    problems = [word["text"] for word in words if word["kind"] == "problem"]
    ended = [word for word in words if word["kind"] == "end"]
    deaths = [word["at"] for word in words if word["kind"] == "died"]
    if not ended:
        log = (home / "log.txt").read_text(encoding="utf-8", errors="replace")
        problems.append(f"No stage came to its end (exit codes {codes}). {log[-3000:]}")
    if not problems:
        shutil.rmtree(home, ignore_errors=True)
    return {"name": case["name"], "problems": problems, "deaths": deaths, "points": ended[-1]["points"] if ended else []}  # fmt: skip


def live_all(cases: list[dict[str, Any]]) -> None:
    """Live all cases, answering each as it ends."""
    waiting = deque(cases)
    running: dict[int, tuple[dict[str, Any], list[int]]] = {}
    while waiting or running:
        while waiting and len(running) < SIDE_BY_SIDE:
            case = waiting.popleft()
            home = Path(case["home"])
            shutil.copytree(case["template"], home)
            running[begin(case, 0)] = case, []
        child, status = os.wait()
        case, codes = running.pop(child)
        codes.append(os.waitstatus_to_exitcode(status))
        if codes[-1] == -signal.SIGKILL:
            running[begin(case, len(codes))] = case, codes
        else:
            answer(verdict(case, codes))


def answer(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def warm_up() -> None:
    """Live a whole life here, so that what is built at its first use is built for all children."""
    with tempfile.TemporaryDirectory(prefix="macae-warm-") as home:
        assert live(Path(home), None) == 0
    gc.collect()
    gc.freeze()  # looking through what is shared would copy it


if __name__ == "__main__":
    warm_up()
    assert threading.active_count() == 1, threading.enumerate()
    for line in sys.stdin:
        live_all(json.loads(line))
        answer({"done": True})
