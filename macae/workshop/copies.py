"""A learner works on copies in `my/`: an update of the kit leaves them alone, and nothing that they wrote is lost."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from pathlib import Path

from macae.config import checkout, load_settings
from macae.errors import ConfigError, StoreError
from macae.private import private_file, private_folder
from macae.workshop.exercise import Challenge
from macae.workshop.record import record
from macae.workshop.registry import challenges, the_challenge

__all__ = ["jump", "my_folder", "reset", "start"]


def my_folder(top: Path | None = None) -> Path:
    """Where the copies are."""
    return (top or checkout()) / "my"


def given(challenge: Challenge, top: Path | None = None) -> Path:
    """The challenge as it came. Raises ConfigError outside the workshop's folder."""
    path = (top or checkout()) / "challenges" / challenge.file
    if not path.is_file():
        raise ConfigError(f"There is no {path.name} in {path.parent}. Run this inside the workshop's folder.")
    return path


def digest(path: Path) -> str:
    """What a file holds, in short."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def notes() -> Path:
    """Where is kept what each copy was when it was made."""
    return load_settings().home / "workshop" / "copies.json"


def seen() -> dict[str, str]:
    """By file name: what the copy was when it was made."""
    try:
        found = json.loads(notes().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def copy(source: Path, target: Path) -> None:
    """Copy a challenge, whole or not at all. Raises StoreError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{os.getpid()}.new")
        shutil.copyfile(source, draft)
        draft.replace(target)
        path = notes()
        private_folder(path.parent)
        private_file(path)
        path.write_text(json.dumps({**seen(), target.name: digest(source)}, indent=1), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"The copy {target} could not be written: {error}.") from None


def start(top: Path | None = None) -> list[Path]:
    """Copy each challenge that has no copy yet, and renew the copies in which nothing was written. Those that were made."""
    made = []
    for challenge in challenges():
        source, target = given(challenge, top), my_folder(top) / challenge.file
        untouched = target.is_file() and seen().get(target.name) == digest(target)
        if not target.exists() or (untouched and digest(source) != digest(target)):
            copy(source, target)
            made.append(target)
    return made


def jump(number: int, top: Path | None = None) -> Path:
    """Go to a challenge: its copy is there, and ours stand in for what was not built. Nothing is lost. The copy's path."""
    challenge = the_challenge(number)
    target = my_folder(top) / challenge.file
    start(top)  # the others too: each ends with a link to the next
    record().add("jumped", number)
    return target


def reset(number: int, top: Path | None = None) -> tuple[Path, Path | None]:
    """Take a fresh copy of a challenge; what was there goes to `my/backup`. The copy and the backup (None: there was none)."""
    challenge = the_challenge(number)
    source, target = given(challenge, top), my_folder(top) / challenge.file
    backup = None
    if target.exists():
        stamp = time.strftime("%Y-%m-%d-%H%M%S")
        folder = target.parent / "backup"
        backup = folder / f"{target.stem}-{stamp}.ipynb"
        count = 1
        while backup.exists():
            count += 1
            backup = folder / f"{target.stem}-{stamp}-{count}.ipynb"
        try:
            folder.mkdir(exist_ok=True)
            shutil.copyfile(target, backup)
        except OSError as error:
            raise StoreError(f"No backup could be written to {backup} ({error}), so nothing was changed.") from None  # fmt: skip
    copy(source, target)
    return target, backup
