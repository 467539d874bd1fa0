"""From the command line to an exit code: whatever goes wrong is one sentence on stderr."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from macae.cli import codes
from macae.cli.hints import hint

__all__ = ["main"]

TRACEBACK = "MACAE_TRACEBACK"
"""Set to anything, this environment variable shows where an error came from, and what the parts log."""


def main(words: Sequence[str] | None = None) -> int:
    """The `macae` command. Gives its exit code; never raises."""
    given = list(sys.argv[1:] if words is None else words)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a code page may lack what a model writes
    quieten()
    try:
        code = run(given)
    finally:
        with suppress(OSError, ValueError):
            flush()
    return code


def run(words: list[str]) -> int:
    """Parse and do. Gives the exit code."""
    try:
        from macae.cli.app import app

        code: Any = app(args=words, prog_name="macae", standalone_mode=False)
        return code if isinstance(code, int) else codes.COMPLETED
    except KeyboardInterrupt:
        return fail(words, "Stopped.", "Interrupted", codes.INTERRUPTED)
    except Exception as error:
        if os.environ.get(TRACEBACK):
            import traceback

            traceback.print_exc()
        return explain(words, error)


def explain(words: list[str], error: Exception) -> int:
    """Say what an error means. Gives the exit code."""
    from macae.errors import MacaeError

    if isinstance(error, MacaeError):
        return fail(words, str(error), type(error).__name__)
    if hasattr(error, "format_message"):  # typer's own, about the words of the command line
        context = getattr(error, "ctx", None)
        path = (getattr(context, "command_path", None) or "macae").split()
        more = hint(*path[1:], "--help")
        return fail(words, f"{error.format_message()} `{more}` tells more.", "UsageError")
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("macae"):
        text = f"The package {error.name} is not installed. `python workshop.py --install-only` installs what is missing."
        return fail(words, text, "ModuleNotFoundError")
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return fail(
        words, f"Something unexpected went wrong: {what}. {TRACEBACK}=1 shows where.", type(error).__name__
    )


def fail(words: list[str], text: str, kind: str, code: int = codes.FAILED) -> int:
    """Tell of the error on stderr, and as an object where --json is among the words."""
    asked = words[: words.index("--")] if "--" in words else words
    try:
        from macae.cli.output import Screen

        Screen("--json" in asked).fail(text, kind)
    except ImportError:  # not even rich is there
        sys.stderr.write(f"{text}\n")
    return code


def quieten() -> None:
    """The parts log and warn for developers; what a person needs to know is said by the command itself."""
    if not os.environ.get(TRACEBACK):
        logging.getLogger().addHandler(logging.NullHandler())
        if not sys.warnoptions:
            warnings.simplefilter("ignore")


def flush() -> None:
    """Write out what is left; a reader that has gone is no error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            hole = os.open(os.devnull, os.O_WRONLY)
            os.dup2(hole, stream.fileno())
            os.close(hole)
