"""Checks of challenge 8 on an alert: when it comes, how often, and when it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from macae.models import Event
from macae.workshop.props.happenings import called, feed, happened, used
from macae.workshop.trial import Trial

__all__ = ["rings_once"]

UP, DOWN = "alert_raised", "alert_resolved"


def calls(*seconds: float) -> list[Event]:
    """Model calls that took so long."""
    return [called("Clerk", seconds=one) for one in seconds]


async def rung(attempt: Any, trial: Trial, events: Sequence[Event], limit: float = 5.0) -> list[Any]:
    """What the learner's alert emits: (after which event, what)."""
    heard: list[Any] = []
    number = 0

    def emit(*told: Any, **named: Any) -> None:
        heard.append((number, told[0] if len(told) == 1 and not named else (*told, *named.items())))

    alert = await trial.call(attempt, limit, emit)
    for number, event in enumerate(events, 1):  # noqa: B007  (emit reads it)
        await feed(trial, alert, [event])
    for _, told in heard:
        trial.expect(
            isinstance(told, dict) and told.get("type") in (UP, DOWN) and {"value", "limit"} <= set(told),
            expected=f'`{{"type": "{UP}", "value": …, "limit": …}}`, or with "{DOWN}"',
            seen=told,
            look="Call `self.emit` with one dict; whoever hears it reads these three."
            if not isinstance(told, tuple)
            else f"`emit` takes one dict, and got {len(told)} arguments.",
            kind="other-event",
        )
    return heard


def shape(heard: Sequence[Any]) -> list[tuple[int, str]]:
    """After which event which kind came."""
    return [(number, told["type"]) for number, told in heard]


async def rings_once(attempt: Any, trial: Trial) -> None:
    """Raised once, resolved once; one slow call raises nothing, nor does a slow tool."""
    heard = await rung(attempt, trial, calls(1, 1, 1, 1, 1, 2, 1, 5, 5, 5, 5, 5))
    trial.expect(not heard, expected="nothing while the mean is at the limit or below", seen=shape(heard), look="Over the limit is `>`.", kind="false-alarm")  # fmt: skip
    heard = await rung(attempt, trial, calls(60, 60))
    trial.expect(not heard, expected="nothing before there are five calls", seen=f"an alert after call {heard[0][0] if heard else 0}", look="`len(self.last) == 5` belongs to the rule.", kind="too-early")  # fmt: skip
    heard = await rung(attempt, trial, calls(1, 1, 1, 1, 15, 1, 1, 1, 1))
    trial.expect(not heard, expected="nothing for one slow call among quick ones: the mean of five is 3.8", seen=shape(heard), look="The mean of the last five, not the last one.", kind="one-call")  # fmt: skip
    trial.proven("Quick calls, a mean at the limit and one single slow call raise nothing.")

    heard = await rung(attempt, trial, calls(1, 1, 1, 9, 9, 9, 9, 9, 9))
    raised = [number for number, told in heard if told["type"] == UP]
    trial.expect(raised, expected="an alert when the mean of the last five is over the limit: after call 6", seen="nothing", look="`sum(self.last) / len(self.last)`, of five values.", kind="silent")  # fmt: skip
    trial.expect(
        len(raised) == 1,
        expected="one alert while it stays slow",
        seen=f"{len(raised)} alerts, after the calls {', '.join(map(str, raised))}",
        look="Remember that it was raised (`self.raised`), and tell only what is new.",
        kind="again-and-again",
    )
    trial.expect(
        not (raised == [6] and len(heard) > 1),
        expected="nothing more after call 6: all calls after it are slow",
        seen=shape(heard),
        look="It is told as over while it is slow. Does it still know the last five after it has raised? Forget none of them.",
        kind="forgotten",
    )
    trial.expect(raised == [6] and len(heard) == 1, expected="the alert after call 6, when the last five have a mean of 5.8", seen=shape(heard), look="Five values, not all that ever were.", kind="other-mean")  # fmt: skip
    told = heard[0][1]
    trial.expect(abs(told["value"] - 5.8) < 1e-9 and told["limit"] == 5.0, expected='"value": 5.8, the mean, and "limit": 5.0', seen=told, look="`value` is what was measured.", kind="other-value")  # fmt: skip
    trial.proven("Slow calls raise it once, with the mean that was measured.")

    heard = await rung(attempt, trial, calls(9, 9, 9, 9, 9, 1, 1, 1, 1, 1, 1, 9, 9, 9, 9))
    trial.expect(
        any(told["type"] == DOWN for _, told in heard),
        expected="an alert_resolved when the mean is below the limit again",
        seen=shape(heard),
        look="Whoever was woken wants to know that it is over.",
        kind="no-recovery",
    )
    wanted = [(5, UP), (8, DOWN), (14, UP)]
    trial.expect(
        [kind for _, kind in shape(heard)] == [UP, DOWN, UP],
        expected=f"raised, resolved, raised again: {wanted}",
        seen=shape(heard),
        look="After it is resolved, it may come again: `self.raised` is False then.",
        kind="never-again",
    )
    trial.expect(
        shape(heard)[1] != (10, DOWN),
        expected=f"{wanted}: after call 8 the last five are 9, 9, 1, 1, 1",
        seen=shape(heard),
        look="It waits for five new calls. The last five do not begin anew when it raises: forget none of them.",
        kind="forgotten",
    )
    trial.expect(shape(heard) == wanted, expected=f"{wanted}", seen=shape(heard), look="Each time, the mean of the last five.", kind="other-mean")  # fmt: skip
    trial.proven("It is resolved once when calls are quick again, and can be raised anew.")

    heard = await rung(attempt, trial, calls(5, 5, 5, 5, 5.2, 5, 5, 5, 5, 5))
    trial.expect(
        shape(heard) == [(5, UP), (10, DOWN)],
        expected=f"{[(5, UP), (10, DOWN)]}: a mean of 5.04 is over a limit of 5.0",
        seen=shape(heard) or "nothing",
        look="Compare the mean itself. Round it where it is shown.",
        kind="rounded",
    )
    value = heard[0][1]["value"]
    trial.expect(
        abs(value - 5.04) < 1e-9,
        expected='"value": 5.04, the mean as it is',
        seen=f"{value:g}",
        look="Tell the mean itself. Who shows it may round it.",
        kind="rounded",
    )

    noise = [used("Clerk", 90.0), happened("thought", text="Hm."), happened("step_completed", text="Done.")]
    heard = await rung(attempt, trial, [one for call in calls(1, 1, 1, 1, 1, 1) for one in (call, *noise)])
    trial.expect(not heard, expected="slow tools raise nothing, only model calls count", seen=shape(heard), look='`if event.type != "model_called": return`', kind="not-a-model")  # fmt: skip
    heard = await rung(attempt, trial, calls(2, 2, 2, 2, 2), limit=1.0)
    trial.expect(shape(heard) == [(5, UP)], expected="with a limit of 1 second, five calls of 2 seconds raise it", seen=shape(heard), look="The limit is a parameter: `self.limit`.", kind="fixed-limit")  # fmt: skip
    trial.proven("Tools and other events do not count, and the limit is the one that was given.")
