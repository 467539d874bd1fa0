"""Checks of teams of departments: one that hands over, and one that works side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autogen_agentchat.base import TaskResult, Team
from autogen_agentchat.messages import TextMessage, ToolCallRequestEvent, ToolCallSummaryMessage

from macae import contoso
from macae.workshop.props.teams import bounded, heard, results, run_team, sort_of
from macae.workshop.scripted import ScriptedModel
from macae.workshop.trial import Trial

__all__ = ["hands_over", "works_side_by_side"]

LEAVE = "How many days of leave has Marcus Bell left?"
PASSWORD = "Reset the password of Marcus Bell."
WORK = {
    "get_leave_balance": ({"employee_name": "Marcus Bell"}, "Marcus has 10 days of vacation left."),
    "reset_password": ({"employee_name": "Marcus Bell"}, "His password is reset."),
    "list_support_tickets": ({"status": "open"}, "Four tickets are open."),
}
"""What an agent with that tool does: the call's arguments, and what it says afterwards."""


def departments(messages: Sequence[Any], tools: list[str]) -> Any:
    """A front desk that hands over, and departments that use their tool and answer."""
    asked = next((str(m.content) for m in messages if m.type == "UserMessage"), "")
    for tool, (arguments, answer) in WORK.items():
        if tool in tools:
            return answer if results(messages) is not None else [(tool, arguments)]
    target = "transfer_to_it" if "password" in asked else "transfer_to_hr"
    return [(target, {})] if target in tools else "I cannot help with that."


def at_once(messages: Sequence[Any], tools: list[str]) -> Any:
    """Two departments with a tool each, and one agent without: it reports."""
    return departments(messages, tools) if tools else "Marcus: 10 days left. IT: four tickets."


async def hands_over(attempt: Any, trial: Trial) -> None:
    """A question for hr, another one for it, and a front desk that hands nothing over."""
    model = trial.model(bounded(departments))
    company = trial.company()
    with contoso.use(company):
        team = await a_team(attempt, trial, model)
        result = await run_team(trial, team, LEAVE, model)
        tools = model.requests[0].tools
        missing = [name for name in ("transfer_to_hr", "transfer_to_it") if name not in tools]
        trial.expect(not missing, expected="the agent that begins can hand over to hr and to it", seen=f"its tools: {', '.join(tools) or 'none'}", look='`handoffs=[Handoff(target="hr", …), Handoff(target="it", …)]` on the first agent of the list.', kind="no-handoff")  # fmt: skip
        judge_descriptions(model, trial)
        begins = next(m.source for m in result.messages if m.source != "user")
        trial.expect(begins == "front_desk", expected="front_desk begins", seen=f"{begins} begins", look='Its name is "front_desk", and it is the first in the list.', kind="names")  # fmt: skip
        judge_answer(result, "hr", WORK["get_leave_balance"][1], "get_leave_balance", trial)
        trial.proven("A question about leave went to hr, and hr answered with its tool.")
        before = company.snapshot()
        result = await run_team(trial, team, PASSWORD, model)
        judge_answer(result, "it", WORK["reset_password"][1], "reset_password", trial)
        trial.expect(contoso.diff(before, company), expected="a password is reset in the company", seen="no row has changed", look="`tools=[contoso.tech_support.reset_password, …]`", kind="no-change")  # fmt: skip
    trial.proven("After a reset the same team took the next question: it reset a password.")
    model = trial.model(bounded(lambda messages, tools: "I do not know."))
    with contoso.use(company):
        await run_team(trial, await a_team(attempt, trial, model), LEAVE, model)
    trial.proven("It ends also when nobody hands over.")


