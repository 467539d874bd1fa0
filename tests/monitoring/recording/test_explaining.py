"""A step's story: complete, in order, and harmless however hostile its texts are."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from macae.errors import NotFound
from macae.models import EventType
from macae.monitoring import Recording, explain
from tests.support.recordings import HOSTILE, PLAN, Script, onboarding

E = EventType


def test_the_story_of_a_step() -> None:
    told = explain(Recording(onboarding()), "s3")
    assert told.title == "Step 3: Order a ThinkPad X1 laptop for Jessica Smith (ProcurementAgent)"
    assert told.facts[:2] == ("Status: completed", "Work: 11.3 s, begun 19.5 s after the session's start")
    assert "Waited for a person: 3.7 s" in told.facts and "Approved by local" in told.facts
    assert "Used: 6,200 tokens, $0.0241" in told.facts
    assert any("MACAE_CAPTURE=messages" in fact for fact in told.facts)
    titles = [part.title for part in told.parts]
    order = ["Approved by local", "gpt-4o answered", "ProcurementAgent thought", "ProcurementAgent called check_stock", "Reply of ProcurementAgent", "Grounding of the reply"]  # fmt: skip
    assert [title for title in dict.fromkeys(titles) if title in order] == order
    failed = next(part for part in told.parts if part.title.endswith("check_stock"))
    assert (
        failed.trouble
        and "only reads" in failed.text
        and "failed: The stock system does not answer." in failed.text
    )
    ordered = next(part for part in told.parts if part.title.endswith("order_hardware"))
    assert (
        'order_hardware(item="ThinkPad X1", quantity=1)' in ordered.text
        and "changes something" in ordered.text
    )


def test_what_was_sent_is_shown_where_it_was_kept() -> None:
    told = explain(Recording(onboarding()), "s1")
    sent = next(part for part in told.parts if part.title == "Sent to gpt-4o")
    assert sent.text == "[user] Your step: s1"
    assert not any("MACAE_CAPTURE" in fact for fact in told.facts)


def test_what_is_in_no_source_is_named() -> None:
    told = explain(Recording(onboarding()), "s2")
    check = told.parts[-1]
    assert check.trouble and "not in any source: premium (name)" in check.text


def test_a_setting_that_approved_is_told_apart_and_an_unknown_price_is_no_price() -> None:
    s = Script()
    s.plan, s.price = PLAN, None
    s.offer(0, "s1", 1, "HrAgent", "look")
    s.approve(1, "s1", by="auto:env")
    s.begin(1, "s1", "look")
    s.model_call(1, 2, "HrAgent", "s1")
    s.add(2, E.tool_refused, "HrAgent", "pay: no", "s1", tool="pay", arguments={})
    told = explain(Recording(s.events), "s1")
    assert "Approved by auto:env: a setting, no person was asked" in told.facts
    assert any("price not known (1 unpriced model call)" in fact for fact in told.facts)
    assert [part.title for part in told.parts if part.trouble] == ["A call was refused: nothing was run"]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name != "class"]


def test_hostile_text_does_no_harm() -> None:
    events = onboarding()
    for event in events:
        if event.step_id == "s2" and event.type != E.step_offered:
            event.text = HOSTILE + event.text
            if "arguments" in event.data:
                event.data["arguments"] = {HOSTILE: HOSTILE}
            if event.type == E.model_called:
                event.data |= {"reply": HOSTILE, "model": HOSTILE, "sent": [{"role": HOSTILE, "text": HOSTILE}], "calls": [{"name": HOSTILE, "arguments": HOSTILE}]}  # fmt: skip
    events[5].agent = HOSTILE
    told = explain(Recording(events), "s2")
    tags = Tags()
    tags.feed(told.html())
    assert tags.seen <= {"section", "h3", "ul", "li", "dl", "dt", "dd", "pre", "small", "bdi", "div", "p"}
    assert told.html().count("&lt;img src=x") >= 10
    assert "\x1b" not in told.text and str(told) == told.text and told._repr_html_().endswith(told.html())


def test_a_step_that_is_not_there() -> None:
    with pytest.raises(NotFound, match=r"'s9'.*'s1', 's2', 's3'"):
        explain(Recording(onboarding()), "s9")


def test_a_megabyte_is_cut_and_nothing_unseen_turns_the_line() -> None:
    many, events = "\u202e\x1bx" * 300_000, onboarding()
    for event in events:
        if event.step_id == "s2" and event.type != E.step_offered:
            event.text, event.data = (
                many + event.text,
                {**event.data, "arguments": {many: many}, "model": many},
            )
            event.agent = event.agent and f"{event.agent}{many}"
    told = explain(Recording(events), "s2")
    assert len(told.html()) < 2_000_000 and len(told.text) < 2_000_000
    assert "more characters)" in told.text and all(len(part.title) <= 200 for part in told.parts)
    assert not any(unseen in shown for shown in (told.text, told.html()) for unseen in "\u202e\x1b")
