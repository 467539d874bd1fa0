"""Checks of challenge 7 on facts that are found by what they mean."""

from __future__ import annotations

from typing import Any

from autogen_core.memory import MemoryContent

from macae.errors import InvalidInput
from macae.workshop.trial import Trial

__all__ = ["knows_and_forgets_nothing"]

FACTS = (  # name, text, kind
    ("wifi", "The guest wifi is called Heron, and its password is on the board in the kitchen.", "office"),
    ("printer", "The printer on the second floor prints on both sides.", "office"),
    ("parking", "Visitors park in the blue zone behind the building.", "office"),
    ("jessica", "Jessica Smith prefers meetings in the morning.", "people"),
    ("marcus", "Marcus Bell is on leave until March.", "people"),
)
CROWD = tuple((f"meeting-{n}", f"Meetings in the morning, room {n}, for everybody.", "rooms") for n in range(6))  # fmt: skip
OLD, NEW = FACTS[1][1], "The printer on the second floor prints in colour now."


async def knows_and_forgets_nothing(attempt: Any, trial: Trial) -> None:
    """Facts are found by their nearness, corrected under their name, filtered by kind, and outlive the object."""
    from macae.memory.semantic import SemanticMemory

    settings = trial.settings.model_copy(update={"embedding": "lexical"})
    async with SemanticMemory("facts", user_id="ann", settings=settings, on="memory") as memory:
        await memory.clear()
        book = await trial.call(attempt, memory)
        for name, words, kind in FACTS:
            await trial.call(book.learn, name, words, kind)
        await finds(trial, book, "What is the guest wifi called?", FACTS[0][1])
        await finds(trial, book, "Does the printer on the second floor print on both sides?", OLD)
        trial.proven("Two questions brought the fact that answers them, nearest first.")
        await knows_its_limits(trial, book)
        await corrects(trial, book)
        await keeps_kinds_apart(trial, book)
        again = await trial.call(attempt, memory)
        await finds(trial, again, "What is the guest wifi called?", FACTS[0][1], "forgotten")
        trial.proven("A second FactBook on the same memory knew all of it.")
        stored = {str((one.metadata or {}).get("kind")) for one in await memory.get(["wifi", "jessica"])}
        trial.expect(
            stored == {"office", "people"},
            expected="each fact is stored under its own name, with its kind",
            seen=", ".join(sorted(stored)) or "no facts of the names wifi and jessica",
            look='`metadata={"id": name, "kind": kind}`',
            kind="no-name",
        )


async def answers(trial: Trial, book: Any, question: str, **more: Any) -> list[str]:
    """What the learner's book says to a question."""
    try:
        found = await trial.call(book.ask, question, **more)
    except InvalidInput as error:
        trial.expect(
            more,
            expected="`ask(question)` without a kind: all facts count",
            seen=str(error),
            look='`where={"kind": None}` is a filter too, and no fact has that kind. Without a kind: `where=None`.',
            kind="where-none",
        )
        raise
    trial.expect(isinstance(found, list | tuple), expected="a list of texts", seen=found, look="`[one.content for one in found.results]`", kind="not-texts")  # fmt: skip
    for one in found:
        kind = "a MemoryContent" if isinstance(one, MemoryContent) else f"a {type(one).__name__}"
        trial.expect(
            isinstance(one, str),
            expected="a list of texts",
            seen=f"a list with {kind} in it",
            look="The words are in `.content`.",
            kind="not-texts",
        )
    trial.expect(
        len(found) <= 3,
        expected="at most three facts",
        seen=f"{len(found)}: {found}",
        look="`k=3`",
        kind="too-many",
    )
    return list(found)


async def finds(trial: Trial, book: Any, question: str, wanted: str, kind: str = "not-found") -> None:
    """The best answer to a question."""
    found = await answers(trial, book, question)
    trial.expect(
        found[:1] == [wanted],
        expected=f"“{question}” → first “{wanted}”",
        seen=found or "nothing",
        look="What did you put into the memory, and with which threshold do you ask?",
        kind=kind,
    )


async def knows_its_limits(trial: Trial, book: Any) -> None:
    """Nothing near, nothing said."""
    for question in ("How tall is Mount Everest?", "What does a kilo of apples cost?"):
        found = await answers(trial, book, question)
        trial.expect(
            found == [],
            expected=f"“{question}” has nothing to do with any fact: an empty list",
            seen=found,
            look="Something is always nearest. A threshold says what is near enough.",
            kind="anything",
        )
    trial.proven("Questions that nothing answers got an empty list.")


async def corrects(trial: Trial, book: Any) -> None:
    """The same name again replaces."""
    await trial.call(book.learn, "printer", NEW, "office")
    found = await answers(trial, book, "What about the printer on the second floor?")
    trial.expect(
        OLD not in found,
        expected="the corrected fact alone",
        seen=found,
        look="A fact with the same id takes the place of the old one.",
        kind="twice",
    )
    trial.expect(NEW in found, expected=NEW, seen=found or "nothing", kind="not-found")
    trial.proven("A corrected fact replaced the old one.")


async def keeps_kinds_apart(trial: Trial, book: Any) -> None:
    """A question about one kind gets facts of that kind, however near the others are."""
    for name, words, kind in CROWD:
        await trial.call(book.learn, name, words, kind)
    question = "Meetings in the morning"
    found = await answers(trial, book, question, kind="people")
    others = [one for one in found if one not in (FACTS[3][1], FACTS[4][1])]
    trial.expect(
        not others,
        expected=f'“{question}” with kind="people": facts about people only',
        seen=found,
        look='`where={"kind": kind}`',
        kind="wrong-kind",
    )
    trial.expect(
        FACTS[3][1] in found,
        expected=f'“{question}” with kind="people": “{FACTS[3][1]}”',
        seen=found or "nothing",
        look="Six rooms are nearer to the question. The memory has to look among people only.",
        kind="filtered-late",
    )
    everything = await answers(trial, book, question)
    trial.expect(
        len(everything) == 3,
        expected="without a kind, the nearest three of all",
        seen=everything,
        look="No kind: `where=None`.",
        kind="wrong-kind",
    )
    trial.proven("With a kind, only facts of that kind were searched, though others were nearer.")
