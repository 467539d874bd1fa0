"""A text is looked at once on all its ways; nothing that may not be kept is kept for that."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from macae.monitoring.compliance import Compliance, Finding
from macae.monitoring.compliance.detecting import Patterns, Search
from macae.monitoring.compliance.policyfile import preset
from macae.monitoring.compliance.remembering import MOST, MOST_FINDINGS

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
    assert KEY not in repr(vars(check._search._remembered))


def test_what_is_remembered_is_bounded() -> None:
    search = Search([Patterns()])
    remembered = search._remembered
    for number in range(MOST + 100):
        search.find(f"n{number}", search.entities)
        search.find(f"n{number}" + "-" * 100, search.entities)
    assert len(remembered._found) == MOST
    many = " ".join(f"a{n}@bakery.example" for n in range(500))
    for number in range(60):
        assert len(search.find(f"{many} {number}", search.entities)) == 500
    held = sum(len(found) for found in remembered._found.values())
    assert held == remembered._findings <= MOST_FINDINGS
