"""The command lines that hints name: ones that work when they are copied."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

__all__ = ["hint"]

BOOTSTRAP = Path(__file__).parents[2] / "workshop.py"
"""Only there in a checkout."""


def hint(*words: str) -> str:
    """A command line for people to copy: `macae …` where that is on the PATH, else `python workshop.py …`."""
    join = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return join([*program(), *words])


def program() -> list[str]:
    """What stands in front of the command's words."""
    if shutil.which("macae") is not None or not BOOTSTRAP.is_file():
        return ["macae"]
    names = ("py", "python") if os.name == "nt" else ("python", "python3")
    python = next((name for name in names if shutil.which(name)), "python")
    here = Path("workshop.py")
    return [python, str(here if here.is_file() and here.samefile(BOOTSTRAP) else BOOTSTRAP)]
