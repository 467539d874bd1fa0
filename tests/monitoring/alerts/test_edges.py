"""Rules that cannot work are refused, clocks and full memories lose no alert, and nothing leaves the house that should not."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from macae import Engine, Settings
from macae.errors import ConfigError
from macae.models import Event
from macae.monitoring.alerts import Alert, AlertWatch, Judge, default_rules, evaluate
from macae.monitoring.alerts import judge as judging
from macae.monitoring.alerts.couriers import Courier, Outcome
from macae.monitoring.alerts.matching import FIELDS
from macae.monitoring.alerts.webhook import Webhook
from macae.monitoring.alerts.wording import notes_on
from tests.engine.conftest import TEAM
from tests.monitoring.alerts.conftest import START, Hook, alert, happened, rule
from tests.support.scripted import ScriptedClient, obedient, planned
from tests.support.waiting import until


class Kept:
    """A receiver that keeps what it gets."""

    name = "kept"

    def __init__(self) -> None:
        self.got: list[Alert] = []

    def send(self, alert: Alert) -> Outcome:
        self.got.append(alert)
        return Outcome(True)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"measure": "share", "share_of": [{"ok": False}], "above": 10}, "above: 10 is never passed.*10 % is 0.1"),
        ({"measure": "share", "share_of": [{"ok": False}], "below": 1.5}, "below: 1.5 is always passed"),
        ({"above": 5, "window": {"last": 3}}, "above: 5 is never passed.* from 0 to 3"),
        ({"at_least": 0}, "at_least: 0 is always passed"),
        ({"above": 50_000}, "above: 50,000 is never passed.* from 0 to 20,000"),
        ({"measure": "rate", "above": 61, "window": {"last": 60, "seconds": 60}}, "from 0 to 60"),
        ({"above": 1, "needs": 5, "window": {"last": 3}}, "needs: 5 events never come together"),
    ],
)  # fmt: skip
def test_a_threshold_that_is_always_or_never_passed_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        rule(**fields)


def test_a_field_that_no_event_has_is_noted() -> None:
    (note,) = notes_on(rule(measure="mean", field="secnds", above=3, where={"okay": True}, by=["agnt"]))
    assert note.startswith("agnt, okay, secnds: no event of macae has such a field")
    assert not any(notes_on(one) for one in default_rules())


def test_little_of_something_is_told_after_a_whole_window() -> None:
    calls = [happened("model_called", n) for n in range(200)]
    for slow in (
        rule(measure="rate", below=5, window={"seconds": 60}),
        rule(below=5, needs=5, window={"seconds": 60}),
    ):
        assert evaluate([slow], calls) == [], "one a second is enough from the first second on"
        (found,) = evaluate([slow], calls[:30], until=START + 300)
        assert found.raised - START >= 60 and found.open
    few = rule(below=5, needs=5, window={"seconds": 60})
    assert evaluate([few], calls[:3], until=START + 300) == [], "never were there five of them"


def test_no_open_alert_is_forgotten_when_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_GROUPS", 20)
    judge = Judge(
        [rule(above=0, events="tool_refused", window={"seconds": 60}), rule(name="calls", above=99)]
    )
    judge.feed(happened("tool_refused", session_id="old"))
    for number in range(100):
        judge.feed(happened("model_called", 1, session_id=f"s{number}"))
    assert [a.session_id for a in judge.open] == ["old"] and len(judge._groups) == 20
    assert [a.session_id for a in judge.advance(START + 100) if not a.open] == ["old"]
    told = [a for n in range(30) for a in judge.feed(happened("tool_refused", 101, session_id=f"r{n}"))]
    assert len(judge.open) == 20 and sum(not a.open for a in told) == 10, "each that is let go of is resolved"


async def test_a_machine_that_slept_has_no_stuck_step() -> None:
    kept, clock = Kept(), [START]
    watch = AlertWatch(default_rules(), couriers=[Courier(kept)], clock=lambda: clock[0])
    watch.start()

    async def judged(*events: Event) -> None:
        for event in events:
            watch(event)
        watch._news.set()
        await until(lambda: not watch._events and not watch._news.is_set())
        await asyncio.sleep(0.01)

    await judged(happened("step_started", 0, step_id="st"))
    clock[0] += 8 * 3600
    await judged()
    await judged(happened("tool_started", 8 * 3600 + 1, step_id="st"))
    assert watch.judge.open == []
    for _ in range(3):  # awake again, it is stuck as any other
        clock[0] += 60
        await judged()
    assert [a.rule for a in watch.judge.open] == ["stuck-step"]
    await watch.close()
    assert [a.rule for a in kept.got] == ["stuck-step"]


async def test_a_clock_that_is_set_back_silences_nothing() -> None:
    clock = [START]
    watch = AlertWatch(default_rules(), clock=lambda: clock[0])
    watch.start()
    watch(happened("violation_found", 0, entity="API_KEY", action="block"))
    await until(lambda: len(watch.judge.open) == 1)
    clock[0] -= 3600
    watch(happened("violation_found", -3600, session_id="s2", entity="US_SSN", action="block"))
    await until(lambda: len(watch.judge.open) == 2)
    await watch.close()


def test_masked_personal_data_is_a_warning_and_what_got_through_is_critical() -> None:
    for route, action, severities in (
        ("model", "mask", ["warning"]),
        ("input", "flag", ["warning"]),
        ("model", "flag", ["critical", "warning"]),
        ("input", "block", ["critical"]),
    ):
        event = happened("violation_found", entity="IBAN", action=action, route=route)
        found = evaluate(default_rules(), [event])
        assert sorted(a.severity for a in found) == severities, (route, action)


def test_one_kind_of_finding_is_one_alert_however_often_and_wherever_it_is_found() -> None:
    routes = (("input", "flag"), ("model", "mask"), ("store", "mask"), ("model", "mask"))
    events = [
        happened("violation_found", 700 * n, entity=entity, action=action, route=route)
        for n, (route, action) in enumerate(routes)
        for entity in ("IBAN_CODE", "EMAIL_ADDRESS")
    ]
    assert [alert.key for alert in evaluate(default_rules(), events)] == ["IBAN_CODE", "EMAIL_ADDRESS"]


def test_no_part_of_a_web_address_comes_out(hook: Hook) -> None:
    hook.answers.extend([(400, "bad token SeCrEtTok99 in QuErYsEcReT88"), (400, "no one knows we%/rd k y")])
    address = f"http://{hook.host}/services/T0/SeCrEtTok99?a=b&sig=QuErYsEcReT88"
    assert Webhook(address).send(alert()).text == "it answered 400 bad token *** in ***"
    quoted = Webhook(f"http://{hook.host}/we%25%2Frd%20k%20y").send(alert()).text
    assert quoted == "it answered 400 no one knows ***"
    for wrong in ("https://ann:pw12345@example.org/x", "https://tok12345@example.org/x"):
        with pytest.raises(ConfigError, match="holds a user name or password") as caught:
            Webhook(wrong)
        assert "12345" not in str(caught.value)


async def test_what_leaves_the_house_is_cleaned_as_logs_are(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    policy, rules, kept = tmp_path / "p.yaml", tmp_path / "r.yaml", Kept()
    policy.write_text("start: gdpr\nrules:\n  EMAIL_ADDRESS: [flag, mask, allow, mask, allow]\n", "utf-8")
    rules.write_text(
        "rules:\n  - {name: goals, events: [goal_received], above: 0, advice: 'It said: {text}', by: [session, to]}\n"
        "  - {name: said, events: [message], above: 0, by: [session, to]}\n",
        "utf-8",
    )
    settings = Settings(home=tmp_path, compliance=str(policy), alerts=rules)
    plan = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}})
    model = ScriptedClient(obedient(plan))
    async with Engine(settings=settings, model=model, team=TEAM, alert_receivers=[kept]) as engine:
        made = await engine.submit("Bake for ann.person@corp-x.com")
        await engine.approve_all(made)
        await engine.wait(made)
        whom = {"to": "ann.person@corp-x.com"}
        note = happened(
            "message",
            time.time() - START,
            session_id=made.session_id,
            plan_id=made.id,
            user_id=engine.user_id,
            **whom,
        )
        await engine.note(note)
        await until(lambda: len(kept.got) == 2)
        fields = {name for event in await engine.trail(made) for name in event.data}
    shown = f"{kept.got} {caplog.text}"
    assert "It said: Bake for" in shown and "ann.person" not in shown
    assert fields <= FIELDS
