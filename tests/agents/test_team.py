"""One declaration adds an agent: in Python, in a team file, and in the guide's form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from autogen_core import AgentId
from autogen_core.models import ChatCompletionClient
from autogen_core.tools import FunctionTool

from macae import AgentSpec, BaseAgent, Engine, Settings, Team, retrieve_all_agent_tools
from macae.agents import default_team, load_team
from macae.agents.catalogue import catalogue
from macae.errors import TeamError
from macae.models import PlanStatus
from tests.support.scripted import ScriptedClient, obedient, planned

BAKED: list[tuple[str, int]] = []
QUICK_TASK = "Please bake 12 chocolate chip cookies for tomorrow's event."


async def bake_cookies(cookie_type: str, quantity: int) -> str:
    """Bake cookies of a type."""
    BAKED.append((cookie_type, quantity))
    return f"Baked {quantity} {cookie_type} cookies."


async def prepare_dough(dough_type: str) -> str:
    """Prepare dough of a type."""
    return f"Prepared {dough_type} dough."


def get_baker_tools() -> list[FunctionTool]:
    return [
        FunctionTool(bake_cookies, description="Bake cookies of a type."),
        FunctionTool(prepare_dough, description="Prepare dough of a type."),
    ]


class BakerAgent(BaseAgent):
    """As the guide writes it."""

    def __init__(
        self,
        model_client: ChatCompletionClient,
        session_id: str,
        user_id: str,
        memory: Any,
        tools: list[Any],
        agent_id: AgentId,
    ) -> None:
        super().__init__(
            "BakerAgent", model_client, session_id, user_id, memory, tools, agent_id,
            system_message="You are an AI Agent specialised in baking.",
        )  # fmt: skip


GUIDE = AgentSpec(
    "BakerAgent", "You bake.", get_baker_tools(), quick_tasks=[QUICK_TASK], agent_class=BakerAgent
)
OURS = AgentSpec(
    "BakerAgent", "You bake.", [bake_cookies, prepare_dough], quick_tasks=[QUICK_TASK], icon="birthday-cake"
)
FILE = """\
name: Bakery
departments: [Hr]
agents:
  - name: BakerAgent
    system_message: You bake.
    tools: [baker.py:bake_cookies, baker.py:prepare_dough]
    quick_tasks: ["Please bake 12 chocolate chip cookies for tomorrow's event."]
    icon: birthday-cake
