"""What only the words before it tell: birth dates, medical records, identity documents; and words of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from macae.monitoring.compliance.findings import Finding
from macae.monitoring.compliance.nearby import near

__all__ = ["WordList", "birth_dates", "identity_numbers", "medical_records"]

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|janv|févr|mars|avr|juin|juil|août|déc|ene|abr|ago|dic|genn|febb|magg|giu|lug|sett|ott|maj|kwi)[^\W\d_]{0,8}\.?"
DATE = (
    r"(?:(?:19|20)\d\d[-./][01]?\d[-./][0-3]?\d|[0-3]?\d[-./ ][ ]?[0-3]?\d[-./ ][ ]?(?:(?:19|20)\d\d|\d\d)"
    rf"|[0-3]?\d(?:st|nd|rd|th|er|\.)?[ ](?:de |of )?{MONTH},?[ ](?:de |del )?(?:19|20)\d\d|{MONTH}[ ][0-3]?\d(?:st|nd|rd|th)?,?[ ](?:19|20)\d\d)(?!\d)"
)
BORN = re.compile(
    r"(?i)\b(?:born|birth[ _-]?da(?:te|y)|date[ _]of[ _]birth|dob|d\.o\.b|geboren|geb|geburtsdatum|geburtstag|n[ée]e?|date de naissance|naissance|nacid[oa]|fecha de nacimiento|"
    r"nat[oa]|data di nascita|nascid[oa]|data de nascimento|geboortedatum|urodzon[ya]|födelsedatum|fødselsdato)\b"
    rf"[\"']?[.:=]?[ ]{{0,3}}(?:(?:is|was|on|am|den|the|le|el|il|em|op|ist|est|es|war)[ ]){{0,2}}[:(\"']?[ ]?({DATE})"
)
BORN_WORDS = (
    "birth", "born", "dob", "d.o.b", "gebor", "gebur", "geb.", "né ", "née ", "naissance", "nacid", "nacim", "nato ", "nata ",
    "nascit", "nascid", "nascim", "geboorte", "urodzon", "födelse", "fødsels",
)  # fmt: skip

NUMBER = r"(?=[A-Z -]{0,6}\d)[A-Z0-9](?:[ -]?[A-Z0-9]){3,17}+(?![\w])"
SAID = r"[\"']?(?:[ _](?:number|no|nr|id|nummer|code|is|ist|was)\b\.?){0,3}[\"']?[ ]?[:#=]{0,2}[ ]?(?:(?:is|ist|of)[ ])?[\"'#]?"
MEDICAL = re.compile(
    r"(?:\bMRN|(?i:\bmedical[ _]record|\bpatient(?:[ _-]?(?:id|no|number|nr))|\bpatientennummer|\bversichertennummer|\bkrankenversicherungsnummer|\bhealth[ _](?:plan|insurance)|\bmember[ _]id|\bbeneficiary|\bNHS|\bmedicare|\bchart (?:number|no)|\bhistoria cl[ií]nica|\bnum[ée]ro de s[ée]curit[ée] sociale))"
    rf"(?i:{SAID})(?P<value>{NUMBER})"
)
MEDICARE = re.compile(
    r"(?<![A-Z0-9-])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d\d(?![A-Z0-9-])"
)
MEDICAL_WORDS = (
    "mrn", "medical record", "medical_record", "medicare", "patient", "versicher", "health ", "health_", "member id", "member_id", "benefic", "nhs", "chart n", "historia", "numéro de s", "numero de s",
)  # fmt: skip
IDENTITY = re.compile(
    r"(?i:\bpassport|\breisepass(?:nummer)?|\bpersonalausweis(?:nummer)?|\bpasseport|\bpasaporte|\bdriver[’']?s?[ _]licen[cs]e|\bdriving[ _]licen[cs]e|\bführerschein(?:nummer)?|\bnational[ _]id|\bidentity[ _]card|\btax[ _]id|\bsteuer-?id|\bDNI|\bNIE)"
    rf"(?i:{SAID})(?P<value>{NUMBER})"
)
IDENTITY_WORDS = (
    "passport", "reisepass", "passeport", "personalausweis", "pasaporte", "licen", "führerschein", "national id", "identity card", "national_id", "identity_card", "tax_id",
    "tax id", "steuer", "dni", "nie ",
)  # fmt: skip


def birth_dates(text: str) -> Iterator[Finding]:
    """Dates of birth: a date after words that say so."""
    for match in near(BORN, text, text.lower(), BORN_WORDS):
        yield Finding("BIRTH_DATE", match.start(1), match.end(1), 0.9)


def medical_records(text: str) -> Iterator[Finding]:
    """Numbers of medical records, patients and health insurance."""
    yield from numbered(MEDICAL, text, MEDICAL_WORDS, "MEDICAL_RECORD")
    for match in MEDICARE.finditer(text):
        yield Finding("MEDICAL_RECORD", match.start(), match.end(), 0.8)


def identity_numbers(text: str) -> Iterator[Finding]:
    """Numbers of passports, identity cards, driving licences, and for taxes."""
    yield from numbered(IDENTITY, text, IDENTITY_WORDS, "ID_NUMBER")


def numbered(pattern: re.Pattern[str], text: str, words: Sequence[str], entity: str) -> Iterator[Finding]:
    """Matches whose value has enough digits to be a number of something."""
    for match in near(pattern, text, text.lower(), words):
        value = match["value"]
        if sum(sign.isdigit() for sign in value) >= 4:
            yield Finding(entity, *match.span("value"), 0.85)


class WordList:
    """Words and phrases of one's own, each as a whole, in capitals or not."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self.entities = frozenset(words)
        self._patterns = {
            entity: re.compile(
                "|".join(rf"(?<!\w){spaced(word)}(?!\w)" for word in sorted(listed, key=len, reverse=True)),
                re.IGNORECASE,
            )
            for entity, listed in words.items()
        }

    def find(self, text: str, wanted: frozenset[str]) -> Iterator[Finding]:
        """Where one of the words stands."""
        for entity in self.entities & wanted:
            for match in self._patterns[entity].finditer(text):
                yield Finding(entity, match.start(), match.end())


def spaced(word: str) -> str:
    """The word as a pattern; a space in it may be a line end or several spaces."""
    return r"\s{1,3}".join(re.escape(part) for part in word.split())
