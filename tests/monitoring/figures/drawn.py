"""Reading a figure: what is written in it, which bars it has and where; and sessions of all kinds to draw."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text

from macae.models import EventType
from macae.monitoring import Recording
from tests.support.recordings import Script

E = EventType


def texts(figure: Figure) -> list[str]:
    """All that is written, in the order of drawing."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def artists(figure: Figure, gid: str) -> list[Any]:
    """The artists with this id."""
    return figure.findobj(lambda artist: artist.get_gid() == gid)  # type: ignore[no-any-return]


def bars(figure: Figure, kind: str) -> list[tuple[float, float, float, float]]:
    """The bars of a kind: left and right from 0 to 1, top and bottom in inches."""
    found = []
    for artist in artists(figure, f"bars-{kind}"):
        for path in artist.get_paths():
            box = path.get_extents()
            found.append((box.x0, box.x1, box.y0, box.y1))
    return found


def axes(figure: Figure, label: str) -> Any:
    """The panel of this name."""
    return next(panel for panel in figure.axes if panel.get_label() == label)


def worked(*calls: tuple[str, float, float], price: tuple[float, float] | None = (2.5e-6, 10e-6), goal: str = "do it") -> Recording:  # fmt: skip
    """A session of model calls: agent, start, end in seconds."""
    script = Script()
    script.price = price
    script.add(0.0, E.goal_received, "local", goal)
    for number, (agent, start, end) in enumerate(calls):
        script.model_call(start, end, agent, f"s{number}")
    return Recording(script.in_order())


def waited_long(hours: int = 3) -> Recording:
    """Work of some seconds an hour; between, a person is waited for."""
    script = Script()
    script.add(0.0, E.goal_received, "local", "a day of waiting")
    script.plan = "p1"
    at = 0.0
    for number in range(hours):
        step = f"s{number}"
        script.model_call(at, at + 3, "PlannerAgent")
        script.offer(at + 3, step, number + 1, "HrAgent", "Look again")
        script.approve(at + 3_600, step)
        script.begin(at + 3_600, step, "Look again")
        script.model_call(at + 3_600, at + 3_604, "HrAgent", step)
        script.add(at + 3_604, E.step_completed, "HrAgent", "Looked.", step)
        at += 3_605
    return Recording(script.in_order())
