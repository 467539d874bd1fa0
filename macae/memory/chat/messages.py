"""Chat messages as documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from autogen_core import Image
from autogen_core.models import LLMMessage, UserMessage
from pydantic import BeforeValidator, Field

from macae.memory.chat.turns import Turn, turns_of
from macae.models import BaseDataModel

__all__ = ["ChatMessage", "StoredMessage", "turns_in"]


def _with_images(value: Any) -> Any:
    """Read a message's images first: AutoGen's Image cannot be validated where a text may stand as well."""
    if (
        isinstance(value, dict)
        and isinstance(value.get("content"), list)
        and value.get("type") == "UserMessage"
    ):
        try:
            parts = [
                Image.from_base64(part["data"]) if isinstance(part, dict) else part
                for part in value["content"]
            ]
        except Exception:  # whatever the image library raises
            raise ValueError("one of its images cannot be read") from None
        return UserMessage(content=parts, source=value.get("source", ""))
    return value


StoredMessage = Annotated[LLMMessage, BeforeValidator(_with_images)]
"""A message that can be read back from JSON, whatever it holds."""


class ChatMessage(BaseDataModel):
    """One message of an agent's conversation with its model."""

    data_type: Literal["chat_message"] = "chat_message"
    session_id: str = ""
    user_id: str = ""
    agent: str = ""
    """Whose conversation it is."""
    index: int = 0
    """Its place in the conversation, from 0."""
    edition: int = 0
    """How often the chat had been replaced by a saved one. Only the highest one counts."""
    message: StoredMessage
    more: list[StoredMessage] = Field(default_factory=list)
    """The messages after it that were stored together with it."""

    @property
    def messages(self) -> list[LLMMessage]:
        """All of them, in order."""
        return [self.message, *self.more]

    @property
    def end(self) -> int:
        """The place of the message after them."""
        return self.index + 1 + len(self.more)


def turns_in(records: Iterable[ChatMessage]) -> list[Turn]:
    """The turns of these documents' messages."""
    return turns_of(
        (record.index + place, message) for record in records for place, message in enumerate(record.messages)
    )
