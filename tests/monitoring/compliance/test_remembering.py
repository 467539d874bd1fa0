"""A text is looked at once on all its ways; nothing that may not be kept is kept for that."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    UserMessage,
)

from macae.monitoring.compliance import Compliance, Finding
from macae.monitoring.compliance.clearing import MOST as MOST_CLEARED
from macae.monitoring.compliance.clearing import Cleared, mark_of
from macae.monitoring.compliance.detecting import Patterns, Search
from macae.monitoring.compliance.masking import MaskingClient
from macae.monitoring.compliance.policyfile import preset
from macae.monitoring.compliance.remembering import MOST, MOST_FINDINGS
from tests.support.scripted import ScriptedClient

KEY = "sk-proj-4fGh7Kd92mXq0PzLw8Rt3Vb6"


class Counting(Patterns):
    """The built-in detector, counting the texts it looks at."""

    def __init__(self) -> None:
        self.looked = 0

    def find(self, text: str, wanted: frozenset[str]) -> Iterator[Finding]:
        self.looked += 1
        return super().find(text, wanted)


def test_a_text_is_looked_at_once_and_told_of_each_time() -> None:
    detector = Counting()
    check = Compliance(preset("workshop"), detectors=[detector])
    told: list[str] = []
    prompt = "x " * 15_000 + KEY  # as long as a prompt with documents in it
    for route in ("model", "store", "log", "screen"):
        cleaned = check.clean(prompt, route, "here", lambda *what: told.append(what[0]))
        assert KEY not in cleaned and "[REDACTED:API_KEY]" in cleaned
    assert detector.looked == 1 and told == ["model", "store", "log", "screen"]
    for _ in range(3):
        assert check.clean("user", "store") == "user"
    assert detector.looked == 2


def test_no_text_is_held() -> None:
    check = Compliance(preset("gdpr"))
    number = len(KEY)  # made here, so that nothing else refers to them
    secret, address, long = f"my key: {KEY[:number]}", f"eve{number}@bakery.example", f"{number} " * 100
    before = [sys.getrefcount(text) for text in (secret, address, long)]
    for text in (secret, address, long):
        check.clean(text, "store")
    del text
    assert check.clean(address, "screen") == address
    assert [sys.getrefcount(text) for text in (secret, address, long)] == before
    assert check._search._remembered._nothing, "what holds nothing is remembered, too, and not as a text"
    assert KEY not in repr(vars(check._search._remembered))


def test_what_is_remembered_is_bounded() -> None:
    search = Search([Patterns()])
    remembered = search._remembered
    for number in range(MOST + 100):
        search.find(f"n{number}", search.entities)
        search.find(f"n{number}" + "-" * 100, search.entities)
    assert len(remembered._nothing) == MOST and not remembered._found
    many = " ".join(f"a{n}@bakery.example" for n in range(500))
    for number in range(60):
        assert len(search.find(f"{many} {number}", search.entities)) == 500
    held = sum(len(found) for found in remembered._found.values())
    assert held == remembered._findings <= MOST_FINDINGS


async def test_a_message_that_holds_nothing_is_looked_at_once_and_any_other_each_time() -> None:
    detector = Counting()
    check = Compliance(preset("gdpr"), detectors=[detector])
    told: list[str] = []
    client = MaskingClient(
        ScriptedClient(lambda *_: "done"), check, lambda route, entity, *_: told.append(entity)
    )
    # Alike to the eye, and not to the detector: the same text as a call's arguments, as a reply, as a thought, as a result.
    note, secret = '{"note": "nothing"}', f'{{"note": "{KEY}"}}'

    def said(text: str) -> list[LLMMessage]:
        result = FunctionExecutionResult(content=text, name="find", call_id="1", is_error=False)
        return [
            AssistantMessage(content=[FunctionCall(id="1", name="find", arguments=text)], source="A"),
            AssistantMessage(content=text, source="A"),
            AssistantMessage(content="well", thought=text, source="A"),
            FunctionExecutionResultMessage(content=[result]),
            UserMessage(content=[text, "and more"], source="user"),
        ]

    assert len({mark_of(message) for message in said(note) + said(secret)}) == 10
    client.masked(said(note))
    assert (len(check.cleared), told) == (5, [])
    looked = detector.looked
    sent, _ = client.masked(said(note))
    assert detector.looked == looked and sent == said(note)
    for _ in range(2):
        sent, names = client.masked([*said(note), *said(secret)], client._tell)
        assert KEY not in str(sent) and names, "what holds something is looked at each time"
    assert told == ["API_KEY"] * len(told) and len(told) >= 10
    assert len(check.cleared) == 5 and "nothing" not in repr(check.cleared._marks)


def test_what_is_known_to_hold_nothing_is_bounded() -> None:
    cleared = Cleared()
    for number in range(MOST_CLEARED + 10):
        cleared.add(("UserMessage", -1, number, 1))
    assert len(cleared) == MOST_CLEARED and ("UserMessage", -1, 9, 1) not in cleared
