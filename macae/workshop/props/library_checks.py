"""Checks of challenge 7 on a department that looks things up and names its sources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from macae.errors import TeamError, ToolRefused
from macae.tools import ActionTool
from macae.workshop.props.tool_checks import declared
from macae.workshop.trial import Trial

if TYPE_CHECKING:
    from macae.memory.retrieval import KnowledgeBase

__all__ = ["answers_with_sources"]

PERMIT = "A parking permit costs 12 euros a month. It is ordered at the front desk."
LUNCH = "Lunch is served in the canteen from half past eleven to two o'clock."
BADGES = tuple(
    f"A lost badge in building {n} is reported to reception {n}." for n in ("A", "B", "C", "D", "E")
)
SHELF = {
    "Getting here": {"Cars": PERMIT, "Bicycles": "Bicycles stand in the yard, under the roof."},
    "Eating well": {"Noon": LUNCH, "Coffee": "Coffee is free on every floor."},
    "Doors and keys": {f"Building {text.split()[5]}": text for text in BADGES},
}
"""By title and heading: what stands there."""
ASKED = 'Look up "cost of a parking permit" in the library.'
UNKNOWN = re.compile(r"\b(no|not|nothing|none|unknown|n't|cannot)\b|n't\b", re.I)


def shelf(trial: Trial) -> KnowledgeBase:
    """A small library that nobody knows by heart."""
    from macae.memory.retrieval import Document, KnowledgeBase

    documents = [
        Document(
            id=title.split()[0].lower(),
            title=title,
            text=f"# {title}\n" + "".join(f"\n## {heading}\n\n{text}\n" for heading, text in parts.items()),
            kind="markdown",
        )
        for title, parts in SHELF.items()
    ]
    settings = trial.settings.model_copy(update={"embedding": "lexical"})
    return KnowledgeBase(settings, documents, name="check", user_id="check", size=160, overlap=0, on="memory")


async def answers_with_sources(attempt: Any, trial: Trial) -> None:
    """The tool quotes what supports an answer, with where it stands, and says so when nothing does."""
    from macae import AgentSpec

    async with shelf(trial) as kb:
        spec = await trial.call(attempt, kb)
        seen = None if spec is None else f"a {type(spec).__name__}"
        trial.expect(isinstance(spec, AgentSpec), expected="an AgentSpec", seen=seen, look="`return AgentSpec(…)`", kind="not-a-spec")  # fmt: skip
        names = [made.name for made in spec.action_tools]
        trial.expect(
            spec.name == "LibraryAgent" and "look_up" in names,
            expected="the LibraryAgent with its tool look_up, as the cell came with it",
            seen=f"{spec.name} with {', '.join(names) or 'no tools'}",
            kind="not-a-spec",
        )
        tool = declared(spec.action_tools[names.index("look_up")], trial, "read")
        await quotes(trial, tool, "What does a parking permit cost?", PERMIT, "Getting here", "Cars")
        await quotes(trial, tool, "When is lunch served in the canteen?", LUNCH, "Eating well", "Noon")
        trial.proven("Two questions: each answer held the passage word for word, with its title and heading.")
        for question in ("Who won the chess championship of 1972?", "Boiling point of tungsten"):
            await knows_nothing(trial, tool, question)
        trial.proven("Two questions that no document answers: the tool said so, and passed nothing on.")
        await is_short(trial, tool)
        await works_in_the_engine(trial, spec)


async def says(trial: Trial, tool: ActionTool, question: str) -> str:
    """What the tool says to a question."""
    try:
        text = await trial.call(tool.function, question)
    except ToolRefused as error:
        trial.fail(
            expected="a text, also where nothing was found",
            seen=f"refused: {error}",
            look="To find nothing is an answer, not an error: `return NOTHING`.",
            kind="refused",
        )
    trial.expect(
        isinstance(text, str),
        expected="one text",
        seen=text,
        look='`"\\n\\n".join(passages)`: a model reads text.',
        kind="not-text",
    )
    return str(text)


async def quotes(
    trial: Trial, tool: ActionTool, question: str, passage: str, title: str, heading: str
) -> None:
    """A question that a document answers."""
    text = await says(trial, tool, question)
    first = passage.split(". ")[0].rstrip(".")
    trial.expect(
        first in text,
        expected=f"“{question}” → the passage, word for word: “{passage}”",
        seen=text,
        look="`hit.chunk.text`. If nothing came at all: what is `covered(question, hit.chunk.indexed)`?",
        kind="no-passage",
    )
    missing = [word for word in (title, heading) if word not in text.replace(passage, "")]
    trial.expect(
        not missing,
        expected=f"the source: title “{title}” and heading “{heading}”",
        seen=text,
        look="`hit.chunk.title` and `hit.chunk.heading` (or both at once: `hit.chunk.where`).",
        kind="no-source",
    )


async def knows_nothing(trial: Trial, tool: ActionTool, question: str) -> None:
    """A question that no document answers."""
    text = await says(trial, tool, question)
    given = [words for parts in SHELF.values() for words in parts.values() if words.split(". ")[0][:40] in text]  # fmt: skip
    trial.expect(
        not given,
        expected=f"“{question}” → nothing in the library says anything about that",
        seen=text,
        look="Search always finds the nearest passages. Keep those that cover enough of the question.",
        kind="guess",
    )
    trial.expect(
        UNKNOWN.search(text),
        expected="words that say that nothing was found",
        seen=text,
        look="`return NOTHING` when no hit is left.",
        kind="empty",
    )


async def is_short(trial: Trial, tool: ActionTool) -> None:
    """Five passages fit; three are enough."""
    text = await says(trial, tool, "Where is a lost badge reported?")
    given = [words for words in BADGES if words in text]
    trial.expect(
        1 <= len(given) <= 3,
        expected="at most three passages, and at least one",
        seen=f"{len(given)}: {text}",
        look="`kb.search(question, k=3)`",
        kind="too-much" if given else "no-passage",
    )
    trial.proven("Of five passages that fit, it gave the best three.")


async def works_in_the_engine(trial: Trial, spec: Any) -> None:
    """The real engine plans a look-up for the LibraryAgent and answers from the passage."""
    from macae.agents.departments import default_team

    try:
        team = default_team().plus(spec)
    except TeamError as error:
        trial.fail(expected="LibraryAgent can join Contoso's team", seen=str(error), kind="same-name")
    async with trial.engine(team=team) as engine:
        plan = await engine.submit(ASKED)
        steps = [f"{step.agent}: {step.function}" for step in plan.steps]
        trial.expect(
            steps == ["LibraryAgent: look_up"],
            expected=f"“{ASKED}” becomes one step of LibraryAgent",
            seen="; ".join(steps) or plan.summary or "no steps",
            look="The planner knows only what the declaration says: leave its texts as they came.",
            kind="planned-otherwise",
        )
        await engine.approve_all(plan)
        plan = await trial.waits(engine.wait(plan), 5, "the end of the plan")
        step = plan.steps[0]
        said = f"{step.agent_reply} {' '.join(str(call.result) for call in step.calls)}"
        trial.expect(
            step.status == "completed" and "12 euros" in said,
            expected="after a yes, the step is completed with what the library says",
            seen=f"{step.status}: {step.error or said}",
            kind="not-done",
        )
    trial.proven(f"The real engine planned “{ASKED}” for LibraryAgent, and answered from the passage.")
