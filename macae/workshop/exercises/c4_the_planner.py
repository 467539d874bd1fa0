"""Challenge 4: The planner."""

from __future__ import annotations

from typing import Any

from macae.workshop.exercise import Challenge
from macae.workshop.props.draft_checks import finds_all_faults, reads_only_plans
from macae.workshop.props.plan_trials import Spoiling, warm_up
from macae.workshop.props.planner_checks import (
    carried_out,
    dependencies,
    impossibles,
    questions,
    repairs,
)
from macae.workshop.props.planner_context_checks import nothing_said, plans_with_its_context
from macae.workshop.props.prompt_checks import finds_the_function, holds_goal_and_team, tells_the_day
from macae.workshop.props.repair_checks import (
    asks_for_what_is_missing,
    gives_up_after_two,
    mends_a_wrong_plan,
    mends_what_cannot_be_read,
    takes_a_good_answer,
    uses_its_parameters,
)
from macae.workshop.props.score_checks import scores_as_deserved
from macae.workshop.trial import Trial

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(4, "The planner", minutes=45, notebook="04-the-planner")


@CHALLENGE.exercise(
    "planning_prompt",
    title="The prompt",
    minutes=6,
    hints=(
        "A model knows only what you send it. Who could do the work, with which functions and arguments? What day is it? "
        "What is wanted?",
        "The rules and `catalogue(team, goal)` stay the same for every goal: they are a `SystemMessage`. The day and the goal are "
        'what a person says now: a `UserMessage(content=…, source="user")`.',
        '```\nrules = f"You are the planner … at most {max_steps} steps …\\n\\n{catalogue(team, goal)}"\n'
        "return [\n    SystemMessage(content=rules),\n"
        '    UserMessage(content=f"Today is {today:%Y-%m-%d} ({today:%A}).\\nGoal: {goal}", source="user"),\n]\n```',
    ),
    when={
        "no-date": "What is “next Tuesday”, when nobody tells you what day it is? Write `today` into the prompt, with the day of the week.",
        "goal-in-rules": 'The goal is a person\'s text. Give it a message of its own: `UserMessage(content=…, source="user")`.',
        "fixed-team": "Use the parameter `team`: `catalogue(team, goal)`. A new agent is then in the prompt without a change.",
        "optional": "Tell the model which arguments may be left out. `catalogue(team, goal)` writes their defaults: `quantity: integer = 1`.",
        "no-limit": "Write the number into a rule: `at most {max_steps} steps`.",
    },
)
async def planning_prompt(attempt: Any, trial: Trial) -> None:
    """Return what the model is sent: the rules with the team's catalogue, then the day and the goal."""
    await holds_goal_and_team(attempt, trial)
    await tells_the_day(attempt, trial)
    await finds_the_function(attempt, trial)


@CHALLENGE.exercise(
    "read_draft",
    title="Read the answer",
    minutes=6,
    hints=(
        "Three questions, in this order: is there a JSON object in the text at all? Can it be read? Does it have the fields of "
        "`PlanDraft`?",
        '`text.find("{")` and `text.rfind("}")` are where the object begins and ends, whatever stands around it. '
        "`PlanDraft.model_validate_json(…)` reads and validates; what is wrong, it tells in a `ValidationError`.",
        '```\nstart, end = text.find("{"), text.rfind("}")\nif start < 0 or end < start:\n'
        '    return None, ["the answer holds no JSON object"]\n'
        "try:\n    return PlanDraft.model_validate_json(text[start : end + 1]), []\n"
        "except ValidationError as error:\n"
        "    return None, [f\"{e['loc']}: {e['msg']}\" for e in error.errors()]\n```",
    ),
    when={
        "fenced": "The JSON is there, between ``` marks. Cut out everything from the first `{` to the last `}` before you read it.",
        "not-validated": "`json.loads` only reads. `PlanDraft.model_validate_json` also looks whether the fields are there, and of the right type.",
        "exception": "Put what can fail into `try:` and give back `(None, [what was wrong])` in `except ValidationError as error:`.",
        "no-faults": "`error.errors()` is a list with `loc` (where) and `msg` (what) of each fault.",
    },
)
async def read_draft(attempt: Any, trial: Trial) -> None:
    """Return (draft, []) for an answer that holds a plan, and (None, what is wrong) for any other."""
    await reads_only_plans(attempt, trial)


