"""A person at a terminal: reads the screen, waits for a question, presses keys."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

TAKE_TERMINAL = "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.argv[1], sys.argv[1:])"
"""The first terminal that a session's leader opens is the one whose Ctrl+C reaches it."""


class Keyboard:
    """Runs a command on a pseudo-terminal of its own."""

    def __init__(self, words: list[str], folder: Path, env: dict[str, str], columns: int = 100) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self.screen, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", TAKE_TERMINAL, *words],
            cwd=folder, env={**env, "TERM": "xterm-256color"}, stdin=inside, stdout=inside, stderr=inside,
            start_new_session=True,
        )  # fmt: skip
        os.close(inside)
        self.seen = ""
        self.read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        os.close(self.screen)

    def wait_for(self, text: str, seconds: float = 60.0) -> str:
        """Read until `text` is on the screen, after what was read before. Gives what came up to it."""
        ends = time.monotonic() + seconds
        while text not in self.seen[self.read :]:
            if not self.more(ends - time.monotonic()):
                raise AssertionError(f"{text!r} never came; the screen shows:\n{self.seen[self.read :]}")
        end = self.seen.index(text, self.read) + len(text)
        came, self.read = self.seen[self.read : end], end
        return came

    def more(self, seconds: float) -> bool:
        """Read what comes; False when nothing does any more."""
        if seconds <= 0 or not select.select([self.screen], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.screen, 65536)
        except OSError:  # the other end is closed
            return False
        self.seen += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)

    def press(self, keys: str) -> None:
        """Type the keys and Enter."""
        os.write(self.screen, f"{keys}\n".encode())

    def interrupt(self) -> None:
        """Press Ctrl+C."""
        os.write(self.screen, b"\x03")

    def ends(self, seconds: float = 20.0) -> int:
        """Read to the end. Gives the exit code."""
        end = time.monotonic() + seconds
        while self.more(end - time.monotonic()):
            pass
        return self.process.wait(seconds)
