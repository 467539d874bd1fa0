"""The score on the goal sets has a floor; renaming, shuffling, distractors and other words cost at most five points."""

from __future__ import annotations

import dataclasses
import json
import random
import re
from collections.abc import Callable

import pytest

from macae.agents import Team, default_team
from macae.evals import GoalCase, PlannedCall, PlannedOutcome, Report, builtin_sets, evaluate, load_goals
from macae.llm.offline.cards import AgentCard, ToolCard, tool_from_schema
from macae.llm.offline.drafts import Draft, Wanted
from macae.llm.offline.planning import make_plan
from tests.offline.helpers import loads

FLOORS = {
    "dev": 0.95,
    "dev2": 0.75,
    "dev3": 0.91,
    "holdout": 0.55,  # a half that nobody tuned to: 24 of 40 pass. Raise it only for a fresh half
}
"""The share that must pass. The dev halves may be tuned to; dev2 and dev3 were written by authors who had not seen the code."""


def cards(team: Team) -> tuple[AgentCard, ...]:
    agents = [
        AgentCard(
            a.name,
            a.description,
            tuple(
                dataclasses.replace(tool_from_schema(t.schema, a.name), effect=t.effect)
                for t in a.action_tools
            ),
        )
        for a in team
    ]
    person = AgentCard("HumanAgent", "The person who gave the goal, for what only a person can do. No tools.")
    return (*agents, person)


TEAM = cards(default_team())
SIX = [c for c in load_goals("dev") if c.id.startswith("six-")]


def outcome_of(draft: Draft, back: dict[str, str]) -> PlannedOutcome:
    calls = tuple(
        PlannedCall(
            back.get(s.agent, s.agent),
            back.get(s.tool.name, s.tool.name) if s.tool else None,
            s.values,
            s.action,
        )
        for s in draft.steps
    )
    return PlannedOutcome(calls, draft.question, draft.impossible)


async def score_of(
    agents: tuple[AgentCard, ...],
    cases: list[GoalCase],
    back: dict[str, str] | None = None,
    words: Callable[[str], str] = str,
) -> Report:
    async def plan(case: GoalCase) -> PlannedOutcome:
        wanted = Wanted(
            words(case.goal), case.today, case.question or "", (case.answer or "") if case.question else ""
        )
        return outcome_of(make_plan(wanted, agents), back or {})

    return await evaluate(plan, cases)


@pytest.mark.parametrize("name", sorted(FLOORS))
async def test_floor(name: str) -> None:
    if name not in builtin_sets():
        pytest.skip(f"the {name} half is not there yet")
    report = await score_of(TEAM, load_goals(name))
    # Of the holdout only the number is told: whoever works on the rules must not see its goals, or it measures nothing.
    told = str(report) if name == "dev" else f"{report.passed} of {report.total} passed"
    reached = report.score >= FLOORS[name]
    del report
    assert reached, told


def test_dev_half_holds_every_kind_of_goal() -> None:
    cases = load_goals("dev")
    assert len(cases) >= 40
    tags = {t for c in cases for t in c.tags}
    assert {"easy", "multi", "paraphrase", "missing", "language", "impossible", "adversarial"} <= tags


async def test_the_six_goals() -> None:
    report = await score_of(TEAM, SIX)
    assert report.total == 6
    assert report.failures == [], str(report)


@pytest.fixture
async def base() -> float:
    return (await score_of(TEAM, load_goals("dev"))).score


def renamed(agents: tuple[AgentCard, ...], tool_name: Callable[[ToolCard, int], str]) -> tuple[tuple[AgentCard, ...], dict[str, str]]:  # fmt: skip
    back: dict[str, str] = {}
    found = []
    for i, agent in enumerate(agents):
        name = f"Crew{chr(65 + i)}"
        back[name] = agent.name
        tools = []
        for k, tool in enumerate(agent.tools):
            fresh = tool_name(tool, 100 * i + k)
            back[fresh] = tool.name
            tools.append(dataclasses.replace(tool, name=fresh, agent=name))
        found.append(AgentCard(name, agent.description, tuple(tools)))
    return tuple(found), back


