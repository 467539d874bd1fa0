"""For the checks of challenge 2: agents that stand in for others, and what may be wrong with a learner's agent or messages."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autogen_core import (
    AgentId,
    BaseAgent,
    DefaultInterventionHandler,
    MessageContext,
    RoutedAgent,
    message_handler,
)
from pydantic import BaseModel, ValidationError

from macae.workshop.diagnose import home_of, last_line, redefined
from macae.workshop.verdict import NotYet

__all__ = [
    "ActionResponse",
    "LoudPing",
    "Notes",
    "Ping",
    "Pong",
    "Puppet",
    "answer_ping",
    "explained",
    "handled",
    "message_class",
    "new_step",
    "solved_before",
]


class Ping(BaseModel):
    """A message that has a handler."""

    text: str = "ping"


class LoudPing(Ping):
    """A message whose base class has a handler, but not it itself."""


class Pong(BaseModel):
    """The answer."""

    text: str


class ActionResponse(BaseModel):
    """What a worker answers, where the notebook's own class of that name is not at hand."""

    status: str
    message: str


@message_handler
async def answer_ping(self: Any, message: Ping, ctx: MessageContext) -> Pong:
    """A handler to put into a learner's class."""
    return Pong(text=message.text)


class Puppet(BaseAgent):
    """Answers every message as `play(message, key)` says."""

    def __init__(self, play: Callable[[Any, str], Any]) -> None:
        super().__init__("Stands in for an agent while a check runs.")
        self.play = play

    async def on_message_impl(self, message: Any, ctx: MessageContext) -> Any:
        """Answer."""
        return self.play(message, self.id.key)


class Notes(DefaultInterventionHandler):
    """Keeps what was sent, as (agent, key, message)."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []

    async def on_send(self, message: Any, *, message_context: MessageContext, recipient: AgentId) -> Any:
        """Keep it, and let it pass."""
        self.sent.append((recipient.type, recipient.key, message))
        return message


async def handled(agent: Any, name: str) -> Any:
    """The message class of that name that the agent handles. Raises NotYet, or NotImplementedError for a stub."""
    if not issubclass(agent, RoutedAgent):
        raise NotYet("no-agent", f"{agent.__name__} is a RoutedAgent", f"a class without that base: {agent.__mro__[1].__name__}",
                     f"`class {agent.__name__}(LoudAgent):`")  # fmt: skip
    handlers = agent._discover_handlers()
    for handler in handlers:
        for taken in handler.target_types:
            if taken.__name__ == name:
                if not inspect.iscoroutinefunction(inspect.unwrap(handler)):
                    raise NotYet("not-async", "`async def` for the handler", f"a plain `def {handler.__name__}`", "Put `async` before `def`.")  # fmt: skip
                return taken
    plain = {
        key: value
        for key, value in vars(agent).items()
        if inspect.iscoroutinefunction(value) and not key.startswith(("_", "on_")) and value not in handlers
    }
    for function in plain.values():
        if len(inspect.signature(function).parameters) == 3:
            try:
                await function(None, None, None)
            except NotImplementedError:
                raise  # the stub
            except Exception:
                continue
    others = [taken.__name__ for handler in handlers for taken in handler.target_types]
    if others:
        seen, look = f"handlers of {', '.join(others)} only", f"The type of `message` says what a handler takes: `message: {name}`."  # fmt: skip
    elif plain:
        seen, look = f"`{next(iter(plain))}` without `@message_handler`", "Write `@message_handler` in the line above `async def`."  # fmt: skip
    else:
        seen, look = "no handler at all", f"`@message_handler`, then `async def …(self, message: {name}, ctx: MessageContext) -> …`."  # fmt: skip
    raise NotYet("no-handler", f"a handler of {name} in {agent.__name__}", seen, look)


def message_class(names: Mapping[str, Any], name: str) -> Any:
    """The notebook's message class of that name. Raises NotYet when its cell was not run."""
    found = names.get(name)
    if not inspect.isclass(found):
        raise NotYet("missing", f"the class {name} in this notebook", "no such name", f"Run the cell that defines {name}, then check again.")  # fmt: skip
    return found


def new_step(names: Mapping[str, Any], **fields: Any) -> Any:
    """A Step of the notebook's class. Raises NotYet when exercise 1 is not done."""
    with explained("Step", names):
        return message_class(names, "Step")(**fields)


@contextlib.contextmanager
def explained(who: str, names: Mapping[str, Any]) -> Iterator[None]:
    """What AutoGen and pydantic say of messages, as a failure that a learner (whose names these are) can act on."""
    try:
        yield
    except NotImplementedError as error:
        if who == "Step" or "fields here" in str(error):
            raise NotYet("missing", "a Step from exercise 1", "Step is still to do", "Solve exercise 1 first, or take ours: `solution(Step)` shows it. Then run the cells below it again.") from error  # fmt: skip
        raise
    except ValidationError as error:
        for one in error.errors():
            known = one.get("ctx", {}).get("class_name")
            if one["type"] == "model_type" and type(one["input"]).__name__ == known:
                raise NotYet("redefined-message", f"one class {known} for all", f"{known} was defined again after the class that holds it",
                             f"Run the cell of {error.title}, and the cells below it, once more.") from error  # fmt: skip
        line, _ = last_line(error.__traceback__, names)
        if not line:
            raise
        problems = "; ".join(f"`{'.'.join(map(str, one['loc']))}`: {one['msg']}" for one in error.errors())
        raise NotYet("refused", f"fields that {error.title} accepts", problems, f"Compare them with the fields of {error.title}.", line) from error  # fmt: skip
    except ValueError as error:
        if "not in return types" not in str(error):
            raise
        classes = re.findall(r"<class '([^']+)'>", str(error))
        if len(classes) > 1 and len(set(classes)) == 1:
            name = classes[0].rpartition(".")[2]
            raise NotYet("redefined-message", f"one class {name} for all", f"{name} was defined again after the agent that answers with it",
                         "Run the cells of the agents, below the messages, once more.") from error  # fmt: skip
        expected, look = f"{who} returns what stands behind its `->`", "Compare the `->` of the handler with its `return`."  # fmt: skip
        kind = "no-answer" if "NoneType" in str(error) else "not-a-plan"
        seen = "nothing was returned (`None`)" if kind == "no-answer" else str(error)
        raise NotYet(kind, expected, seen, look) from error


async def solved_before(thing: Any, **needs: str) -> Mapping[str, Any]:
    """The names of the learner's notebook, in which each agent of `needs` handles that message. Raises NotYet."""
    names = home_of(thing)
    for agent, message in needs.items():
        found = message_class(names, agent)
        wrong = redefined(found)
        if wrong is not None:
            raise wrong
        try:
            await handled(found, message)
        except NotImplementedError as error:
            raise NotYet("missing", f"{agent} from the exercise above", f"{agent} is still to do", f"Solve it first, or take ours: `solution({agent})` shows it.") from error  # fmt: skip
    return names
