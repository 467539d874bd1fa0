"""Messages in which nothing was found: an agent sends its whole chat again with each call, and is kept waiting for what is new only.

No text is held: a message is known by the hashes of its texts (Python's, keyed anew in each process) and their lengths. Only messages in
which nothing was found are known, so nothing that is masked is ever taken for seen.
"""

from __future__ import annotations

from threading import Lock

from autogen_core.models import AssistantMessage, FunctionExecutionResultMessage, LLMMessage

__all__ = ["Cleared", "Mark", "characters_of", "mark_of"]

MOST = 8_000
"""Messages: some 2 MB."""

Mark = tuple[str | int, ...]


class Cleared:
    """The marks of the messages in which nothing is. Any thread may ask."""

    def __init__(self) -> None:
        self._marks: dict[Mark, None] = {}
        self._lock = Lock()

    def __contains__(self, mark: Mark) -> bool:
        return mark in self._marks

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, mark: Mark) -> None:
        """Nothing was found in this message. Beyond the bound, the one known longest is forgotten."""
        with self._lock:
            self._marks[mark] = None
            while len(self._marks) > MOST:
                del self._marks[next(iter(self._marks))]


def mark_of(message: LLMMessage) -> Mark:
    """What a message is known by. It is made for each message of each call, so it looks at no more than it must."""
    content = message.content
    kind, parts = type(message).__name__, -1 if isinstance(content, str) else len(content)
    if isinstance(content, str) and not (isinstance(message, AssistantMessage) and message.thought):
        return kind, parts, hash(content), len(content)
    mark: list[str | int] = [kind, parts]
    for text in texts_in(message):
        mark += (hash(text), len(text))
    return tuple(mark)


def characters_of(mark: Mark) -> int:
    """How long the texts of such a message are, together."""
    return sum(int(size) for size in mark[3::2])


def texts_in(message: LLMMessage) -> list[str]:
    """The texts of a message as they stand in it: what is JSON in one piece."""
    content = message.content
    if isinstance(message, FunctionExecutionResultMessage):
        return [result.content for result in message.content]
    texts = [content] if isinstance(content, str) else []
    if not isinstance(content, str):
        texts = [part if isinstance(part, str) else getattr(part, "arguments", "") for part in content]
    if isinstance(message, AssistantMessage) and message.thought:
        texts.append(message.thought)
    return texts
