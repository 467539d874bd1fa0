"""Questions to the person at the terminal."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from macae.cli.output import Screen

__all__ = ["Left", "Prompt"]


class Left(Exception):
    """The person pressed Ctrl+C or ended the input at a question."""

    def __init__(self, interrupted: bool) -> None:
        super().__init__()
        self.interrupted = interrupted


class Prompt:
    """Asks, and reads a line. Nothing else goes on meanwhile: a question is only asked while no step runs."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def text(self, question: str, indent: int = 5) -> str:
        """One line of the person's, without its end. Raises Left."""
        if self.screen.console.quiet:
            raise Left(False)
        with self.interruptible():
            self.screen.console.print(" " * indent + question, end=" ", soft_wrap=True)
            self.screen.console.file.flush()
            line = sys.stdin.readline()
        if not line:
            self.screen.say()
            raise Left(False)
        # What the terminal could not decode would fit in no store.
        return line.rstrip("\r\n").encode("utf-8", "replace").decode("utf-8")

    def choice(self, question: str, choices: Mapping[str, str]) -> str:
        """The letter of one of the choices; each may also be given as its word. Raises Left."""
        keys = "  ".join(f"{letter} = {word}" for letter, word in choices.items())
        while True:
            given = self.text(f"{question}  {keys}:").strip().lower()
            for letter, word in choices.items():
                if given in (letter, word, word.split(" ")[0]):
                    return letter
            self.screen.say(f"Please give one of {', '.join(choices)}.", "yellow", 5)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Ctrl+C at a question means leaving, at once: from before the question is on the screen. Raises Left."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        # asyncio's own handler only notes the first Ctrl+C, and the question would stay.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            if noted():
                raise KeyboardInterrupt
            yield
        except KeyboardInterrupt:
            self.screen.say()
            raise Left(True) from None
        finally:
            signal.signal(signal.SIGINT, before)


def noted() -> bool:
    """Whether asyncio has noted a Ctrl+C just before the question."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is not None and task.cancelling() > 0
