"""Run a goal set against a planner."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from macae.errors import MacaeError
from macae.evals.cases import GoalCase
from macae.evals.outcomes import PlannedOutcome
from macae.evals.reports import CaseResult, Report
from macae.evals.scoring import score

__all__ = ["Plan", "evaluate"]

Plan = Callable[[GoalCase], Awaitable[PlannedOutcome]]
"""A planner as the evaluation needs it. It plans `case.text` as of `case.today`."""


async def evaluate(
    plan: Plan,
    cases: Sequence[GoalCase],
    *,
    concurrency: int = 1,
    on_result: Callable[[CaseResult], None] | None = None,
) -> Report:
    """Plan every goal and score it. `concurrency`: how many goals are planned at a time.

    Where the planner asks and the goal has an answer, it is planned again with question and answer, and both are scored.
    A planner that raises a MacaeError fails that goal; any other exception is raised.
    """
    gate = asyncio.Semaphore(max(1, concurrency))

    async def run(case: GoalCase) -> CaseResult:
        async with gate:
            result = await run_case(plan, case)
        if on_result is not None:
            on_result(result)
        return result

    return Report(tuple(await asyncio.gather(*(run(case) for case in cases))))


async def run_case(plan: Plan, case: GoalCase) -> CaseResult:
    """Plan one goal, answer its question if it should ask one, and score what came."""
    began = time.perf_counter()
    outcome: PlannedOutcome | None = None
    try:
        outcome = await plan(case)
        asks = outcome.question and case.answer is not None and not outcome.impossible
        problems = [] if asks and not case.expect.asking else score(case, outcome)
        if not problems and asks:
            answered = case.model_copy(update={"question": outcome.question})
            outcome = await plan(answered)
            problems = [f"after the answer: {p}" for p in score(answered, outcome)]
    except MacaeError as error:
        problems = [f"{type(error).__name__}: {error}"]
    return CaseResult(
        case.id, case.goal, tuple(case.tags), tuple(problems), time.perf_counter() - began, outcome
    )
