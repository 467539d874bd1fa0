"""The doctor's look at the disk and the store."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from macae.errors import MacaeError
from macae.monitoring.words import count
from macae.workshop.findings import Finding, ok, problem, warning

if TYPE_CHECKING:
    from macae.config import Settings
    from macae.memory.store import Store

__all__ = ["check_folder", "check_space", "check_store", "network_type", "synced_by"]

LOCAL = "Set MACAE_HOME to a folder on a local disk, for example in your home folder."
WITHOUT = "Correct the setting that it names, or set MACAE_STORE=sqlite to keep everything in a file."
ROOM = "Free some space, or set MACAE_HOME to a folder on another disk."
COUNTED = 500
"""Sessions that are counted at most."""
AWAY = "Move the file away: a new store begins. What a backup has comes back with `macae store restore FILE`."
MENDS = {
    sqlite3.SQLITE_FULL: ROOM,
    sqlite3.SQLITE_CORRUPT: AWAY,
    sqlite3.SQLITE_NOTADB: AWAY,
    sqlite3.SQLITE_BUSY: "Close other programs that use it.",
    sqlite3.SQLITE_LOCKED: "Close other programs that use it.",
}
LITTLE, TOO_LITTLE = 1_000, 100
"""Megabytes."""
SYNCED = re.compile(
    r"onedrive|dropbox|google ?drive|icloud|mobile documents|cloudstorage|nextcloud|owncloud", re.I
)
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "afs", "ceph"}
    | {"fuse.sshfs", "fuse.rclone", "9p", "vboxsf", "prl_fs", "drvfs"}
)
STORE_TIMEOUT = 20.0


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    path = folder.absolute()
    return next(part for part in [path, *path.parents] if part.exists())


def check_space(home: Path) -> list[Finding]:
    """Whether the disk has room."""
    free = shutil.disk_usage(existing(home)).free // 1_000_000
    text = f"{free:,} MB are free for {home.absolute()}"
    if free < TOO_LITTLE:
        return [problem("Disk", text, ROOM)]
    return [warning("Disk", text, ROOM) if free < LITTLE else ok("Disk", text)]


def check_folder(home: Path) -> list[Finding]:
    """Whether the folder is one in which SQLite's write-ahead log can work."""
    path = existing(home).resolve()
    if name := synced_by(path):
        text = f"{path} is synchronised ({name}), which can damage or lock the store"
        return [warning("Folder", text, LOCAL)]
    if kind := network_type(path):
        return [
            problem(
                "Folder", f"{path} is on a network or shared drive ({kind}): SQLite cannot work there", LOCAL
            )
        ]
    return [ok("Folder", f"{path} is on a local disk")]


def synced_by(path: Path) -> str:
    """The folder of a synchronising service that holds `path`; empty for none."""
    for part in path.parts:
        if SYNCED.search(part):
            return part
    for variable in ("OneDrive", "OneDriveCommercial", "OneDriveConsumer"):
        folder = os.environ.get(variable)
        if folder and Path(folder).resolve() in [path, *path.parents]:
            return "OneDrive"
    return ""


def network_type(path: Path) -> str:
    """The kind of network or shared file system that `path` is on; empty when it is local or cannot be told."""
    if sys.platform == "win32":
        import ctypes

        if str(path).startswith("\\\\"):
            return "a network path"
        remote = 4
        return "a network drive" if ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == remote else ""
    kind = mount_type(path, mounts())
    return kind if kind in NETWORK else ""


