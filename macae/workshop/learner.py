"""What a learner calls in a notebook: begin, check, hint, solution, progress. Plain calls; nothing to await."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

from macae.config import Settings, load_settings
from macae.errors import CheckFailed, InvalidInput, MacaeError, StoreError
from macae.ui.text import esc
from macae.workshop import parts
from macae.workshop.card import Card, hint_card, show, solution_card, verdict_card
from macae.workshop.exercise import Exercise
from macae.workshop.here import here, watch_cells
from macae.workshop.judge import judge
from macae.workshop.record import Entry, What, record
from macae.workshop.registry import find, the_challenge
from macae.workshop.standing import ChallengeStanding, ExerciseStanding, standing, summarise
from macae.workshop.verdict import Status, Verdict

__all__ = ["begin", "check", "hint", "my_parts", "progress", "solution"]


def begin(number: int, *, provider: str | None = None, seed: int | None = None) -> Settings:
    """Open a challenge: notes it, shows where you stand, and gives the settings that its demonstrations run with.

    `provider` None: as MACAE_PROVIDER says. `seed` makes Python's own chance repeatable. Raises InvalidInput for an unknown
    challenge, ConfigError for settings that cannot be used.
    """
    import random

    from macae.llm import describe

    challenge = the_challenge(number)
    here().challenge, here().exercise = number, None
    watch_cells()
    settings = load_settings(**({"provider": provider} if provider else {}))
    if seed is not None:
        random.seed(seed)
    remarks = note("opened", number)
    if Path.cwd().name == "challenges" and (Path.cwd().parent / "workshop.py").is_file():
        remarks.append(
            f"You are in challenges/, which an update replaces. Work on your own copy: my/{challenge.file}"
        )
    passed = stand_in(number).passed
    line = f"Challenge {number}, {challenge.title}: {passed} of {len(challenge.exercises)} passed."
    body = f"<p>{line} Model for the demonstrations: {esc(describe(settings))}.</p>"
    show(Card(body + "".join(f"<p>{esc(r)}</p>" for r in remarks), line, "info"))
    return settings


def check(thing: Any, exercise: str | None = None) -> None:
    """Try your class or function, and show what came of it. Give the thing itself: `check(greeter)`.

    `exercise` names the exercise where your object has another name. With MACAE_WORKSHOP_STRICT=1 it raises CheckFailed
    unless it passed. Raises InvalidInput when there is no such exercise.
    """
    wanted = find(exercise or name_of(thing))
    here().exercise = wanted.name
    verdict = not_run(wanted) or judge(wanted.name, thing)
    watch_cells()
    what: What = verdict.status.value
    remarks = note(what, wanted.challenge.number, wanted.name, verdict.kind)
    if verdict.status is Status.passed:
        remarks += kept(wanted, thing)
    show(verdict_card(wanted, verdict, remarks, next_step(wanted, verdict)))
    if verdict.status is not Status.passed and os.environ.get("MACAE_WORKSHOP_STRICT", "") not in ("", "0"):
        raise CheckFailed(str(verdict))


def hint(thing: Any = None) -> None:
    """The next hint for an exercise (without one: for the one that you checked last in this kernel). The first goes by your last failure."""
    wanted = the_one(thing)
    stand = stand_of(wanted)
    hints = wanted.hints_after(stand.kind)
    number = min(stand.level + 1, len(hints))
    left = len(hints) - number
    foot = (
        f"{left} more: `hint()` again." if left else "That was the last one. `solution()` shows our answer."
    )
    note("hint", wanted.challenge.number, wanted.name, str(number))
    show(hint_card(wanted, hints[number - 1], number, len(hints), foot))


def solution(thing: Any = None, yes: bool = False) -> None:
    """Our answer to an exercise (without one: to the one that you checked last), after a confirm: a button, or `yes=True`."""
    wanted = the_one(thing)

    def reveal() -> None:
        note("solution", wanted.challenge.number, wanted.name)
        show(solution_card(wanted, parts.solution_source(wanted)))

    if yes or stand_of(wanted).passed:
        reveal()
        return
    from macae.workshop.asking import ask

    ask(wanted, reveal)


def progress(code: bool = False) -> None:
    """Where you stand: a picture and a table; with `code`, a short code for your coach."""
    held = entries()
    if code:
        from macae.workshop.coach.report import code_for

        short = code_for(summarise(held))
        show(Card(f"<p>For your coach: <code>{esc(short)}</code></p>", short, "info"))
        return
    from macae.workshop.picture import progress_card

    show(progress_card(standing(held)))


def my_parts() -> None:
    """Draw which parts of the engine made last (or of the next one) are yours, and which of yours broke."""
    from macae.workshop.growing import grown
    from macae.workshop.picture import parts_card

    show(parts_card(grown()))


# Behind it ----------------------------------------------------------------------------------------------------------


def not_run(exercise: Exercise) -> Verdict | None:
    """The verdict where the newest cell of an exercise did not run, so that an older object would be judged."""
    error = here().failed.get(exercise.name)
    if error is None:
        return None
    expected = f"a cell that defines {exercise.name}"
    seen = f"your newest cell did not run: {error}. What is called {exercise.name} now is from before"
    look = "Mend the error in that cell, run it, then run this one again."
    return Verdict(exercise.name, Status.not_yet, (), "cell-failed", expected, seen, look)


def name_of(thing: Any) -> str:
    """What a class, function, or what was made from it, is called. Raises InvalidInput for a text."""
    if isinstance(thing, str):
        raise InvalidInput(f"Give the class or function itself, without quotes: check({thing:.80}).")
    if inspect.iscoroutine(thing):
        return str(thing.__name__)
    found = getattr(thing, "__name__", None)
    return found if isinstance(found, str) else type(thing).__name__


def entries() -> list[Entry]:
    """What the record holds; nothing where it cannot be read (writing to it says so)."""
    try:
        return record().entries()
    except StoreError:
        return []


def the_one(thing: Any) -> Exercise:
    """The exercise of an object or a name; without one, the exercise that was touched last. Raises InvalidInput."""
    if thing is not None:
        return find(thing if isinstance(thing, str) else name_of(thing))
    if here().exercise is not None:
        return find(str(here().exercise))
    begun = here().challenge
    if begun is not None:
        exercises = stand_in(begun).exercises
        open_ones = [name for name, exercise in exercises.items() if not exercise.passed]
        return find(next(iter(open_ones or exercises)))
    raise InvalidInput("Which exercise? Name it, as in hint(greeter), or check one first.")


def stand_in(number: int) -> ChallengeStanding:
    """How the learner stands in one challenge."""
    return next(one for one in standing(entries()) if one.number == number)


def stand_of(exercise: Exercise) -> ExerciseStanding:
    """How the learner stands in one exercise."""
    return stand_in(exercise.challenge.number).exercises[exercise.name]


def note(what: What, challenge: int, exercise: str = "", detail: str = "") -> list[str]:
    """Note it and tell the coach, where one is to be told. What could not be done is returned, to be shown."""
    held = record()
    try:
        held.add(what, challenge, exercise, detail)
    except StoreError as error:
        return [str(error)]
    from macae.workshop.coach.report import send

    send(summarise(held.entries()))
    return []


def kept(exercise: Exercise, thing: Any) -> list[str]:
    """Keep an answer that passed; what speaks against it is returned, to be shown."""

    def fails(alone: Any) -> str:
        verdict = judge(exercise.name, alone)
        return "" if verdict.status is Status.passed else str(verdict)

    try:
        parts.keep(thing, exercise.name, fails)
    except MacaeError as error:
        return [f"It could not be kept for later challenges: {error} Ours stands in for it there."]
    except Exception as error:  # their module does something of its own when it is loaded
        return [f"It could not be kept for later challenges: run by itself it raises {type(error).__name__}: {error}. Ours stands in for it there."]  # fmt: skip
    return []


def next_step(exercise: Exercise, verdict: Verdict) -> str:
    """What to do now."""
    if verdict.status is Status.passed:
        rest = stand_in(exercise.challenge.number)
        left = len(rest.exercises) - rest.passed
        return f"{left} of {len(rest.exercises)} left in this challenge." if left else "That was the last exercise of this challenge."  # fmt: skip
    if verdict.status is Status.not_attempted:
        return "Fill in the cell above, run it, then run this one again. `hint()` gives a nudge."
    return "Change the cell above, run it, then run this one again. Stuck? `hint()`"
