"""`macae tools`: who can do what."""

from __future__ import annotations

from pathlib import Path

from macae.agents import default_team, load_team
from macae.agents.catalogue import signature
from macae.cli import codes
from macae.cli.output import Screen, one_line

__all__ = ["show_tools"]


def show_tools(team_file: Path | None, json: bool) -> int:
    """List a team's agents and tools. Raises TeamError. Gives the exit code."""
    team = load_team(team_file) if team_file else default_team()
    screen = Screen(json)
    if json:
        agents = [
            {
                "name": agent.name,
                "description": agent.description,
                "tools": [
                    {
                        "name": t.name,
                        "effect": t.effect,
                        "description": t.description,
                        "parameters": t.parameters,
                    }
                    for t in agent.action_tools
                ],
            }
            for agent in team
        ]
        screen.emit({"team": team.name, "agents": agents})
        return codes.COMPLETED
    for agent in team:
        screen.say(f"{agent.name}: {one_line(agent.description)}", "bold")
        for tool in agent.action_tools:
            screen.say(one_line(signature(tool), 500), indent=2)
    return codes.COMPLETED
