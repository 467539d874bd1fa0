"""`macae store check`, `export` and `delete`: the store in use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from macae.cli import codes
from macae.cli.archives import copies_of, find_stored, is_begun, opened_archive, store_name
from macae.cli.hints import hint
from macae.cli.opening import Place
from macae.cli.output import Screen
from macae.cli.prompting import Left, Prompt
from macae.errors import InvalidInput, StoreError
from macae.memory.archive.protocol import Archive, Record
from macae.ui.text import count

__all__ = ["check_store", "delete_stored", "export_session"]

_PAGE = 500


async def check_store(place: Place, json: bool) -> int:
    """Look at all of the store. Gives the exit code. Raises what is wrong with it."""
    screen = Screen(json)
    settings = place.settings()
    found: dict[str, Any] = {
        "store": settings.store,
        "place": store_name(settings),
        "begun": is_begun(settings),
    }
    if found["begun"]:
        async with opened_archive(settings) as store:
            if settings.store == "sqlite":
                from macae.memory.archive.backup import check_file

                found |= check_file(settings.store_path)
            sessions = await store.census()
            found["sessions"] = len(sessions)
            found["users"] = len({user for user, _ in sessions})
            found["yours"] = sum(user == settings.user for user, _ in sessions)
            found["listed"] = await listed(store, settings.user)
            # Reading the newest one shows that what is stored can still be understood.
            page = await store.sessions(user_id=settings.user, limit=1)
            newest = await store.record(settings.user, page.items[0].session_id) if page.items else None
            found["newest"] = newest.session_id if newest else None
    if json:
        screen.emit(found)
        return codes.COMPLETED
    screen.say(f"The store in use is {found['place']} ({found['store']}).")
    if not found["begun"]:
        screen.say(f"Nothing is stored in it yet. Begin with `{hint('run')}`.")
        return codes.COMPLETED
    if "format" in found:
        screen.say(
            f"The file is whole: {found['bytes']:,} bytes, in format {found['format']} of the store's file."
        )
    screen.say(
        f"It can be read: {count(found['sessions'], 'session')} of {count(found['users'], 'user')}, "
        f"{found['yours']} of them yours ({settings.user})."
    )
    if (alone := found["yours"] - found["listed"]) > 0:
        what = "is an agent's chat" if alone == 1 else "are agents' chats"
        screen.say(
            f"`{hint('sessions')}` lists {found['listed']} of yours: {alone} {what} alone, without a goal."
        )
    return codes.COMPLETED


async def listed(store: Archive, user: str) -> int:
    """How many of a user's sessions the list of sessions shows: an agent's chat outside of one is not among them."""
    total, before = 0, None
    while True:
        page = await store.sessions(user_id=user, limit=_PAGE, before=before)
        total, before = total + len(page.items), page.next
        if before is None:
            return total


async def export_session(place: Place, given: str, file: Path, json: bool) -> int:
    """Write a session to a file. Gives the exit code."""
    from macae.contoso.company import company_file
    from macae.memory.archive.companies import read_company
    from macae.memory.archive.exporting import as_export, as_text
    from macae.memory.archive.files import write_private
    from macae.memory.archive.masking import known_secrets

    screen = Screen(json)
    settings = place.settings()
    async with opened_archive(settings) as store:
        record = await store.record(settings.user, await find_stored(store, settings.user, given))
    company, left_out = None, ""
    try:  # after the record: the company may then know of more than the session, never of less
        company = read_company(company_file(settings.home, settings.user, record.session_id))
    except (InvalidInput, StoreError) as error:
        left_out = str(error)
    content, removed = as_export(record, known_secrets(settings), company)
    write_private(file, [as_text(content)])
    told = {"session_id": record.session_id, "file": str(file), "secrets_removed": removed} | counted(record)
    told |= {"company": company is not None, "company_left_out": left_out}
    if json:
        screen.emit(told)
        return codes.COMPLETED
    screen.say(f"The session {record.session_id} ({contents(record)}) is in {file}.")
    if company is not None:
        screen.say("Its copy of the sample company is in it, too.")
    if left_out:
        screen.say(f"Its copy of the sample company was left out: {left_out}.", "yellow")
    if removed:
        screen.say(f"Keys and passwords stood in it: {removed} were left out.", "yellow")
    screen.say(
        "Goals, messages and results are in it as they were written: look before you pass it on.", "dim"
    )
    return codes.COMPLETED


async def delete_stored(place: Place, given: str, yes: bool, json: bool) -> int:
    """Delete a session, after asking. Gives the exit code. Raises Conflict when it is at work, or changes meanwhile."""
    from macae.contoso.company import company_file
    from macae.memory.archive.moving import delete_session, refuse_running

    screen = Screen(json)
    settings = place.settings()
    async with opened_archive(settings) as store:
        record = await store.record(settings.user, await find_stored(store, settings.user, given))
        await refuse_running(store, record, "deleted")
        company = company_file(settings.home, settings.user, record.session_id)
        if not yes:
            if not screen.interactive:
                raise InvalidInput("Deleting cannot be undone, and nobody can be asked here: give --yes.")
            screen.say(f"The session {record.session_id}: {contents(record)}.")
            screen.say("All of it goes, and its copy of the sample company. This cannot be undone.", "yellow")
            if not _agreed(screen):
                screen.say("Nothing was deleted.")
                return codes.COMPLETED
        await delete_session(store, record)
        copies_of(settings).forget(settings.user, record.session_id)
    for path in (company, *company.parent.glob(f"{company.name}-*")):
        path.unlink(missing_ok=True)
    if json:
        screen.emit({"deleted": record.session_id} | counted(record))
    else:
        screen.say(f"The session {record.session_id} is deleted ({contents(record)}).")
    return codes.COMPLETED


def _agreed(screen: Screen) -> bool:
    try:
        return Prompt(screen).choice("Delete it?", {"y": "yes", "n": "no"}) == "y"
    except Left as left:
        if left.interrupted:
            raise KeyboardInterrupt from None
        return False


def counted(record: Record) -> dict[str, Any]:
    """What is in a session, for programs."""
    return {"documents": record.kinds(), "events": len(record.events)}


def contents(record: Record) -> str:
    """What is in a session, for people."""
    kinds = record.kinds() | {"event": len(record.events)}
    return ", ".join(count(number, kind.replace("_", " ")) for kind, number in kinds.items()).replace(
        "summarys", "summaries"
    )
