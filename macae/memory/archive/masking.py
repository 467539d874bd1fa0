"""Keys and passwords are left out of what a session says when it is exported; what holds it together stays as it is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

from pydantic import SecretStr

from macae.config import Settings
from macae.llm.variables import key_of

__all__ = ["MASK", "Mask", "known_secrets"]

MASK = "(secret removed)"
_SHORTEST = 8
_KEY_LIKE = re.compile(r"\b(?:sk-|gh[a-z]_|github_pat_|eyJ)[\w.\-]{15,}[\w\-]|(?<=AccountKey=)[\w+/=]{16,}")
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)S?$")
_RANDOM = re.compile(r"(?=\S*[0-9])(?=\S*[A-Za-z])\S{16,}")
"""What a variable's value must look like: one whose name ends in PASSWORD may well hold an everyday word."""
_KEPT = re.compile(
    r"(.*_)?(id|ids|status)|data_type|type|kind|function|tool|agent|source|owner|effect|state|hash|by|role|depends_on"
)
"""The fields whose values are ids, kinds, statuses and names."""


def known_secrets(settings: Settings) -> list[str]:
    """The keys of the settings and what else looks like a key in the environment and the `.env` file, longest first."""
    from dotenv import dotenv_values

    given = [getattr(settings, name) for name in type(settings).model_fields]
    found = {value.get_secret_value().strip() for value in given if isinstance(value, SecretStr)}
    others = settings.model_copy(
        update={"api_key": None}
    )  # both count: the setting, and what it stands before
    found |= {key_of(others, name) for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY")}
    file = settings.model_config.get("env_file")
    variables = dotenv_values(file, encoding="utf-8") if isinstance(file, str) else {}
    found |= {
        value
        for name, value in [*variables.items(), *os.environ.items()]
        if value and _SECRET_NAME.search(name.upper()) and _RANDOM.fullmatch(value)
    }
    return sorted((value for value in found if len(value) >= _SHORTEST), key=len, reverse=True)


class Mask:
    """Puts `MASK` for each secret, and for what looks like a key. `count` is how often it did."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = list(secrets)
        self.count = 0

    def __call__(self, value: Any, free: bool = False) -> Any:
        """The same value without secrets. `free`: what is given to a tool, whose fields may have any name."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self(inner, free) for inner in value]
        if not isinstance(value, dict):
            return value
        names_a_tool = "call_id" in value or "arguments" in value
        return {
            name: inner
            if not free and (_KEPT.fullmatch(name) or (name == "name" and names_a_tool))
            else self(inner, free or name == "arguments")
            for name, inner in value.items()
        }

    def _text(self, text: str) -> str:
        for secret in self._secrets:
            if secret in text:
                self.count += text.count(secret)
                text = text.replace(secret, MASK)
        text, more = _KEY_LIKE.subn(MASK, text)
        self.count += more
        return text
