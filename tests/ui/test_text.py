"""What models, tools and people write is shown as they wrote it, and as nothing else."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macae.monitoring.words import duration
from macae.ui.text import call_text, clean, clip, count, esc


class Reader(HTMLParser):
    """Collects tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text())
def test_any_text_reads_back_as_itself_and_makes_no_element(text: str) -> None:
    reader = Reader()
    reader.feed(f"<p>{esc(text)}</p>")
    reader.close()
    assert reader.tags == ["p"]
    assert reader.text == clean(text)


@given(st.text())
def test_cleaned_text_can_be_encoded_and_is_clean_already(text: str) -> None:
    clean(text).encode("utf-8")
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pay \u202e0001\u202c", "pay \\u202e0001\\u202c"),
        ("a\u200bb", "a\\u200bb"),
        ("bell\x07", "bell\\x07"),
        ("half \ud83d pair", "half \\ud83d pair"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("line\r\nnext\tcolumn", "line\nnext\tcolumn"),
        ("می\u200cخواهم 👩\u200d💻 naïve", "می\u200cخواهم 👩\u200d💻 naïve"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_call_reads_like_python() -> None:
    assert (
        call_text("order_hardware", {"item": "laptop", "quantity": 5})
        == "order_hardware(item='laptop', quantity=5)"
    )
    assert call_text("list_plans", {}) == "list_plans()"
    assert call_text("order_hardware", None) == "order_hardware(…)"
    assert "\u202e" not in call_text("pay\u202e", {"a\u202e": "b\u202e"})


def test_numbers_read_well() -> None:
    assert [duration(s) for s in (0, 0.01, 0.42, 59.96, 61, 3_700)] == [
        "0 s",
        "10 ms",
        "420 ms",
        "1 min",
        "1 min 1 s",
        "1 h 2 min",
    ]
    assert [count(n, "token") for n in (0, 1, 1_200)] == ["0 tokens", "1 token", "1,200 tokens"]


def test_a_long_text_says_what_is_left_out() -> None:
    assert clip("x" * 10, 10) == "x" * 10
    assert clip("x" * 1_500, 10) == "x" * 10 + "\n… (1,490 more characters are stored)"
