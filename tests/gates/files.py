"""The repository's own files."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MADE = {
    ".git",
    ".venv",
    "__pycache__",
    ".macae",
    "node_modules",
    "my",
    "wheels",
    ".ipynb_checkpoints",
    ".hypothesis",
}


@cache
def files() -> list[Path]:
    """Every file that is committed, or would be; without git, every file that nothing here has made."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True)
        names = [name for name in done.stdout.decode("utf-8").split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [
            str(path.relative_to(REPOSITORY))
            for path in REPOSITORY.rglob("*")
            if not MADE & set(path.parts)
            and not any(part.endswith(("_cache", ".egg-info")) for part in path.parts)
        ]
    return sorted(path for name in names if (path := REPOSITORY / name).is_file())


def texts() -> list[tuple[str, str]]:
    """Every text file's path in the repository, and its text."""
    found = []
    for path in files():
        try:
            found.append((path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture
    return found
