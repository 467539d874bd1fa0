"""`macae coach`: the board, the rehearsal on the day before, and the coach's pages for printing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from macae.cli.options import Home, Json, place

if TYPE_CHECKING:
    from macae.cli.opening import Place
    from macae.workshop.coach.server import Room

__all__ = ["coach"]

coach = typer.Typer(
    help="See who is stuck: a live board of teams and challenges. Learners report to it when they set its address and join code.",
    rich_markup_mode=None,
)

Host = Annotated[
    str,
    typer.Option(
        "--host", help="Where to listen. 127.0.0.1 is this computer alone; --lan is the whole network."
    ),
]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="The board's port.")]
Lan = Annotated[bool, typer.Option("--lan", help="Let the other computers of this network report.")]
Shared = Annotated[
    Path | None,
    typer.Option(
        "--folder", help="A shared folder that learners report to. Default: MACAE_COACH_FOLDER, or none."
    ),
]
ANY = "0.0.0.0"


@coach.callback(invoke_without_command=True)
def board(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8900,
    lan: Lan = False,
    code: Annotated[
        str, typer.Option("--code", help="The join code. Default: one that is made once and kept.")
    ] = "",
    folder: Shared = None,
    url: Annotated[
        str,
        typer.Option("--url", help="The address that learners use, where it is another (a tunnel, a name)."),
    ] = "",
    home: Home = None,
) -> int | None:
    """Serve the coach's board until Ctrl+C. What it knows is kept in the home, so it can be stopped and started again."""
    before = context.obj or {}
    context.obj = {**before, "home": home or before.get("home")}
    if context.invoked_subcommand is not None:
        return None
    return serve(place(context, None, None), ANY if lan else host, port, code, folder, url)


def serve(where: Place, host: str, port: int, code: str, folder: Path | None, url: str) -> int:
    """Serve it. Gives the exit code."""
    from macae.cli import codes
    from macae.workshop.coach.board import Board
    from macae.workshop.coach.serving import listen, open_room, run

    settings = where.settings()
    bound = listen(host, port)
    try:
        port = bound.getsockname()[1]
        kept = Board(settings.home / "coach" / "board.db")
        try:
            room = open_room(kept, host, port, code, folder or settings.coach_folder, url)
            tell(room, host, port)
            run(kept, room, bound)
        finally:
            kept.close()
    finally:
        bound.close()
    from macae.cli.output import Screen

    Screen().say("The board is closed. What it knew is kept; the same command shows it again.")
    return codes.COMPLETED


def tell(room: Room, host: str, port: int) -> None:
    """Say where the board is, and what learners set."""
    from macae.cli.output import Screen

    screen = Screen()
    here = "127.0.0.1" if host in (ANY, "::") else f"[{host}]" if ":" in host else host
    screen.say("The coach's board. Open this address, and show it to nobody: it holds your key.", "bold")
    screen.say(f"http://{here}:{port}/#key={room.key}", "cyan", indent=2)
    screen.say()
    address = room.url or f"http://{here}:{port}"
    screen.say("The board shows what learners write in a notebook to join. In a terminal they say:", "bold")
    screen.say(f"python workshop.py coach join {address} {room.join} --team NAME", indent=2)
    screen.say()
    if not room.url:
        screen.say(
            "Only this computer can report. For a room: --lan, or --folder with a shared folder.", "yellow"
        )
    if room.folder:
        where = room.folder.path.absolute()
        screen.say(f"Where that does not work: python workshop.py coach join {where} --team NAME")
    screen.say(
        "Codes from progress(code=True) can be pasted into the board. Ctrl+C ends it; nothing is lost.", "dim"
    )


@coach.command()
def rehearse(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8900,
    lan: Lan = False,
    folder: Shared = None,
    notebooks: Annotated[
        Path | None,
        typer.Option("--notebooks", help="Where the solutions are. Default: the folder solutions."),
    ] = None,
    parallel: Annotated[int, typer.Option("--parallel", min=1, max=16, help="Notebooks at a time.")] = 2,
    json: Json = False,
    home: Home = None,
) -> int:
    """The day before: the doctor, every solution notebook, the model, the port, the shared folder. Exit code 1 when something is wrong."""
    from macae.cli.rehearsing import show_rehearsal

    where = place(context, home, None)
    return show_rehearsal(where, ANY if lan else host, port, folder, notebooks, parallel, json)


@coach.command()
def join(
    where: Annotated[
        str, typer.Argument(help="The board's address, or the shared folder, as the coach tells it.")
    ],
    code: Annotated[str, typer.Argument(help="The join code; a folder needs none.")] = "",
    team: Annotated[str, typer.Option("--team", help="Your team's name.")] = "",
    name: Annotated[str, typer.Option("--name", help="Your own name, if it is to be seen.")] = "",
) -> int:
    """For learners: report to the coach's board from now on. Says whether it works, and what is sent."""
    from macae.cli import codes
    from macae.cli.output import Screen
    from macae.workshop.coach.learner import coach_join

    joined = coach_join(where, code, team, name)
    Screen().say(joined, "" if joined.active else "red")
    return codes.COMPLETED if joined.active else codes.FAILED


@coach.command("print")
def print_pages(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path("coach.html"),
) -> int:
    """Write the coach's guide, agenda, scoring sheet and symptoms into one HTML file, made for the printer."""
    from macae.cli import codes
    from macae.cli.output import Screen
    from macae.workshop.coach.printing import print_guide

    print_guide(output)
    Screen().say(
        f"Written: {output.resolve()}. Open it in a browser, and print it from there: about 26 A4 pages, the scoring sheet among them."
    )
    return codes.COMPLETED
