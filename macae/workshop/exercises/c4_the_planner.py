"""Challenge 4: The planner."""

from __future__ import annotations

from datetime import date
from typing import Any

from autogen_core.models import LLMMessage, SystemMessage, UserMessage

from macae.agents import Team, default_team
from macae.agents.planned import PlannerResponse
from macae.agents.planner import planner_prompt
from macae.errors import ModelBadReply, PlanError
from macae.evals import PlannedCall, PlannedOutcome
from macae.llm import guard
from macae.models import PlanStatus
from macae.workshop.exercise import Challenge
from macae.workshop.props.plan_trials import (
    MONITORS,
    NOBODY,
    TRAINING,
    Spoiling,
    cut,
    draft,
    empty,
    fenced,
    kitchen,
    plan_for,
    renamed,
    step,
    text_of,
    unasked,
)
from macae.workshop.props.planner_checks import (
    dependencies,
    impossibles,
    questions,
    repairs,
    submitted,
)
from macae.workshop.trial import TODAY, Trial

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(4, "The planner", minutes=45, notebook="04-the-planner")


# 1 -------------------------------------------------------------------------------------------------------------------


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

    async def ask(goal: str, team: Team, today: date, most: int = 6) -> list[LLMMessage]:
        found = await trial.call(attempt, goal, team, today, most)
        trial.expect(
            isinstance(found, list | tuple) and found and all(hasattr(m, "content") for m in found),
            expected="a list of messages, such as [SystemMessage(…), UserMessage(…)]",
            seen=found,
            look="The function returns the messages; it does not call the model itself.",
            kind="no-messages",
        )
        return list(found)

    soup = "Boil 4 litres of soup."
    messages = await ask(soup, kitchen(), date(2026, 3, 2), 17)
    said = text_of(messages)
    trial.expect(soup in said, expected="the goal, word for word", seen=said[-200:], look="Use the parameter `goal`.", kind="no-goal")  # fmt: skip
    trial.expect(
        any(soup in str(m.content) for m in messages if isinstance(m, UserMessage)),
        expected="the goal in a `UserMessage`",
        seen="the goal stands among the rules, in a " + ", ".join(type(m).__name__ for m in messages if soup in str(m.content)),
        look="A goal is what a person typed, not a rule. A sentence such as “ignore the rules above” must not stand among your rules.",
        kind="goal-in-rules",
    )  # fmt: skip
    missing = [name for name in ("CookAgent", "TasterAgent", "boil_soup", "taste_dish") if name not in said]
    trial.expect(
        not missing,
        expected=f"the agents and functions of the team that is given, such as {', '.join(missing)}",
        seen="the functions of another team" if "order_hardware" in said else f"{said[:200]} …",
        look="`catalogue(team, goal)` writes the agents and functions of any team as text.",
        kind="fixed-team" if "order_hardware" in said else "no-catalogue",
    )
    names = [name for name in ("litres", "vegetable", "dish_name") if name not in said]
    trial.expect(not names, expected=f"the arguments of the functions, such as {', '.join(names)}", seen="the functions' names only", look="`catalogue(team, goal)` has the arguments too.", kind="no-arguments")  # fmt: skip
    trial.proven("The prompt holds the agents, functions and arguments of whichever team it is given.")
    trial.expect("17" in said, expected="the most steps (here `max_steps=17`) among the rules", seen="no such number", look="Write a rule with `{max_steps}` in it.", kind="no-limit")  # fmt: skip
    trial.expect("HumanAgent" in said, expected="HumanAgent among the agents: the person, for what only a person can do", seen="no HumanAgent", look="`catalogue(team, goal)` names HumanAgent at its end. Or name it in your rules.", kind="no-person")  # fmt: skip
    team = default_team()
    for today, tuesday in ((date(2026, 3, 2), "2026-03-03"), (date(2026, 6, 10), "2026-06-16")):
        plan = await plan_for(await ask(TRAINING, team, today))
        dates = [item.value for one in plan.steps for item in one.arguments if item.name == "date"]
        trial.expect(
            dates == [tuesday],
            expected=f"“next Tuesday” becomes {tuesday} when today is {today:%A, %Y-%m-%d}",
            seen=f"the model planned {', '.join(dates) or 'no date'}",
            look="Does the prompt say what day it is? A line such as “Today is 2026-03-02 (Monday).”",
            kind="no-date",
        )
    trial.proven("The model works out “next Tuesday” from the day that you tell it.")
    plan = await plan_for(await ask(MONITORS, team, TODAY))
    trial.expect(
        [one.function for one in plan.steps] == ["order_hardware"],
        expected="a plan of one step with order_hardware for " + MONITORS,
        seen=", ".join(str(one.function) for one in plan.steps) or plan.impossible or "no steps",
        look="Is the goal the only request in the prompt? Does each function stand on a line of its own?",
        kind="not-understood",
    )
    trial.expect(
        not plan.human_clarification_request,
        expected="no question: the goal says all that order_hardware needs",
        seen=plan.human_clarification_request,
        look="Does the catalogue show which arguments may be left out?",
        kind="optional",
    )
    trial.proven("The model finds the right function, and asks for nothing that may be left out.")


