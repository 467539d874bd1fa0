"""Checks of how a model's answer is taken: what can be read as a plan, and which plans can be used."""

from __future__ import annotations

from typing import Any

from macae.agents import Team, default_team
from macae.agents.planned import PlannerResponse
from macae.workshop.props.plan_trials import draft, fenced, kitchen, step
from macae.workshop.trial import Trial

__all__ = ["finds_all_faults", "reads_only_plans"]


async def reads_only_plans(attempt: Any, trial: Trial) -> None:
    """Plain and fenced JSON give a draft; anything else gives None, and says what is wrong."""

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


async def finds_all_faults(attempt: Any, trial: Trial) -> None:
    """Good plans of two teams pass; of each bad one the fault is named."""
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
