"""Checks of a plan's score: right, wrong and half right plans, questions and reasons."""

from __future__ import annotations

from typing import Any

from macae.evals import PlannedCall, PlannedOutcome
from macae.workshop.trial import Trial

__all__ = ["scores_as_deserved"]


async def scores_as_deserved(attempt: Any, trial: Trial) -> None:
    """Each of a row of plans gets the score that it deserves."""

    async def score(outcome: PlannedOutcome, wanted: Any) -> float:
        found = await trial.call(attempt, outcome, wanted)
        trial.expect(
            isinstance(found, int | float) and 0 <= found <= 1,
            expected="a number from 0 to 1",
            seen=found,
            look="Every way through the function ends with a `return`.",
            kind="no-number",
        )
        return float(found)

    def calls(*made: tuple[str, dict[str, Any]], **more: Any) -> PlannedOutcome:
        return PlannedOutcome(tuple(PlannedCall("SomeAgent", name, given) for name, given in made), **more)

    monitors = ("order_hardware", {"item_name": "monitor", "quantity": "3", "department": "Marketing"})
    mentor = ("assign_mentor", {"employee_name": "Jessica Smith"})
    wants = [("order_hardware", {"item_name": "monitor", "quantity": 3})]
    both: list[Any] = [*wants, mentor]
    question = calls(mentor, question="Who?")
    cases: list[tuple[str, str, PlannedOutcome, Any, str]] = [
        ("text-number", "quantity \"3\" in the plan, 3 wanted, and more arguments than asked for", calls(monitors), wants, "1"),
        ("not-perfect", "two right steps", calls(monitors, mentor), both, "1"),
        ("arguments-ignored", "the right function with another quantity", calls(("order_hardware", {"item_name": "monitor", "quantity": "30"})), wants, "0"),
        ("arguments-ignored", "the right function without the wanted argument", calls(("order_hardware", {"quantity": "3"})), wants, "0"),
        ("wrong-function", "another function", calls(mentor), wants, "0"),
        ("no-part", "one of two wanted steps", calls(monitors), both, "part"),
        ("extra-steps", "a right step and one that nobody wanted", calls(monitors, mentor), wants, "part"),
        ("counted-twice", "a step that is wanted once and planned twice", calls(monitors, monitors), wants, "part"),
        ("counted-twice", "a step that is wanted twice and planned once, beside a wrong one", calls(monitors, mentor), wants * 2, "part"),
        ("not-perfect", "a step that is wanted twice and planned twice", calls(monitors, monitors), wants * 2, "1"),
        ("needless-question", "a question where steps are wanted", calls(monitors, question="Which colour?"), wants, "0"),
        ("needless-no", "“impossible” where steps are wanted", calls(impossible="No."), wants, "0"),
        ("no-steps", "no steps where one is wanted", calls(), wants, "0"),
        ("asks", "a question, where one is wanted", question, "asks", "1"),
        ("asks", "no question, where one is wanted", calls(mentor), "asks", "0"),
        ("impossible", "a reason and no steps, where that is wanted", calls(impossible="No rocket."), "impossible", "1"),
        ("impossible", "steps, where “impossible” is wanted", calls(mentor), "impossible", "0"),
        ("impossible", "a question, where “impossible” is wanted", calls(question="Which rocket?"), "impossible", "0"),
        ("asks", "“impossible”, where a question is wanted", calls(impossible="No."), "asks", "0"),
    ]  # fmt: skip
    for kind, what, outcome, wanted, right in cases:
        found = await score(outcome, wanted)
        fits = 0 < found < 1 if right == "part" else found == float(right)
        said = "more than 0 and less than 1" if right == "part" else right
        trial.expect(fits, expected=f"{said}, for {what}", seen=f"{found:g}", look="Compare with the rules in the text above.", kind=kind)  # fmt: skip
    trial.proven(f"{len(cases)} plans are scored as they deserve: right, wrong, and half right.")
