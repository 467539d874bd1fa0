"""The board's buttons, pressed in Python, on a real engine with a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from macae import Engine
from macae.errors import InvalidInput, StoreError
from macae.models import PlanStatus, StepStatus
from macae.ui import PlanBoard
from macae.ui.auto import AUTO_CLICK
from tests.support.bakery import BAKE, BURN, MINE, SELL, TWO, ask_first, bakery, planned

S = StepStatus


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.fixture
async def board_of(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Makes a board on a new engine with a plan for one goal."""
    open_things: list[Any] = []

    async def make(plan: Any = TWO, **settings: Any) -> PlanBoard:
        engine = bakery(tmp_path, plan, **settings)
        await engine.start()
        board = PlanBoard(engine, await engine.submit("Bake and sell oat cookies."))
        open_things.extend([board, engine])
        return board

    yield make
    for thing in open_things:
        if isinstance(thing, PlanBoard):
            thing.close()
        else:
            await thing.close(0)


def cards(board: PlanBoard) -> list[Any]:
    return board.surface.in_order(board.plan)


def shown(board: PlanBoard) -> bool:
    """Whether there is a plan on it."""
    try:
        return bool(board.plan)
    except InvalidInput:
        return False


def statuses(board: PlanBoard) -> list[StepStatus]:
    return [card.step.status for card in cards(board)]


def hidden(widget: Any) -> bool:
    return "macae-hidden" in widget._dom_classes


async def test_approve_with_a_note_runs_the_step_and_shows_what_came_of_it(board_of: Any) -> None:
    board = await board_of()
    first = cards(board)[0]
    first.note.value = "brown ones"
    first.approve.click()
    await until(lambda: first.step.status is S.completed)
    assert first.step.approval.note == "brown ones"
    assert first.step.approval.by == "local"
    assert "Baked 12 oat cookies." in first.body.value
    assert "brown ones" in first.body.value
    assert "Completed" in first.head.value
    assert len(first.calls.children) == 1
    assert hidden(first.decide)
    assert statuses(board)[1] is S.awaiting_feedback


async def test_two_quick_clicks_are_one_decision(board_of: Any) -> None:
    board = await board_of()
    first = cards(board)[0]
    first.approve.click()
    first.approve.click()
    first.reject.click()
    await until(lambda: first.step.status is S.completed)
    assert first.error.value == ""


async def test_reject_keeps_the_reason_blocks_the_next_and_can_be_skipped(board_of: Any) -> None:
    board = await board_of()
    first, second = cards(board)
    first.note.value = "no oats"
    first.reject.click()
    await until(lambda: first.step.status is S.rejected)
    assert "Reason: no oats" in first.body.value
    assert "Waits for step 1 (rejected)" in second.body.value
    assert not hidden(board.surface.top.finish)
    assert "Waits for you" in board.surface.top.head.value
    assert "0 of 2 steps done, 1 rejected, 2 steps wait for you" in board.surface.top.progress.value
    skip = first.other.children[-1]
    assert skip.description == "Skip"
    skip.click()
    second.approve.click()
    plan = await asyncio.wait_for(board.done(), 10)
    assert plan.overall_status is PlanStatus.completed
    assert statuses(board) == [S.skipped, S.completed]
    assert "1 of 2 steps done, 1 skipped<" in board.surface.top.progress.value


async def test_finish_here_ends_a_plan_with_a_rejected_step(board_of: Any) -> None:
    board = await board_of()
    first, second = cards(board)
    second.reject.click()
    await until(lambda: second.step.status is S.rejected)
    first.approve.click()
    await until(lambda: first.step.status is S.completed)
    board.surface.top.finish.click()
    plan = await asyncio.wait_for(board.done(), 10)
    assert plan.overall_status is PlanStatus.completed
    assert statuses(board) == [S.completed, S.skipped]


async def test_edit_changes_an_argument_and_the_step_asks_again(board_of: Any) -> None:
    board = await board_of()
    first = cards(board)[0]
    first.edit.click()
    assert set(first.editor.fields) == {"kind", "quantity"}
    first.editor.fields["quantity"].value = "24"
    first.editor.save.click()
    await until(lambda: first.editor is None)
    assert first.step.arguments == {"kind": "oat", "quantity": 24}
    assert first.step.status is S.awaiting_feedback
    assert "quantity=24" in first.head.value
    first.approve.click()
    await until(lambda: first.step.status is S.completed)
    assert "Baked 24 oat cookies." in first.body.value


