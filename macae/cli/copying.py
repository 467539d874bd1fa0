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
from macae.config import Settings
from macae.errors import ConfigError, InvalidInput
from macae.memory.archive.moving import Copied, copy_session, copy_sessions
from macae.memory.archive.protocol import Record
from macae.ui.text import count

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
        folder = (settings.home / "contoso").resolve()
        screen.say(f"Copies of the sample company stay where they are on this computer: {folder}.", "dim")
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
    from macae.contoso.company import company_file
    from macae.memory.archive.companies import prepared_company
    from macae.memory.archive.exporting import Exported, read_export
    from macae.memory.archive.files import read_file

    screen = Screen(json)
    settings = place.settings()
    content = read_file(file)
    record = read_export(content, str(file), settings.user)
    path = company_file(settings.home, record.user_id, record.session_id)
    with prepared_company(content.get("company"), str(file), path) as put_company:
        async with opened_archive(settings, make=True) as store:
            copied = await copy_session(
                Exported(record),
                store,
                record.user_id,
                record.session_id,
                copies=copies_of(settings),
                from_file=True,
            )
        company = put_company()
    missing = company == "none" and _lacks_company(settings, record)
    if json:
        names = ("session_id", "documents", "events", "asks_again")
        screen.emit({name: getattr(copied, name) for name in names} | {"company": company})
        return codes.COMPLETED
    screen.say(f"The session {record.session_id} is in the store. {_written(copied)}")
    if company == "written":
        screen.say("Its copy of the sample company is in place.")
    elif company == "kept":
        screen.say(
            "Here it has a copy of the sample company already, which differs from the file's: the one here stays. "
            "For the file's, delete the session and import it again.",
            "yellow",
        )
    elif missing:
        screen.say(
            "The file has no copy of the sample company: what the session's steps did there is missing, and further "
            "steps begin with a new one.",
            "yellow",
        )
    return codes.COMPLETED


def _lacks_company(settings: Settings, record: Record) -> bool:
    """Whether calls were made in a session whose copy of the sample company is not here."""
    from macae.contoso.company import company_file

    called = any(d.data_type == "step" and d.body.get("calls") for d in record.documents)
    return called and not company_file(settings.home, record.user_id, record.session_id).is_file()


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
        screen.say(
            f"{count(number, 'session')} {whose} {'is' if number == 1 else 'are'} in {target}, just as written: keep it safe."
        )
        folder = (settings.home / "contoso").resolve()
        if folder.is_dir():
            screen.say(
                f"Their copies of the sample company are not in it: keep a copy of {folder}, too.", "yellow"
            )
    return codes.COMPLETED


async def restore_backup(place: Place, file: Path, all_users: bool, json: bool) -> int:
    """Put the user's sessions of a backup, or everybody's, into the store. Gives the exit code: 1 when one was left as it is."""
    from macae.memory.archive.backup import opened_backup

    screen = Screen(json)
    settings = place.settings()
    if settings.store == "sqlite" and _is_same(file, settings.store_path):
        raise ConfigError(f"{file} is the store in use itself. Give the backup's file.")
    async with opened_backup(file) as source, opened_archive(settings, make=True) as store:
        there = await source.census()
        mine = ("", settings.user)  # nobody's: it cannot be read, which is told
        wanted = there if all_users else [pair for pair in there if pair[0] in mine]
        screen.say(f"From {file} to {store_name(settings)}.", "dim")
        done = await copy_sessions(
            source,
            store,
            wanted,
            _progress(screen, len(wanted)),
            copies=copies_of(settings),
            from_file=True,
        )
        written = [await store.record(c.user_id, c.session_id) for c in done if c.documents]
    if others := len(there) - len(wanted):
        screen.say(f"Of other users, {count(others, 'session')} of the backup stayed out: see --all-users.")
    if lacking := sum(_lacks_company(settings, record) for record in written):
        screen.say(
            f"A backup has no copies of the sample company: for {count(lacking, 'session')} what was done there is missing, "
            f"and further steps begin with a new one. Put {(settings.home / 'contoso').resolve()} back if you kept it.",
            "yellow",
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
    text = f"{count(copied.documents, 'document')} and {count(copied.events, 'event')} were written."
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
            f"{_sessions_are(len(done) - len(bad))} the same in both; {_are(len(bad))} not: {names}.", "bold"
        )
    else:
        screen.say(f"{_sessions_are(len(done))} the same in both.", "bold")
    return codes.FAILED if bad else codes.COMPLETED


def _are(number: int) -> str:
    return f"{number} {'is' if number == 1 else 'are'}"


def _sessions_are(number: int) -> str:
    return f"{count(number, 'session')} {'is' if number == 1 else 'are'}"
