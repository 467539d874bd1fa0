"""The peer's node packages, as the lockfile pins them, beside it in node_modules (git-ignored).

`python -m tests.cosmos.install` installs them; tests do so by themselves.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["HERE", "NoNode", "installed"]

HERE = Path(__file__).resolve().parent
_MARK = HERE / ".installed"
_OLDEST = 18
_SECONDS = 100.0
"""Less than a test may take: who waits in vain is to be told why."""
_WHY = HERE / ".installed.why"
_BELIEVED = 300.0
"""Seconds for which the next ones take an install's failure for granted, rather than each trying again."""


class NoNode(Exception):
    """Why the peer cannot run here."""


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise NoNode(f"node is not installed (version {_OLDEST} or newer)")
    done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)
    version = done.stdout.strip()
    if not version.startswith("v") or int(version[1:].split(".")[0]) < _OLDEST:
        raise NoNode(f"node is {version or 'broken'}; {_OLDEST} or newer is needed")
    return node


def installed() -> str:
    """Node's program, when its packages are there too; installs them where they are not. Safe when several begin at once.

    Raises NoNode with the reason when it cannot be done.
    """
    node = _node()
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    ends = time.monotonic() + _SECONDS
    try:
        with FileLock(HERE / ".installed.lock", timeout=_SECONDS):
            if not _MARK.is_file() or _MARK.read_text(encoding="utf-8").strip() != wanted:
                _MARK.unlink(missing_ok=True)
                _install(ends - time.monotonic())
                _MARK.write_text(wanted, encoding="utf-8")
    except Timeout:
        raise NoNode(f"another test run has been installing node packages for {_SECONDS:.0f} s") from None
    return node


def _install(seconds: float) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NoNode("npm is not installed")
    if _WHY.is_file() and time.time() - _WHY.stat().st_mtime < _BELIEVED:
        raise NoNode(_WHY.read_text(encoding="utf-8"))
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=HERE, capture_output=True, encoding="utf-8", timeout=max(seconds, 1), check=False
        )
        why = "`npm ci` failed: " + (done.stderr.strip().splitlines() or ["it does not say why"])[0]
    except subprocess.TimeoutExpired:
        done, why = None, f"`npm ci` took longer than {seconds:.0f} s"
    if done is None or done.returncode:
        _WHY.write_text(why, encoding="utf-8")
        raise NoNode(why)
    _WHY.unlink(missing_ok=True)


if __name__ == "__main__":
    try:
        installed()
    except NoNode as reason:
        sys.stderr.write(f"The Cosmos DB tests cannot run: {reason}.\n")
        sys.exit(1 if os.environ.get("NODE_REQUIRED") else 0)
