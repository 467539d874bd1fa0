"""Checks of challenge 7 on an agent whose conversation outlives its process."""

from __future__ import annotations

from typing import Any

from autogen_agentchat.agents import AssistantAgent

from macae.memory import SQLiteStore
from macae.workshop.props.plain import at_once
from macae.workshop.trial import Trial

__all__ = ["remembers_after_a_restart"]

CODE_WORD = "My cat is called Miranda."
BUFFER = 20


class Kernel:
    """A process with a store of its own on the file that all of them share."""

    def __init__(self, attempt: Any, trial: Trial) -> None:
        self.attempt, self.trial = attempt, trial
        self.store = SQLiteStore(trial.folder / "chat.db")

    async def __aenter__(self) -> Kernel:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.store.close()

    async def agent(self, model: Any, session: str, user: str) -> AssistantAgent:
        """The learner's agent."""
        made = at_once(self.attempt, self.trial, model, self.store, session, user)
        self.trial.expect(
            isinstance(made, AssistantAgent),
            expected="an AssistantAgent",
            seen=None if made is None else f"a {type(made).__name__}",
            look="`return AssistantAgent(…)`",
            kind="no-agent",
        )
        self.trial.expect(
            made.name == "clerk",
            expected="an agent of the name clerk",
            seen=made.name,
            look='`AssistantAgent("clerk", …)`',
            kind="other-name",
        )
        return made  # type: ignore[no-any-return]

    async def says(self, text: str, session: str, user: str) -> list[Any]:
        """Give a new agent a task; what its model was sent."""
        model = self.trial.model("Noted.")
        agent = await self.agent(model, session, user)
        await self.trial.waits(agent.run(task=text), 5, "the agent's answer")
        return list(model.requests[-1][0])


def told(messages: list[Any]) -> str:
    """Everything that a model was sent, as one text."""
    return "\n".join(str(message.content) for message in messages)


async def remembers_after_a_restart(attempt: Any, trial: Trial) -> None:
    """What was said in one process is known in the next, and only to whom it belongs."""
    async with Kernel(attempt, trial) as first:
        await first.says(CODE_WORD, "s1", "ann")
        await kept_in_the_store(first, trial)
    async with Kernel(attempt, trial) as second:
        seen = told(await second.says("What is my cat called?", "s1", "ann"))
        trial.expect(
            CODE_WORD in seen and "Noted." in seen,
            expected=f"after a restart, the model is sent what was said before: “{CODE_WORD}”, and the answer",
            seen=seen,
            look="The agent's `model_context` is where its conversation is kept. Which one writes into the store?",
            kind="forgotten",
        )
        trial.expect(
            seen.count("What is my cat called?") == 1,
            expected="each message is sent once",
            seen=seen,
            kind="twice",
        )
        trial.proven("A new agent, on a second store object on the same file, knew what was said before.")
        await stays_private(second, trial)
        await stays_short(second, trial)


async def kept_in_the_store(kernel: Kernel, trial: Trial) -> None:
    """The conversation is in the store that was given, durable already."""
    async with SQLiteStore(kernel.store.path) as other:
        rows = await other.query("SELECT * FROM c", [], user_id="ann", session_id="s1")
    trial.expect(
        any(CODE_WORD in str(row) for row in rows),
        expected="what was said is in the given store as soon as the agent has answered",
        seen=f"{len(rows)} documents of Ann's session s1 there, none with her words",
        look="`CosmosBufferedChatCompletionContext(session_id, user_id, store=store, …)`; a kernel may die at any moment, so leave `write_through` on.",
        kind="forgotten",
    )


async def stays_private(kernel: Kernel, trial: Trial) -> None:
    """Another session, another user, and another agent of the session know nothing of it."""
    for session, user, whose in (("s2", "ann", "another session"), ("s1", "bob", "another user")):
        seen = told(await kernel.says("What is my cat called?", session, user))
        trial.expect(
            "Miranda" not in seen,
            expected=f"{whose} knows nothing of Ann's cat",
            seen=seen,
            look="A context belongs to one session of one user: both are parameters of your function. Make a new context in each call.",
            kind="mixed-up",
        )
    agent = await kernel.agent(trial.model("Yes."), "s1", "ann")
    rows = await kernel.store.query(
        "SELECT * FROM c WHERE c.data_type=@t",
        [{"name": "@t", "value": "chat_message"}],
        user_id="ann",
        session_id="s1",
    )
    owners = sorted({str(row.get("agent", "")) for row in rows})
    trial.expect(
        owners == [agent.name],
        expected=f"the conversation is stored under the agent's name, {agent.name!r}",
        seen=", ".join(map(repr, owners)),
        look="Several agents may share a session. `agent=` of the context keeps their conversations apart.",
        kind="no-name",
    )
    trial.proven("Another session, another user and another agent's conversation stay apart.")


async def stays_short(kernel: Kernel, trial: Trial) -> None:
    """A long conversation does not grow for ever in what the model is sent."""
    model = trial.model("Noted.")
    agent = await kernel.agent(model, "long", "ann")
    for number in range(16):
        await agent.run(task=f"Remark {number}")
    sent = list(model.requests[-1][0])
    said = sum(str(message.content).startswith(("Remark", "Noted.")) for message in sent)
    trial.expect(
        said <= BUFFER,
        expected="with a buffer of 20, the model is sent the last 20 messages and a note on the rest",
        seen=f"{said} of the conversation's 31 messages, after 16 remarks and 15 answers",
        look="`buffer_size=20`: a model's window is limited, and every message is paid for again in each call.",
        kind="no-limit",
    )
    trial.expect(
        said == BUFFER,
        expected="the last 20 messages, word for word",
        seen=f"{said} of them",
        look="`buffer_size=20`. What is older is sent as a note only, and a note is shorter than what was said.",
        kind="other-limit",
    )
    trial.proven(
        f"Of a conversation of 31 messages the model is sent the last {said}, a note on those before, and the agent's "
        f"system message: {len(sent)} in all."
    )
