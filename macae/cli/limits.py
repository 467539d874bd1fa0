"""A plan that is paused at its limit: which one it is, and how it goes on."""

from __future__ import annotations

import math

from macae.agents.budget import NAMES, Limit
from macae.cli.prompting import Prompt
from macae.engine import Engine
from macae.errors import InvalidInput
from macae.models import Plan, PlanWithSteps

__all__ = ["allow_more", "ask_for_more", "go_on", "remarks", "whose"]

UNITS = {"tokens": "tokens", "usd": "US dollars", "seconds": "seconds"}


async def go_on(engine: Engine, plan: PlanWithSteps, limit: Limit | None, allow: dict[str, float]) -> bool:
    """Let a paused plan go on where its limit was lifted, or an option allows more. False: that is the person's to say."""
    if limit is None:
        await allow_more(engine, plan, "tokens", 0)
    elif limit.raisable and (amount := allow.pop(limit.kind, None)):
        await allow_more(engine, plan, limit.kind, amount)
    else:
        return False
    return True


def remarks(limit: Limit | None, allow: dict[str, float]) -> list[str]:
    """What is to be said of the --allow options at this limit: that they do not help it, or that not all of it can be used."""
    if limit is None or not limit.raisable or not allow:
        return []
    if limit.kind in allow:
        return [too_much(limit, allow[limit.kind])] if allow[limit.kind] > limit.room else []
    given = " and ".join(f"--allow-{kind}" for kind in allow)
    helps = "do not help" if len(allow) > 1 else "does not help"
    return [
        f"{given} {helps} here: this limit is on {UNITS[limit.kind]}, so it takes --allow-{limit.kind} N."
    ]


def too_much(limit: Limit, amount: float) -> str:
    """That only a part of what was given can be used."""
    return f"Of {limit.said(amount)} more, {limit.said(limit.room)} are allowed: {limit.most}."


async def allow_more(engine: Engine, plan: Plan, kind: str, amount: float) -> None:
    """Allow so much more. Raises NotAllowed when the plan is not paused."""
    tokens = math.ceil(amount) if kind == "tokens" else 0
    usd, seconds = (amount if kind == other else 0.0 for other in ("usd", "seconds"))
    await engine.allow(plan, tokens=tokens, usd=usd, seconds=seconds)


async def ask_for_more(engine: Engine, plan: PlanWithSteps, prompt: Prompt) -> bool:
    """Ask the person how much more a paused plan may use. False when they leave. Raises InvalidInput for no number."""
    limit = engine.held_by(plan)
    if limit is None or not limit.raisable:
        given = prompt.choice("What now?", {"f": "finish the plan", "q": "quit"})
    else:
        question = (
            f"How many more {UNITS[limit.kind]} may {whose(limit)} use?  f = finish the plan  q = quit:"
        )
        given = prompt.text(question).strip().lower()
    if given in ("q", "quit"):
        return False
    if given in ("f", "finish"):
        await engine.finish(plan)
    elif limit is not None:
        amount = amount_in(given)
        if amount > limit.room:
            prompt.screen.say(too_much(limit, amount), "yellow")
        await allow_more(engine, plan, limit.kind, amount)
    return True


def whose(limit: Limit) -> str:
    """For whom more would be allowed: what the person says yes to may be more than one plan."""
    return "it" if limit.scope == "plan" else NAMES[limit.scope]


def amount_in(given: str) -> float:
    """The number that a person typed: 5000, 5,000, $0.50, 30 s. Raises InvalidInput."""
    bare = given.replace(",", "").replace("_", "").strip("$ ").removesuffix(" s").removesuffix(" tokens")
    try:
        amount = float(bare)
    except ValueError:
        amount = math.nan
    if not (math.isfinite(amount) and amount > 0):
        raise InvalidInput("Give a number above 0, such as 5000; or f, or q.")
    return amount
