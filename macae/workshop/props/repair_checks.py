"""Checks of the repair round: a bad answer goes back with its faults and may be mended once, then there is an error."""

from __future__ import annotations

from typing import Any

from autogen_core.models import AssistantMessage, SystemMessage, UserMessage

from macae.agents import Team, default_team
from macae.agents.planner import planner_prompt
from macae.errors import ModelBadReply, PlanError
from macae.llm import guard
from macae.workshop.props.plan_trials import (
    LAPTOPS,
    MONITORS,
    NOBODY,
    SOUP,
    Spoiling,
    cut,
    empty,
    fenced,
    kitchen,
    prompt_for,
    renamed,
    text_of,
    unasked,
)
from macae.workshop.trial import TODAY, Trial

__all__ = [
    "asks_for_what_is_missing",
    "gives_up_after_two",
    "mends_a_wrong_plan",
    "mends_what_cannot_be_read",
    "takes_a_good_answer",
    "uses_its_parameters",
]


async def takes_a_good_answer(attempt: Any, trial: Trial) -> None:
    """One call is enough where the first answer can be used."""
    model = Spoiling()
    seen = await functions(attempt, trial, model)
    trial.expect(seen == ["order_hardware"], expected="the draft with the one step order_hardware", seen=seen, look="Return the draft when it has no faults.", kind="no-draft")  # fmt: skip
    trial.expect(model.calls == 1, expected="one model call, when the first answer is good", seen=f"{model.calls} calls", look="Return as soon as there are no faults.", kind="always-twice")  # fmt: skip
    trial.proven("A good first answer is taken at once.")


async def mends_a_wrong_plan(attempt: Any, trial: Trial) -> None:
    """The second request has the first one's words, and the fault."""
    model = Spoiling(renamed)
    try:
        seen = await functions(attempt, trial, model)
    except PlanError as error:
        seen = [f"PlanError: {error}"]
    trial.expect(model.calls > 1, expected="a second call, after a plan with the function teleport_hardware", seen=f"one call, then {', '.join(seen)}", look="The model may mend its answer once.", kind="no-repair")  # fmt: skip
    first, second = (request.messages for request in model.requests[:2])
    again = text_of(second)
    trial.expect(MONITORS in again, expected="the second request holds the goal and the rules again", seen=f"{len(second)} messages without the goal", look="A model remembers nothing: what you do not send again is gone.", kind="goal-lost")  # fmt: skip
    told = text_of([m for m in second if isinstance(m, UserMessage | SystemMessage)])
    trial.expect(
        len(second) > len(first) and "teleport_hardware" in told,
        expected="the second request tells the fault: there is no function teleport_hardware",
        seen=str(second[-1].content)[-300:],
        look="Send the faults that find_faults gave, in a UserMessage.",
        kind="faults-not-sent",
    )
    answer = any(isinstance(m, AssistantMessage) and "teleport_hardware" in str(m.content) for m in second)
    kinds = ", ".join(type(m).__name__ for m in second)
    trial.expect(answer, expected="the model's own answer in the second request, as an AssistantMessage", seen=kinds, look="The model remembers nothing of its answer. Without it, it cannot see what to mend.", kind="answer-left-out")  # fmt: skip
    trial.expect(not isinstance(second[-1], AssistantMessage), expected="the model's answer, and then the faults", seen=kinds, look="Keep the order in which it was said: the request, the answer, the faults.", kind="answer-last")  # fmt: skip
    trial.expect(seen == ["order_hardware"], expected="the mended draft, with order_hardware", seen=seen, look="Return the draft of the second answer.", kind="bad-plan-returned")  # fmt: skip
    trial.proven("A plan with an unknown function is sent back with its faults, and mended.")


async def mends_what_cannot_be_read(attempt: Any, trial: Trial) -> None:
    """Answers that are cut off, empty or fenced, from a plain model client and from the engine's."""
    for spoil, what in (
        (cut, "JSON that was cut off"),
        (empty, "an empty answer"),
        (fenced, "JSON between ``` marks"),
    ):
        for guarded in (False, True):
            model = Spoiling(spoil)
            client = guard(model, timeout=5) if guarded else model
            try:
                seen = await functions(attempt, trial, client)
            except PlanError as error:
                trial.fail(expected=f"a plan, although the first answer was {what}", seen=f"PlanError: {error}", look="What cannot be read is a fault like any other: it may be mended once.", kind="no-repair")  # fmt: skip
            except ModelBadReply as error:
                trial.fail(expected=f"a plan, although the first answer was {what}", seen=f"ModelBadReply: {error}", look="The engine's model client raises this instead of giving the text. Catch it, and use `error.reply`.", kind="bad-reply")  # fmt: skip
            trial.expect(seen == ["order_hardware"], expected=f"a plan with order_hardware, although the first answer was {what}", seen=seen, kind="bad-plan-returned")  # fmt: skip
            said = [m.content for m in model.requests[-1].messages if isinstance(m, AssistantMessage)]
            trial.expect(all(str(text).strip() for text in said), expected="no empty AssistantMessage", seen=said, look="Many models refuse an empty message. Put a word in its place: `text or \"(no answer)\"`.", kind="empty-answer")  # fmt: skip
    trial.proven("So are cut-off and empty answers, also when the model client raises ModelBadReply.")


