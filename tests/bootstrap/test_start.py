"""Starting JupyterLab: a URL that works, quiet, and stopped by Ctrl+C."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest

from tests.bootstrap.room import REPOSITORY
from tests.support.ports import free_port

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent as a signal")
# This process's environment stands for .venv, so that nothing has to be installed.
START = """
import sys
from pathlib import Path
import workshop
here = workshop.Environment(Path(sys.prefix), in_place=True)
sys.exit(workshop.jupyter(here, int(sys.argv[1]), browser=False))
"""


def read_url(process: subprocess.Popen[str], seconds: float) -> tuple[str, list[str]]:
    """The URL that is printed, and all lines until then. Fails after `seconds`."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in process.stdout or []:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    seen: list[str] = []
    while (line := lines.get(timeout=seconds)) is not None:
        seen.append(line)
        if found := re.search(r"http\S+", line):
            return found[0], seen
    raise AssertionError("".join(seen))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl+C", "stop button"])
def test_jupyterlab_starts_and_stops(stop: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(free_port())], cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
    )  # fmt: skip
    with process:
        try:
            url, lines = read_url(process, 60)
            assert "/lab" in url
            with urllib.request.urlopen(url, timeout=30) as page:
                assert page.status == 200 and b"jupyter" in page.read().lower()
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(url.replace("/lab", "/api/contents").split("?")[0], timeout=30)
            refused.value.close()
            said = [line for line in lines if line.strip() and url not in line]
            assert said.pop() == "JupyterLab runs. Open this in a browser:\n"
            # Where this checkout was started for the first time, the learner's copies were made too.
            assert not said or re.fullmatch(
                r"Your copies of the challenges are in my, \d of them new\.\n", said.pop()
            )
            assert not said
            assert (REPOSITORY / "my" / "00-preflight.ipynb").is_file()
            if stop == signal.SIGINT:
                os.killpg(process.pid, stop)  # as a terminal does
            else:
                process.send_signal(stop)
            assert process.wait(30) == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
