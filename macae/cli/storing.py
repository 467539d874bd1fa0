"""`macae store`: what is stored is copied, exported, deleted, backed up and checked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from macae.cli.options import Home, Json, User, place

__all__ = ["store"]

store = typer.Typer(
    help="Copy, export, delete, back up and check what is stored.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Kind = Literal["sqlite", "cosmos"]
Session = Annotated[
    str, typer.Argument(metavar="SESSION", help="A session's id, or its first characters (4 or more).")
]

AllUsers = Annotated[
    bool, typer.Option("--all-users", help="Everybody's sessions, not only yours: for who looks after it.")
]


@store.callback()
def of_the_store() -> None:
    """Copy, export, delete, back up and check what is stored."""


@store.command()
def check(context: typer.Context, json: Json = False, home: Home = None, user: User = None) -> int:
    """Say which store is in use, whether it is whole, and what is in it. Exit code 1 when it cannot be used."""
    from macae.cli.stored import check_store

    return asyncio.run(check_store(place(context, home, user), json))


@store.command()
def copy(
    context: typer.Context,
    session: Annotated[
        str | None,
        typer.Argument(metavar="SESSION", help="A session's id, or its first characters (4 or more)."),
    ] = None,
    to: Annotated[
        Kind | None, typer.Option("--to", help="The store to copy to. Default: the one not in use.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All your sessions.")] = False,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Copy sessions between the SQLite file and Cosmos DB. What was begun is finished; nothing that was changed
    there is overwritten."""
    from macae.cli.copying import copy_between

    return asyncio.run(copy_between(place(context, home, user), session, to, every, json))


@store.command()
def export(
    context: typer.Context,
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new JSON file.")],
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Write all of a session to a JSON file, its copy of the sample company too, without your keys and what looks like one."""
    from macae.cli.stored import export_session

    return asyncio.run(export_session(place(context, home, user), session, file, json))


@store.command("import")
def import_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `macae store export` wrote.")],
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Put an exported session into the store in use; it becomes yours. What was approved but not done asks again."""
    from macae.cli.copying import import_session

    return asyncio.run(import_session(place(context, home, user), file, json))


@store.command()
def delete(
    context: typer.Context,
    session: Session,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Delete all of a session, after asking. It cannot be undone; one that is at work is left alone."""
    from macae.cli.stored import delete_stored

    return asyncio.run(delete_stored(place(context, home, user), session, yes, json))


@store.command()
def backup(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A new file. Default: one with the time in its name, here."),
    ] = None,
    all_users: AllUsers = False,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Write your sessions of the store in use to one file, just as they are. Others may go on working meanwhile."""
    from macae.cli.copying import back_up

    return asyncio.run(back_up(place(context, home, user), file, all_users, json))


@store.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `macae store backup` wrote.")],
    all_users: AllUsers = False,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Put your sessions of a backup into the store in use. Sessions that went on since then stay as they are; what was
    approved but not done asks again."""
    from macae.cli.copying import restore_backup

    return asyncio.run(restore_backup(place(context, home, user), file, all_users, json))
