"""The learner's system grows: an engine with every part that they built, and ours where one is missing or breaks."""

from __future__ import annotations

from typing import Any

from macae.agents import default_team
from macae.agents.team import AgentSpec, Team
from macae.config import Settings
from macae.engine import Engine
from macae.ui.text import esc
from macae.workshop import parts
from macae.workshop.backed import backed
from macae.workshop.card import Card, show
from macae.workshop.diagnose import home_of, reason
from macae.workshop.exercise import Exercise
from macae.workshop.growth import Growth
from macae.workshop.registry import challenges

__all__ = ["grown", "my_engine"]

_last: Growth | None = None


def grown() -> Growth:
    """How the engine made last is put together; without one, how the next would be."""
    return _last if _last is not None else grow()[0]


def engine_parts() -> list[Exercise]:
    """The exercises that give a part of the engine."""
    return [one for challenge in challenges() for one in challenge.exercises.values() if one.part is not None]


def grow() -> tuple[Growth, dict[str, Any], list[AgentSpec]]:
    """What the learner has: the growth, the engine's parts by name, and the agents for the team."""
    growth = Growth()
    found: dict[str, Any] = {}
    agents: list[AgentSpec] = []
    for exercise in engine_parts():
        growth.names[exercise.name] = str(exercise.part)
        try:
            theirs = parts.kept(exercise.name)
        except Exception as error:
            growth.break_(exercise.name, reason(error, {}))
            theirs = None
        if theirs is None:
            continue
        growth.theirs.add(exercise.name)
        if exercise.part == "agents":
            agents += hired(exercise, theirs, growth)
        elif exercise.part is not None:
            found[exercise.part] = backed(exercise, theirs, parts.ours(exercise), growth)
    return growth, found, agents


def hired(exercise: Exercise, theirs: Any, growth: Growth) -> list[AgentSpec]:
    """The agents that the learner's function adds to the team, or ours where it breaks."""
    for mine in (True, False):
        try:
            made = theirs() if mine else parts.ours(exercise)()
            agents = [made] if isinstance(made, AgentSpec) else list(made)
            default_team().plus(*agents)
        except Exception as error:
            growth.break_(exercise.name, reason(error, home_of(theirs)))
        else:
            return agents
    return []


def say(name: str, why: str) -> None:
    """Show that ours stands in for a part of the learner's."""
    show(
        Card(
            f"<p><b>Your {esc(name)} broke; ours goes on.</b> {esc(why)}</p>",
            f"Your {name} broke; ours goes on. {why}",
            "ask",
        )
    )


def my_engine(settings: Settings | None = None, team: Team | None = None, **more: Any) -> Engine:
    """The real engine, with every part that the learner has built. What is given here wins over theirs.

    Raises what `Engine` raises.
    """
    global _last
    growth, found, agents = grow()
    growth.tell = say
    for name, why in growth.broke.items():
        say(name, why)
    base = team or default_team()
    fresh = [agent for agent in agents if agent.name not in base]
    _last = growth
    return Engine(settings=settings, team=base.plus(*fresh) if fresh else base, **{**found, **more})
