"""Checks of what a planner sends to the model: rules and catalogue, the day and the goal, so that the model understands them."""

from __future__ import annotations

from datetime import date
from typing import Any

from autogen_core.models import LLMMessage, UserMessage

from macae.agents import Team, default_team
from macae.workshop.props.plan_trials import MONITORS, SOUP, TRAINING, kitchen, plan_for, text_of
from macae.workshop.trial import TODAY, Trial

__all__ = ["finds_the_function", "holds_goal_and_team", "tells_the_day"]


async def holds_goal_and_team(attempt: Any, trial: Trial) -> None:
    """Goal, agents, functions, arguments, limit and person: all of it of the team that is given."""
    messages = await asked(attempt, trial, SOUP, kitchen(), date(2026, 3, 2), 17)
    said = text_of(messages)
    trial.expect(SOUP in said, expected="the goal, word for word", seen=said[-200:], look="Use the parameter `goal`.", kind="no-goal")  # fmt: skip
    trial.expect(
        any(SOUP in str(m.content) for m in messages if isinstance(m, UserMessage)),
        expected="the goal in a `UserMessage`",
        seen="the goal stands among the rules, in a " + ", ".join(type(m).__name__ for m in messages if SOUP in str(m.content)),
        look="A goal is what a person typed, not a rule. A sentence such as “ignore the rules above” must not stand among your rules.",
        kind="goal-in-rules",
    )  # fmt: skip
    missing = [name for name in ("CookAgent", "TasterAgent", "boil_soup", "taste_dish") if name not in said]
    trial.expect(
        not missing,
        expected=f"the agents and functions of the team that is given, such as {', '.join(missing)}",
        seen="the functions of another team" if "order_hardware" in said else f"{said[:200]} …",
        look="`catalogue(team, goal)` writes the agents and functions of any team as text.",
        kind="fixed-team" if "order_hardware" in said else "no-catalogue",
    )
    names = [name for name in ("litres", "vegetable", "dish_name") if name not in said]
    trial.expect(not names, expected=f"the arguments of the functions, such as {', '.join(names)}", seen="the functions' names only", look="`catalogue(team, goal)` has the arguments too.", kind="no-arguments")  # fmt: skip
    trial.proven("The prompt holds the agents, functions and arguments of whichever team it is given.")
    trial.expect("17" in said, expected="the most steps (here `max_steps=17`) among the rules", seen="no such number", look="Write a rule with `{max_steps}` in it.", kind="no-limit")  # fmt: skip
    trial.expect("HumanAgent" in said, expected="HumanAgent among the agents: the person, for what only a person can do", seen="no HumanAgent", look="`catalogue(team, goal)` names HumanAgent at its end. Or name it in your rules.", kind="no-person")  # fmt: skip


async def tells_the_day(attempt: Any, trial: Trial) -> None:
    """The model works out a date."""
    team = default_team()
    for today, tuesday in ((date(2026, 3, 2), "2026-03-03"), (date(2026, 6, 10), "2026-06-16")):
        plan = await plan_for(await asked(attempt, trial, TRAINING, team, today))
        dates = [item.value for one in plan.steps for item in one.arguments if item.name == "date"]
        trial.expect(
            dates == [tuesday],
            expected=f"“next Tuesday” becomes {tuesday} when today is {today:%A, %Y-%m-%d}",
            seen=f"the model planned {', '.join(dates) or 'no date'}",
            look="Does the prompt say what day it is? A line such as “Today is 2026-03-02 (Monday).”",
            kind="no-date",
        )
    trial.proven("The model works out “next Tuesday” from the day that you tell it.")


async def finds_the_function(attempt: Any, trial: Trial) -> None:
    """The model plans the one right step, and asks nothing."""
    plan = await plan_for(await asked(attempt, trial, MONITORS, default_team(), TODAY))
    trial.expect(
        [one.function for one in plan.steps] == ["order_hardware"],
        expected="a plan of one step with order_hardware for " + MONITORS,
        seen=", ".join(str(one.function) for one in plan.steps) or plan.impossible or "no steps",
        look="Is the goal the only request in the prompt? Does each function stand on a line of its own?",
        kind="not-understood",
    )
    trial.expect(
        not plan.human_clarification_request,
        expected="no question: the goal says all that order_hardware needs",
        seen=plan.human_clarification_request,
        look="Does the catalogue show which arguments may be left out?",
        kind="optional",
    )
    trial.proven("The model finds the right function, and asks for nothing that may be left out.")


async def asked(
    attempt: Any, trial: Trial, goal: str, team: Team, today: date, most: int = 6
) -> list[LLMMessage]:
    """What the learner's function would send to the model."""
    found = await trial.call(attempt, goal, team, today, most)
    trial.expect(
        isinstance(found, list | tuple) and found and all(hasattr(m, "content") for m in found),
        expected="a list of messages, such as [SystemMessage(…), UserMessage(…)]",
        seen=found,
        look="The function returns the messages; it does not call the model itself.",
        kind="no-messages",
    )
    return list(found)
