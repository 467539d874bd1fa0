"""Checks of challenge 8 on what model calls cost."""

from __future__ import annotations

from typing import Any

from macae.workshop.props.happenings import called, feed, happened, used
from macae.workshop.trial import Trial

__all__ = ["counts_the_dollars"]

TABLE = {"big": (4.0, 20.0), "big-mini": (0.5, 1.0), "gift": (0.0, 0.0)}


LOOK = {
    "per-thousand": "The table says what a million tokens cost.",
    "wrong-price": "The first price is for what was sent, the second for what came back.",
    "guessed": "That is the price of another model in the table. Exactly this name: not one that begins alike.",
    "rounded": "One call costs a small part of a cent. Round what is shown, never what is added up.",
}


def why_wrong(model: str, sent: int, back: int, wanted: float, seen: float) -> str:
    """Which mistake gives that price."""
    others = [(sent * a + back * b) / 1_000_000 for name, (a, b) in TABLE.items() if name != model]
    if any(abs(seen - other) < 1e-12 for other in others):
        return "guessed"
    return (
        "rounded"
        if abs(seen - wanted) < 5e-3 and abs(seen * 1e5 - round(seen * 1e5)) < 1e-6
        else "wrong-price"
    )


async def counts_the_dollars(attempt: Any, trial: Trial) -> None:
    """Prices a million tokens, by agent; what has no price is told."""
    await prices(attempt, trial)
    await adds(attempt, trial)


async def prices(attempt: Any, trial: Trial) -> None:
    """Single prices."""
    counter = await trial.call(attempt, TABLE)
    for model, sent, back, wanted in (("big", 1_000_000, 0, 4.0), ("big", 0, 1_000_000, 20.0), ("big-mini", 3000, 500, 0.002), ("big-mini", 123, 4, 0.0000655)):  # fmt: skip
        seen = counter.price(model, sent, back)
        call = f'price("{model}", {sent}, {back})'
        trial.expect(
            isinstance(seen, int | float), expected=f"{call} gives US dollars", seen=seen, look="A number.", kind="no-number"
        )  # fmt: skip
        if abs(seen - wanted) > 1e-12:
            off = seen / wanted if wanted else 0
            unit = any(abs(off - factor) < 1e-9 for factor in (1000.0, 1_000_000.0))
            kind = "per-thousand" if unit else why_wrong(model, sent, back, wanted, seen)
            trial.fail(
                expected=f"{call}: {wanted:g} US dollars", seen=f"{seen:g}", look=LOOK[kind], kind=kind
            )
    trial.proven("Tokens sent and tokens that came back each have their price, a million at a time.")
    free = counter.price("gift", 1000, 1000)
    trial.expect(
        free is not None and free == 0,
        expected="a model whose price is 0.00 costs 0.00",
        seen=free,
        look="Zero is a price. Ask whether the model is in the table, not whether its price is more than nothing.",
        kind="free-is-unpriced",
    )
    for model in ("unheard-of", "big-mini-2", "bi"):
        seen = counter.price(model, 1000, 1000)
        trial.expect(
            seen is None,
            expected=f'`None` for "{model}", which is not in the table',
            seen=seen,
            look="Nobody knows what it costs. `None` says so; zero would say that it is free, and a similar name has another price.",
            kind="zero" if seen == 0 else "guessed",
        )
    trial.proven("What is not in the table has no price; what costs nothing has one.")


async def adds(attempt: Any, trial: Trial) -> None:
    """A small session."""
    events = [
        happened("goal_received", "ann", "Order chairs."),
        called("Planner", "big", 5000, 200),
        called("Clerk", "big-mini", 2000, 100),
        used("Clerk", 3.0),
        called("Scout", "unheard-of", 9000, 900),
        called("Clerk", "unheard-of", 1000, 100),
        called("Clerk", "big-mini", 4000, 300),
        called("Helper", "gift", 1000, 100),
        called("Scout", "unheard-of", 9000, 900),
        called("Planner", "big", 500, 0, ok=False),
        called("Clerk", "big-mini", 90, 3),
        called("Clerk", "big-mini", 90, 3),
    ]
    counter = await trial.call(attempt, TABLE)
    other = await trial.call(attempt, TABLE)
    await feed(trial, counter, events)
    by_agent = {"Planner": 0.026, "Clerk": 0.003496, "Helper": 0.0}
    total = sum(by_agent.values())
    trial.expect(
        isinstance(counter.by_agent, dict) and isinstance(counter.unpriced, dict),
        expected="`by_agent` and `unpriced` are dicts", seen=f"{type(counter.by_agent).__name__}, {type(counter.unpriced).__name__}", kind="other-form",
    )  # fmt: skip
    trial.expect(
        "Scout" not in counter.by_agent,
        expected="an agent with nothing but unpriced calls is not in `by_agent`",
        seen=f"by_agent = {dict(counter.by_agent)}",
        look="A line that says Scout: $0.00 says that Scout is free. Nobody knows what Scout costs.",
        kind="zero",
    )
    trial.expect(
        "Helper" in counter.by_agent,
        expected="an agent whose model is free is in `by_agent`, with 0.0",
        seen=f"by_agent = {dict(counter.by_agent)}",
        look="Free is a price too: `if usd is None`, not `if not usd`.",
        kind="free-is-unpriced",
    )
    planner, clerk = counter.by_agent.get("Planner", 0.0), counter.by_agent.get("Clerk", 0.0)
    trial.expect(
        abs(planner - 0.024) > 1e-9,
        expected="Planner: 0.026 US dollars; its second call failed, and its 500 tokens had been sent",
        seen=planner,
        look="What was sent is paid, whether an answer came or not: `ok` says nothing about the price.",
        kind="failed-left-out",
    )
    trial.expect(
        abs(clerk - 0.003496) < 1e-9
        or not any(abs(clerk - other) < 1e-9 for other in (0.0034, 0.0036, 0.0035)),
        expected="Clerk: 0.003496 US dollars, of which the last two calls are 0.000048 each",
        seen=clerk,
        look=LOOK["rounded"],
        kind="rounded",
    )
    for agent, usd in by_agent.items():
        seen = counter.by_agent.get(agent)
        trial.expect(
            isinstance(seen, int | float) and abs(seen - usd) < 1e-9,
            expected=f"{agent}: {usd:g} US dollars",
            seen=seen,
            look="Each priced call adds to what its agent has spent already.",
            kind="not-added",
        )
    trial.expect(abs(counter.usd - total) < 1e-9, expected=f"{total:g} US dollars in all", seen=counter.usd, look="`usd` is the sum of all priced calls.", kind="not-added")  # fmt: skip
    trial.expect(
        dict(counter.unpriced) == {"unheard-of": 3},
        expected="three calls without a price, by model: {'unheard-of': 3}",
        seen=dict(counter.unpriced),
        look="`self.unpriced[model] += 1`: a `Counter` begins at 0.",
        kind="not-told",
    )
    trial.proven(
        "A session is summed up by agent; calls without a price are counted apart, and never as zero."
    )
    trial.expect(
        not other.usd and not other.by_agent and not other.unpriced,
        expected="another counter has counted nothing",
        seen=f"{other.usd}, {dict(other.by_agent)}, {dict(other.unpriced)}",
        look="A dict in the class belongs to all its objects. Make it in `__init__`: `self.by_agent = …`.",
        kind="shared",
    )
    trial.proven("Two counters do not know of each other.")