def mounts() -> list[tuple[str, str]]:
    """(mount point, file system) of everything mounted."""
    if sys.platform == "darwin":
        listed = subprocess.run(
            ["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False
        ).stdout
        return re.findall(r" on (.+?) \((\w+)", listed)
    table = Path("/proc/self/mounts")
    rows = table.read_text(encoding="utf-8", errors="replace").splitlines() if table.is_file() else []
    fields = [row.split() for row in rows]
    return [(row[1].replace("\\040", " "), row[2]) for row in fields if len(row) > 2]


def mount_type(path: Path, mounted: list[tuple[str, str]]) -> str:
    """The file system of the innermost mount that holds `path`."""
    holding = [(point, kind) for point, kind in mounted if Path(point) in [path, *path.parents]]
    return max(holding, key=lambda pair: len(pair[0]))[1] if holding else ""


async def check_store(settings: Settings) -> list[Finding]:
    """Whether the store of the settings can be used."""
    return await (check_cosmos(settings) if settings.store == "cosmos" else check_file(settings))


async def check_cosmos(settings: Settings) -> list[Finding]:
    """Whether Cosmos DB is reached, takes the key, and can be written and read. As at first use, the container is made."""
    from macae.memory.opening import open_store

    try:
        async with asyncio.timeout(STORE_TIMEOUT):
            store = open_store(settings)
            try:
                await store.open()  # takes a lease, so it has been written
                page = await store.sessions(user_id=settings.user, limit=1)
            finally:
                await store.close()
    except TimeoutError:
        text = f"Cosmos DB did not answer within {STORE_TIMEOUT:g} s"
        return [problem("Store", text, "Check MACAE_COSMOS_ENDPOINT and the network. " + WITHOUT)]
    except MacaeError as error:
        return [problem("Store", str(error), WITHOUT)]
    has = "sessions" if page.items else "no sessions yet"
    return [
        ok("Store", f"Cosmos DB opens ({settings.cosmos_partition} partitions); {settings.user} has {has}")
    ]


async def check_file(settings: Settings) -> list[Finding]:
    """Whether a store can be locked, written and read back where it stands, and whether the present one opens."""
    from macae.memory.sqlite.store import SQLiteStore

    found = []
    file = settings.store_path
    home = existing(settings.home)
    try:
        async with asyncio.timeout(STORE_TIMEOUT):
            with tempfile.TemporaryDirectory(
                prefix=".doctor-", dir=home, ignore_cleanup_errors=True
            ) as folder:
                await write_and_read(SQLiteStore(Path(folder) / "macae.db"))
            found.append(ok("Store", f"a store can be written in {home}"))
            if file.is_file():
                found.append(await check_present(settings))
    except TimeoutError:
        text = f"the store in {home} did not answer within {STORE_TIMEOUT:g} s"
        found.append(problem("Store", text, "Close other programs that use it. " + LOCAL))
    except (MacaeError, OSError) as error:
        found.append(problem("Store", str(error), LOCAL if code_of(error) != sqlite3.SQLITE_FULL else ROOM))
    return found


async def check_present(settings: Settings) -> Finding:
    """Whether the store that is there opens, and is whole."""
    from macae.memory.sqlite.store import SQLiteStore

    present = SQLiteStore(settings.store_path)
    try:
        await present.open()
        found = len((await present.sessions(user_id=settings.user, limit=COUNTED)).items)
    except MacaeError as error:
        return problem("Store", str(error), MENDS.get(code_of(error), "Do that."))
    finally:
        await present.close()
    least = "at least " if found == COUNTED else ""
    return ok("Store", f"{settings.store_path} opens; {settings.user} has {least}{count(found, 'session')}")


def code_of(error: BaseException) -> int:
    """SQLite's code for what lies behind an error; 0 where there is none."""
    cause = error if isinstance(error, sqlite3.Error) else error.__context__
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF


async def write_and_read(store: Store) -> None:
    """Write a session to a fresh store and read it back. Raises StoreError."""
    from macae.errors import StoreError
    from macae.memory.store import Change
    from macae.models import Session

    await store.open()
    try:
        session = Session(id="doctor", session_id="doctor", user_id="doctor")
        await store.write("doctor", "doctor", [Change(session)])
        if await store.get(Session, "doctor", user_id="doctor", session_id="doctor") is None:
            raise StoreError("What was written to the store could not be read back.")
    finally:
        await store.close()
