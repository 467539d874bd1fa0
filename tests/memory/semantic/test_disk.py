"""What can happen to the folder: two processes in it, damage, no right to write, no room."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from macae.config import Settings
from macae.errors import StoreError
from macae.memory.semantic import SemanticMemory
from tests.memory.semantic import other_process
from tests.memory.semantic.conftest import note

REPOSITORY = Path(__file__).parents[3]


def settings_in(home: Path) -> Settings:
    return Settings(_env_file=None, home=home, embedding="lexical")


@contextmanager
def other(home: Path, what: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the memory open. A line to it sets it writing; another one ends it."""
    command = [sys.executable, str(Path(other_process.__file__)), str(home), what, str(count)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str], line: str | None = None) -> str:
    """Send a line, if any, and read one."""
    assert process.stdin and process.stdout
    if line is not None:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
    return process.stdout.readline().strip()


async def test_two_processes_at_once_lose_nothing_and_hide_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with SemanticMemory("shared", user_id="ann", settings=settings) as memory:
        await memory.add(note("mine, before", id="mine"))
        with other(tmp_path, "other", 200) as process:
            assert await asyncio.to_thread(told, process) == "ready"
            writing = asyncio.create_task(asyncio.to_thread(told, process, "go"))
            for n in range(40):
                await memory.add(note(f"mine, about subject {n * 104_729 % 1000}", id=f"mine-{n}"))
                await memory.query("subject")
            assert await writing == "done"
            # The other one wrote after this one had its index in memory: with bare Chroma a query does not see it.
            for n in (0, 77, 199):
                text = f"other wrote about subject {n * 7919 % 1000}"
                found = await memory.query(text, k=1)
                assert found.results[0].metadata == {"id": f"other-{n}", "score": 1.0}
            await memory.close()
            async with SemanticMemory("shared", user_id="ann", settings=settings) as again:
                every = (await again.query("subject", k=1000)).results
                assert await again.count() == 241 and len(every) >= 235  # the index is approximate
                assert await asyncio.to_thread(told, process, "clear") == "cleared"
                assert await again.count() == 0 and (await again.query("subject")).results == []
                await again.add(note("anew", id="anew"))
                assert await again.ids() == ["anew"]


async def test_a_writer_that_does_not_end_is_named_in_time(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with SemanticMemory("shared", user_id="ann", settings=settings, timeout=0.5) as memory:
        (settings.chroma_path / "macae-marks").mkdir(parents=True)
        with FileLock(settings.chroma_path / "macae-marks" / "lock"):
            start = time.monotonic()
            with pytest.raises(StoreError, match="Another process is writing"):
                await memory.add(note("mine"))
            assert time.monotonic() - start < 5


@pytest.mark.parametrize("damage", ["garbage", "half"])
async def test_a_damaged_folder_says_what_to_do(tmp_path: Path, damage: str, settings: Settings) -> None:
    async with SemanticMemory("notes", settings=settings, user_id="damage") as memory:
        await memory.add(note("something"))
    folder = tmp_path / "chroma"
    folder.mkdir()
    whole = (settings.chroma_path / "chroma.sqlite3").read_bytes()
    (folder / "chroma.sqlite3").write_bytes(
        b"garbage" * 9000 if damage == "garbage" else whole[: len(whole) // 2]
    )
    async with SemanticMemory("notes", settings=settings_in(tmp_path)) as memory:
        with pytest.raises(StoreError, match=r"is damaged .* Move the folder away"):
            await memory.query("something")
        with pytest.raises(StoreError, match="is damaged"):  # and again, not something else
            await memory.count()


async def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "chroma").touch()
    async with SemanticMemory("notes", settings=settings_in(tmp_path)) as memory:
        with pytest.raises(StoreError, match="check MACAE_HOME"):
            await memory.add(note("something"))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o500)  # noqa: PTH101
    try:
        async with SemanticMemory("notes", settings=settings_in(tmp_path)) as memory:
            with pytest.raises(StoreError, match="check MACAE_HOME"):
                await memory.add(note("something"))
    finally:
        os.chmod(tmp_path, 0o700)  # noqa: PTH101


@pytest.mark.skipif(sys.platform == "win32", reason="limits a process's files, as a full disk does")
def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    code = (
        "import asyncio, resource, signal, sys\nfrom pathlib import Path\n"
        "from autogen_core.memory import MemoryContent\nfrom macae.config import Settings\n"
        "from macae.errors import StoreError\nfrom macae.memory.semantic import SemanticMemory\n"
        "def note(n): return MemoryContent(content=f'entry {n} ' + 'x' * 2000, mime_type='text/plain', metadata={'id': str(n)})\n"
        "async def main():\n"
        "    settings = Settings(_env_file=None, home=Path(sys.argv[1]), embedding='lexical')\n"
        "    async with SemanticMemory('notes', user_id='ann', settings=settings) as memory:\n"
        "        await memory.add(note(1))\n"
        "        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))\n"
        "        try:\n"
        "            await memory.add_many([note(n) for n in range(2, 400)])\n"
        "        except StoreError as error:\n"
        "            print(error)\n"
        "        print(await memory.get(['1']) != [])\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, encoding="utf-8", check=False,
        cwd=REPOSITORY, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    error, there = done.stdout.splitlines()
    assert "full" in error or "cannot be used" in error, error
    assert there == "True"


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
async def test_a_folder_that_was_removed_while_it_is_open_is_made_anew(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with SemanticMemory("notes", settings=settings) as memory:
        await memory.add(note("something"))
        shutil.rmtree(settings.chroma_path)
        await memory.add(note("more", id="more"))
        assert await memory.ids() == ["more"]
    async with SemanticMemory("notes", settings=settings) as memory:
        assert await memory.ids() == ["more"]  # written to the new file, not to the removed one


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
async def test_the_folder_is_for_its_owner_alone_also_one_that_was_there(tmp_path: Path) -> None:
    for home in (tmp_path / "new", tmp_path / "old"):
        folder = home / "chroma"
        if home.name == "old":
            folder.mkdir(parents=True)
            folder.chmod(0o755)
        async with SemanticMemory("notes", settings=settings_in(home)) as memory:
            assert await memory.count() == 0
        assert folder.stat().st_mode & 0o777 == 0o700
