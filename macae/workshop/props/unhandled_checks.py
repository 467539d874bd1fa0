"""Checks of an agent that is sent messages without a handler: an error that names both, and nothing else changes."""

from __future__ import annotations

from typing import Any

from autogen_core import AgentId, RoutedAgent
from pydantic import BaseModel

from macae.workshop.props.puppets import LoudPing, Ping, Pong, answer_ping
from macae.workshop.trial import Trial

__all__ = ["raises_for_the_unknown"]


async def raises_for_the_unknown(attempt: Any, trial: Trial) -> None:
    """An agent that raises, naming the message and itself, when it has no handler for a message."""
    trial.expect(issubclass(attempt, RoutedAgent), expected="a RoutedAgent", seen=attempt.__mro__[1].__name__, look="`class LoudAgent(RoutedAgent):`", kind="no-agent")  # fmt: skip
    probe: Any = type("Probe", (attempt,), {"on_ping": answer_ping})
    twin: Any = type("Ping", (BaseModel,), {"__module__": __name__})
    async with trial.runtime() as runtime:
        await probe.register(runtime, "Probe", lambda: probe("A probe."))
        agent = AgentId("Probe", "s-1")
        for message in (LoudPing(), "a text", twin()):
            name = type(message).__name__
            what = (
                "a class of the same name, defined a second time"
                if message.__class__ is twin
                else f"a {name}"
            )
            try:
                answer = await trial.waits(runtime.send_message(message, agent), 2, "an error")
            except NotImplementedError as error:
                if name not in str(error):
                    raise
                text = str(error)
            except TypeError as error:
                if "positional" in str(error):
                    raise
                text = str(error)
            except Exception as error:
                text = str(error)
            else:
                trial.fail(expected=f"an error for {what}, which has no handler", seen=answer,
                           look="Override `on_unhandled_message`, and `raise` in it.", kind="silent")  # fmt: skip
            for part, role in ((name, "the message's class"), ("Probe", "the agent")):
                trial.expect(part in text, expected=f"an error that names {role}: {part}", seen=text or "an error without a text", look="`type(message).__name__` and `self.id.type`", kind="nameless")  # fmt: skip
        trial.proven("A message without a handler raises an error, which names the message and the agent.")
        for words in ("one", "two"):
            try:
                answer = await trial.waits(runtime.send_message(Ping(text=words), agent), 2, "an answer")
            except Exception as error:
                answer = f"{type(error).__name__}: {error}"
            trial.expect(isinstance(answer, Pong) and answer.text == words, expected="a message that has a handler is answered as ever", seen=answer, look="`on_unhandled_message` is called only for messages without a handler.", kind="refuses-all")  # fmt: skip
        trial.proven("A message with a handler is answered as ever.")
