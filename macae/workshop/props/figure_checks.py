"""Checks of challenge 8 on a figure that is drawn from the events so far."""

from __future__ import annotations

import io
import sys
from typing import Any

from macae.models import Event
from macae.workshop.props.happenings import called, happened, used
from macae.workshop.props.plain import at_once
from macae.workshop.trial import Trial

__all__ = ["draws_who_works"]

DAY = [
    happened("goal_received", "ann", "Chairs."),
    called("Planner", seconds=2.0),
    happened("thought", "Planner", "Hm."),
    called("Clerk", seconds=1.0),
    used("Clerk", 4.5),
    called("Scout", seconds=0.5),
    called("Clerk", seconds=1.5),
]
LATER = [used("Scout", 20.0, state="failed"), called("Planner", seconds=1.0), called("Nurse", seconds=3.0, ok=False), called("Nurse", seconds=1.0)]  # fmt: skip


async def draws_who_works(attempt: Any, trial: Trial) -> None:
    """One bar an agent, as long as its work took; more events, more bars; and nothing stays in memory."""
    before = left_open()
    figure = drawn(attempt, trial, DAY)
    bars = read(figure, trial)
    trial.expect(
        set(bars) == {"Planner", "Clerk", "Scout"},
        expected="three bars: Planner, Clerk, Scout",
        seen=", ".join(bars) or "no bars",
        look="`axes.barh(names, seconds)`: one name an agent, and only for agents that called a model or a tool.",
        kind="other-bars",
    )
    wanted = {"Planner": 2.0, "Clerk": 7.0, "Scout": 0.5}
    for name, seconds in wanted.items():
        trial.expect(
            abs(bars[name][1] - seconds) < 1e-6,
            expected=f"{name}'s bar is {seconds:g} seconds long",
            seen=f"{bars[name][1]:g}",
            look="All model calls *and* all tools of an agent, added up.",
            kind="other-length",
        )
    trial.proven("Each agent's bar is as long as its model calls and tools took.")
    order = sorted(bars, key=lambda name: -bars[name][0])
    trial.expect(
        order == ["Clerk", "Planner", "Scout"],
        expected="from top to bottom: Clerk, Planner, Scout",
        seen=", ".join(order),
        look="`barh` draws the first one at the bottom: sort by seconds, the fewest first (or turn the axis round).",
        kind="order",
    )
    trial.proven("The busiest agent is on top.")
    calm = {bars[name][2] for name in bars}
    trial.expect(len(calm) == 1, expected="one colour while nothing failed", seen=", ".join(sorted(calm)), look="`FINE` for all.", kind="colours")  # fmt: skip
    again = read(drawn(attempt, trial, DAY), trial)
    trial.expect(
        {name: bar[1] for name, bar in again.items()} == {name: bar[1] for name, bar in bars.items()},
        expected="the same events give the same figure",
        seen=", ".join(f"{name} {bar[1]:g}" for name, bar in again.items()),
        look="Keep nothing outside of the function: no variable of the notebook, no default list.",
        kind="kept",
    )
    later = read(drawn(attempt, trial, [*DAY, *LATER]), trial)
    trial.expect(
        set(later) == {"Planner", "Clerk", "Scout", "Nurse"} and abs(later["Scout"][1] - 20.5) < 1e-6 and abs(later["Planner"][1] - 3.0) < 1e-6,
        expected="with more events: Scout 20.5, Clerk 7, Nurse 4, Planner 3",
        seen=", ".join(f"{name} {bar[1]:g}" for name, bar in later.items()),
        look="Add up anew, from the events that were given, each time.",
        kind="not-redrawn",
    )  # fmt: skip
    trial.proven(
        "It shows the events that it is given: more of them, longer bars; the same ones, the same figure."
    )
    for name, why in (("Scout", "one of its tools"), ("Nurse", "one of its model calls")):
        trial.expect(
            later[name][2] not in calm,
            expected=f"{name}'s bar has another colour: {why} failed",
            seen=f"the colour of the others, {later[name][2]}",
            look='`event.data.get("ok") is False` for a model call, `event.data.get("state") == "failed"` for a tool.',
            kind="trouble-hidden",
        )
    for name in ("Clerk", "Planner"):
        trial.expect(later[name][2] in calm, expected=f"{name} is drawn as before: nothing of it failed", seen=later[name][2], look="Orange is for trouble only. A tool's event has no `ok`: is that a failure?", kind="colours")  # fmt: skip
    trial.proven("Trouble is seen: a failed call or tool gives its agent's bar another colour.")
    read(drawn(attempt, trial, []), trial, empty=True)
    read(drawn(attempt, trial, [happened("goal_received", "ann", "Hello.")]), trial, empty=True)
    trial.expect(
        left_open() <= before,
        expected="no figure is left in memory after it was drawn",
        seen=f"{left_open() - before} figures are kept by pyplot",
        look="`plt.figure()` and `plt.subplots()` keep each figure until it is closed. `Figure(…)` belongs to whoever holds it.",
        kind="left-open",
    )
    trial.proven("Without events there is an empty figure, and no figure is left in memory.")


def left_open() -> int:
    """How many figures pyplot keeps."""
    plot = sys.modules.get("matplotlib.pyplot")
    return len(plot.get_fignums()) if plot is not None else 0


def drawn(attempt: Any, trial: Trial, events: list[Event]) -> Any:
    """The learner's figure, painted as the notebook paints it."""
    from matplotlib.figure import Figure

    figure = at_once(attempt, trial, list(events))
    trial.expect(isinstance(figure, Figure), expected="a matplotlib Figure", seen=figure, look="`return figure`, not the axes, and do not show it.", kind="no-figure")  # fmt: skip
    figure.savefig(io.BytesIO(), format="png", dpi=30)
    return figure


def read(figure: Any, trial: Trial, empty: bool = False) -> dict[str, tuple[float, float, str]]:
    """The bars by label: (where it stands, how long it is, its colour)."""
    from matplotlib.colors import to_hex

    axes = figure.axes
    trial.expect(len(axes) == 1, expected="one pair of axes", seen=f"{len(axes)}", look="The cell has made them: `axes`.", kind="no-figure")  # fmt: skip
    patches = [one for one in axes[0].patches if hasattr(one, "get_width")]
    if empty:
        trial.expect(not patches, expected="no bars without work", seen=f"{len(patches)} bars", look="Only agents that called a model or a tool have a bar.", kind="other-bars")  # fmt: skip
        return {}
    labels = {round(float(at), 6): text.get_text() for at, text in zip(axes[0].get_yticks(), axes[0].get_yticklabels(), strict=True)}  # fmt: skip
    found = {}
    for patch in patches:
        middle = round(float(patch.get_y() + patch.get_height() / 2), 6)
        name = labels.get(middle, "")
        trial.expect(
            name,
            expected="each bar lies beside its agent's name",
            seen=f"a bar at {middle:g} without a label",
            look="`axes.barh(names, …)` with the names themselves: horizontal bars, labelled.",
            kind="no-labels",
        )
        found[name] = (
            -middle if axes[0].yaxis_inverted() else middle,
            float(patch.get_width()),
            to_hex(patch.get_facecolor()),
        )
    return found
