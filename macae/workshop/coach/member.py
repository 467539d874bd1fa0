"""Who reports, and whether: a random id and an off switch, both kept in the learner's home."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from macae.private import private_file, private_folder

__all__ = ["is_off", "learner_id", "set_off", "write_whole"]

ID = re.compile(r"[a-z0-9]{16}")


def learner_id(home: Path) -> str:
    """This learner's id: random, made once, the same from then on. Raises OSError where the home cannot be written."""
    file = home / "coach" / "learner"
    try:
        if ID.fullmatch(kept := file.read_text(encoding="utf-8").strip()):
            return kept
    except (OSError, UnicodeDecodeError):
        pass
    write_whole(file, secrets.token_hex(8))
    return file.read_text(
        encoding="utf-8"
    ).strip()  # of two kernels that begin together, the one that wrote last


def is_off(home: Path) -> bool:
    """Whether the learner has turned reporting off."""
    return (home / "coach" / "off").exists()


def set_off(home: Path, off: bool) -> None:
    """Turn reporting off or on, for good. Raises OSError where the home cannot be written."""
    file = home / "coach" / "off"
    if off:
        write_whole(file, "Nothing is reported to the coach while this file is here.\n")
    else:
        file.unlink(missing_ok=True)


def write_whole(file: Path, text: str, *, shared: bool = False) -> None:
    """Write a file so that a reader finds the old text or the new one, never a part. Raises OSError.

    It is for its owner alone, unless it is `shared`: then the folder must be there, and decides who reads it.
    """
    part = file.with_name(f".{file.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    if not shared:
        private_folder(file.parent)
        private_file(part)
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
