"""What the board shows of a plan, read as HTML: the same functions make the live board and the static page."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from macae.models import (
    CallRecord,
    Event,
    EventType,
    PendingCall,
    Plan,
    PlanStatus,
    PlanWithSteps,
    Step,
    StepStatus,
)
from macae.models.plans import OPEN_STEP
from macae.ui import plan_html, trail_html
from macae.ui.view import STEP_LOOK, view

S = StepStatus
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'</style></div>"


def step(index: int = 1, status: StepStatus = S.awaiting_feedback, **values: Any) -> Step:
    given: dict[str, Any] = {"action": "Order a laptop", "agent": "ProcurementAgent", **values}
    return Step(plan_id="p", session_id="s", user_id="u", index=index, status=status, **given)


def plan(*steps: Step, **values: Any) -> PlanWithSteps:
    return PlanWithSteps.of(
        Plan(session_id="s", user_id="u", initial_goal="Onboard Jessica", **values), list(steps)
    )


def page(*steps: Step, **values: Any) -> BeautifulSoup:
    return BeautifulSoup(plan_html(plan(*steps, **values), "Model: offline"), "html.parser")


def words(soup: BeautifulSoup, selector: str = "[role=status]") -> str:
    """The text of the first such element."""
    found = soup.select_one(selector)
    assert found is not None
    return found.get_text(strip=True)


def hostile(text: str) -> PlanWithSteps:
    """A plan with this text wherever a model, a tool or a person can put one."""
    call = CallRecord(
        key=text, tool=text, arguments={text: text}, state="completed", result=text, seconds=1.0
    )
    odd = {"action": text, "agent": text, "function": text, "arguments": {text: text}, "agent_reply": text}
    steps = [
        step(1, S.failed, **odd, error=text, human_feedback=text + "!", calls=[call]),
        step(
            2, **odd, pending_call=PendingCall(tool=text, arguments={text: [text]}), interrupted_calls=[text]
        ),
    ]
    made = plan(*steps, summary=text, human_clarification_request=text, human_clarification_response=text)
    made.initial_goal = text
    return made


def shape(found: PlanWithSteps, banner: str) -> list[tuple[str, Any]]:
    """The elements of the page with their attributes, and none of the text."""
    soup = BeautifulSoup(plan_html(found, banner), "html.parser")
    return [
        (tag.name, sorted(tag.attrs.items()))
        for tag in soup.find_all(True)
        if tag.name != "span" or tag.attrs
    ]


@given(st.text(min_size=1) | st.just(EVIL))
def test_no_text_changes_the_elements_of_the_page(text: str) -> None:
    assert shape(hostile(text), text) == shape(hostile("harmless"), "harmless")


def test_hostile_markup_is_shown_as_text() -> None:
    soup = BeautifulSoup(plan_html(hostile(EVIL)), "html.parser")
    assert not soup.find_all(["img", "script"])
    assert soup.get_text().count("onerror=alert(1)") > 10


def test_prices_are_not_taken_for_formulas() -> None:
    html = plan_html(plan(step(agent_reply="from $5 to $9")))
    assert "<span>$</span>5 to <span>$</span>9" in html
    assert "from $5 to $9" in BeautifulSoup(html, "html.parser").get_text()


@pytest.mark.parametrize("status", list(StepStatus))
def test_every_status_has_words_an_icon_and_a_tone(status: StepStatus) -> None:
    shown = page(step(status=status)).select_one(".macae-card .macae-pill")
    assert shown is not None
    assert shown.get_text(strip=True) == STEP_LOOK[status].label
    assert shown.select_one("i.fa[aria-hidden=true]") is not None


@pytest.mark.parametrize("status", list(PlanStatus))
def test_every_plan_status_has_words(status: PlanStatus) -> None:
    shown = page(step(), overall_status=status).select_one(".macae-top .macae-pill")
    assert shown is not None
    assert shown.get_text(strip=True)


def test_the_bound_call_stands_on_the_card_in_full() -> None:
    text = "x" * 5_000
    shown = page(step(function="send_email", arguments={"body": text})).select_one(".macae-call")
    assert shown is not None
    assert shown.get_text() == f"send_email(body='{text}')"


def test_a_pending_call_is_what_the_approval_covers() -> None:
    soup = page(step(function="old_call", pending_call=PendingCall(tool="pay", arguments={"amount": 5})))
    assert [code.get_text() for code in soup.select(".macae-call")] == ["pay(amount=5)"]
    assert "Your approval covers exactly this call." in soup.get_text()


def test_seconds_tokens_calls_and_reply_are_shown() -> None:
    call = CallRecord(
        key="k", tool="order", arguments={"n": 1}, state="completed", result="PO-7", seconds=0.3
    )
    soup = page(
        step(status=S.completed, seconds=1.25, tokens=1_312, calls=[call], agent_reply="Ordered: PO-7")
    )
    card = soup.select_one(".macae-card")
    assert card is not None
    text = card.get_text(" ", strip=True)
    assert "1.2 s · 1,312 tokens" in text
    assert "order(n=1)" in text
    assert "Ordered: PO-7" in text
    assert card.select_one("details:not([open]) pre").get_text() == "PO-7"  # type: ignore[union-attr]


def test_progress_counts_what_is_done_and_what_waits() -> None:
    soup = page(step(1, S.completed), step(2, S.skipped), step(3), step(4, S.superseded), step(5, S.rejected))
    assert words(soup) == "1 of 4 steps done, 1 skipped, 1 rejected, 2 steps wait for you"
    bar = soup.select_one("[role=progressbar]")
    assert bar is not None
    assert (bar["aria-valuenow"], bar["aria-valuemax"]) == ("1", "4")
    assert 'style="width:25%"' in str(bar)


def test_what_was_skipped_is_never_counted_as_done() -> None:
    over = page(step(1, S.completed), step(2, S.completed), step(3, S.skipped), overall_status="completed")
    assert words(over) == "2 of 3 steps done, 1 skipped"


@pytest.mark.parametrize("status", [S.rejected, S.failed])
def test_a_plan_with_a_step_to_settle_says_that_it_waits_for_the_person(status: StepStatus) -> None:
    steps = step(1, S.completed), step(2, status)
    assert words(page(*steps), ".macae-top .macae-pill") == "Waits for you"
    cancelled = page(*steps, overall_status=PlanStatus.cancelled)
    assert words(cancelled, ".macae-top .macae-pill") == "Cancelled"


def test_a_step_says_what_blocks_it_through_others() -> None:
    failed = step(1, S.failed)
    between = step(2, S.planned, depends_on=[failed.id])
    last = step(3, S.planned, depends_on=[between.id])
    cards = page(failed, between, last).select(".macae-card")
    for card in cards[1:]:
        assert card.select_one(".macae-pill").get_text(strip=True) == "Blocked"  # type: ignore[union-attr]
        assert "Waits for step 1 (failed)" in card.get_text()


def test_steps_that_depend_on_each_other_in_a_circle_do_not_hang() -> None:
    one, two = step(1, S.planned), step(2, S.planned)
    one.depends_on, two.depends_on = [two.id], [one.id]
    assert view(one, plan(one, two)).blocked_by == ()


def test_only_what_can_be_decided_asks() -> None:
    cases = {
        "decide": step(),
        "answer": step(agent="HumanAgent"),
        "settle": step(interrupted_calls=["order: it may have run"]),
        "recover": step(status=S.failed),
    }
    names = ("decide", "answer", "settle", "recover")
    for wanted, one in cases.items():
        seen = view(one, plan(one))
        assert [name for name in names if getattr(seen, name)] == [wanted]
    for status in OPEN_STEP - {S.awaiting_feedback}:
        assert not view(step(status=status), plan()).asks


@pytest.mark.parametrize("status", [PlanStatus.completed, PlanStatus.cancelled, PlanStatus.impossible])
def test_nothing_can_be_decided_when_the_plan_is_over(status: PlanStatus) -> None:
    for one in (step(), step(status=S.failed), step(agent="HumanAgent")):
        seen = view(one, plan(one, overall_status=status))
        assert not (seen.asks or seen.recover)


def test_a_failed_plan_can_be_taken_up_again_where_it_failed() -> None:
    failed, done = step(1, S.failed), step(2, S.rejected)
    whole = plan(failed, done, overall_status=PlanStatus.failed)
    assert view(failed, whole).recover
    assert not view(done, whole).recover


def test_a_step_whose_tool_refused_shows_no_green_tick() -> None:
    refused = CallRecord(key="k", tool="pay", state="failed", is_error=True, result="No money.")
    shown = page(step(status=S.completed, calls=[refused])).select_one(".macae-card .macae-pill")
    assert shown is not None
    assert shown.get_text(strip=True) == "A tool said no"


def test_a_failed_step_tells_the_reason_and_what_the_agent_says_once() -> None:
    said = "All ordered!"
    short = page(
        step(status=S.failed, error=f"It did not do it: no money. It says: {said}", agent_reply=said)
    )
    assert short.get_text().count(said) == 1
    assert short.select_one(".macae-error") is not None
    apart = page(step(status=S.failed, error="The approved call was not made.", agent_reply=said))
    assert words(apart, ".macae-reply") == f"ProcurementAgent says: {said}"


def test_the_trail_shows_calls_steps_and_who_and_no_markup_of_theirs() -> None:
    one = step(id="x")
    common = {"session_id": "s", "user_id": "u", "plan_id": "p", "step_id": "x"}
    events = [
        Event(type=EventType.step_approved, time=10.0, agent="local", text=EVIL, **common),
        Event(
            type=EventType.tool_started,
            time=11.5,
            agent=EVIL,
            data={"tool": "pay", "arguments": {"usd": 5}},
            **common,
        ),
        Event(
            type=EventType.model_called,
            time=12.0,
            data={"prompt_tokens": 7, "completion_tokens": 3},
            **common,
        ),
    ]
    soup = BeautifulSoup(trail_html(events, plan(one)), "html.parser")
    assert not soup.find_all(["img", "script"])
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in soup.select("tbody tr")]
    assert rows == [
        ["0.00", "step approved", "1", "local", EVIL],
        ["1.50", "tool started", "1", EVIL, "pay(usd=5)"],
        ["2.00", "model called", "1", "", "7 tokens in, 3 out"],
    ]