@CHALLENGE.exercise(
    "find_faults",
    title="Trust nothing",
    minutes=9,
    hints=(
        "Go through the list of rules in the text above, one after the other. For each: what in `step`, `team` or `tool` tells you?",
        "`step.agent in team` tells whether there is such an agent (HumanAgent is always there). `team.tool(step.function)` gives "
        "`(agent, tool)`, or None. `tool.parameters` has all arguments, `tool.required` the needed ones.",
        "```\nfor number, step in enumerate(draft.steps, 1):\n"
        '    if step.agent != "HumanAgent" and step.agent not in team:\n'
        '        faults.append(f"step {number}: there is no agent {step.agent}")\n'
        "    for other in step.depends_on or []:\n"
        "        if not 1 <= other < number:\n"
        '            faults.append(f"step {number} cannot depend on step {other}")\n```',
        "```\nfound = team.tool(step.function or \"\")\ngiven = {item.name for item in step.arguments if item.value.strip()}\n"
        "if step.function and (found is None or found[0].name != step.agent):\n"
        '    faults.append(f"step {number}: {step.agent} has no function {step.function}")\n'
        "elif found:\n    tool = found[1]\n"
        "    # given but not in tool.parameters; in tool.required but not given\n```",
    ),
    when={
        "false-alarm": "Read what was refused. A step may have no function (null), the person (HumanAgent) may do one, and a plan that asks may lack arguments.",
        "depends": "Steps are counted from 1, and a step may depend only on the ones before it: `1 <= other < number`.",
        "missing-argument": "Each name in `tool.required` needs an argument with a value, unless `draft.human_clarification_request` asks.",
        "vague-fault": "The model has to mend it, so name the thing: `f\"step {number}: there is no function {step.function}\"`.",
    },
)  # fmt: skip
async def find_faults(attempt: Any, trial: Trial) -> None:
    """Return what makes a draft unusable for this team, a text each; an empty list when it can be used."""
    await finds_all_faults(attempt, trial)


@CHALLENGE.exercise(
    "draft_plan",
    title="One repair",
    minutes=8,
    hints=(
        "Ask, read, look for faults: twice at most. What has to be different the second time?",
        "The second request is the first one, and then the model's own answer (`AssistantMessage`), and then your faults "
        "(`UserMessage`). After the second bad answer: `raise PlanError(…)`.",
        "```\nfor _ in range(2):\n    try:\n        text = (await model.create(messages, json_output=form_for(model))).content\n"
        '    except ModelBadReply as error:\n        text = error.reply or ""\n'
        "    draft, faults = read_draft(text)\n    …\n```",
        "```\n    faults = faults or find_faults(draft, team, max_steps)\n    if not faults:\n        return draft\n"
        "    told = f\"This plan cannot be used: {'; '.join(faults)}. Answer with the whole plan again, mended.\"\n"
        '    messages = [*messages, AssistantMessage(content=text or "(empty)", source="PlannerAgent"),\n'
        '                UserMessage(content=told, source="user")]\n'
        "raise PlanError(f\"No usable plan in two tries: {'; '.join(faults)}.\")\n```",
    ),
    when={
        "bad-reply": "The engine's model client raises `ModelBadReply` for an answer that does not fit the form. Catch it: `error.reply` holds what the model said, or None.",
        "faults-not-sent": "A model that is only asked again will make the same mistake again. Put the faults into a `UserMessage`.",
        "answer-left-out": "The model has to see what it said: `AssistantMessage(content=text, source=\"PlannerAgent\")`, before the faults.",
        "messages-changed": "Make a new list: `messages = [*messages, AssistantMessage(…), UserMessage(…)]`. Then the caller's list stays as it was.",
        "limit-ignored": "`find_faults(draft, team)` takes 6 for `max_steps`. Hand on what you were handed: `find_faults(draft, team, max_steps)`.",
        "fixed-team": "Use the parameter `team`, which may be another one than the notebook's: `find_faults(draft, team, max_steps)`.",
        "empty-answer": "A model may answer nothing at all. `text or \"(no answer)\"` is never empty.",
        "goal-lost": "A model remembers nothing between two calls. Send the first messages again, and after them the new ones: `[*messages, …]`.",
        "no-repair": "After a bad first answer, ask once more. A `for _ in range(2):` around the whole thing is enough.",
        "endless-repair": "Each try costs time and money, and a model that failed twice will mostly fail again. Two tries, then PlanError.",
        "bad-plan-returned": "After the second bad answer there is no plan to give back. `raise PlanError(\"… what was wrong …\")`.",
    },
)  # fmt: skip
async def draft_plan(attempt: Any, trial: Trial) -> None:
    """Return a draft without faults; the model may mend it once; after two bad answers raise PlanError."""
    await warm_up()
    await takes_a_good_answer(attempt, trial)
    await mends_a_wrong_plan(attempt, trial)
    await mends_what_cannot_be_read(attempt, trial)
    await asks_for_what_is_missing(attempt, trial)
    await gives_up_after_two(attempt, trial)
    await uses_its_parameters(attempt, trial)


