"""A person at the board in a real JupyterLab. What counts is what is stored afterwards, as another process reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import expect

from macae.models import PlanStatus, StepStatus
from tests.support.bakery import bakery, stored

from .board import start

S = StepStatus


async def test_clicking_approve_runs_the_step_and_stores_who_said_yes(notebook: Any, home: Path) -> None:
    board = await start(notebook, home)
    await board.card(1).field("Note").fill("brown ones")
    await board.card(1).press("Approve")
    await board.card(1).stands("Completed")
    await board.card(1).says("Baked 12 oat cookies.")
    first, second = (await stored(home)).steps
    assert (first.status, second.status) == (S.completed, S.awaiting_feedback)
    assert first.approval is not None
    assert (first.approval.by, first.approval.note) == ("local", "brown ones")
    assert [(call.tool, call.arguments) for call in first.calls] == [
        ("bake", {"kind": "oat", "quantity": 12})
    ]


async def test_clicking_reject_stores_the_reason_and_nothing_runs(notebook: Any, home: Path) -> None:
    board = await start(notebook, home)
    await board.card(1).field("Note").fill("no oats left")
    await board.card(1).press("Reject")
    await board.card(1).stands("Rejected")
    await board.card(2).says("Waits for step 1 (rejected)")
    first = (await stored(home)).steps[0]
    assert (first.status, first.human_feedback, first.calls) == (S.rejected, "no oats left", [])


async def test_an_edited_argument_is_what_runs(notebook: Any, home: Path) -> None:
    board = await start(notebook, home)
    await board.card(1).press("Edit")
    await board.focus_is("textarea", label="Action")
    await board.card(1).field("quantity").fill("twelve")
    await board.card(1).press("Save")
    await board.card(1).says("quantity must be a whole number, not 'twelve'.")
    await board.card(1).field("quantity").fill("24")
    await board.card(1).press("Save")
    await board.card(1).says("bake(kind='oat', quantity=24)")
    await board.focus_is("button", title="Approve step 1")
    await board.page.wait_for_timeout(500)
    await board.focus_is("button", title="Approve step 1")
    assert (await stored(home)).steps[0].status is S.awaiting_feedback
    await board.card(1).press("Approve")
    await board.card(1).says("Baked 24 oat cookies.")
    assert (await stored(home)).steps[0].calls[0].arguments == {"kind": "oat", "quantity": 24}


async def test_approve_all_completes_the_plan_and_a_waiting_cell_ends(notebook: Any, home: Path) -> None:
    board = await start(notebook, home, "plan = await board.done(); print('over:', plan.overall_status)")
    await board.press("Approve all 2")
    await board.page.get_by_text("over: completed").wait_for()
    await expect(board.page.locator(".macae-top [role=status]").last).to_have_text("2 of 2 steps done")
    assert (await stored(home)).overall_status is PlanStatus.completed


async def test_cancel_stops_a_running_tool_and_ends_the_plan(notebook: Any, home: Path) -> None:
    board = await start(notebook, home, plan="planned(SLOW, SELL)")
    await board.card(1).press("Approve")
    await board.card(1).stands("Running")
    await board.press("Cancel plan")
    await board.top_stands("Cancelled")
    plan = await stored(home)
    assert plan.overall_status is PlanStatus.cancelled
    assert S.completed not in {step.status for step in plan.steps}


async def test_a_goal_is_typed_a_question_answered_and_the_plan_appears(notebook: Any, home: Path) -> None:
    board = await start(notebook, home, plan="ask_first", goal=None)
    await board.page.get_by_role("button", name="Bake 12 oat cookies and sell them.").click()
    await board.focus_is("button", text="Make a plan")
    await board.page.get_by_label("Goal", exact=True).fill("Bake something nice.")
    await board.press("Make a plan")
    await board.page.get_by_text("Which kind?").wait_for()
    await board.page.get_by_label("Answer", exact=True).fill("oat")
    await board.press("Answer")
    await board.card(2).stands("Awaiting approval")
    plan = await stored(home)
    assert (plan.initial_goal, plan.human_clarification_response) == ("Bake something nice.", "oat")


async def test_the_persons_own_step_is_answered(notebook: Any, home: Path) -> None:
    board = await start(notebook, home, plan="planned(MINE)")
    await board.card(1).stands("Your turn")
    await board.card(1).field("Answer").fill("blue")
    await board.card(1).press("Done")
    await board.top_stands("Completed")
    assert (await stored(home)).steps[0].agent_reply == "blue"


async def test_the_keyboard_alone_is_enough_and_the_focus_moves_on(notebook: Any, home: Path) -> None:
    board = await start(notebook, home)
    keyboard = board.page.keyboard
    await board.page.locator(".macae-top .macae-goal").last.click()
    for _ in range(12):
        await keyboard.press("Tab")
        if (await board.focus())["text"] == "Approve":
            break
    assert (await board.focus())["title"] == "Approve step 1"
    assert "solid 2px" in (await board.focus())["outline"]
    await keyboard.press("Enter")
    await board.focus_is("button", title="Approve step 2")
    await board.card(1).stands("Completed")
    await keyboard.press("Tab")
    await keyboard.press("Tab")
    assert (await board.focus())["title"] == "Edit step 2"
    await keyboard.press("Enter")
    await board.focus_is("textarea", label="Action")
    await keyboard.press("Tab")
    await keyboard.press("Control+A")
    await keyboard.type("rye")
    await keyboard.press("Tab")
    assert (await board.focus())["text"] == "Save"
    await keyboard.press("Space")
    await board.card(2).says("sell(kind='rye')")
    await board.focus_is("button", title="Approve step 2")
    await keyboard.press("Space")
    await board.top_stands("Completed")
    assert (await stored(home)).steps[1].calls[0].arguments == {"kind": "rye"}
    assert await board.page.locator(".jp-Cell").count() == 2, "keys pressed on the board reached the notebook"


async def test_a_tools_result_unfolds_with_the_keyboard(notebook: Any, home: Path) -> None:
    board = await start(notebook, home)
    await board.press("Approve all 2")
    await board.top_stands("Completed")
    summary = board.page.locator("details summary").first
    await summary.focus()
    await board.page.keyboard.press("Enter")
    await board.page.locator("details[open] pre").get_by_text("Baked 12 oat cookies.").wait_for()


async def test_another_process_decides_and_the_board_shows_it(notebook: Any, home: Path) -> None:
    board = await start(notebook, home)
    async with bakery(home) as other:
        await other.approve((await stored(home)).steps[0])
        await other.wait(await stored(home))
    await board.card(1).stands("Completed")


async def test_a_restarted_kernel_reopens_the_plan_where_it_was(notebook: Any, home: Path) -> None:
    board = await start(notebook, home)
    await board.card(1).press("Approve")
    await board.card(1).stands("Completed")
    await board.notebook.restart()
    await board.run_again()
    await board.card(1).stands("Completed")
    await board.card(2).press("Approve")
    await board.top_stands("Completed")
    plan = await stored(home)
    assert [len(step.calls) for step in plan.steps] == [1, 1]


async def test_a_kernel_that_dies_in_a_tool_asks_what_became_of_it(notebook: Any, home: Path) -> None:
    board = await start(notebook, home, plan="planned(SLOW)")
    await board.card(1).press("Approve")
    await board.card(1).stands("Running")
    await board.card(1).says("running …")
    await board.notebook.restart()
    await board.run_again()
    await board.card(1).stands("Interrupted")
    await board.card(1).says("wait_long: it may have run")
    await board.card(1).press("It was done")
    await board.top_stands("Completed")
    (step,) = (await stored(home)).steps
    assert (step.status, step.attempt, len(step.calls)) == (S.completed, 1, 1)


async def test_stop_ends_the_waiting_and_the_board_still_works(notebook: Any, home: Path) -> None:
    board = await start(notebook, home, "print('it waits')\nawait board.done()")
    await board.page.get_by_text("it waits", exact=True).wait_for()
    await board.notebook.menu("Kernel", "Interrupt Kernel")
    await board.page.get_by_text("CancelledError").first.wait_for()
    await board.press("Approve all 2")
    await board.top_stands("Completed")
    assert (await stored(home)).overall_status is PlanStatus.completed
