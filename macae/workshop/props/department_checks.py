"""What checks ask of a learner's department, and of a catalogue of a team."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Annotated, Any

from macae import contoso
from macae.errors import TeamError, ToolRefused
from macae.tools import ActionTool, tool
from macae.workshop.props.tool_checks import NO_DOCSTRING, NO_PARAMETER, SYNC, is_text
from macae.workshop.trial import Trial

if TYPE_CHECKING:
    from macae import Team

__all__ = [
    "QUICK_TASK",
    "cafe",
    "is_plain",
    "joins_the_engine",
    "leaves_a_row",
    "names_alone",
    "tells_all",
    "the_spec",
]


QUICK_TASK = "Please bake 12 chocolate chip cookies for tomorrow's event."
KINDS = {"is not async": "sync", "no description": "no-docstring", "cannot be described": "schema"}
"""What AgentSpec says of a tool → the kind of failure."""


def is_plain(attempt: Any, trial: Trial, look: str) -> None:
    """The learner's function is called without `await`."""
    trial.expect(
        not inspect.iscoroutinefunction(attempt), expected=f"a plain function: `def {attempt.__name__}(…)`",
        seen=f"`async def {attempt.__name__}`", look=look, kind="async-def",
    )  # fmt: skip


async def the_spec(attempt: Any, trial: Trial) -> Any:
    """The declaration that the learner's function gives."""
    from macae import AgentSpec

    is_plain(attempt, trial, "It only declares, so there is nothing to wait for. The tools are async.")
    try:
        spec = await trial.call(attempt)
    except TeamError as error:
        kind = next((kind for words, kind in KINDS.items() if words in str(error)), "declaration")
        look = {"sync": SYNC, "no-docstring": NO_DOCSTRING, "schema": NO_PARAMETER}.get(kind, "")
        trial.fail(expected="a declaration that works", seen=str(error), look=look, kind=kind)
    if not isinstance(spec, AgentSpec):
        seen = None if spec is None else f"a {type(spec).__name__}"
        look = "`return AgentSpec(…)`: just one, not in a list."
        trial.fail(expected="an AgentSpec", seen=seen, look=look, kind="not-a-spec")
    trial.expect(spec.name == "BakerAgent", expected="the name BakerAgent", seen=spec.name, kind="name")
    return spec


async def leaves_a_row(trial: Trial, company: contoso.Company, made: ActionTool, **arguments: Any) -> None:
    """The tool works, and Contoso shows that it did."""
    call = f"{made.name}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"
    before = company.snapshot()
    try:
        value = await trial.call(made.function, **arguments)
    except ToolRefused as error:
        trial.fail(expected=f"{call} is possible", seen=f"refused: {error}", kind="refused")
    is_text(trial, value, call)
    changed = contoso.diff(before, company)
    rows = [" ".join(map(str, (row.after or {}).values())) for row in changed if row.kind != "removed"]
    trial.expect(
        any(all(str(wanted) in row for wanted in arguments.values()) for row in rows),
        expected=f"after {call} a row in Contoso says so", seen=str(changed),
        look="`write_down(…)` keeps a note in Contoso; put the kind and the quantity into it.", kind="no-row",
    )  # fmt: skip


async def joins_the_engine(trial: Trial, spec: Any) -> None:
    """The real engine plans the quick task for the BakerAgent, waits for a yes, and carries it out."""
    from macae.agents.departments import default_team

    try:
        team = default_team().plus(spec)
    except TeamError as error:
        trial.fail(expected="BakerAgent can join Contoso's team", seen=str(error), kind="same-name")
    async with trial.engine(team=team) as engine:
        plan = await engine.submit(QUICK_TASK)
        steps = [f"{step.agent}: {step.function} {json.dumps(step.arguments)}" for step in plan.steps]
        step = plan.steps[0] if plan.steps else None
        trial.expect(
            step is not None and step.agent == "BakerAgent" and step.function == "bake_cookies",
            expected="the quick task becomes a step of BakerAgent, with bake_cookies", seen="; ".join(steps) or plan.summary or "",
            look="The planner chooses by the system message's first sentence and by the tools' docstrings.", kind="planned-otherwise",
        )  # fmt: skip
        arguments = (step and step.arguments) or {}
        trial.expect(
            arguments.get("quantity") == 12 and "chocolate chip" in str(arguments.get("cookie_type")),
            expected='bake_cookies with quantity 12 and cookie_type "chocolate chip"', seen="; ".join(steps),
            look="The model fills a parameter from its name, type and text.", kind="planned-otherwise",
        )  # fmt: skip
        company = await engine.company_for(plan.session_id)
        before = company.snapshot()
        await engine.approve_all(plan)
        plan = await trial.waits(engine.wait(plan), 5, "the end of the plan")
        step = plan.steps[0]
        trial.expect(
            step.status == "completed", expected="the approved step is carried out",
            seen=f"{step.status}: {step.error or step.agent_reply}", kind="not-done",
        )  # fmt: skip
        trial.expect(
            contoso.diff(before, company),
            expected="the company shows it",
            seen="nothing changed",
            kind="no-row",
        )
    trial.proven(
        f"The real engine planned “{QUICK_TASK}” for BakerAgent: bake_cookies, 12. After a yes it was baked."
    )


