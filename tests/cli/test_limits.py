"""What a plan uses is told; at a limit it is paused, and the command says which one and how it goes on."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from tests.cli.conftest import BAKE, SELL, SLOW, Command, Inside, object_in
from tests.cli.test_terminal import ASKS, at, stored
from tests.support.openai_server import OpenAIServer, calls, error, text
from tests.support.scripted import planned

TWO = [BAKE, SELL]
"""With the scripted model: 15 tokens for planning, then 30 a step."""
OPENAI = {"MACAE_PROVIDER": "openai", "MACAE_API_KEY": "k" * 20}
on_a_terminal = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind"
)


def statuses(plan: dict[str, Any]) -> list[str]:
    return [step["status"] for step in plan["steps"]]


@pytest.mark.parametrize(
    ("env", "usd", "told"),
    [
        ({}, 0.0, "$0.00"),
        (OPENAI | {"MACAE_MODEL": "gpt-4o"}, 0.000375, "$0.0004"),
        (OPENAI | {"MACAE_MODEL": "home-made"}, None, "unpriced"),
    ],
)
def test_totals_are_told_and_in_the_json(
    inside: Inside, env: dict[str, str], usd: float | None, told: str
) -> None:
    run = inside("run", "Bake and sell", "--yes", plan=TWO, **env)
    assert run.returncode == 0, run.stderr
    assert re.search(
        rf"Completed: 2 of 2 steps completed · 75 tokens · {re.escape(told)} · [\d.]+ m?s of work\n",
        run.stdout,
    )
    session = object_in(inside("sessions", "--json"))["sessions"][0]["session_id"]
    plan = object_in(inside("show", session, "--json"))["plans"][0]
    assert plan["usage"]["tokens"] == 15
    assert plan["total_usage"]["tokens"] == 75 and plan["total_usage"]["seconds"] > 0
    assert plan["total_usage"]["usd"] == (None if usd is None else pytest.approx(usd))
    shown = inside("show", session).stdout
    assert f"Used: 75 tokens · {told} · " in shown and "Planning alone: 15 tokens" in shown


def test_yes_is_no_yes_to_more_than_the_limit(inside: Inside) -> None:
    limit = {"MACAE_PLAN_TOKENS": "40"}
    run = inside("run", "Bake and sell", "--yes", "--json", plan=TWO, **limit)
    assert run.returncode == 1
    plan = object_in(run)
    assert plan["overall_status"] == "paused" and statuses(plan) == ["completed", "approved"]
    assert plan["total_usage"]["tokens"] == 45
    assert "Paused. The plan has used 45 tokens; 40 are allowed" in run.stderr
    assert f" resume {plan['session_id']} --yes --allow-tokens N --team" in run.stderr
    shown = inside("show", plan["session_id"]).stdout
    assert "Paused. The plan has used 45 tokens; 40 are allowed" in shown
    resume = ("resume", plan["session_id"], "--json")
    asked = inside(*resume, plan=[], **limit)
    assert asked.returncode == 4 and "--allow-tokens N" in asked.stderr
    little = inside(*resume, "--yes", "--allow-tokens", "5", plan=[], **limit)
    assert little.returncode == 1 and "45 are allowed" in little.stderr
    other = inside(*resume, "--yes", "--allow-usd", "5", "--allow-seconds", "5", plan=[], **limit)
    assert other.returncode == 1 and (
        "--allow-usd and --allow-seconds do not help here: this limit is on tokens, so it takes --allow-tokens N."
        in other.stderr
    )
    enough = inside(*resume, "--yes", "--allow-tokens", "999999999", "--allow-usd", "5", plan=[], **limit)
    assert enough.returncode == 0, enough.stderr
    assert "goes on" in enough.stderr and statuses(object_in(enough)) == ["completed", "completed"]
    assert "do not help" not in enough.stderr and (
        "Of 999,999,999 tokens more, 35 tokens are allowed: nothing beyond 2 times the limit can be used (MACAE_BUDGET_STOP)."
        in enough.stderr
    )
    shown = inside("show", plan["session_id"], "--trail").stdout
    assert "Allowed beyond its limits: 40 tokens" in shown
    assert "35 tokens more allowed for this plan, not 999,999,999 tokens: nothing beyond 2 times" in shown


def test_what_the_limit_stopped_is_offered_again(inside: Inside) -> None:
    run = inside(
        "run", "Bake", "--yes", "--json", "--allow-tokens", "100", plan=[BAKE], MACAE_PLAN_TOKENS="30"
    )
    assert run.returncode == 0, run.stderr
    step = object_in(run)["steps"][0]
    assert step["attempt"] == 2 and len(step["tool_calls"]) == 1


def test_a_limit_of_the_day_is_asked_about_by_name_and_ends_for_good(macae: Command, inside: Inside) -> None:
    """The second run is a process of its own: what the first has used counts in it."""
    limit = {"MACAE_DAY_TOKENS": "62"}
    run = inside("run", "Bake and sell", "--yes", "--json", plan=TWO, **limit)
    assert run.returncode == 0, "75 tokens: the last answer is taken"
    again = macae("run", "Bake and sell", "--yes", "--json", plan=TWO, **limit)
    plan = object_in(again)
    assert "overall_status" in plan, again.stderr
    assert again.returncode == 1 and plan["overall_status"] == "paused"
    assert "Paused. You have used 90 tokens today (UTC); 62 are allowed (MACAE_DAY_TOKENS)." in again.stderr
    assert (
        "goes on when you allow today (UTC) more (N)" in again.stderr and "--allow-tokens N" in again.stderr
    )
    more = inside("resume", plan["session_id"], "--yes", "--json", "--allow-tokens", "35", plan=[], **limit)
    assert "More is allowed for today (UTC) now; the plan goes on." in more.stderr
    stopped = inside(
        "resume", plan["session_id"], "--yes", "--json", "--allow-tokens", "999", plan=[], **limit
    )
    assert (
        "124 are allowed" in stopped.stderr
        and "nothing more can be allowed (MACAE_BUDGET_STOP)" in stopped.stderr
    )
    assert "goes on when that limit is raised or lifted" in stopped.stderr


def test_money_is_allowed_in_dollars(inside: Inside) -> None:
    env = OPENAI | {"MACAE_MODEL": "gpt-4o", "MACAE_PLAN_USD": "0.0002"}
    run = inside("run", "Bake and sell", "--yes", "--json", plan=TWO, **env)
    assert run.returncode == 1
    session = object_in(run)["session_id"]
    assert "--allow-usd N" in run.stderr
    assert inside("resume", session, "--yes", "--allow-usd", "0.5", plan=[], **env).returncode == 0


def test_time_is_allowed_in_seconds(inside: Inside) -> None:
    env = {"MACAE_PLAN_SECONDS": "0.1", "MACAE_STEP_TIMEOUT": "1", "MACAE_BUDGET_STOP": "99"}
    run = inside("run", "Wait", "--yes", "--json", plan=[SLOW, SELL], **env)
    assert run.returncode == 1 and object_in(run)["overall_status"] == "paused"
    assert "--allow-seconds N" in run.stderr


def test_a_limit_that_nothing_can_meet_has_to_be_lifted(inside: Inside) -> None:
    env = OPENAI | {"MACAE_MODEL": "home-made"}
    run = inside("run", "Bake", "--yes", "--json", "--allow-usd", "9", plan=[BAKE], **env, MACAE_PLAN_USD="1")
    assert run.returncode == 1
    assert "Unset MACAE_PLAN_USD" in run.stderr and "--allow-usd" not in run.stderr
    resumed = inside("resume", object_in(run)["session_id"], "--yes", "--json", plan=[], **env)
    assert resumed.returncode == 0, resumed.stderr
    assert "lifted" in resumed.stderr


@pytest.mark.parametrize(
    "words", [("--allow-tokens", "0"), ("--allow-usd", "nan"), ("--allow-usd", "inf"), ("--allow-seconds", "-1")]
)  # fmt: skip
def test_what_is_allowed_is_a_number_above_nothing(inside: Inside, words: tuple[str, str]) -> None:
    for command in (("run", "Bake"), ("resume", "s")):
        run = inside(*command, *words, "--json")
        assert run.returncode == 1 and object_in(run)["type"] == "UsageError"
        assert words[0] in run.stderr and "above 0" in run.stderr


@on_a_terminal
def test_a_person_is_asked_how_much_more(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Bake and sell", plan=TWO, MACAE_PLAN_TOKENS="40") as person:
        person.wait_for(ASKS)
        person.press("a")
        assert "The plan has used 45 tokens; 40 are allowed" in person.wait_for("How many more tokens")
        person.wait_for(ASKS)
        person.press("many")
        person.wait_for("Give a number above 0")
        person.wait_for(ASKS)
        person.press("1")
        assert "41 are allowed" in person.wait_for(ASKS)
        person.press("1,000 tokens")
        person.wait_for("Of 1,000 tokens more, 39 tokens are allowed")
        assert person.ends() == 0
    plan = stored(inside)
    assert plan["allowed_more"]["tokens"] == 40 and statuses(plan) == ["completed", "completed"]


@on_a_terminal
def test_a_person_may_leave_or_finish_instead(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Bake and sell", plan=TWO, MACAE_PLAN_TOKENS="40") as person:
        person.wait_for(ASKS)
        person.press("a")
        person.wait_for("How many more tokens")
        person.press("q")
        person.wait_for("--allow-tokens N")
        assert person.ends() == 4
    plan = stored(inside)
    assert plan["overall_status"] == "paused"
    with at(macae, "resume", plan["session_id"], plan=[], MACAE_PLAN_TOKENS="40") as person:
        person.wait_for("How many more tokens")
        person.press("f")
        assert person.ends() == 0
    assert statuses(stored(inside)) == ["completed", "skipped"]


def test_waiting_for_the_model_is_shown_while_it_lasts(inside: Inside) -> None:
    slow_down = error(429, "slow down", headers={"retry-after": "0.3"})
    with OpenAIServer() as server:
        server.answer(
            slow_down, text(planned(BAKE)), slow_down, calls(("bake", BAKE["args"])), text("Baked.")  # type: ignore[arg-type]
        )  # fmt: skip
        env = OPENAI | {"MACAE_BASE_URL": server.url, "MACAE_MODEL": "gpt-4o"}
        run = inside("run", "Bake", "--yes", "--team", str(inside.team), **env)
    assert run.returncode == 0, run.stdout + run.stderr
    lines = run.stdout.splitlines()
    waits = "waiting for the model (rate limited, "
    planner = next(i for i, line in enumerate(lines) if line.startswith(f"  {waits}"))
    step = next(i for i, line in enumerate(lines) if line.startswith(f"  [1] {waits}"))
    assert lines.index("Planning …") < planner < lines.index("Goal: Bake") < step
