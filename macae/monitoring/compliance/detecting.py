"""The built-in detector: patterns with check digits and words before them; no model, no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from macae.monitoring.compliance import contacts, context, ipaddresses, numbers, passwords, phones, secrets
from macae.monitoring.compliance.findings import Detector, Finding, merged
from macae.monitoring.compliance.phones import DIGITS
from macae.monitoring.compliance.placeholders import ours
from macae.monitoring.compliance.plaintext import plain_text
from macae.monitoring.compliance.remembering import Remembered

__all__ = ["ENTITIES", "HEALTH", "PERSONAL", "SECRETS", "Patterns", "Search"]

SECRETS = ("API_KEY", "ACCESS_TOKEN", "PRIVATE_KEY", "CONNECTION_STRING", "PASSWORD")
PERSONAL = (
    "CREDIT_CARD", "IBAN_CODE", "US_SSN", "EMAIL_ADDRESS", "PHONE_NUMBER", "IP_ADDRESS", "BIRTH_DATE", "ID_NUMBER",
)  # fmt: skip
HEALTH = ("MEDICAL_RECORD",)
ENTITIES = (*SECRETS, *PERSONAL, *HEALTH)
"""All that the built-in detector can find. The names are Presidio's, where it has one."""

DETECTORS: tuple[tuple[str, Callable[[str], Iterable[Finding]], bool], ...] = (
    ("API_KEY", secrets.keys, False),
    ("ACCESS_TOKEN", secrets.tokens, False),
    ("PRIVATE_KEY", secrets.private_keys, False),
    ("CONNECTION_STRING", secrets.connections, False),
    ("PASSWORD", passwords.passwords, False),
    ("CREDIT_CARD", numbers.cards, True),
    ("IBAN_CODE", numbers.ibans, False),
    ("US_SSN", numbers.ssns, True),
    ("EMAIL_ADDRESS", contacts.emails, False),
    ("PHONE_NUMBER", phones.phones, True),
    ("IP_ADDRESS", ipaddresses.addresses, False),
    ("BIRTH_DATE", context.birth_dates, False),
    ("ID_NUMBER", context.identity_numbers, False),
    ("MEDICAL_RECORD", context.medical_records, False),
)
"""An entity, what finds it, and whether it needs many digits in a row."""


class Patterns:
    """The built-in detector."""

    entities = frozenset(ENTITIES)

    def find(self, text: str, wanted: frozenset[str]) -> Iterator[Finding]:
        """What there is of the `wanted` entities."""
        digits: bool | None = None
        for entity, detect, counted in DETECTORS:
            if entity not in wanted:
                continue
            if counted:
                if digits is None:
                    digits = DIGITS.search(text) is not None
                if not digits:
                    continue
            yield from detect(text)


class Search:
    """Several detectors as one: what they find in a text as it was given, without overlaps."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = tuple(detectors)
        self.entities = frozenset[str]().union(*(detector.entities for detector in detectors))
        self._ours = ours(self.entities | frozenset(ENTITIES))
        self._remembered = Remembered(self._find)

    def find(self, text: str, wanted: frozenset[str]) -> Sequence[Finding]:
        """The findings, in order. Texts that were looked at before cost next to nothing."""
        if not text or not wanted:
            return ()
        return self._remembered(text, wanted)

    def _find(self, text: str, wanted: frozenset[str]) -> Sequence[Finding]:
        plain = plain_text(text)
        found = [finding for detector in self._detectors for finding in detector.find(plain.text, wanted)]
        if not found:
            return ()
        found = [f for f in found if not self._ours.fullmatch(plain.text, f.start, f.end)]
        if plain.text is not text:
            found = [Finding(f.entity, *plain.original(f.start, f.end), f.score) for f in found]
        return tuple(merged(found))
