"""What the checks of challenge 1 share: models that play a team's members, and a way to run a team that always comes to an end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from autogen_agentchat.base import TaskResult
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, FunctionExecutionResultMessage, RequestUsage

from macae.workshop.scripted import Request, ScriptedModel
from macae.workshop.trial import Trial
from macae.workshop.verdict import NotYet

__all__ = [
    "STATUS",
    "bounded",
    "calls_with_a_thought",
    "ended",
    "heard",
    "last_speaker",
    "results",
    "run_team",
    "sort_of",
]

T = TypeVar("T")
Answer = Callable[[Sequence[Any], list[str]], Any]

STATUS = "check_system_status"
"""The tool of the help desk."""
MOST = 40
"""Model calls after which a team is said to have no end."""
NO_STOP = (
    "Give the team a termination condition, such as `TextMentionTermination(…) | MaxMessageTermination(…)`."
)


def bounded(answer: Answer) -> Answer:
    """The same answers; after `MOST` of them an error, because nothing else ends a team that has no end."""
    asked = 0

    def reply(messages: Sequence[Any], tools: list[str]) -> Any:
        nonlocal asked
        asked += 1
        if asked > MOST:
            raise RuntimeError("The team never stopped.")
        return answer(messages, tools)

    return reply


async def ended(trial: Trial, work: Awaitable[T], model: ScriptedModel) -> T:
    """What `work` gives; a team that had to be stopped, or that broke inside, is told as such."""
    try:
        result = await work
    except NotYet:
        raise
    except Exception as error:
        if model.calls <= MOST:
            broke_inside(trial, str(error))
            raise
    if model.calls > MOST:
        trial.fail(expected="a team that comes to an end", seen=f"it still talked after {MOST} calls of the model", look=NO_STOP, kind="no-stop")  # fmt: skip
    return result


def broke_inside(trial: Trial, text: str) -> None:
    """Tell an error that came out of a team without the pages of AutoGen's own lines that it carries."""
    if "'DiGraphBuilder' object has no attribute" in text:
        trial.fail(expected="`graph=` is given a graph", seen="the builder, which only knows how to make one", look="`graph=builder.build()`, with the `.build()`.", kind="not-built")  # fmt: skip
    first, inside, rest = text.partition("\nTraceback:")
    if not inside:
        return
    unknown = "not found in participant names" in first or "in self._participant_names" in rest
    if unknown:
        seen = first.removeprefix("RuntimeError: ") if "Speaker" in first else "a hand-over to somebody who is not in the team"  # fmt: skip
        look = "Compare the names, letter for letter, and the list of agents that the team is given."
        trial.fail(expected="only agents of the team are given the word", seen=seen, look=look, kind="unknown-agent")  # fmt: skip
    trial.fail(expected="a run without an error", seen=first, kind="exception")


async def run_team(trial: Trial, team: Any, task: str, model: ScriptedModel) -> TaskResult:
    """One run of a team, from its beginning to its end."""

    async def run() -> TaskResult:
        await team.reset()
        result: TaskResult = await team.run(task=task)
        return result

    result = await ended(trial, run(), model)
    trial.expect(
        model.calls,
        expected="somebody speaks",
        seen=f"the team stopped before anybody was asked: {result.stop_reason}",
        look="The conditions look at the task too, and its source is `user`. Name the agents whose messages count.",
        kind="stopped-by-task",
    )
    return result


def last_speaker(messages: Sequence[Any]) -> str:
    """Who spoke last, of what a model was sent. Another agent's words reach a model as a user's, with that agent as source."""
    return str(getattr(messages[-1], "source", ""))


def results(messages: Sequence[Any]) -> str | None:
    """What the tools gave, where that is the last that a model was sent."""
    last = messages[-1]
    if isinstance(last, FunctionExecutionResultMessage):
        return " ".join(result.content for result in last.content)
    return None


def heard(request: Request) -> str:
    """All that a model was sent, in one text, without the instructions."""
    return "\n".join(str(message.content) for message in request.messages if message.type != "SystemMessage")


def calls_with_a_thought(thought: str, *calls: tuple[str, str]) -> CreateResult:
    """A model's reply: tool calls (name and arguments as JSON), and words beside them."""
    made = [FunctionCall(id=f"t{i}", name=name, arguments=text) for i, (name, text) in enumerate(calls)]
    spent = RequestUsage(prompt_tokens=10, completion_tokens=5)
    return CreateResult(
        content=made, thought=thought, finish_reason="function_calls", usage=spent, cached=False
    )


def sort_of(value: Any) -> str | None:
    """What kind of thing it is, for a card. None stays None: the card has words for it."""
    return None if value is None else f"a {type(value).__name__}"
