"""Files of sessions: read in whole, written whole or not at all, for their owner's eyes only."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from macae.errors import InvalidInput

__all__ = [
    "PART",
    "is_sqlite",
    "put_in_place",
    "read_file",
    "refuse_existing",
    "remove_leftovers",
    "write_private",
]

LARGEST = 500_000_000
"""Bytes of a file that is read in."""
PART = ".macae-part"
"""The end of the name of a file that is not finished; before it stands the process that writes it."""
_LEFT = re.compile(r"\..+\.(\d{1,9})" + re.escape(PART) + r"(-\w+)?")
_SQLITE = b"SQLite format 3\0"
_LINES = b'{"format": "macae backup"'


def read_file(path: Path) -> Any:
    """The JSON of a file. Raises InvalidInput naming the file."""
    try:
        if path.stat().st_size > LARGEST:
            raise InvalidInput(f"{path} is too large ({path.stat().st_size:,} bytes; at most {LARGEST:,}).")
        given = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}). Check its name.") from None
    if given.startswith((_SQLITE, _LINES)):
        raise InvalidInput(f"{path} is a backup, not an exported session. Give it to `macae store restore`.")
    try:
        text = given.decode("utf-8")
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if _ends_early(error):
            raise InvalidInput(
                f"{path} was cut: what is left is no JSON file. Copy it again from where it was, or export the session again."
            ) from None
        raise InvalidInput(f"{path} is no JSON file ({str(error)[:100]}).") from None


def _ends_early(error: Exception) -> bool:
    if isinstance(error, UnicodeDecodeError):
        return error.reason == "unexpected end of data"
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.msg.startswith("Unterminated string") or not error.doc[error.pos :].strip()


def is_sqlite(path: Path) -> bool:
    """Whether a file begins like a SQLite file. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed have left half written in a folder."""
    for file in folder.glob(f".*{PART}*"):
        found = _LEFT.fullmatch(file.name)
        if found and not _lives(int(found[1])):
            with suppress(OSError):
                file.unlink()


def _lives(process: int) -> bool:
    if sys.platform == "win32":  # asking would end it there; but a file that is open cannot be removed
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_private(path: Path, pieces: Iterable[str]) -> None:
    """Write a new file for its owner's eyes only, whole or not at all. Raises InvalidInput where one is there, or cannot be."""
    part = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        refuse_existing(path)
        remove_leftovers(path.parent)
        with os.fdopen(
            os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(part, path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written ({error.strerror}). Name another folder.") from None
    finally:
        part.unlink(missing_ok=True)


def put_in_place(part: Path, path: Path) -> None:
    """Give a finished file its name, unless another has it. Raises InvalidInput, OSError."""
    try:
        os.link(part, path)  # unlike renaming, it never takes the place of a file
    except FileExistsError:
        refuse_existing(path)
        raise
    except OSError:  # a file system without links
        refuse_existing(path)
        part.rename(path)


def refuse_existing(path: Path) -> None:
    """Raises InvalidInput where something has this name."""
    if os.path.lexists(path):
        raise InvalidInput(f"{path} exists already. Name another file, or move it away.")
