"""Checks of challenge 7 on a department that looks things up and names its sources."""

from __future__ import annotations

from typing import Any

from macae.errors import TeamError, ToolRefused
from macae.tools import ActionTool
from macae.workshop.props.plain import at_once
from macae.workshop.props.shelf import BADGES, COFFEE, LUNCH, PERMIT, before, given_of, shelf
from macae.workshop.props.tool_checks import declared
from macae.workshop.trial import Trial

__all__ = ["answers_with_sources"]

ASKED = 'Look up "cost of a parking permit" in the library.'
NOTHING = "The library has nothing on this. Tell the person that you do not know."


async def answers_with_sources(attempt: Any, trial: Trial) -> None:
    """The tool quotes what supports an answer, with where it stands, and says so when nothing does."""
    from macae import AgentSpec

    async with shelf(trial) as kb:
        spec = at_once(attempt, trial, kb)
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
        trial.proven(
            "Two questions: each answer held the passage, word for word, behind its number, title and heading."
        )
        await reads_the_headings(trial, tool)
        nothing = getattr(attempt, "__globals__", {}).get("NOTHING", NOTHING)
        for question in ("Who won the chess championship of 1972?", "Boiling point of tungsten"):
            await knows_nothing(trial, tool, question, nothing)
        trial.proven("Two questions that no document answers: the tool said so, and passed nothing on.")
        await leaves_the_rest(trial, tool, "What does a parking permit cost?", PERMIT)
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
    trial.expect(
        passage in " ".join(text.split()),
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
    line = before(text, passage)
    trial.expect(
        title in line and heading in line,
        expected="the source first, and its passage behind it",
        seen=text,
        look="Who reads a passage should know already where it stands. First the line with number, title and heading, then the text.",
        kind="source-after",
    )
    trial.expect(
        "1" in line,
        expected="a number before the passage: [1]",
        seen=text,
        look="`enumerate(hits, 1)` counts them. An answer names its sources by these numbers.",
        kind="no-number",
    )


async def leaves_the_rest(trial: Trial, tool: ActionTool, question: str, passage: str) -> None:
    """A question that one passage answers gets that one alone."""
    others = [words for words in given_of(await says(trial, tool, question)) if words != passage]
    trial.expect(
        not others,
        expected=f"“{question}” → the one passage that covers it",
        seen=f"this one too: “{others[0]}”" if others else "",
        look="Look at each hit by itself: does this one cover at least `ENOUGH` of the question?",
        kind="not-kept",
    )
    trial.proven("What was found beside the one passage that fits was left out.")


async def reads_the_headings(trial: Trial, tool: ActionTool) -> None:
    """A question whose words stand partly in a title."""
    question = "Eating well: is the coffee free?"
    text = await says(trial, tool, question)
    trial.expect(
        COFFEE in text,
        expected=f"“{question}” → “{COFFEE}”, for “Eating well” is its title",
        seen=text,
        look="What covers the question: the passage alone, or with its title and heading? `hit.chunk.indexed` is all of it.",
        kind="text-alone",
    )
    trial.proven("A question that names a title found the passage below it.")


async def knows_nothing(trial: Trial, tool: ActionTool, question: str, nothing: str) -> None:
    """A question that no document answers."""
    text = await says(trial, tool, question)
    given = given_of(text)
    trial.expect(
        not given,
        expected=f"“{question}” → nothing in the library says anything about that",
        seen=text,
        look="Search always finds the nearest passages. Keep those that cover enough of the question.",
        kind="guess",
    )
    trial.expect(
        text.strip(),
        expected="words that say that nothing was found",
        seen=text,
        look="`return NOTHING` when no hit is left.",
        kind="empty",
    )
    trial.expect(
        text.strip() == nothing,
        expected=f"`NOTHING`: “{nothing}”",
        seen=text,
        look="`return NOTHING`, as it stands above: it also tells the model what to do now.",
        kind="other-words",
    )


async def is_short(trial: Trial, tool: ActionTool) -> None:
    """Five passages fit; three are enough."""
    text = await says(trial, tool, "Where is a lost badge reported?")
    given = [words for words in given_of(text) if words in BADGES]
    trial.expect(
        len(given) == 3,
        expected="the best three of five passages that fit",
        seen=f"{len(given)}: {text}",
        look="`kb.search(question, k=3)`",
        kind="too-much" if len(given) > 3 else "too-few" if given else "no-passage",
    )
    numbers = [str(place) in before(text, words) for place, words in enumerate(given, 1)]
    trial.expect(
        all(numbers),
        expected="the passages numbered: [1], [2], [3]",
        seen=text,
        look="`enumerate(hits, 1)` counts them.",
        kind="no-number",
    )
    trial.proven("Of five passages that fit, it gave the best three, numbered.")


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