SYNONYMS = {
    "assign": "designate", "order": "purchase", "hardware": "equipment", "book": "arrange", "session": "class", "get": "fetch", "list": "show", "create": "make",
    "schedule": "plan", "send": "dispatch", "enable": "activate", "update": "change", "cancel": "revoke", "employee": "staff", "approve": "authorize",
    "register": "enroll", "track": "follow", "check": "inspect", "find": "lookup", "draft": "prepare", "grant": "give", "support": "help", "meeting": "appointment",
}  # fmt: skip


def synonym(tool: ToolCard, number: int) -> str:
    return "_".join(SYNONYMS.get(w, w) for w in tool.name.split("_")) + ("" if number % 3 else "_x")


@pytest.mark.parametrize(
    "name_of", [synonym, lambda tool, number: f"fn_{number}"], ids=["synonyms", "numbers"]
)
async def test_tools_and_agents_renamed(base: float, name_of: Callable[[ToolCard, int], str]) -> None:
    agents, back = renamed(TEAM, name_of)
    report = await score_of(agents, load_goals("dev"), back)
    assert report.score >= base - 0.05, str(report)


@pytest.mark.parametrize("seed", [1, 2])
async def test_order_shuffled(base: float, seed: int) -> None:
    chance = random.Random(seed)
    agents = [dataclasses.replace(a, tools=tuple(chance.sample(a.tools, len(a.tools)))) for a in TEAM]
    chance.shuffle(agents)
    report = await score_of(tuple(agents), load_goals("dev"))
    assert report.score >= base - 0.05, str(report)


THINGS = ["satellite", "harvest", "orchestra", "aquarium", "glacier", "tractor", "sculpture", "vineyard", "telescope", "submarine", "reef", "turbine", "beehive", "archive", "museum", "lighthouse", "canal", "dam", "quarry", "kiln"]  # fmt: skip
ACTS = ("calibrate", "inspect", "repaint", "photograph", "catalogue")


async def test_a_hundred_distracting_tools(base: float) -> None:
    noise = tuple(
        tool_from_schema(
            {
                "name": f"{act}_{thing}",
                "description": f"{act.title()} a {thing} at a site.",
                "parameters": {
                    "type": "object",
                    "properties": {f"{thing}_name": {"type": "string"}, "site": {"type": "string"}},
                    "required": [f"{thing}_name"],
                },
            },
            "FieldAgent",
        )
        for act in ACTS
        for thing in THINGS
    )
    assert len(noise) == 100
    report = await score_of((AgentCard("FieldAgent", "Works outdoors.", noise), *TEAM), load_goals("dev"))
    assert report.score >= base - 0.05, str(report)


WORDS = [
    (r"^Please ", "Could you please "), (r"\border\b", "purchase"), (r"\bOrder\b", "Purchase"), (r"\bSet up\b", "Please set up"), (r"\bShow me\b", "Let me see"),
    (r"\bCreate\b", "Make"), (r"\bDraft\b", "Write"), (r"\bapprove\b", "authorize"), (r"\bApprove\b", "Kindly approve"), (r"\bteam\b", "department"),
]  # fmt: skip


def reworded(goal: str) -> str:
    if any(w in goal for w in ("Ignore", "für", "mon ", "el ", "bitte", "Je ", '"')):
        return goal
    for pattern, put in WORDS:
        goal = re.sub(pattern, put, goal)
    return goal


async def test_paraphrased(base: float) -> None:
    report = await score_of(TEAM, load_goals("dev"), words=reworded)
    assert report.score >= base - 0.05, str(report)


async def test_report_tells_what_failed() -> None:
    async def wrong(case: GoalCase) -> PlannedOutcome:
        return PlannedOutcome((PlannedCall("HrAgent", "assign_mentor", {}),))

    report = await evaluate(wrong, load_goals("dev")[:3])
    told = loads(report.to_json())
    assert (told["total"], told["passed"], len(told["results"])) == (3, 0, 3)
    assert "register_new_employee" in json.dumps(told["results"][0]["problems"])
    assert "✗ six-roaming" in str(report)