"""


@pytest.fixture
def team_file(tmp_path: Path) -> Path:
    (tmp_path / "baker.py").write_text(
        'async def bake_cookies(cookie_type: str, quantity: int) -> str:\n    """Bake cookies of a type."""\n'
        '    return f"Baked {quantity} {cookie_type} cookies."\n\n\n'
        'async def prepare_dough(dough_type: str) -> str:\n    """Prepare dough of a type."""\n    return "ok"\n',
        encoding="utf-8",
    )
    (tmp_path / "team.yaml").write_text(FILE, encoding="utf-8")
    return tmp_path / "team.yaml"


@pytest.mark.parametrize("form", ["guide", "ours", "file"])
async def test_the_guides_baker_runs_in_every_form(form: str, tmp_path: Path, team_file: Path) -> None:
    BAKED.clear()
    base = default_team()
    team = {"guide": base.plus(GUIDE), "ours": base.plus(OURS)}.get(form) or load_team(team_file)
    assert QUICK_TASK in team.quick_tasks
    assert {"agent": "BakerAgent", "function": "bake_cookies"}.items() <= next(
        t for t in retrieve_all_agent_tools(team) if t["function"] == "bake_cookies"
    ).items()
    # The offline model plans it, from the tools alone.
    async with Engine(settings=Settings(home=tmp_path / "home"), team=team) as engine:
        plan = await engine.submit(QUICK_TASK)
        assert [(s.agent, s.function) for s in plan.steps] == [("BakerAgent", "bake_cookies")]
        assert plan.steps[0].arguments is not None and plan.steps[0].arguments["quantity"] == 12
        await engine.approve_all(plan)
        plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    assert "12 chocolate chip" in (plan.steps[0].calls[0].result or "")
    if form != "file":
        assert BAKED == [("chocolate chip", 12)]


def sync_tool(x: int) -> str:
    """Sync."""
    return ""


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (lambda: AgentSpec("Baker Agent", "You bake."), "Python identifier"),
        (lambda: AgentSpec("BakerAgent", " "), "system message"),
        (lambda: AgentSpec("BakerAgent", "You bake.", [sync_tool]), "async def sync_tool"),
        (lambda: AgentSpec("BakerAgent", "You bake.", [bake_cookies, bake_cookies]), "two tools"),
        (lambda: Team([]), "no agents"),
        (lambda: Team([OURS, OURS]), "two agents"),
        (lambda: Team([AgentSpec("HumanAgent", "x")]), "part of every team"),
        (lambda: Team([OURS, AgentSpec("Other", "x", [bake_cookies])]), "both have a tool bake_cookies"),
    ],
)
def test_a_wrong_declaration_names_itself_and_the_mend(declare: Any, says: str) -> None:
    with pytest.raises(TeamError, match=says):
        declare()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- just\n- a list", "cannot be used"),
        ("name: [", "not YAML"),
        ("departments: [Space]", "no department Space"),
        ("agents: [{name: A, system_message: b, tools: [nope]}]", "module:function"),
        ("agents: [{name: A, system_message: b, tools: ['nope.py:x']}]", "cannot be imported"),
        ("agents: [{name: A, system_message: b, tools: ['json:nope']}]", "no function 'nope'"),
        ("agents: [{name: A, system_message: b, colour: red}]", "agents.0.colour"),
        ("agents: []", "no agents"),
    ],
)
def test_a_malformed_team_file_says_what_is_wrong(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TeamError, match=says):
        load_team(file)
    with pytest.raises(TeamError, match="cannot be read"):
        load_team(tmp_path / "none.yaml")


def many(count: int) -> list[Any]:
    made = []
    for i in range(count):

        async def filler(x: str) -> str:
            return x

        made.append(
            FunctionTool(filler, description=f"Polish brass fitting number {i} on deck.", name=f"polish_{i}")
        )
    return made


def test_the_catalogue_is_bounded_and_keeps_what_the_goal_needs() -> None:
    team = Team([OURS, *(AgentSpec(f"Deck{n}", "You polish.", [t for t in many(500) if int(t.name[7:]) % 5 == n]) for n in range(5))])  # fmt: skip
    text = catalogue(team, "Bake 12 chocolate chip cookies", limit=12_000)
    assert len(text) <= 12_000
    assert "- bake_cookies(cookie_type: string, quantity: integer) [change]: Bake cookies of a type." in text
    assert all(f"## {agent.name}" in text for agent in team)
    whole = catalogue(default_team(), "anything")
    assert len(whole) < 24_000 and whole == catalogue(default_team(), "something else")


async def test_a_part_that_could_not_work_is_named_when_it_is_registered(tmp_path: Path) -> None:
    from autogen_core import MessageContext, RoutedAgent, message_handler
    from pydantic import BaseModel

    class InputTask(BaseModel):
        description: str

    class Deaf(RoutedAgent):
        def __init__(self, context: Any) -> None:
            super().__init__("deaf")

        async def handle_input_task(self, message: Any, ctx: MessageContext) -> None: ...

    Twice = type("Twice", (RoutedAgent,), {
        "__init__": lambda self, context: RoutedAgent.__init__(self, "twice"),
        "handle_input_task": message_handler(_typed(InputTask)),
    })  # fmt: skip

    def broken(context: Any) -> Any:
        raise KeyError("oops")

    for planner, says in (
        (Deaf, "@message_handler missing"),
        (Twice, "defined again"),
        (broken, "could not be built"),
        (lambda context: "no agent", "not an agent"),
    ):
        client = ScriptedClient(obedient(planned()))
        async with Engine(settings=Settings(home=tmp_path), model=client, planner=planner) as engine:  # type: ignore[arg-type]
            with pytest.raises(TeamError, match=says):
                await engine.submit("Bake")


def _typed(kind: type) -> Any:
    async def handle_input_task(self: Any, message: Any, ctx: Any) -> None: ...

    handle_input_task.__annotations__ = {"message": kind, "ctx": Any, "return": type(None)}
    return handle_input_task
