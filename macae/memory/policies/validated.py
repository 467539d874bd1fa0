"""Only what passes a rule is stored."""

from __future__ import annotations

import inspect
import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from autogen_core.memory import Memory, MemoryContent
from pydantic import BaseModel, ValidationError

from macae.errors import InvalidInput
from macae.llm.offline.safety import without_overrides
from macae.memory.policies.entries import dumped
from macae.memory.policies.wrapping import WrappedMemory

__all__ = ["ValidatedMemory", "hostile"]

Verdict = str | bool | None
Rule = Callable[[MemoryContent], Verdict | Awaitable[Verdict]]


class ValidatedMemory(WrappedMemory):
    """Refuses with InvalidInput, before anything is stored, what is too long, `hostile`, or against the rule.

    The rule is a pydantic model (the content, a dict or JSON text, must fit it; stored is what the model makes of it), or a function
    of the entry, which may be async: None or True lets it pass, False refuses it, a text refuses it and says why.
    `longest` is in bytes of the whole entry. Known forms of hostile text are found, not all: what is stored is still only data.
    """

    def __init__(
        self, inner: Memory, rule: type[BaseModel] | Rule | None = None, longest: int = 20_000,
        check: Callable[[str], str | None] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(inner)
        self.rule, self.longest, self.check = rule, longest, check or hostile

    async def incoming(self, content: MemoryContent) -> MemoryContent:
        """Check size, text, rule, in this order."""
        if (size := len(dumped(content))) > self.longest:
            raise InvalidInput(f"This entry has {size} bytes; at most {self.longest} are stored. Shorten it.")
        for text in _texts([content.content, content.metadata, str(content.mime_type)]):
            if why := self.check(text):
                raise InvalidInput(f"This entry is not stored: {why}.")
        if isinstance(self.rule, type):
            return _fitted(self.rule, content)
        verdict = self.rule(content) if self.rule is not None else None
        if inspect.isawaitable(verdict):
            verdict = await verdict
        if verdict is not None and verdict is not True:
            raise InvalidInput(f"This entry is not stored: {verdict or 'the rule refuses it'}.")
        return content


def hostile(text: str) -> str | None:
    """Why a text should not be remembered: control or hidden characters, or orders to the model that reads it. None if all is well."""
    for sign in text:
        kind = unicodedata.category(sign)
        if (kind == "Cc" and sign not in "\n\r\t") or sign in _HIDDEN or "\U000e0000" <= sign <= "\U000e007f":
            return f"it holds a control or hidden character (U+{ord(sign):04X})"
    bare = re.sub(r"[\"“”«»]", " ", text)  # in quotes they are orders as well to whoever reads them later
    return "it gives orders to the model that would read it" if without_overrides(bare)[1] else None


_HIDDEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff")


def _texts(value: Any) -> Iterator[str]:
    """Every text in a structure, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in (*value.keys(), *value.values()):
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _fitted(model: type[BaseModel], content: MemoryContent) -> MemoryContent:
    given = content.content
    try:
        fitted = model.model_validate_json(given) if isinstance(given, str) else model.model_validate(given)
    except ValidationError as error:
        places = ", ".join(
            sorted({".".join(map(str, one["loc"])) or "all of it" for one in error.errors()})[:5]
        )
        raise InvalidInput(
            f"This entry is no {model.__name__} (see: {places}). Give its fields, as a dict or JSON."
        ) from None
    body: Any = fitted.model_dump_json() if isinstance(given, str) else fitted.model_dump(mode="json")
    return content.model_copy(update={"content": body})
