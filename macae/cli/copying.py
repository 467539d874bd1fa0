"""`macae store copy`, `import`, `backup` and `restore`: from one place to another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from macae.cli import codes
from macae.cli.archives import copies_of, find_stored, opened_archive, store_name
from macae.cli.opening import Place
from macae.cli.output import Screen
from macae.errors import ConfigError, InvalidInput
from macae.memory.archive.moving import Copied, copy_session, copy_sessions

__all__ = ["back_up", "copy_between", "import_session", "restore_backup"]


async def copy_between(place: Place, session: str | None, to: str | None, every: bool, json: bool) -> int:
    """Copy one session or all of the user's. Gives the exit code: 1 when one could not be copied."""
    screen = Screen(json)
    settings = place.settings()
    if (session is None) == (not every):
        raise InvalidInput("Say which session is to be copied, or --all.")
    target = to or ("cosmos" if settings.store == "sqlite" else "sqlite")
    origin = "sqlite" if target == "cosmos" else "cosmos"
    source_settings, target_settings = (
        settings.model_copy(update={"store": kind}) for kind in (origin, target)
    )
    async with (
        opened_archive(source_settings) as source,
        opened_archive(target_settings, make=True) as goal,
    ):
        screen.say(f"From {store_name(source_settings)} to {store_name(target_settings)}.", "dim")
        if session is not None:
            wanted = [(settings.user, await find_stored(source, settings.user, session))]
        else:
            wanted = [pair for pair in await source.census() if pair[0] == settings.user]
        done = await copy_sessions(
            source, goal, wanted, _progress(screen, len(wanted)), copies=copies_of(settings)
        )
    return _told(screen, done)


async def import_session(place: Place, file: Path, json: bool) -> int:
    """Put an exported session into the store. Gives the exit code."""
    from macae.memory.archive.exporting import Exported, read_export, read_file

    screen = Screen(json)
    settings = place.settings()
    record = read_export(read_file(file), str(file), settings.user)
    async with opened_archive(settings, make=True) as store:
        copied = await copy_session(
            Exported(record),
            store,
            record.user_id,
            record.session_id,
            copies=copies_of(settings),
            from_file=True,
        )
    if json:
        names = ("session_id", "documents", "events", "asks_again")
        screen.emit({name: getattr(copied, name) for name in names})
    else:
        screen.say(f"The session {record.session_id} is in the store. {_written(copied)}")
    return codes.COMPLETED


async def back_up(place: Place, file: Path | None, all_users: bool, json: bool) -> int:
    """Write the user's sessions, or everybody's, to a file. Gives the exit code."""
    from macae.memory.archive.backup import back_up_file, back_up_store

    screen = Screen(json)
    settings = place.settings()
    ending = "db" if settings.store == "sqlite" else "jsonl"
    target = file or Path(time.strftime(f"macae-%Y%m%d-%H%M%S.{ending}"))
    user = None if all_users else settings.user
    async with opened_archive(settings) as store:
        if settings.store == "sqlite":
            back_up_file(settings.store_path, target, user_id=user)
            number = sum(user in (None, whose) for whose, _ in await store.census())
        else:

            def told(at: int, whole: int) -> None:
                if at % 10 == 0 or at == whole:
                    screen.say(f"{at} of {whole} sessions", "dim")

            number = await back_up_store(store, target, told, user)
    if json:
        screen.emit({"file": str(target), "sessions": number})
    else:
        whose = "of all users" if all_users else f"of yours ({settings.user})"
        screen.say(f"{number} sessions {whose} are in {target}, just as they are: keep it safe.")
    return codes.COMPLETED


async def restore_backup(place: Place, file: Path, json: bool) -> int:
    """Put a backup's sessions into the store. Gives the exit code: 1 when one was left as it is."""
    from macae.memory.archive.backup import opened_backup

    screen = Screen(json)
    settings = place.settings()
    if settings.store == "sqlite" and _is_same(file, settings.store_path):
        raise ConfigError(f"{file} is the store in use itself. Give the backup's file.")
    async with opened_backup(file) as source, opened_archive(settings, make=True) as store:
        wanted = await source.census()
        screen.say(f"From {file} to {store_name(settings)}.", "dim")
        done = await copy_sessions(
            source,
            store,
            wanted,
            _progress(screen, len(wanted)),
            copies=copies_of(settings),
            from_file=True,
        )
    return _told(screen, done)


def _is_same(one: Path, two: Path) -> bool:
    return one.is_file() and two.is_file() and one.samefile(two)


def _progress(screen: Screen, whole: int) -> Callable[[int, Copied], None]:
    def show(at: int, copied: Copied) -> None:
        text = copied.problem or f"{copied.session_id}: {_written(copied)}"
        screen.say(f"{at} of {whole}  {text}", "red" if copied.problem else "")

    return show


def _written(copied: Copied) -> str:
    if not copied.documents and not copied.events:
        return "It was there already."
    text = f"{copied.documents} documents and {copied.events} events were written."
    if copied.asks_again:
        text += f" What was approved but not done asks again: {copied.asks_again} of its steps."
    return text


def _told(screen: Screen, done: Sequence[Copied]) -> int:
    bad = [copied for copied in done if copied.problem]
    if screen.json:
        rows: list[dict[str, Any]] = [
            {name: getattr(copied, name) for name in Copied.__slots__} for copied in done
        ]
        screen.emit({"ok": not bad, "sessions": rows})
    elif bad:
        names = ", ".join(copied.session_id for copied in bad)
        screen.say(
            f"{len(done) - len(bad)} sessions are the same in both; {len(bad)} are not: {names}.", "bold"
        )
    else:
        screen.say(f"{len(done)} sessions are the same in both.", "bold")
    return codes.FAILED if bad else codes.COMPLETED