async def test_a_wrong_argument_is_said_on_the_card_and_nothing_changes(board_of: Any) -> None:
    board = await board_of()
    first = cards(board)[0]
    first.edit.click()
    first.editor.fields["quantity"].value = "many"
    first.editor.save.click()
    assert "quantity must be a whole number" in first.error.value
    assert first.editor is not None
    first.editor.discard.click()
    assert first.editor is None
    assert first.step.arguments == {"kind": "oat", "quantity": 12}


async def test_edit_of_the_words_alone_has_the_call_bound_anew(board_of: Any) -> None:
    def plan(prompt: str) -> str:
        if "rye" in prompt:
            return planned({**BAKE, "args": {"kind": "rye", "quantity": 3}})
        return TWO

    board = await board_of(plan)
    first = cards(board)[0]
    first.edit.click()
    first.editor.action.value = "Bake 3 rye cookies."
    first.editor.save.click()
    await until(lambda: first.editor is None)
    assert first.step.task == "Bake 3 rye cookies."
    assert first.step.arguments == {"kind": "rye", "quantity": 3}


async def test_approve_all_approves_what_is_shown_with_its_notes(board_of: Any) -> None:
    board = await board_of()
    assert board.surface.top.all.description == "Approve all 2"
    cards(board)[1].note.value = "cheap"
    board.surface.top.all.click()
    plan = await asyncio.wait_for(board.done(), 10)
    assert plan.overall_status is PlanStatus.completed
    assert [step.approval.note for step in plan.steps] == [None, "cheap"]
    assert hidden(board.surface.top.all)


async def test_approve_all_does_not_approve_what_changed_since_it_was_shown(board_of: Any) -> None:
    board = await board_of()
    first, second = cards(board)
    shown = second.step
    await board.engine.edit(shown, arguments={"kind": "gold"})
    second.step = shown  # the browser still shows the old one
    board.surface.top.all.click()
    await until(lambda: first.step.status is S.completed and not board.surface.busy)
    assert second.step.status is S.awaiting_feedback
    assert second.step.arguments == {"kind": "gold"}
    assert "has changed" in board.surface.error.value


async def test_a_stale_decision_is_a_sentence_on_the_card(board_of: Any) -> None:
    board = await board_of()
    first = cards(board)[0]
    shown = first.step
    await board.engine.reject(shown, "somebody else said no")
    first.step = shown
    first.approve.click()
    await until(lambda: first.error.value)
    assert "has changed" in first.error.value
    await until(lambda: first.step.status is S.rejected)


async def test_cancel_ends_the_plan_and_takes_the_controls_away(board_of: Any) -> None:
    board = await board_of()
    board.surface.top.stop.click()
    plan = await asyncio.wait_for(board.done(), 10)
    assert plan.overall_status is PlanStatus.cancelled
    assert all(hidden(card.decide) for card in cards(board))
    assert hidden(board.surface.top.stop)
    assert not hidden(board.surface.top.again)


async def test_a_clarification_is_answered_on_the_board(board_of: Any) -> None:
    board = await board_of(ask_first)
    assert board.plan.overall_status is PlanStatus.awaiting_clarification
    assert "Which kind?" in board.surface.top.question.value
    assert not hidden(board.surface.top.clarification)
    board.surface.top.answer.value = "oat"
    board.clarify()
    await until(lambda: len(cards(board)) == 2)
    assert hidden(board.surface.top.clarification)
    assert "Answer: oat" in board.surface.top.question.value
    await until(lambda: board.surface.top.answer.value == "")


async def test_a_new_goal_begins_with_empty_fields(board_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ipywidgets.DOMWidget, "focus", lambda self: None)
    board = await board_of(ask_first)
    surface = board.surface
    surface.form.field.value, surface.top.answer.value, surface.top.words.value = "Bake.", "oat", "rye"
    board.cancel()
    await until(lambda: not hidden(surface.top.again))
    surface.say("Something was wrong.")
    surface.top.again.click()
    assert not hidden(surface.form.widget)
    assert [f.value for f in (surface.form.field, surface.top.answer, surface.top.words)] == ["", "", ""]
    assert hidden(surface.error)


