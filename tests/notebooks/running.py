"""Running notebooks as papermill and nbval do, where nobody can click and everything is stored in a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parents[2]
SECRET = re.compile(
    r"sk-[A-Za-z0-9]{16,}|(?:/(?:home|root|Users)/|[A-Z]:\\\\)\w+|/tmp/|api_key\s*=\s*['\"]\w{8,}"
)


def environment(home: Path, **more: str) -> dict[str, str]:
    """Where nobody can click: the boards press their own buttons, and everything is stored below `home`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MACAE_", "PYTEST_", "JUPYTER_"))
    }
    return {
        **kept,
        "MACAE_AUTO_CLICK": "1",
        "MACAE_HOME": str(home),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        **more,
    }


def run(home: Path, *words: str, **more: str) -> str:
    """Run a module of this Python; what it printed. `more` is environment. Fails the test when it failed."""
    done = subprocess.run(
        [sys.executable, "-m", *words],
        env=environment(home, **more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=240,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    return done.stdout + done.stderr


def cells(path: Path) -> list[Any]:
    """A notebook's cells."""
    return list(nbformat.read(path, as_version=4).cells)


def compare(path: Path, folder: Path, **more: str) -> int:
    """Have nbval compare the outputs that are committed; how many cells it ran. What is kept is in `folder / "home"`."""
    nothing = folder / "nothing.ini"
    nothing.write_text("[pytest]\n", encoding="utf-8")
    options = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "60", "-q", "-p", "no:cacheprovider"]  # fmt: skip
    said = run(
        folder / "home", "pytest", *options, "-c", str(nothing), "--rootdir", str(ROOT), str(path), **more
    )
    counted = re.search(r"(\d+) passed", said)
    assert counted is not None, said
    return int(counted[1])
