"""`macae report`: a stored session as one HTML file, as a picture, as a table. Nothing is started, and no model is needed."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from macae.cli.options import Home, Json, User, place

if TYPE_CHECKING:
    from macae.cli.opening import Place
    from macae.engine import Engine
    from macae.monitoring.recording import Recording

__all__ = ["report"]

Table = Literal["events", "calls", "steps", "tools"]


def report(
    context: typer.Context,
    which: Annotated[
        str,
        typer.Argument(
            metavar="SESSION|PLAN", help="An id, or the first characters (4 or more) of a session's."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The HTML file. Default: macae-report-….html here, unless only a picture or a table is asked for.",
        ),
    ] = None,
    compare: Annotated[
        str | None, typer.Option("--compare", metavar="SESSION|PLAN", help="Set another one beside it.")
    ] = None,
    png: Annotated[
        Path | None,
        typer.Option("--png", help="Write the figure as a picture; with --compare that of both sessions."),
    ] = None,
    theme: Annotated[
        Literal["light", "dark"] | None,
        typer.Option("--theme", help="The ground of --png; the HTML file has both. Default: light."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", help="Write a table for pandas or a spreadsheet; with --compare of both sessions."
        ),
    ] = None,
    table: Annotated[
        Table | None, typer.Option("--table", help="What the rows of --csv are. Default: events.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Write a session's report: who did what when, what it cost, what was said, what went wrong. Works while it runs, too."""
    files = Wanted(out, png, csv, table, theme, force)
    return asyncio.run(write_report(place(context, home, user), which, compare, files, json))


class Wanted:
    """The files that are to be written. Raises InvalidInput where two have one name, one is there already, or an option says
    something of a file that is not asked for."""

    def __init__(
        self,
        out: Path | None,
        png: Path | None,
        csv: Path | None,
        table: Table | None,
        theme: str | None,
        force: bool,
    ) -> None:
        from macae.errors import InvalidInput

        for option, given, needs, other in (
            ("--table", table, "--csv", csv),
            ("--theme", theme, "--png", png),
        ):
            if given is not None and other is None:
                raise InvalidInput(
                    f"{option} says something of {needs}: give {needs} FILE too, or leave {option} out."
                )
        self.html, self.png, self.csv = out, png, csv
        self.table, self.theme, self.force = table or "events", theme or "light", force

    def settle(self, session_id: str, other: str = "") -> None:
        """Give the HTML file its name where none was asked for, and look at all names before any work is done."""
        from macae.errors import InvalidInput

        if self.html is None and self.png is None and self.csv is None:
            name = "-vs-".join(plain(one) for one in (session_id, other) if one)
            self.html = Path(f"macae-report-{name}.html")
        if self.png is not None and self.png.suffix.lower() != ".png":
            raise InvalidInput(f"--png writes a PNG picture: name a file that ends in .png, not {self.png}.")
        names = [path for path in (self.html, self.png, self.csv) if path is not None]
        if len({path.resolve() for path in names}) < len(names):
            raise InvalidInput("Two of the files have the same name. Give each its own.")
        for path in names:
            if path.is_dir():
                raise InvalidInput(f"{path} is a folder. Name a file in it.")
            if os.path.lexists(path) and not self.force:
                raise InvalidInput(f"{path} exists already. Name another file, or replace it with --force.")


def plain(session_id: str) -> str:
    """A session's id as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", session_id)[:24].strip("-") or "session"


async def write_report(place: Place, which: str, compare: str | None, files: Wanted, json: bool) -> int:
    """Read the session or plan, and write what is wanted. Gives the exit code. Raises MacaeError."""
    from macae.cli import codes
    from macae.cli.history import reader
    from macae.cli.output import Screen, one_line
    from macae.errors import InvalidInput
    from macae.monitoring.analysis.budgets import Budgets
    from macae.monitoring.compliance import open_compliance
    from macae.monitoring.words import count

    screen = Screen(json)
    settings = place.settings()
    compliance = open_compliance(settings)

    def cleaned(text: str, name: str = "") -> str:
        return compliance.clean(text, "screen", "report", name=name)

    shown = cleaned if compliance.watches("screen") else None
    engine = reader(place)
    try:
        await engine.store.open()
        recording = await recorded(engine, which, shown)
        other = await recorded(engine, compare, shown) if compare else None
    finally:
        await engine.close()
    if other is not None and part_of(other, compare) == part_of(recording, which):
        raise InvalidInput("--compare names the same as the report itself. Name another session or plan.")
    files.settle(recording.session_id, other.session_id if other is not None else "")
    budget = Budgets.set_in(settings).of(recording, part=which in recording.plans)
    written = [str(path) for path in write(files, recording, other, budget)]
    if json:
        screen.emit({"session_id": recording.session_id, "events": len(recording.events), "files": written})
        return codes.COMPLETED
    for path in written:
        screen.put(f"Written: {path}")
    for beside, shown_one in (("", recording), ("Beside it: ", other)):
        if shown_one is not None:
            title, status = one_line(shown_one.title, 150), one_line(shown_one.status_text, 80)
            screen.say(f"{beside}{title}: {status}, {count(len(shown_one.events), 'event')}.", "dim")
    screen.say("What people and agents wrote is in it: look before you pass it on.", "dim")
    return codes.COMPLETED


def part_of(recording: Recording, given: str | None) -> tuple[str, str | None]:
    """Which session it is, and which plan of it, where one was asked for."""
    return recording.session_id, given if given in recording.plans else None


async def recorded(engine: Engine, given: str, shown: Callable[..., str] | None) -> Recording:
    """What is stored of a session, or of one plan of it, as it may be shown. Raises NotFound, InvalidInput."""
    from macae.cli.finding import find_session
    from macae.errors import NotFound
    from macae.ui.monitor.masking import Mask

    session = await find_session(engine, given)
    recording = await engine.lookup.recording(session, Mask(shown))
    if not recording.events:
        raise NotFound(f"Nothing has happened yet in the session {session}: there is nothing to report.")
    return recording.of_plan(given) if given in recording.plans else recording


def write(
    files: Wanted, recording: Recording, other: Recording | None, budget_usd: float | None
) -> list[Path]:
    """Write the files. Gives their paths. Raises InvalidInput where one cannot be written."""
    from macae.monitoring.files import put_file

    written = []
    if files.html is not None:
        from macae.monitoring.report import report_html

        page = report_html(recording, compare=other, budget_usd=budget_usd)
        written.append(put_file(files.html, page.encode("utf-8")))
    if files.png is not None:
        from macae.monitoring.figures import compare_figure, monitor_figure, save_png

        figure = (
            compare_figure(recording, other, files.theme)
            if other is not None
            else monitor_figure(recording, files.theme, budget_usd=budget_usd)
        )
        written.append(save_png(figure, files.png))
    if files.csv is not None:
        from macae.monitoring.tables import to_csv

        table = to_csv(recording, kind=files.table)
        if other is not None:  # the column session_id (or plan_id) tells them apart
            table += to_csv(other, kind=files.table).split("\n", 1)[1]
        written.append(put_file(files.csv, table.encode("utf-8")))
    return written