# 2 -------------------------------------------------------------------------------------------------------------------


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

    async def read(text: str) -> tuple[Any, Any]:
        found = await trial.call(attempt, text)
        trial.expect(
            isinstance(found, tuple | list) and len(found) == 2,
            expected="a pair: `return draft, []` or `return None, faults`",
            seen=found,
            look="Every way through the function has to end with a `return` of two things.",
            kind="not-a-pair",
        )
        return found[0], found[1]

    whole = draft(
        step(item_name="monitor", quantity=3), step("book_training_session", "HrAgent", audience="Sales")
    )
    text = whole.model_dump_json()
    broken = {
        "no-faults": (text[: len(text) // 2], "JSON that was cut off in its middle"),
        "empty-passes": ("", "an empty answer"),
        "refusal-passes": ("I am sorry, I cannot help with that.", "a refusal in words"),
        "not-validated": ('{"steps": "order three monitors", "summary": 3}', "JSON that is no plan"),
    }
    for name, content, what in (
        ("plain", text, "plain JSON"),
        ("fenced", fenced(text), "JSON between ``` marks, with words around it"),
        ("fenced", f"```\n{whole.model_dump_json(indent=2)}\n```", "JSON between ``` marks"),
    ):
        found, faults = await read(content)
        steps = getattr(found, "steps", None)
        trial.expect(
            steps and [getattr(one, "function", None) for one in steps] == ["order_hardware", "book_training_session"],
            expected=f"the draft with its two steps, for {what}",
            seen=f"{type(found).__name__}, faults: {faults}" if found is not None else f"no draft; faults: {faults}",
            look="Only the JSON object is to be read: from the first { to the last }." if name == "fenced" else "Give back a PlanDraft.",
            kind=name,
        )  # fmt: skip
        trial.expect(not faults, expected=f"no faults, for {what}", seen=faults, look="A good answer gives an empty list.", kind="false-alarm")  # fmt: skip
    trial.proven("A plan is read from plain JSON, and from JSON with words and ``` around it.")
    for kind, (content, what) in broken.items():
        found, faults = await read(content)
        trial.expect(found is None, expected=f"no draft (None), for {what}", seen=found, look="What cannot be read and validated gives None, and never raises.", kind=kind)  # fmt: skip
        trial.expect(
            faults and not isinstance(faults, str) and all(isinstance(fault, str) and fault for fault in faults),
            expected=f"a list of texts that say what is wrong, for {what}",
            seen=faults,
            look="The model will be sent these texts, so that it can mend its answer.",
            kind="no-faults",
        )  # fmt: skip
    _, faults = await read(broken["not-validated"][0])
    trial.expect("steps" in " ".join(faults), expected="the name of the wrong field (`steps`) in the faults", seen=faults, look="`e['loc']` of each of `error.errors()` says where.", kind="nameless")  # fmt: skip
    trial.proven("Cut-off, empty, refused and wrong answers give no draft, and say what is wrong.")


# 3 -------------------------------------------------------------------------------------------------------------------


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
    contoso, small = default_team(), kitchen()

    async def faults_of(plan: PlannerResponse, team: Team, most: int = 6) -> str:
        found = await trial.call(attempt, plan, team, most)
        trial.expect(
            isinstance(found, list | tuple) and all(isinstance(one, str) for one in found),
            expected="a list of texts; an empty list for a good plan",
            seen=found,
            look="Collect what you find in `faults`, and return it at the end.",
            kind="no-list",
        )
        return "; ".join(found)

    soup = step("boil_soup", "CookAgent", litres=4)
    monitors = step(item_name="monitor", quantity=3)
    good = {
        "a step with all that its function needs": (draft(monitors), contoso),
        "the same for another team": (draft(soup, step("taste_dish", "TasterAgent", [1], dish_name="soup")), small),
        "steps that depend on nothing, on the one before (null), and on two": (draft(step("taste_dish", "TasterAgent", [], dish_name="soup"), soup, step("boil_soup", "CookAgent", [1, 2], litres=1)), small),
        "a step without a function": (draft(step(None, "GenericAgent")), contoso),
        "a step for the person (HumanAgent)": (draft(step(None, "HumanAgent")), contoso),
        "an argument that step 1 will give ($1)": (draft(soup, step("taste_dish", "TasterAgent", [1], dish_name="$1")), small),
        "a missing argument that is asked for": (draft(step("register_new_employee", "HrAgent"), asks="What is the name?"), contoso),
        "a question without steps": (draft(asks="What should be done?"), contoso),
        "an impossible goal: a reason, and no steps": (draft(impossible="Nobody here has a rocket."), contoso),
        "as many steps as are allowed": (draft(*[monitors] * 6), contoso),
    }  # fmt: skip
    for what, (plan, team) in good.items():
        told = await faults_of(plan, team)
        trial.expect(not told, expected=f"no fault, for {what}", seen=told, look="This plan can be used as it is. Which of your rules refused it?", kind="false-alarm")  # fmt: skip
    bad = [
        ("unknown-agent", "an agent that the team does not have", draft(step(None, "RocketAgent")), contoso, "RocketAgent"),
        ("unknown-agent", "an agent of another team", draft(monitors), small, "ProcurementAgent"),
        ("unknown-function", "a function that nobody has", draft(step("teleport_hardware")), contoso, "teleport_hardware"),
        ("wrong-agent", "a function of another agent", draft(step("assign_mentor", employee_name="Ana")), contoso, "assign_mentor"),
        ("wrong-agent", "a function given to the person", draft(step(agent="HumanAgent", item_name="monitor")), contoso, "order_hardware"),
        ("unknown-argument", "an argument that the function does not have", draft(step(item_name="monitor", colour="red")), contoso, "colour"),
        ("missing-argument", "a needed argument that is left out", draft(step("register_new_employee", "HrAgent")), contoso, "employee_name"),
        ("missing-argument", "a needed argument without a value", draft(step("boil_soup", "CookAgent", litres=" ")), small, "litres"),
        ("too-many", "seven steps where six are the most", draft(*[monitors] * 7), contoso, "7"),
        ("depends", "step 1 depends on step 2, and step 2 on step 1", draft(step(depends=[2], item_name="monitor"), step(depends=[1], item_name="laptop")), contoso, "2"),
        ("depends", "a step that depends on itself", draft(step(depends=[1], item_name="monitor")), contoso, "1"),
        ("depends", "a step that depends on step 9 of 1", draft(step(depends=[9], item_name="monitor")), contoso, "9"),
        ("depends", "a step that depends on step 0", draft(step(depends=[0], item_name="monitor")), contoso, "0"),
        ("empty", "no steps, no question and no reason", draft(), contoso, ""),
        ("impossible-with-steps", "a goal that is called impossible, with steps", draft(monitors, impossible="No."), contoso, ""),
        ("second-step", "a good first step and a wrong second one", draft(monitors, step("teleport_hardware")), contoso, "teleport_hardware"),
    ]  # fmt: skip
    for kind, what, plan, team, named in bad:
        told = await faults_of(plan, team)
        trial.expect(told, expected=f"a fault, for {what}", seen="no fault", look="Which rule of the list above covers this?", kind=kind)  # fmt: skip
        trial.expect(named in told, expected=f"the fault names `{named}`, for {what}", seen=told, look="The model is sent this text and has to mend the plan with it.", kind="vague-fault")  # fmt: skip
    told = await faults_of(draft(monitors, monitors), contoso, 1)
    trial.expect(told, expected="a fault for two steps when `max_steps` is 1", seen="no fault", look="Use the parameter `max_steps`.", kind="too-many")  # fmt: skip
    trial.proven(f"{len(good)} good plans pass without a word, for two teams.")
    trial.proven(f"{len(bad)} unusable plans are refused, and the fault is named.")


# 4 -------------------------------------------------------------------------------------------------------------------


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
        "goal-lost": "A model remembers nothing between two calls. Send the first messages again, and after them the new ones: `[*messages, …]`.",
        "no-repair": "After a bad first answer, ask once more. A `for _ in range(2):` around the whole thing is enough.",
        "endless-repair": "Each try costs time and money, and a model that failed twice will mostly fail again. Two tries, then PlanError.",
        "bad-plan-returned": "After the second bad answer there is no plan to give back. `raise PlanError(\"… what was wrong …\")`.",
    },
)  # fmt: skip
async def draft_plan(attempt: Any, trial: Trial) -> None:
    """Return a draft without faults; the model may mend it once; after two bad answers raise PlanError."""
    team = default_team()
    prompt = planner_prompt(MONITORS, team, TODAY, 6)
    await plan_for(prompt)  # the first call loads a lot, which is no fault of theirs

    async def plan(model: Any, messages: list[LLMMessage] = prompt) -> Any:
        given = list(messages)
        found = await trial.call(attempt, model, given, team, 6)
        trial.expect(
            hasattr(found, "steps"),
            expected="a PlanDraft",
            seen=found,
            look="Return the draft itself, once it has no faults.",
            kind="no-draft",
        )
        return found

    async def functions(model: Any) -> list[str]:
        return [str(one.function) for one in (await plan(model)).steps]

    model = Spoiling()
    seen = await functions(model)
    trial.expect(seen == ["order_hardware"], expected="the draft with the one step order_hardware", seen=seen, look="Return the draft when it has no faults.", kind="no-draft")  # fmt: skip
    trial.expect(model.calls == 1, expected="one model call, when the first answer is good", seen=f"{model.calls} calls", look="Return as soon as there are no faults.", kind="always-twice")  # fmt: skip
    trial.proven("A good first answer is taken at once.")
    model = Spoiling(renamed)
    try:
        seen = await functions(model)
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
    trial.expect(seen == ["order_hardware"], expected="the mended draft, with order_hardware", seen=seen, look="Return the draft of the second answer.", kind="bad-plan-returned")  # fmt: skip
    trial.proven("A plan with an unknown function is sent back with its faults, and mended.")
    for spoil, what in (
        (cut, "JSON that was cut off"),
        (empty, "an empty answer"),
        (fenced, "JSON between ``` marks"),
    ):
        for guarded in (False, True):
            model = Spoiling(spoil)
            client = guard(model, timeout=5) if guarded else model
            try:
                seen = await functions(client)
            except PlanError as error:
                trial.fail(expected=f"a plan, although the first answer was {what}", seen=f"PlanError: {error}", look="What cannot be read is a fault like any other: it may be mended once.", kind="no-repair")  # fmt: skip
            except ModelBadReply as error:
                trial.fail(expected=f"a plan, although the first answer was {what}", seen=f"ModelBadReply: {error}", look="The engine's model client raises this instead of giving the text. Catch it, and use `error.reply`.", kind="bad-reply")  # fmt: skip
            trial.expect(seen == ["order_hardware"], expected=f"a plan with order_hardware, although the first answer was {what}", seen=seen, kind="bad-plan-returned")  # fmt: skip
    trial.proven("So are cut-off and empty answers, also when the model client raises ModelBadReply.")
    model = Spoiling(unasked)
    found = await plan(model, planner_prompt(NOBODY, team, TODAY, 6))
    trial.expect(found.human_clarification_request, expected="a question for the employee's name, which is in no goal", seen="a plan without it", look="A needed argument that is missing and not asked for is a fault: see find_faults.", kind="made-up")  # fmt: skip
    trial.proven("A missing fact is asked for.")
    for spoil in (renamed, empty):
        model = Spoiling(*[spoil] * 9)
        client = guard(model, timeout=5)
        try:
            found = await trial.call(attempt, client, list(prompt), team, 6)
        except PlanError as error:
            trial.expect(model.calls == 2, expected="two model calls, then PlanError", seen=f"{model.calls} model calls", look="One repair is enough.", kind="endless-repair" if model.calls > 2 else "no-repair")  # fmt: skip
            trial.expect(len(str(error)) > 5, expected="a PlanError that says what was wrong", seen=repr(error), look="A person reads this text.", kind="silent-error")  # fmt: skip
        else:
            trial.expect(model.calls <= 3, expected="two model calls, then PlanError", seen=f"{model.calls} model calls", look="One repair is enough.", kind="endless-repair")  # fmt: skip
            trial.fail(expected="PlanError, after two bad answers", seen=found, look="Never give back a plan that has faults.", kind="bad-plan-returned")  # fmt: skip
    trial.proven("After two bad answers it gives up with PlanError, and says why.")


