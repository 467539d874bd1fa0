"""Microsoft Presidio as a detector, beside or instead of the built-in one. Needs the extra `pii`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from macae.errors import ConfigError
from macae.monitoring.compliance.detecting import ENTITIES
from macae.monitoring.compliance.findings import Finding

__all__ = ["PresidioDetector"]

OWN_NAMES = {"MEDICAL_LICENSE": "MEDICAL_RECORD", "US_PASSPORT": "ID_NUMBER", "US_DRIVER_LICENSE": "ID_NUMBER"}  # fmt: skip
"""Entities of Presidio that we call otherwise; all others have the same name."""
LEAST = 0.4
"""Presidio's score from which a finding counts: below, a pattern without the words that go with it."""
LONGEST = 100_000
"""Characters that are looked at in one piece."""


class PresidioDetector:
    """Presidio's recognisers on a blank spaCy pipeline: nothing is downloaded, no model is needed.

    Without a language model it knows no names of people, places and groups. Raises ConfigError when the packages are missing.
    """

    def __init__(self, entities: frozenset[str] = frozenset(ENTITIES), language: str = "en") -> None:
        self._analyzer = analyzer(language)
        self._language = language
        supported = set(self._analyzer.get_supported_entities(language))
        self._theirs = {name: OWN_NAMES.get(name, name) for name in sorted(supported)}
        self._theirs = {name: own for name, own in self._theirs.items() if own in entities}
        self.entities = frozenset(self._theirs.values())

    def find(self, text: str, wanted: frozenset[str]) -> Iterator[Finding]:
        """What Presidio finds of the `wanted` entities."""
        asked = [name for name, own in self._theirs.items() if own in wanted]
        if not asked:
            return
        for begin in range(0, len(text), LONGEST):
            piece = text[begin : begin + LONGEST + 200]  # what stands across a border is seen whole once
            found = self._analyzer.analyze(
                piece, language=self._language, entities=asked, score_threshold=LEAST
            )
            for one in found:
                yield Finding(
                    self._theirs[one.entity_type], begin + one.start, begin + one.end, min(one.score, 0.95)
                )


def analyzer(language: str) -> Any:
    """Presidio's engine over a blank spaCy pipeline. Raises ConfigError when a package is missing."""
    try:
        import spacy
        import tldextract
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
        from presidio_analyzer.predefined_recognizers import EmailRecognizer
    except ImportError:
        raise ConfigError(
            "The policy asks for presidio, which is not installed. Install it "
            f"({sys.executable} -m pip install presidio-analyzer), or take it out of `detectors`."
        ) from None

    class BlankEngine(SpacyNlpEngine):  # type: ignore[misc, unused-ignore]
        """Tokens only. Its lemmas are the tokens in small letters, so that words before a number count."""

        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": language, "model_name": "blank"}])
            self.nlp = {language: spacy.blank(language)}

        def load(self) -> None:
            """Nothing is loaded: what Presidio would download here is not needed."""

        def process_text(self, text: str, language: str) -> NlpArtifacts:
            """Presidio's view of a text."""
            doc = self.nlp[language](text)
            return NlpArtifacts(
                entities=[],
                tokens=doc,
                tokens_indices=[token.idx for token in doc],
                lemmas=[token.text.lower() for token in doc],
                nlp_engine=self,
                language=language,
                scores=[],
            )

    # The list that comes along: by default the first address looked at has a newer one downloaded.
    ends = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class OfflineEmailRecognizer(EmailRecognizer):  # type: ignore[misc, unused-ignore]
        """Presidio's, without the download."""

        def validate_result(self, pattern_text: str) -> bool:
            """Whether the domain has an end that exists."""
            return bool(ends(pattern_text).fqdn)

    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language])
    registry.remove_recognizer("EmailRecognizer")
    registry.remove_recognizer(
        "UrlRecognizer"
    )  # it downloads the same list, and an address of a page is nobody's
    registry.add_recognizer(OfflineEmailRecognizer(supported_language=language))
    return AnalyzerEngine(
        nlp_engine=BlankEngine(),
        registry=registry,
        supported_languages=[language],
        log_decision_process=False,
    )