@CHALLENGE.exercise(
    "score_plan",
    title="A score",
    minutes=6,
    hints=(
        "Three kinds of goals are wanted: a question, a reason, or steps. Deal with the first two at the top, and return.",
        "For steps: count the ones that are right, and divide by how many there are (or should be, if that is more). Then a step too "
        "few costs, and a step too many costs as well.",
        "Compare values with `normalise(a) == normalise(b)`: the plan says \"3\", the goal's author wrote 3.",
        '```\nif wanted == "impossible":\n    return float(bool(outcome.impossible and not outcome.steps))\n'
        'if wanted == "asks":\n    return float(bool(outcome.question))\n'
        "if outcome.question or outcome.impossible:\n    return 0.0\nright = 0\n"
        "for call, (function, arguments) in zip(outcome.steps, wanted, strict=False):\n"
        "    same = all(normalise(call.arguments.get(n)) == normalise(v) for n, v in arguments.items())\n"
        "    right += call.tool == function and same\nreturn right / max(len(outcome.steps), len(wanted))\n```",
    ),
    when={
        "text-number": "Arguments of a draft are text, and \"3\" is not 3. `normalise` brings both into one form.",
        "counted-twice": "A planned step counts for one wanted step only. Compare them in pairs (`zip`), or take a step out of a list once it was counted.",
        "extra-steps": "Divide by the longer of the two: `max(len(outcome.steps), len(wanted))`.",
        "needless-question": "A question that nobody needed costs a person's time. Look at `outcome.question` before you count steps.",
    },
)  # fmt: skip
async def score_plan(attempt: Any, trial: Trial) -> None:
    """Return how right a plan is, from 0 to 1: a question, a reason or steps, whichever is wanted."""
    await scores_as_deserved(attempt, trial)


@CHALLENGE.exercise(
    "PlannerAgent",
    title="The planner in the engine",
    kind="class",
    minutes=8,
    part="planner",
    ours="macae.agents:PlannerAgent",
    seconds=15.0,
    hints=(
        "You have all the parts. The handler only puts them together: prompt, draft, plan.",
        "Everything that it needs stands in `self.context`: `team`, `model_client`, `today()`, `settings.max_steps`.",
        "```\ncontext = self.context\nmessages = planning_prompt(message.description, context.team, context.today(), context.settings.max_steps)\n"
        "draft = await draft_plan(context.model_client, messages, context.team, context.settings.max_steps)\n"
        "return to_plan(draft, message, context.team)\n```",
        "In `to_plan`, the steps are made one after the other, so the ids of the earlier ones are known:\n"
        "```\nneeds = [number - 1] if planned.depends_on is None else planned.depends_on\n"
        "depends_on = [steps[n - 1].id for n in needs if n >= 1]\n```",
    ),
    when={
        "not-built": "The engine calls `PlannerAgent(context)`. Keep the two lines of `__init__` as the cell came with them.",
        "other-model": "`model` is the notebook's. The engine has its own: `self.context.model_client`.",
        "fixed-team": "`team` is the notebook's. The engine's is `self.context.team`: hand it to `planning_prompt`, `draft_plan` and `to_plan`.",
        "fixed-day": "`monday` is the notebook's, and `date.today()` the computer's. The engine's day is `self.context.today()`.",
        "fixed-limit": "The engine's limit is `self.context.settings.max_steps`. Both `planning_prompt` and `draft_plan` need it.",
        "null-first": "For step 1, “the step before” is step 0, and there is none. Leave it out: `if n >= 1`.",
        "no-plan": "The handler has to give back a PlanWithSteps: `return to_plan(draft, message, self.context.team)`.",
        "no-dependency": "`depends_on` of the draft counts steps from 1; None means the step before. `depends_on` of a Step holds the ids of other Steps.",
        "not-impossible": "Set `plan.overall_status = PlanStatus.impossible` when the draft says so, and let the reason be the summary.",
        "no-question": "Hand the question on: `plan.human_clarification_request = draft.human_clarification_request`.",
        "early-value": "`$1` is no value yet. `arguments_of(planned, team)` gives None while an argument hangs on an earlier step.",
        "stored": "The planner stores nothing: it returns the plan, and the manager stores it.",
        "no-repair": "Is `draft_plan` used for asking the model? It makes the one repair round.",
    },
)
async def planner_agent(attempt: Any, trial: Trial) -> None:
    """Handle InputTask and return a PlanWithSteps, inside the real engine: `Engine(planner=PlannerAgent)`."""
    model = Spoiling()
    await warm_up()
    async with trial.engine(planner=attempt, model=model) as engine:
        await carried_out(engine, model, trial)
        await dependencies(engine, trial)
        await nothing_said(engine, model, trial)
        await questions(engine, trial)
        await impossibles(engine, trial)
        await repairs(engine, model, trial)
    await plans_with_its_context(attempt, trial)