async def test_an_empty_answer_is_refused_in_a_sentence(board_of: Any) -> None:
    board = await board_of(ask_first)
    board.surface.top.answer.value = "  "
    board.clarify()
    await until(lambda: board.surface.error.value)
    assert board.surface.top.answer.value == "  "
    assert "The answer is empty" in board.surface.error.value


async def test_the_persons_own_step_takes_an_answer(board_of: Any) -> None:
    board = await board_of(planned(MINE))
    (card,) = cards(board)
    assert hidden(card.decide)
    card.answer.value = "blue"
    card.other.children[1].click()
    plan = await asyncio.wait_for(board.done(), 10)
    assert plan.steps[0].agent_reply == "blue"


async def test_a_failed_step_says_why_and_can_be_retried(board_of: Any) -> None:
    board = await board_of(planned(BURN))
    (card,) = cards(board)
    card.approve.click()
    await until(lambda: card.step.status is S.failed)
    assert "BakerAgent did not do it: We do not burn cookies" in card.body.value
    assert "Failed" in card.head.value
    assert "Waits for you" in board.surface.top.head.value
    card.other.children[0].click()
    await until(lambda: card.step.status is S.awaiting_feedback)
    assert "We do not burn cookies" in str([child.value for child in card.calls.children])


async def test_an_update_without_a_change_sends_nothing(
    board_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = await board_of()
    await board._live.refresh()
    sent: list[Any] = []
    monkeypatch.setattr(ipywidgets.Widget, "_send", lambda self, msg, buffers=None: sent.append((self, msg)))
    await board._live.refresh()
    assert sent == []
    cards(board)[0].approve.click()
    await until(lambda: statuses(board)[0] is S.completed)
    await until(lambda: not cards(board)[0].busy)
    touched = {id(widget) for widget, _ in sent}
    second = cards(board)[1]
    assert not touched & {id(second.head), id(second.body), id(second.note), id(second.decide)}


async def test_the_focus_goes_to_the_next_approve_and_last_to_the_board(
    board_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = await board_of()
    focused: list[Any] = []
    monkeypatch.setattr(ipywidgets.DOMWidget, "focus", lambda self: focused.append(self))
    first, second = cards(board)
    first.approve.click()
    await until(lambda: focused)
    assert focused.pop() is second.approve
    second.approve.click()
    await until(lambda: focused)
    assert focused.pop() is board.surface.root


async def test_after_saving_an_edit_the_focus_is_on_that_cards_own_approve(
    board_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = await board_of()
    focused: list[Any] = []
    monkeypatch.setattr(ipywidgets.DOMWidget, "focus", lambda self: focused.append(self))
    first, second = cards(board)
    after, calm = board._after, asyncio.Event()

    async def told(*given: Any) -> None:
        await after(*given)
        calm.set()

    monkeypatch.setattr(board.worker, "_after", told)
    first.edit.click()
    first.editor.fields["quantity"].value = "2"
    first.editor.save.click()
    await asyncio.wait_for(calm.wait(), 10)
    assert first.step.arguments["quantity"] == 2
    assert focused[-1] is first.approve
    assert second.approve not in focused
    first.approve.click()  # only a decision moves on
    await until(lambda: focused[-1] is second.approve)


async def test_a_board_asks_for_a_goal_offers_quick_tasks_and_plans(tmp_path: Path) -> None:
    async with bakery(tmp_path) as engine:
        board = PlanBoard(engine)
        (task,) = board.surface.form.tasks
        task.click()
        assert board.surface.form.goal == "Bake 12 oat cookies and sell them."
        board.surface.form.start.click()
        await until(lambda: shown(board))
        assert board.plan.initial_goal == "Bake 12 oat cookies and sell them."
        assert hidden(board.surface.form.widget)
        board.close()


async def test_an_empty_goal_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with bakery(tmp_path) as engine:
        board = PlanBoard(engine)
        board.start()
        await until(lambda: board.surface.error.value)
        assert "The goal is empty" in board.surface.error.value
        with pytest.raises(InvalidInput):
            await board.run("")
        board.close()


async def test_a_broken_store_is_a_sentence_on_the_board(
    board_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = await board_of()

    async def broken(*_: Any, **__: Any) -> Any:
        raise StoreError("The file macae.db cannot be written: the disk is full. Free some space.")

    monkeypatch.setattr(board.engine, "approve", broken)
    cards(board)[0].approve.click()
    await until(lambda: cards(board)[0].error.value)
    assert "the disk is full" in cards(board)[0].error.value


async def test_a_bug_is_shown_too(board_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    board = await board_of()

    async def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("<b>boom</b>")

    monkeypatch.setattr(board.engine, "approve", broken)
    cards(board)[0].approve.click()
    await until(lambda: cards(board)[0].error.value)
    assert "RuntimeError: &lt;b&gt;boom&lt;/b&gt;" in cards(board)[0].error.value


async def test_what_another_process_decides_shows_up(board_of: Any, tmp_path: Path) -> None:
    board = await board_of()
    async with bakery(tmp_path) as other:
        await other.reject(cards(board)[0].step, "from elsewhere")
    await until(lambda: statuses(board)[0] is S.rejected)


async def test_the_board_presses_its_own_buttons_where_nobody_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTO_CLICK, "1")
    async with bakery(tmp_path, planned(BAKE, MINE, SELL)) as engine:
        board = PlanBoard(engine)
        plan = await asyncio.wait_for(board.run("Bake and sell."), 20)
        assert plan.overall_status is PlanStatus.completed
        assert "presses its own buttons" in board.surface.banner
        assert [s.approval.by for s in plan.steps if s.approval] == ["auto:env", "auto:env"]
        board.close()


async def test_pressing_for_itself_ends_at_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTO_CLICK, "1")
    async with bakery(tmp_path, ask_first) as engine:
        board = PlanBoard(engine)
        plan = await asyncio.wait_for(board.run("Bake and sell."), 20)
        assert plan.overall_status is PlanStatus.awaiting_clarification
        board.close()


async def test_pressing_for_itself_does_not_go_on_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTO_CLICK, "1")
    async with bakery(tmp_path, planned(BURN)) as engine:
        board = PlanBoard(engine)
        plan = await asyncio.wait_for(board.run("Burn them."), 20)
        assert plan.overall_status in {PlanStatus.cancelled, PlanStatus.completed, PlanStatus.failed}
        board.close()


async def test_a_snapshot_is_the_plan_without_widgets(board_of: Any) -> None:
    board = await board_of()
    html = board.snapshot().data
    assert "Bake 12 oat cookies." in html
    assert "bake(kind=&#x27;oat&#x27;, quantity=12)" in html


async def test_when_waiting_was_stopped_the_board_still_has_the_newest_plan(tmp_path: Path) -> None:
    async with bakery(tmp_path) as engine:
        board = PlanBoard(engine)
        with pytest.raises(InvalidInput, match=r"no plan yet.*Make a plan"):
            _ = board.plan
        waiting = asyncio.create_task(board.run("Bake and sell oat cookies."))
        await until(lambda: shown(board))
        waiting.cancel()  # as the notebook's stop button does
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert board.plan.initial_goal == "Bake and sell oat cookies."
        board.surface.top.all.click()
        await until(lambda: board.plan.overall_status is PlanStatus.completed)
        board.close()


async def test_a_new_run_that_is_stopped_early_does_not_pass_the_old_plan_off_as_its_own(
    board_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = await board_of()
    asked = asyncio.Event()

    async def for_ever(_: str) -> Any:
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(board.engine, "submit", for_ever)
    waiting = asyncio.create_task(board.run("Something else."))
    await asyncio.wait_for(asked.wait(), 10)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not shown(board)
    assert not hidden(board.surface.form.widget)


def test_without_an_event_loop_the_board_says_where_it_works() -> None:
    with pytest.raises(InvalidInput, match="notebook's cell"):
        PlanBoard(object())


async def test_a_plan_can_be_given_by_its_id(board_of: Any) -> None:
    board = await board_of()
    engine: Engine = board.engine
    again = PlanBoard(engine, board.plan.id)
    await until(lambda: shown(again))
    assert len(cards(again)) == 2
    again.close()


async def test_a_store_that_fails_for_a_while_is_told_of_and_then_forgotten(
    board_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macae.ui.live.POLL", 0.02)
    board = await board_of()
    read = board.engine.plan

    async def broken(*_: Any, **__: Any) -> Any:
        raise StoreError("The file macae.db cannot be read.")

    monkeypatch.setattr(board.engine, "plan", broken)
    await until(lambda: "cannot be read" in board.surface.error.value)
    cards(board)[
        0
    ].approve.click()  # the decision itself works; what is shown is old until the store can be read
    monkeypatch.setattr(board.engine, "plan", read)
    await until(lambda: board.surface.error.value == "")
    await until(lambda: statuses(board)[0] is S.completed)


async def test_a_board_outlives_its_engine_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macae.ui.live.POLL", 0.02)
    async with bakery(tmp_path) as engine:
        board = PlanBoard(engine, await engine.submit("Bake and sell."))
    cards(board)[0].approve.click()
    await until(lambda: "closed" in board.surface.error.value)
    await until(lambda: not cards(board)[0].busy)
    board.close()


async def test_a_mistake_in_the_board_itself_does_not_leave_it_silent(
    board_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = await board_of()

    def broken(*_: Any) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(board.surface, "update", broken)
    cards(board)[0].approve.click()
    await until(lambda: "cannot show the plan: KeyError" in board.surface.error.value)


async def test_another_way_is_planned_with_the_persons_words(board_of: Any) -> None:
    seen: list[str] = []

    def plan(prompt: str) -> str:
        seen.append(prompt)
        return TWO if len(seen) == 1 else planned({**SELL, "args": {"kind": "rye"}})

    board = await board_of(plan)
    first, second = cards(board)
    assert hidden(board.surface.top.revision)
    first.reject.click()
    second.reject.click()
    await until(lambda: statuses(board) == [S.rejected, S.rejected])
    assert not hidden(board.surface.top.revision)
    board.surface.top.words.value = "rye, please"
    board.revise()
    await until(lambda: S.awaiting_feedback in statuses(board))
    assert "rye, please" in seen[-1]
    assert [c.step.arguments for c in cards(board) if c.seen.decide] == [{"kind": "rye"}]


async def test_a_plan_at_its_limit_says_so_and_goes_on_when_more_is_allowed(board_of: Any) -> None:
    board = await board_of(TWO, plan_tokens=40)
    board.surface.top.all.click()
    await until(lambda: board.plan.overall_status is PlanStatus.paused)
    assert "MACAE_PLAN_TOKENS" in board.surface.top.limit.value
    assert not any(card.seen.asks or card.seen.recover for card in cards(board))
    assert not hidden(board.surface.top.more)
    board.surface.top.more.click()
    await until(lambda: board.plan.overall_status is not PlanStatus.paused)
    for _ in range(20):
        await until(lambda: not board.surface.busy)
        if board.plan.overall_status is PlanStatus.completed:
            break
        if board.plan.overall_status is PlanStatus.paused:
            board.surface.top.more.click()
        for card in cards(board):
            if card.seen.decide:
                card.approve.click()
        await asyncio.sleep(0.05)
    assert board.plan.overall_status is PlanStatus.completed
    assert hidden(board.surface.top.more)


async def test_the_board_says_for_whom_more_is_allowed_and_when_nothing_more_can_be(board_of: Any) -> None:
    board = await board_of(TWO, day_tokens=40, budget_stop=1.5)
    top = board.surface.top
    top.all.click()
    await until(lambda: board.plan.overall_status is PlanStatus.paused)
    assert "You have used 45 tokens today (UTC); 40 are allowed (MACAE_DAY_TOKENS)." in top.limit.value
    assert top.more.description == "Allow today 20 tokens more" and not hidden(top.more)
    top.more.click()
    await until(lambda: "nothing more can be allowed (MACAE_BUDGET_STOP)" in top.limit.value)
    assert hidden(top.more) and not hidden(top.finish)


async def test_what_takes_long_shows_that_it_is_under_way(
    board_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macae.ui.work.SLOW", 0.01)
    board = await board_of()
    go_on = asyncio.Event()

    async def slow(*_: Any, **__: Any) -> None:
        await go_on.wait()

    monkeypatch.setattr(board.engine, "approve", slow)
    first = cards(board)[0]
    first.approve.click()
    await until(lambda: not hidden(first.wait))
    go_on.set()
    await until(lambda: hidden(first.wait))
