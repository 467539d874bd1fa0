"""Where the command writes: messages for people, or one JSON object for programs.

Whatever comes from models, tools and people goes through `clean`: it can neither style the terminal nor move its cursor.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import IO, Any

from rich.console import Console
from rich.text import Text

from macae.monitoring.texts import one_line
from macae.ui.text import clean

__all__ = ["Screen", "one_line", "silence"]

PLAIN = str.maketrans({"→": "->", "…": "...", "·": "-", "×": "x", "–": "-", "≥": ">="})
"""For consoles whose code page lacks what our own sentences use."""


class SafeConsole(Console):
    """A console that takes no text for markup, and goes quiet when nobody reads it any more."""

    def __init__(self, *, stderr: bool) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def on_broken_pipe(self) -> None:
        """The reader has gone (`macae show … | head`): approved work goes on, only nothing more is written."""
        self.quiet = True
        silence(self.file)


def silence(stream: IO[str]) -> None:
    """Send what is still written to `stream` nowhere, so that the interpreter does not complain at its end."""
    with suppress(OSError, ValueError):
        hole = os.open(os.devnull, os.O_WRONLY)
        os.dup2(hole, stream.fileno())
        os.close(hole)


class Screen:
    """People's messages go to stdout, or to stderr in JSON mode, where stdout carries just the one object."""

    def __init__(self, json: bool = False) -> None:
        self.json = json
        self.console: Console = SafeConsole(stderr=json)

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked: the input is a terminal, and somebody sees the question."""
        return bool(sys.stdin and sys.stdin.isatty() and self.console.is_terminal and not self.console.quiet)

    def say(self, text: object = "", style: str = "", indent: int = 0, whole: bool = False) -> None:
        """Write a paragraph. On a terminal it is wrapped under its indent; elsewhere its lines stay whole.

        `whole` lines stay whole on a terminal too: a command that is copied from it must not be two.
        """
        shown = Text(self.fitting(clean(text)).expandtabs(4), style=style)
        room = self.console.width - indent
        wrap = self.console.is_terminal and not whole
        lines = shown.wrap(self.console, max(room, 10)) if wrap else shown.split("\n")
        for line in lines or [Text()]:
            line.rstrip()
            self.console.print(Text(" " * indent) + line, soft_wrap=True)

    def put(self, text: str) -> None:
        """Write to stdout as it stands, made safe: what a program or a pipe is to get."""
        SafeConsole(stderr=False).print(Text(self.fitting(clean(text))), soft_wrap=True)

    def emit(self, value: Any) -> None:
        """Write the one JSON object: plain characters only, so that any code page carries it and no terminal obeys it."""
        # ensure_ascii leaves one control character that JSON allows raw.
        text = json.dumps(value, ensure_ascii=True, indent=2, default=str).replace("\x7f", "\\u007f")
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            silence(sys.stdout)

    def fail(self, text: str, kind: str, way: str = "") -> None:
        """Say in a sentence what went wrong: on stderr, and as an object where JSON was asked for.

        `way` is a line with the command that goes on from there; it stays whole.
        """
        console = SafeConsole(stderr=True)
        console.print(Text(self.fitting(clean(text)), style="red"), soft_wrap=not console.is_terminal)
        if way:
            console.print(Text(self.fitting(clean(way)), style="red"), soft_wrap=True)
        if self.json:
            self.emit({"error": f"{text} {way}".rstrip(), "type": kind})

    def warn(self, text: str) -> None:
        """Say on stderr what a person should know though the work went well."""
        console = SafeConsole(stderr=True)
        console.print(Text(self.fitting(clean(text)), style="yellow"), soft_wrap=not console.is_terminal)

    def fitting(self, text: str) -> str:
        """The text with our own typography made plain where the console's code page lacks it."""
        try:
            text.encode(self.console.encoding)
        except (UnicodeEncodeError, LookupError):
            return text.translate(PLAIN)
        return text
