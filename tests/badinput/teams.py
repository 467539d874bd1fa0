"""Team files and declarations that cannot work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from macae import AgentSpec, Team
from macae.errors import TeamError
from tests.badinput.rig import NOTHING, Rig
from tests.badinput.table import Row, row
from tests.engine.conftest import bake

AGENT = "agents: [{name: BakerAgent, system_message: You bake., tools: [%s]}]"


def file(gave: str, content: str | bytes, says: str | tuple[str, ...], code: str = "") -> Row:
    async def deed(rig: Rig) -> None:
        path = rig.home / "team.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        (rig.home / "mine.py").write_text(code, encoding="utf-8")
        await rig.engine(team=path).submit("Bake")

    parts = says if isinstance(says, tuple) else (says,)
    return row(f"a team file: {gave}", deed, TeamError, ("team.yaml", *parts), NOTHING)


def declared(gave: str, make: Callable[[], Any], says: str) -> Row:
    async def deed(rig: Rig) -> None:
        make()

    return row(gave, deed, TeamError, says, NOTHING)


async def missing(rig: Rig) -> None:
    rig.engine(team=rig.home / "nowhere.yaml")


async def directory(rig: Rig) -> None:
    rig.engine(team=rig.home)


def sync(kind: str) -> str:
    """Bake at once."""
    return kind


async def unexplained(kind: str) -> str:
    return kind


def spec(**fields: Any) -> AgentSpec:
    return AgentSpec(**{"name": "BakerAgent", "system_message": "You bake.", "tools": [bake], **fields})


ROWS = [
    row("a team file that is not there", missing, TeamError, ("nowhere.yaml", "cannot be read"), NOTHING),
    row("a folder for a team file", directory, TeamError, "cannot be read", NOTHING),
    file("bytes that are no text", b"\xff\xfe\x00", "cannot be read"),
    file("no YAML", "agents: [", "is not YAML"),
    file("YAML that would run code", "!!python/object/apply:os.system ['echo hello']", "is not YAML"),
    file("a thousand brackets", "[" * 5_000, "is not YAML"),
    file("a list", "- one\n- two", "cannot be used: the file: Input should be a valid dictionary"),
    file("nothing", "", "has no agents. Give it at least one AgentSpec."),
    file("a field that there is not", "agents: []\ncolour: red", "cannot be used: colour: Extra inputs are not permitted"),
    file("a number for a name", "agents: [{name: 7, system_message: x}]", "agents.0.name: Input should be a valid string"),
    file("a department that there is not", "departments: [Astrology]", "there is no department Astrology; there are Hr,"),
    file("markup for an agent's name", "agents: [{name: '<script>', system_message: x}]", "The agent name '<script>' is not a Python identifier."),
    file("the manager's name for an agent", "agents: [{name: GroupChatManager, system_message: x}]", "GroupChatManager is part of every team; give your agent another name."),
    file("a tool without a module", AGENT % "bake", "BakerAgent: the tool 'bake' must be written module:function or file.py:function."),
    file("a module that there is not", AGENT % "'no_such_module:bake'", "BakerAgent: no_such_module cannot be imported: ModuleNotFoundError"),
    file("a function that the module lacks", AGENT % "'mine.py:bake'", "BakerAgent: mine.py has no function 'bake'."),
    file("a tool that is no function", AGENT % "'mine.py:bake'", "BakerAgent: mine.py:bake is not a function.", "bake = 7"),
    file("a tool that is not async", AGENT % "'os:getcwd'", "The tool getcwd is not async, so it could not be stopped."),
    file("a module that ends the program", AGENT % "'mine.py:bake'", "BakerAgent: mine.py cannot be imported: SystemExit: 3.", "raise SystemExit(3)"),
    declared("a number for an agent's name", lambda: spec(name=7), "The name of the agent 7 must be text, not int."),
    declared("an agent without a system message", lambda: spec(system_message=" "), "BakerAgent has no system message. Say in a sentence or two what it is for."),
    declared("one tool in place of a list", lambda: spec(tools=bake), "BakerAgent: tools must be a list, not function."),
    declared("a sync tool", lambda: spec(tools=[sync]), "The tool sync is not async, so it could not be stopped. Write `async def sync(…)`."),
    declared("a tool without a word", lambda: spec(tools=[unexplained]), "The tool unexplained has no description, so no model could choose it. Give it a docstring."),
    declared("a text for a tool", lambda: spec(tools=["bake"]), "is not async"),
    declared("the same tool twice", lambda: spec(tools=[bake, bake]), "BakerAgent has two tools of the name bake. Rename one."),
    declared("two agents of one name", lambda: Team([spec(), spec()]), "has two agents of the name BakerAgent. Rename one."),
    declared("names in place of agents", lambda: Team(["BakerAgent"]), "The team 'My team' needs a list of AgentSpec."),
    declared("a team of nobody", lambda: Team([]), "The team 'My team' has no agents. Give it at least one AgentSpec."),
]  # fmt: skip