# 5 -------------------------------------------------------------------------------------------------------------------


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
        "extra-steps": "Divide by the longer of the two: `max(len(outcome.steps), len(wanted))`.",
        "needless-question": "A question that nobody needed costs a person's time. Look at `outcome.question` before you count steps.",
    },
)  # fmt: skip
async def score_plan(attempt: Any, trial: Trial) -> None:
    """Return how right a plan is, from 0 to 1: a question, a reason or steps, whichever is wanted."""

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


# 6 -------------------------------------------------------------------------------------------------------------------


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
    await plan_for(planner_prompt(MONITORS, default_team(), TODAY, 6))  # the first call loads a lot
    async with trial.engine(planner=attempt, model=model) as engine:
        plan = await submitted(engine, MONITORS, trial)
        seen = [(one.agent, one.function) for one in plan.steps]
        trial.expect(seen == [("ProcurementAgent", "order_hardware")], expected="one step: ProcurementAgent, order_hardware", seen=seen or plan.human_clarification_request or plan.summary, look="Make a Step of each planned step, with agent, action and function.", kind="no-steps")  # fmt: skip
        given = {name: str(value) for name, value in (plan.steps[0].arguments or {}).items()}
        trial.expect(given.get("quantity") == "3" and "monitor" in given.get("item_name", ""), expected="the arguments item_name and quantity with the step", seen=plan.steps[0].arguments, look="`arguments=arguments_of(planned, team)`.", kind="no-arguments")  # fmt: skip
        trial.expect(plan.steps[0].action.strip(), expected="an action: the sentence that a person reads and approves", seen="an empty one", look="`action=planned.action`.", kind="no-action")  # fmt: skip
        rows = await engine.plans(plan.session_id)
        trial.expect(len(rows) == 1, expected="one plan in the store", seen=f"{len(rows)} plans", look="Return the plan; the manager stores it.", kind="stored")  # fmt: skip
        await engine.approve_all(plan)
        plan = await trial.waits(engine.wait(plan), 5, "the end of the approved plan")
        trial.expect(plan.overall_status is PlanStatus.completed, expected="the approved plan is carried out", seen=f"{plan.overall_status}: {plan.steps[0].error or plan.steps[0].status}", look="Are function and arguments those of the planned step?", kind="not-carried-out")  # fmt: skip
        trial.proven("The real engine took its plan, and three monitors were ordered after the approval.")
        await dependencies(engine, trial)
        await questions(engine, trial)
        await impossibles(engine, trial)
        await repairs(engine, model, trial)
