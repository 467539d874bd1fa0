"""Checks of an agent with a tool: the model sees what the tool gives, may look again, and answers in words."""

from __future__ import annotations

from typing import Any

from macae import contoso
from macae.workshop.props.teams import STATUS, heard, sort_of
from macae.workshop.trial import Trial

__all__ = ["answers_in_words"]

QUESTIONS = (
    ("Is the VPN up?", ("VPN",), "The VPN is up."),
    ("How are the VPN and the billing system?", ("VPN", "Billing"), "The VPN is up, billing is slow."),
    ("Does the coffee machine work?", ("Coffee machine",), "I know no system of that name."),
)
"""What is asked, the systems that the model looks at one after the other, and what it says then."""


async def answers_in_words(attempt: Any, trial: Trial) -> None:
    """Each question is looked up, perhaps twice, and answered by the model."""
    for question, systems, answer in QUESTIONS:
        looks = [[(STATUS, {"system_name": system})] for system in systems]
        model = trial.model(*looks, answer)
        try:
            with contoso.use(trial.company()):
                said = await trial.call(attempt, model, question)
        except RuntimeError as error:
            if "Reflect on tool use" not in str(error):
                raise
            trial.fail(expected="the model may look more than once", seen=str(error), look="`max_tool_iterations=3`, without `reflect_on_tool_use`.", kind="reflect")  # fmt: skip
        trial.expect(model.calls, expected="the model is asked", seen=f"it was not asked; your function gave {said!r:.80}", look="`await agent.run(task=question)`", kind="no-model")  # fmt: skip
        first = model.requests[0]
        trial.expect(STATUS in first.tools, expected=f"the model is shown the tool `{STATUS}`", seen=first.tools or "no tool", look="`tools=[contoso.tech_support.check_system_status]`", kind="no-tool")  # fmt: skip
        trial.expect(question in heard(first), expected=f"the model is asked {question!r}", seen=heard(first), look="`run(task=question)`", kind="no-question")  # fmt: skip
        trial.expect(isinstance(said, str), expected="a text", seen=sort_of(said), look="Return the last message's text: `result.messages[-1].content`.", kind="not-text")  # fmt: skip
        if said.strip() != answer:
            raw = model.calls <= len(systems)
            trial.fail(
                expected=f"the model's answer: {answer!r}",
                seen=f"the tool's result: {said!r:.160}" if raw else said,
                look="How many rounds of tool calls may your agent make?" if raw else "Return the last message's text.",
                kind="raw-result" if raw else "wrong-text",
            )  # fmt: skip
    trial.proven("The model saw what the tool gave, and answered in words.")
    trial.proven("It could look twice, and it was told of a tool's error.")
