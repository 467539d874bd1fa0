"""Of the messages that a model is sent, those that are new: an agent sends its whole chat again with each call."""

from __future__ import annotations

from collections.abc import Sequence

from autogen_core.models import AssistantMessage, FunctionExecutionResultMessage, LLMMessage

from macae.monitoring.capture.told import text_of

__all__ = ["SentBefore"]

MOST_SENT = 16_000
"""Characters of all messages of a call that are kept."""
MOST_REMEMBERED = 1_000
"""Messages of an agent in a plan that are remembered, each as a number."""

Place = tuple[int, int]
"""A message's hash, and the how-manieth of its kind it is in its request."""


class SentBefore:
    """What was told of an agent's messages in a plan. No text is held."""

    def __init__(self) -> None:
        self._kept: dict[Place, bool] = {}
        """Whether the text of a message was told, or left out as too long; the newest last."""

    def new_texts(self, messages: Sequence[LLMMessage]) -> tuple[list[dict[str, str]], int, int]:
        """The messages that were not in an earlier call, as texts; how many others were told before; and how many were never told,
        because they are too long together. The newest are kept then, and system messages: they say who was asked."""
        places = placed(messages)
        known = [self._kept.pop(place, None) for place in places]
        texts = {i: text_of(messages[i]) for i, kept in enumerate(known) if kept is None}
        room, shown = MOST_SENT, set()
        for i in sorted(texts, key=lambda i: (texts[i]["role"] != "system", -i)):
            if len(texts[i]["text"]) <= room:
                shown.add(i)
                room -= len(texts[i]["text"])
        for i, place in enumerate(places):
            self._kept[place] = i in shown or bool(known[i])
        while len(self._kept) > MOST_REMEMBERED:
            del self._kept[next(iter(self._kept))]
        before = sum(map(bool, known))
        return [texts[i] for i in sorted(shown)], before, len(messages) - before - len(shown)


def placed(messages: Sequence[LLMMessage]) -> list[Place]:
    """What each message is known by."""
    seen: dict[int, int] = {}
    places = []
    for message in messages:
        number = hash_of(message)
        seen[number] = seen.get(number, 0) + 1
        places.append((number, seen[number]))
    return places


def hash_of(message: LLMMessage) -> int:
    """The same for the same message. It is made for each message of each call, so it looks at no more than it must."""
    if isinstance(message.content, str):
        return hash((message.type, message.content))
    if isinstance(message, FunctionExecutionResultMessage):
        return hash(tuple((result.call_id, result.content) for result in message.content))
    if isinstance(message, AssistantMessage):
        return hash(tuple((call.id, call.name, call.arguments) for call in message.content))
    return hash(tuple(part if isinstance(part, str) else id(part) for part in message.content))