@tool(effect="read")
async def find_seat(day: Annotated[str, "which day"], people: Annotated[int, "how many"] = 2) -> str:
    """Look for a free table in the café."""
    return "Table 4."


@tool(effect="change")
async def reserve_seat(table: Annotated[int, "number of the table"]) -> str:
    """Reserve a table in the café."""
    return "Reserved."


@tool(effect="change")
async def mend_chair(chair: Annotated[str, "which chair"]) -> str:
    """Have a broken chair mended."""
    return "Mended."


def cafe() -> Team:
    """A team that nobody could know by heart; one of its agents has no tools."""
    from macae import AgentSpec, Team

    return Team(
        [
            AgentSpec(
                "WaiterAgent", "You look after the guests of the café. Be kind.", [find_seat, reserve_seat]
            ),
            AgentSpec("PoetAgent", "You write short poems. They rhyme."),
            AgentSpec("CarpenterAgent", "You repair furniture. You are quick.", [mend_chair]),
        ]
    )


def tells_all(trial: Trial, text: str, team: Team) -> None:
    """Each agent with its description, and each of its tools after it, with parameters and description."""
    lines = text.splitlines()
    for agent in team:
        if agent.name not in text:
            kind = "another-team" if agent.tools else "no-tools-agent"
            trial.fail(
                expected=f"{agent.name} is in the catalogue",
                seen=text,
                look="Every agent of the given team.",
                kind=kind,
            )
        trial.expect(
            agent.description in text, expected=f"what {agent.name} is for: “{agent.description}”", seen=text,
            look="`agent.description`: the first sentence of its system message.", kind="no-description",
        )  # fmt: skip
        for made in agent.action_tools:
            at = next((n for n, line in enumerate(lines) if re.search(rf"\b{made.name}\b", line)), None)
            if at is None:
                trial.fail(expected=f"the tool {made.name} of {agent.name}", seen=text, kind="another-team")
            above = [a.name for line in lines[: at + 1] for a in team if re.search(rf"\b{a.name}\b", line)]
            trial.expect(
                above and above[-1] == agent.name, expected=f"{made.name} stands with its agent, {agent.name}",
                seen=f"it stands with {above[-1] if above else 'nobody'}", kind="wrong-agent",
            )  # fmt: skip
            line = lines[at]
            missing = [name for name in made.parameters if name not in line]
            trial.expect(not missing, expected=f"the parameters of {made.name} on its line: {', '.join(made.parameters)}", seen=line, kind="parameters")  # fmt: skip
            trial.expect(made.description in line, expected=f"what {made.name} does: “{made.description}”", seen=line, kind="no-description")  # fmt: skip


def names_alone(trial: Trial, text: str, team: Team) -> None:
    """The parameters are words, and not what Python shows of a list or a dict of them."""
    for agent in team:
        for made in agent.action_tools:
            line = next(line for line in text.splitlines() if re.search(rf"\b{made.name}\b", line))
            bare = line.replace(made.description, "")
            trial.expect(
                not any(re.search(rf"""["']{name}["']""", bare) for name in made.parameters),
                expected=f"the names alone: {made.name}({', '.join(made.parameters)})", seen=line,
                look="Brackets and quotes are how Python shows a list or a dict. They are sent with every goal, and tell nothing.",
                kind="as-python",
            )  # fmt: skip
