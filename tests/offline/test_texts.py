"""Text answers and other structures: summaries, sources, verdicts, choices, arithmetic; nothing is made up."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from tests.offline.helpers import ask_json, loads, say

ARTICLE = (
    "The bakery on Mill Street opened in 1987. It bakes rye bread every morning. The weather was mild that year. "
    "Today the bakery sells rye bread to forty restaurants. Its owner plans a second bakery for rye bread in Porto."
)


async def test_summary_takes_sentences_of_the_text() -> None:
    text = await say("You are helpful.", f"Summarize the following text:\n{ARTICLE}")
    assert "rye bread" in text
    assert len(text) < len(ARTICLE)
    assert all(s in ARTICLE for s in text.split(". ")[:1])


async def test_answers_from_sources_with_their_numbers() -> None:
    prompt = "Answer only from the sources.\n\nSources:\n1. The oven heats to 250 degrees.\n2. Rye bread bakes for 55 minutes.\n\nQuestion: How long does rye bread bake?"
    assert await say("", prompt) == "Rye bread bakes for 55 minutes [2]."
    assert "do not answer" in await say("", prompt.replace("rye bread bake?", "a plane fly to Mars?"))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is 15% of 2400?", "= 360."),
        ("Compute 5 * 1299 * 1.1", "= 7144.5."),
        ("What is 3 plus 4?", "= 7."),
    ],
)
async def test_arithmetic(question: str, answer: str) -> None:
    assert (await say("", question)).endswith(answer)


async def test_date() -> None:
    assert (
        await say("Today is 2026-11-21.", "What day is it today?") == "Today is Saturday, 21 November 2026."
    )


async def test_a_language_task_is_answered_honestly_with_what_is_known() -> None:
    text = await say(
        "You write.",
        "Goal: Tell about our bread\nYour step: Write a slogan\nDone so far:\n1. A, look: Rye bread costs four euros.",
    )
    assert "offline, rule-based model" in text
    assert "four euros" in text


class Verdict(BaseModel):
    mood: Literal["positive", "negative", "neutral"]
    department: Literal["billing", "technical", "sales"]
    score: int = Field(ge=1, le=5)
    comment: str


async def test_choices_from_the_text() -> None:
    found = await ask_json(Verdict, "Classify.", "I love the bread, but my invoice is wrong. Great shop!")
    assert (found.mood, found.department) == ("positive", "billing")
    assert 1 <= found.score <= 5


class Person(BaseModel):
    class Address(BaseModel):
        email: str | None
        phone: str | None

    full_name: str
    start_date: str
    address: Address
    amount: float


async def test_facts_from_the_text() -> None:
    text = "Today is 2026-11-21.\nJessica Smith (jess@x.com) starts next Monday and gets $500."
    found = await ask_json(Person, "Extract.", text)
    assert (found.full_name, found.start_date, found.address.email, found.amount) == (
        "Jessica Smith",
        "2026-11-23",
        "jess@x.com",
        500,
    )
    assert found.address.phone is None


async def test_orchestrators_ledger() -> None:
    prompt = """We are working on: Book a hotel.
The team:
Hotels: books hotel rooms
Weather: tells the weather
Answer in pure JSON by this schema:
{
  "is_request_satisfied": {"reason": string, "answer": boolean},
  "next_speaker": {"reason": string, "answer": string (select from: ['Hotels', 'Weather'])}
}"""
    found = loads(await say("", prompt, json_output=True))
    assert found["is_request_satisfied"]["answer"] is False
    assert found["next_speaker"]["answer"] == "Hotels"


async def test_json_is_always_json() -> None:
    for text in ("Hello", "", "Give me anything", '{"broken": '):
        assert isinstance(loads(await say("", text, json_output=True)), dict)
