"""Where a model is asked, and how that is shown to people: never with a key in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["Endpoint", "plain_url"]

# What keys and tokens look like (OpenAI, GitHub, JWT), because servers quote them back, sometimes half hidden.
_KEY_LIKE = re.compile(r"\b(?:sk-|gh[a-z]_|github_pat_|eyJ)[\w.*\-]{4,}|(?<=Bearer )\S+")
_LONGEST_QUOTE = 240


@dataclass(frozen=True)
class Endpoint:
    """What an error must be able to say: which model, where, and which variables would mend it."""

    model: str
    """The model's or the deployment's name."""
    address: str = ""
    """The server's URL, without user information and query. Empty where it is not known."""
    key_variable: str = "the API key of this client"
    model_variable: str = "the model's name of this client"
    address_variable: str = "the base URL of this client"
    timeout_variable: str = "the time-out given to guard()"
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must never be shown."""
    remote: bool = False
    """A client of our own that holds connections: it belongs to one event loop."""
    context_window: int = 128_000
    """How many tokens the model reads at most."""

    def __str__(self) -> str:
        return f"{self.model} at {self.address}" if self.address else self.model

    def quote(self, text: object) -> str:
        """What a server said, safe to show: one short line, no control characters, no secrets."""
        line = " ".join(str(text).split())
        for secret in self.secrets:
            line = line.replace(secret, "***")
        line = _KEY_LIKE.sub("***", "".join(c for c in line if c.isprintable()))
        return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"


def plain_url(url: str) -> str:
    """`url` without user information, query and fragment, which may hold secrets."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}".rstrip("/")
