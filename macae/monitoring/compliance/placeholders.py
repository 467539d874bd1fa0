"""Placeholders that stand for real values towards the model, and the way back.

They look like what they stand for, so that a model can still work with them, but are nobody's: a domain that is reserved, a
country code and a card network that do not exist. The detectors do not find them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

__all__ = ["FORMS", "Placeholders", "invented", "is_bare", "ours"]

BARE: Callable[[int], str] = "99990009{:06d}".format
"""What stands for any other number."""
FORMS: dict[str, Callable[[int], str]] = {
    "EMAIL_ADDRESS": lambda n: f"mail{n}@masked.example",
    "PHONE_NUMBER": lambda n: f"+999-0000-{n:04d}",
    "CREDIT_CARD": lambda n: f"9999-0000-0000-{n:04d}",
    "US_SSN": lambda n: f"999-00-{n:04d}",
    "IBAN_CODE": lambda n: f"XX00MASKED{n:06d}",
    "IP_ADDRESS": lambda n: f"240.0.{n // 250}.{n % 250}",
    "BIRTH_DATE": lambda n: (date(1800, 1, 1) + timedelta(days=n)).isoformat(),
    "MEDICAL_RECORD": lambda n: f"MR-MASKED-{n}",
    "ID_NUMBER": lambda n: f"ID-MASKED-{n}",
}
DIGITS = frozenset({"CREDIT_CARD", "PHONE_NUMBER", "US_SSN"})
"""What stays itself when only its digits are left."""
NOBODYS = (
    r"mail\d+@masked\.example|\+?999-?0000-?\d{4,}|9999-?0000-?0000-?\d{4,}|XX00MASKED\d{6,}|240\.0\.\d+\.\d+|(?:MR|ID)-MASKED-\d+"
    r"|99990009\d{6,}"
)
ALSO_OURS = r"999-?00-?\d{4,}|18\d\d-\d\d-\d\d"
"""Forms that somebody may have by chance, but no detector looks for."""
INVENTED = re.compile(rf"(?<![A-Za-z0-9_.+-])(?:{NOBODYS})(?![A-Za-z0-9])", re.IGNORECASE)
SEPARATORS = re.compile(r"[ .\-/()]")
DIGITAL = re.compile(r"[+\d.-]+")
SHORTEST_DIGITS = 10
"""Digits of a placeholder that is also known when the model writes it with other signs between, or none."""


class Placeholders:
    """The placeholders of one request. The same value has the same one; numbers are given in the order of the values.

    `texts`: gives all that is sent. A placeholder that stands in it already, by whatever chance, is not used.
    """

    def __init__(self, texts: Callable[[], Sequence[str]] = tuple) -> None:
        self._texts = texts
        self._known_texts: Sequence[str] | None = None
        """In small letters, and once more without what may stand between digits."""
        self._by_value: dict[tuple[str, str, bool], str] = {}
        self._values: dict[str, str] = {}
        """By what a placeholder is known by: its text in small letters, or its digits."""
        self._counts: dict[str, int] = {}
        self._pattern: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        return bool(self._values)

    def __repr__(self) -> str:
        return f"Placeholders({len(self._by_value)})"

    def of(self, entity: str, value: str, bare: bool = False) -> str:
        """The placeholder of a value. `bare`: it stands as a number, so only digits may stand there."""
        known = self._by_value.get((entity, value, bare))
        if known is not None:
            return known
        if bare and entity in DIGITS:
            name = digits_of(self.of(entity, value))
        else:
            name = self._new("BARE" if bare else entity)
        self._by_value[entity, value, bare] = name
        self._values[name.lower()] = value
        if is_digital(name):
            self._values[digits_of(name)] = value
        self._pattern = None
        return name

    def _new(self, entity: str) -> str:
        """One that stands nowhere yet, in whatever way it may be written."""
        if self._known_texts is None:
            texts = [text.lower() for text in self._texts()]
            self._known_texts = [*texts, *(SEPARATORS.sub("", text) for text in texts)]
        form = FORMS.get(entity) or (BARE if entity == "BARE" else lambda n: f"{entity}_{n}")
        while True:
            number = self._counts[entity] = self._counts.get(entity, 0) + 1
            name = form(number)
            written = digits_of(name) if is_digital(name) else name.lower()
            if not any(written in text for text in self._known_texts):
                return name

    @property
    def names(self) -> list[str]:
        """All placeholders in use."""
        return list(self._by_value.values())

    def restored(self, text: str) -> str:
        """The text with the real values."""
        return self._replaced(text, lambda value, bare: value)

    def restored_reply(self, text: str) -> str:
        """A reply's text with the real values; in one that is JSON they are escaped as JSON wants it."""
        if text.lstrip().startswith(("{", "[", "```json")):
            return self._replaced(text, in_json)
        return self.restored(text)

    def restored_json(self, text: str) -> str:
        """The arguments of a call with the real values."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self.restored_reply(text)
        new = self._walked(value)
        return text if new == value else json.dumps(new, ensure_ascii=False)

    def _walked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.restored(value)
        if isinstance(value, dict):
            return {self.restored(name): self._walked(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._walked(inner) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool):
            real = self._values.get(str(value))  # a card or telephone number that the model wrote as a number
            return int(digits_of(real)) if real is not None and digits_of(real) else value
        return value

    def _replaced(self, text: str, form: Callable[[str, bool], str]) -> str:
        if not self._values:
            return text
        if self._pattern is None:
            names = sorted(self._by_value.values(), key=len, reverse=True)
            self._pattern = re.compile("|".join(pattern_of(name) for name in names), re.IGNORECASE)
        return self._pattern.sub(
            lambda match: form(self._value(match[0]), is_bare(text, match.start(), match.end())), text
        )

    def _value(self, name: str) -> str:
        known = self._values.get(name.lower())
        return known if known is not None else self._values.get(digits_of(name), name)


def ours(entities: Iterable[str]) -> re.Pattern[str]:
    """Our own placeholders and markers for these entities, which stand where something was found before."""
    named = "|".join(re.escape(entity) for entity in sorted(entities, key=len, reverse=True))
    return re.compile(
        rf"{NOBODYS}|{ALSO_OURS}"
        + (rf"|(?:{named})_\d{{1,6}}|\[(?:REDACTED|BLOCKED):(?:{named})\]" if named else "")
    )


def invented(text: str) -> str:
    """What looks like a placeholder of ours and is none, for it was put back nowhere; an empty text where there is none."""
    match = INVENTED.search(text)
    return match[0] if match is not None else ""


def is_bare(text: str, start: int, end: int) -> bool:
    """Whether a number without quotation marks stands there, as in JSON, or nothing else but it."""
    if not (text[start:end].isascii() and text[start:end].isdigit()):
        return False
    before, after = text[max(0, start - 20) : start].rstrip(), text[end : end + 20].lstrip()
    if not before and not after:
        return start == 0
    return before[-1:] in (":", "[", ",") and after[:1] in (",", "}", "]")


def in_json(value: str, bare: bool) -> str:
    """A value as it stands in JSON."""
    return digits_of(value) if bare and digits_of(value) else json.dumps(value, ensure_ascii=False)[1:-1]


def is_digital(name: str) -> bool:
    """Whether a placeholder is a number that may be written in several ways."""
    return DIGITAL.fullmatch(name) is not None and len(digits_of(name)) >= SHORTEST_DIGITS


def digits_of(text: str) -> str:
    """Only its digits."""
    return "".join(sign for sign in text if sign.isdigit())


def pattern_of(name: str) -> str:
    """How a placeholder may stand in a reply."""
    inner = r"[ .\-/()]{0,2}".join(digits_of(name)) if is_digital(name) else re.escape(name)
    plus = r"\+?" if name.startswith("+") else ""
    return rf"(?<![A-Za-z0-9_]){plus}{inner}(?![A-Za-z0-9])"
