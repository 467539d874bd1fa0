"""The readers of values that are words rather than facts."""

from __future__ import annotations

from macae.llm.offline.choices import read_boolean, read_choice, read_slot, read_type
from macae.llm.offline.messages import read_body, read_reason
from macae.llm.offline.readers import Reader
from macae.llm.offline.records import read_expression, read_field, read_place, read_role, read_value
from macae.llm.offline.things import read_item
from macae.llm.offline.topics import read_query, read_title, read_topic

__all__ = ["TEXT_READERS"]


TEXT_READERS: dict[str, Reader] = {
    "item": read_item, "type": read_type, "slot": read_slot, "choice": read_choice, "boolean": read_boolean, "title": read_title, "topic": read_topic,
    "body": read_body, "query": read_query, "reason": read_reason, "role": read_role, "place": read_place, "expression": read_expression, "field": read_field,
    "value": read_value,
}  # fmt: skip
