"""Rows that need a process of their own: one that is interrupted, one whose files may not grow, one without rights.

`python -m tests.badinput.child FOLDER WHAT` prints what came of it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]


async def outcome_of(home: Path, what: str) -> str:
    """What the child process said, on both streams."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.badinput.child", str(home), what,
        cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(child.communicate(), 60)
    return output.decode()


async def keyboard(home: Path) -> None:
    """A tool that does what Ctrl+C does."""
    from tests.badinput.tools import ACT, acting, raises

    await go(home, ACT, team=acting(raises(KeyboardInterrupt())))


async def small_files(home: Path) -> None:
    """No file may grow beyond a limit that is reached between the plan and its approval."""
    import resource

    from tests.badinput.rig import BAKE

    def limit() -> None:
        largest = max(file.stat().st_size for file in home.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    await go(home, BAKE, before_approval=limit)


async def look_only(home: Path) -> None:
    """In a folder that may only be read; not as root, who may do everything."""
    from tests.badinput.rig import BAKE

    await go(home, BAKE)  # everything is imported now, wherever it lies
    with tempfile.TemporaryDirectory() as folder, read_only(Path(folder)):
        await go(Path(folder), BAKE)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing may be written there meanwhile."""
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)
    yield
    os.seteuid(os.getuid())
    folder.chmod(0o755)


async def go(home: Path, plan: str, before_approval: Any = None, **parts: Any) -> None:
    """Submit, approve and wait; say what ran and what was raised."""
    from macae.errors import MacaeError
    from tests.badinput.rig import Rig
    from tests.engine.conftest import _ledger

    _ledger.clear()
    rig = Rig(home)
    try:
        engine, made = await rig.planned(plan, **parts)
        if before_approval:
            before_approval()
        await engine.approve_all(made)
        await engine.wait(made)
    except MacaeError as error:
        sys.stdout.write(f"ran {rig.ran}; {type(error).__name__}: {error}\n")
    else:
        sys.stdout.write(f"ran {rig.ran}; no error\n")


if __name__ == "__main__":
    asyncio.run(globals()[sys.argv[2]](Path(sys.argv[1])))
