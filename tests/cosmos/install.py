"""The peer's node packages, as the lockfile pins them, beside it in node_modules (git-ignored).

`python -m tests.cosmos.install` installs them; tests do so by themselves.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["HERE", "NoNode", "installed"]

HERE = Path(__file__).resolve().parent
_MARK = HERE / ".installed"
_OLDEST = 18
_SECONDS = 100.0


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
    try:
        with FileLock(HERE / ".installed.lock", timeout=_SECONDS):
            if not _MARK.is_file() or _MARK.read_text(encoding="utf-8").strip() != wanted:
                _MARK.unlink(missing_ok=True)
                _install()
                _MARK.write_text(wanted, encoding="utf-8")
    except Timeout:
        raise NoNode(f"another test run has been installing node packages for {_SECONDS:.0f} s") from None
    return node


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NoNode("npm is not installed")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=HERE, capture_output=True, encoding="utf-8", timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoNode(f"`npm ci` took longer than {_SECONDS:.0f} s") from None
    if done.returncode:
        raise NoNode("`npm ci` failed: " + (done.stderr.strip().splitlines() or ["it does not say why"])[0])


if __name__ == "__main__":
    try:
        installed()
    except NoNode as reason:
        sys.stderr.write(f"The Cosmos DB tests cannot run: {reason}.\n")
        sys.exit(1 if os.environ.get("NODE_REQUIRED") else 0)