async def asks_for_what_is_missing(attempt: Any, trial: Trial) -> None:
    """A plan that leaves out a needed argument without asking is mended too."""
    model = Spoiling(unasked)
    found = await drafted(attempt, trial, model, NOBODY)
    trial.expect(found.human_clarification_request, expected="a question for the employee's name, which is in no goal", seen="a plan without it", look="A needed argument that is missing and not asked for is a fault: see find_faults.", kind="made-up")  # fmt: skip
    trial.proven("A missing fact is asked for.")


async def gives_up_after_two(attempt: Any, trial: Trial) -> None:
    """Two bad answers end in an error."""
    for spoil in (renamed, empty):
        model = Spoiling(*[spoil] * 9)
        client = guard(model, timeout=5)
        try:
            found = await trial.call(attempt, client, prompt_for(MONITORS), default_team(), 6)
        except PlanError as error:
            trial.expect(model.calls == 2, expected="two model calls, then PlanError", seen=f"{model.calls} model calls", look="One repair is enough.", kind="endless-repair" if model.calls > 2 else "no-repair")  # fmt: skip
            trial.expect(len(str(error)) > 5, expected="a PlanError that says what was wrong", seen=repr(error), look="A person reads this text.", kind="silent-error")  # fmt: skip
        else:
            trial.expect(model.calls <= 3, expected="two model calls, then PlanError", seen=f"{model.calls} model calls", look="One repair is enough.", kind="endless-repair")  # fmt: skip
            trial.fail(expected="PlanError, after two bad answers", seen=found, look="Never give back a plan that has faults.", kind="bad-plan-returned")  # fmt: skip
    trial.proven("After two bad answers it gives up with PlanError, and says why.")


async def uses_its_parameters(attempt: Any, trial: Trial) -> None:
    """Any team, and any limit."""
    try:
        found = await drafted(attempt, trial, Spoiling(), SOUP, team=kitchen())
        seen = str([one.function for one in found.steps])
    except PlanError as error:
        seen = f"PlanError: {error}"
    trial.expect(seen == "['boil_soup']", expected=f"a draft with boil_soup for “{SOUP}”, with a team of two cooks", seen=seen, look="Hand the parameter `team` on: `find_faults(draft, team, max_steps)`.", kind="fixed-team")  # fmt: skip
    model = Spoiling()
    try:
        found = await drafted(attempt, trial, model, LAPTOPS, most=1)
    except PlanError:
        trial.expect(model.calls == 2, expected="two model calls, then PlanError", seen=f"{model.calls} model calls", look="A step too many is a fault like any other.", kind="no-repair" if model.calls < 2 else "endless-repair")  # fmt: skip
    else:
        trial.fail(expected="PlanError, when both answers have two steps and `max_steps` is 1", seen=f"a draft with {len(found.steps)} steps", look="Hand the parameter `max_steps` on: `find_faults(draft, team, max_steps)`.", kind="limit-ignored")  # fmt: skip
    trial.proven("It judges by the team and the limit that it is handed, whichever they are.")


async def drafted(
    attempt: Any, trial: Trial, model: Any, goal: str = MONITORS, team: Team | None = None, most: int = 6
) -> Any:
    """The draft that the learner's function gives for a goal."""
    team = team or default_team()
    messages = planner_prompt(goal, team, TODAY, 6)
    handed = [message.model_copy() for message in messages]
    found = await trial.call(attempt, model, messages, team, most)
    trial.expect(
        messages == handed,
        expected=f"the caller's list of {len(handed)} messages, as it was",
        seen=f"a list of {len(messages)} messages after the call",
        look="`messages.append(…)` and `messages += …` change the list that belongs to the caller. Make a new one.",
        kind="messages-changed",
    )
    trial.expect(
        hasattr(found, "steps"),
        expected="a PlanDraft",
        seen=found,
        look="Return the draft itself, once it has no faults.",
        kind="no-draft",
    )
    return found


async def functions(attempt: Any, trial: Trial, model: Any) -> list[str]:
    """The functions of that draft's steps."""
    return [str(one.function) for one in (await drafted(attempt, trial, model)).steps]
