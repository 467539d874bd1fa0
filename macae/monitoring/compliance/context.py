"""What only the words before it tell: birth dates, medical records, identity documents; and words of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from macae.monitoring.compliance.findings import Finding
from macae.monitoring.compliance.national import national_numbers
from macae.monitoring.compliance.nearby import at_words

__all__ = ["WordList", "birth_dates", "identity_numbers", "medical_records"]

MONTH = r"[^\W\d_]{3,12}\.?"
"""Any word: behind one that says "born", between a day and a year, it is a month in some language."""
DATE = (
    r"(?:(?:19|20)\d\d[01]\d[0-3]\d|(?:19|20)\d\d[-./][01]?\d[-./][0-3]?\d|[0-3]?\d[-./ ][ ]?[0-3]?\d[-./ ][ ]?(?:(?:19|20)\d\d|\d\d)"
    rf"|[0-3]?\d(?:st|nd|rd|th|er|\.)?[ ](?:de |of )?{MONTH},?[ ](?:de |del )?(?:19|20)\d\d|{MONTH}[ ][0-3]?\d(?:st|nd|rd|th)?,?[ ](?:19|20)\d\d)(?!\d)"
)
BORN = re.compile(
    r"(?i)\b(?:born|birth[ _-]?da(?:te|y)|date[ _]of[ _]birth|dob|d\.o\.b|geboren|geb|geburtsdatum|geburtstag|n[ée]e?|date de naissance|naissance|nacid[oa]|fecha de nacimiento|"
    r"nat[oa]|data di nascita|nascid[oa]|naci[óo]|data de nascimento|geboortedatum|urodzon[ya]|data urodzenia|född|født|födelsedatum|fødselsdato)\b"
    rf"(?:[ ]\([^()\d]{{1,20}}\))?[\"']?[.:=,]?[ ]{{0,3}}(?:(?:in|à|en)[ ][^\W\d_]{{2,20}},?[ ])?(?:(?:is|was|on|am|den|the|le|el|il|em|op|ist|est|es|war|dnia)[ ]){{0,2}}[:(\"']?[ ]?({DATE})"
)
BORN_WORDS = (
    "birth", "born", "date of birth", "date_of_birth", "dob", "d.o.b", "geb", "né ", "née ", "naissance", "date de n", "nacid", "nació", "nacio ", "fecha de n",
    "nato ", "nata ", "data di n", "nascid", "data de n", "urodzon", "data uro", "född", "født", "födelse", "fødsels",
)  # fmt: skip
"""What `BORN` begins with."""

NUMBER = r"(?=[A-Z -]{0,6}\d)[A-Z0-9](?:(?:[ -]|(?<=\d)[./](?=\d))?[A-Z0-9]){3,17}+(?!\w)"
SAID = r"[\"']?(?:[ _-](?:(?:number|no|nr|id|nummer|num[eé]ro|n[úu]mero|num|code|card|is|ist|was)\b\.?|n[°º]\.?)){0,3}[\"']?[ ]?[:#=]{0,2}[ ]?(?:(?:is|ist|of|est|es|lautet)[ ])?[\"'#(]?"
MEDICAL = re.compile(
    r"(?:\bMRN|(?i:\bmedical[ _]record|\bpatient(?:[ _-]?(?:id|no|number|nr|records?|file|chart))|\bhospital (?:number|no)|\bpatienten(?:nummer|akte|-?nr|-?id)|\bkrankenakte|\bfallnummer|\bnum[ée]ro de patient|\bdossier m[ée]dical|\bcartella clinica|\b(?:kranken)?versicherten-?(?:nummer|nr)|\bkrankenversicherungsnummer|\bhealth[ _](?:plan|insurance)|\bmember[ _]id|\bbeneficiary|\bNHS|\bmedicare|\bchart (?:number|no)|\bhistoria cl[ií]nica|\bnum[ée]ro de s[ée]curit[ée] sociale))"
    rf"(?i:{SAID})(?P<value>{NUMBER})"
)
MEDICARE = re.compile(
    r"(?<![A-Z0-9-])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d\d(?![A-Z0-9-])"
)
MEDICAL_WORDS = (
    "mrn", "medical record", "medical_record", "patient", "hospital n", "krankenakte", "fallnummer", "numéro de ", "numero de ", "dossier m", "cartella",
    "versicherten", "krankenversicher", "health ", "health_", "member id", "member_id", "benefic", "nhs", "medicare", "chart n", "historia",
)  # fmt: skip
"""What `MEDICAL` begins with."""
NOBODYS = re.compile(r"(?:19|20)\d\d|\d\d[A-Z]{2}[A-Z0-9]{13}\d")
"""A year, or the number of a customs declaration, which is called an MRN too."""
IDENTITY = re.compile(
    r"(?i:\bpassport|\breisepass(?:-?(?:nummer|nr))?|\bpassnummer|\bpersonalausweis(?:-?(?:nummer|nr))?|\bausweis-?(?:nummer|nr)|\bpasseport|\bpasaporte|\bpassaport[eo]|\bpaspoort|\bdriver[’']?s?[ _]licen[cs]e|\bdriving[ _]licen[cs]e|\bführerschein(?:nummer)?|\bpermis de conduire|\bpermiso de conducir|\bnational[ _]id|\bnational insurance|\bidentity[ _](?:card|number)|\bid card|\bcarte d[’']identit[ée]|\bcarta d[’']identit[àa]|\bresidence permit|"
    r"\b(?:tax|taxpayer)[ _]id|\bsteuer-?(?:id(?:entifikationsnummer)?|nummer|nr)|\bcodice fiscale|\bPESEL|\bBSN|\bNIF|\bCPF|\bDNI|\bNIE)"
    rf"(?i:{SAID})(?P<value>{NUMBER})"
)
IDENTITY_WORDS = (
    "passport", "reisepass", "passnummer", "passeport", "pasaporte", "passaport", "paspoort", "personalausweis", "ausweis", "driver", "driving", "führerschein",
    "permis", "national", "identity", "id card", "carte d", "carta d", "residence p", "tax id", "tax_id", "taxpayer", "steuer", "codice f", "pesel", "bsn", "nif",
    "cpf", "dni", "nie ",
)  # fmt: skip
"""What `IDENTITY` begins with."""


def birth_dates(text: str) -> Iterator[Finding]:
    """Dates of birth: a date after words that say so."""
    for match in at_words(BORN, text, text.lower(), BORN_WORDS):
        yield Finding("BIRTH_DATE", match.start(1), match.end(1), 0.9)


def medical_records(text: str) -> Iterator[Finding]:
    """Numbers of medical records, patients and health insurance."""
    yield from numbered(MEDICAL, text, MEDICAL_WORDS, "MEDICAL_RECORD")
    for match in MEDICARE.finditer(text):
        yield Finding("MEDICAL_RECORD", match.start(), match.end(), 0.8)


def identity_numbers(text: str) -> Iterator[Finding]:
    """Numbers of passports, identity cards, driving licences, for taxes and pensions."""
    yield from numbered(IDENTITY, text, IDENTITY_WORDS, "ID_NUMBER")
    yield from national_numbers(text)


def numbered(pattern: re.Pattern[str], text: str, words: Sequence[str], entity: str) -> Iterator[Finding]:
    """Matches whose value has enough digits to be a number of something."""
    for match in at_words(pattern, text, text.lower(), words):
        value = match["value"]
        if sum(sign.isdigit() for sign in value) >= 4 and not NOBODYS.fullmatch(value):
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