async def works_side_by_side(attempt: Any, trial: Trial) -> None:
    """hr and it are asked at the same time, then the reporter, once."""
    model = trial.model(bounded(at_once))
    answers = [WORK["get_leave_balance"][1], WORK["list_support_tickets"][1]]
    with contoso.use(trial.company()):
        team = await a_team(attempt, trial, model)
        result = await run_team(trial, team, "What should I know about Marcus Bell?", model)
    by_tool = {tool: [r for r in model.requests if tool in r.tools] for tool in WORK}
    for who, tool in (("hr", "get_leave_balance"), ("it", "list_support_tickets")):
        trial.expect(by_tool[tool], expected=f"{who} is asked, with its tool `{tool}`", seen=f"no model call with that tool among {model.calls}", look=f"An agent {who} with that tool, as a node of the graph.", kind="no-tool")  # fmt: skip
    told = [answer for tool in by_tool for r in by_tool[tool][:1] for answer in answers if answer in heard(r)]
    trial.expect(not told, expected="hr and it begin at the same time", seen="one of them was only asked after the other had answered", look="No edge between the two.", kind="one-after-the-other")  # fmt: skip
    trial.proven("hr and it were asked at the same time.")
    last = [r for r in model.requests if not r.tools]
    missing = [answer for answer in answers if not last or answer not in heard(last[0])]
    if missing:
        raw = any(isinstance(m, ToolCallSummaryMessage) for m in result.messages)
        trial.expect(
            False,
            expected="the reporter is given what hr and it have said",
            seen="nobody without tools was asked" if not last else f"it was given: {heard(last[0]):.300}",
            look="`max_tool_iterations=3`" if raw else "An edge to the reporter from each of the two.",
            kind="raw-result" if raw else "reporter-too-early" if last else "no-reporter",
        )  # fmt: skip
    trial.expect(len(last) == 1, expected="the reporter speaks once", seen=f"it was asked {len(last)} times", look="One edge from each of the two, and nothing that leads back.", kind="reporter-again")  # fmt: skip
    end = result.messages[-1]
    trial.expect(end.source == "reporter", expected="the reporter has the last word", seen=f"{end.source} has it", look='An agent named "reporter", at the end of the graph.', kind="names")  # fmt: skip
    trial.proven("The reporter heard both, and spoke once, at the end.")


def judge_descriptions(model: ScriptedModel, trial: Trial) -> None:
    """Whether the front desk's model is told who knows what: AutoGen's own words hold no more than a name."""
    for who in ("hr", "it"):
        told = model.described[f"transfer_to_{who}"]
        trial.expect(len(told.split()) > 1 and told.strip(". ").lower() != f"handoff to {who}", expected=f"the model is told what {who} knows", seen=f"all that it is told: {told!r}", look=f'`Handoff(target="{who}", description="Questions about …")` instead of the bare name.', kind="no-description")  # fmt: skip


async def a_team(attempt: Any, trial: Trial, *arguments: Any) -> Any:
    """The team that the learner's function makes."""
    team = await trial.call(attempt, *arguments)
    look = "`return Swarm(…)` or `return GraphFlow(…)`: the team itself. The check runs it."
    trial.expect(isinstance(team, Team), expected="a team that can be run", seen=sort_of(team), look=look, kind="not-a-team")  # fmt: skip
    return team


def judge_answer(result: TaskResult, who: str, answer: str, tool: str, trial: Trial) -> None:
    """Whether the agent with that tool used it, and had the last word."""
    used = [call.name for m in result.messages if isinstance(m, ToolCallRequestEvent) for call in m.content]
    trial.expect(tool in used, expected=f"`{tool}` is called", seen=f"these calls: {', '.join(used)}" if used else "no tool was called", look=f"`tools=[…]` of the agent that has `{tool}`.", kind="no-tool")  # fmt: skip
    last = result.messages[-1]
    if isinstance(last, TextMessage) and (last.source, last.content) == (who, answer):
        again = sum(isinstance(m, TextMessage) and m.source == who for m in result.messages)
        trial.expect(again == 1, expected=f"it is over as soon as {who} has answered", seen=f"{who} answered {again} times", look=f"`TextMessageTermination({who!r})`", kind="wrong-end")  # fmt: skip
        return
    said = f"{last.source}: {last.to_text():.160} ({type(last).__name__})"
    kind, look = (
        "wrong-end",
        f"`TextMessageTermination({who!r})` ends a team with the text of that agent. {result.stop_reason}",
    )
    if isinstance(last, ToolCallSummaryMessage):
        kind, look = (
            "raw-result",
            "That is the tool's own result. `max_tool_iterations=3` lets the model answer.",
        )
    trial.expect(False, expected=f"{who} has the last word: {answer!r}", seen=said, look=look, kind=kind)
