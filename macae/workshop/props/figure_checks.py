"""Checks of challenge 8 on a figure that is drawn from the events so far."""

from __future__ import annotations

import io
import sys
from typing import Any

from macae.models import Event
from macae.workshop.diagnose import home_of
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


FAILED = {
    "Scout": ("one of its tools", used("Scout", 2.0, state="failed")),
    "Nurse": ("one of its model calls", called("Nurse", ok=False)),
}
"""Who is in trouble later, and a failure like theirs that comes alone."""
SEEN_AS = (
    '`event.data.get("ok")` is None for a tool, and `event.data.get("state")` is None for a model call: None is no failure. '
    'Failed is `.get("ok") is False`, or `.get("state") == "failed"`.'
)


async def draws_who_works(attempt: Any, trial: Trial) -> None:
    """One bar an agent, as long as its work took; more events, more bars; and nothing stays in memory."""
    before = kept_by_pyplot()
    try:
        await draws(attempt, trial, len(before))
    finally:
        close_all_but(before)


async def draws(attempt: Any, trial: Trial, before: int) -> None:
    """The figures, one after the other. `before`: how many pyplot kept already."""
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
    trial.expect(len(calm) == 1, expected="one colour while nothing failed", seen=", ".join(sorted(calm)), look=f"`FINE` for all. {SEEN_AS}", kind="colours")  # fmt: skip
    trouble = home_of(attempt).get("TROUBLE")
    trial.expect(calm != {trouble}, expected="every bar is `FINE` while nothing failed", seen=f"every bar has the colour of trouble, {trouble}", look=SEEN_AS, kind="colours")  # fmt: skip
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
    for name, (why, failure) in FAILED.items():
        if later[name][2] not in calm:
            continue
        alone = read(drawn(attempt, trial, [failure]), trial)
        taken_back = name in alone and alone[name][2] not in calm
        trial.fail(
            expected=f"{name}'s bar has another colour: {why} failed",
            seen=f"the colour of the others, {later[name][2]}",
            look="One failure is enough: a call that went well, before it or after it, does not take it back."
            if taken_back
            else '`event.data.get("ok") is False` for a model call, `event.data.get("state") == "failed"` for a tool.',
            kind="taken-back" if taken_back else "trouble-hidden",
        )
    for name in ("Clerk", "Planner"):
        trial.expect(later[name][2] in calm, expected=f"{name} is drawn as before: nothing of it failed", seen=later[name][2], look=f"Orange is for trouble only. {SEEN_AS}", kind="colours")  # fmt: skip
    trial.proven("Trouble is seen: a failed call or tool gives its agent's bar another colour.")
    read(drawn(attempt, trial, []), trial, empty=True)
    read(drawn(attempt, trial, [happened("goal_received", "ann", "Hello.")]), trial, empty=True)
    trial.expect(
        len(kept_by_pyplot()) <= before,
        expected="no figure is left in memory after it was drawn",
        seen=f"{len(kept_by_pyplot()) - before} figures are kept by pyplot",
        look="`plt.figure()` and `plt.subplots()` keep each figure until it is closed. `Figure(…)` belongs to whoever holds it.",
        kind="left-open",
    )
    trial.proven("Without events there is an empty figure, and no figure is left in memory.")


def kept_by_pyplot() -> set[int]:
    """The numbers of the figures that pyplot keeps."""
    plot = sys.modules.get("matplotlib.pyplot")
    return set(plot.get_fignums()) if plot is not None else set()


def close_all_but(before: set[int]) -> None:
    """Close what came up since: the notebook would show the check's figures below the card."""
    for number in kept_by_pyplot() - before:
        sys.modules["matplotlib.pyplot"].close(number)


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
