"""A call's arguments go through the editor's fields unharmed, and wrong ones are named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macae.errors import InvalidInput
from macae.ui.arguments import as_text, parse, schema_of

JSON = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_a_value_survives_being_shown_and_read(value: Any) -> None:
    again = parse("x", as_text(value), schema_of(value))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        (" 5 ", {"type": "integer"}, 5),
        ("yes", {"type": "boolean"}, True),
        ("2.50", {"type": "number"}, 2.5),
        ('["a"]', {"type": "array"}, ["a"]),
        ("", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, None),
        ("7", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, 7),
        ("7", {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "7"),
        ("  kept  ", {"type": "string"}, "  kept  "),
        ("anything", {}, "anything"),
    ],
)
def test_the_schema_decides_what_a_text_means(text: str, schema: dict[str, Any], value: Any) -> None:
    assert parse("x", text, schema) == value


@pytest.mark.parametrize(
    ("text", "schema", "wanted"),
    [
        ("five", {"type": "integer"}, "quantity must be a whole number, not 'five'."),
        ("5.5", {"type": "integer"}, "quantity must be a whole number, not '5.5'."),
        ("maybe", {"type": "boolean"}, "quantity must be true or false, not 'maybe'."),
        ("", {"type": "number"}, "quantity must be a number, not ''."),
        ("{", {"type": "array"}, "quantity must be JSON (array), not '{'."),
    ],
)
def test_a_wrong_value_is_named_with_what_it_must_be(text: str, schema: dict[str, Any], wanted: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse("quantity", text, schema)
    assert str(raised.value) == wanted
