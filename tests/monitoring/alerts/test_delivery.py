"""Alerts arrive at real servers; servers that fail, refuse or hang harm nobody, and no secret is told."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from macae.config import Settings
from macae.errors import ConfigError
from macae.monitoring.alerts import Alert, Courier, open_couriers
from macae.monitoring.alerts.apprising import Apprised
from macae.monitoring.alerts.couriers import Outcome, close_all
from macae.monitoring.alerts.mail import Mail
from macae.monitoring.alerts.opening import LogReceiver, receivers_of
from macae.monitoring.alerts.webhook import Webhook
from tests.monitoring.alerts.conftest import START, Hook, alert
from tests.support.smtp_server import SMTPServer

PASSWORD = "p4ssw0rd-of-the-post"


def soon(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait in a thread's time for something."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def closed(*couriers: Courier) -> None:
    close_all(couriers, 10)


class Own:
    """A receiver of one's own."""

    name = "own"

    def __init__(self, *outcomes: Outcome | Exception) -> None:
        self.got: list[Alert] = []
        self.outcomes = list(outcomes)

    def send(self, alert: Alert) -> Outcome:
        self.got.append(alert)
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome(True)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.mark.parametrize("form", ["plain", "slack", "teams"])
def test_a_webhook_gets_each_form(hook: Hook, form: str) -> None:
    courier = Courier(Webhook(hook.url, form))
    courier.put(alert())
    courier.put(alert(resolved=START + 5))
    closed(courier)
    assert courier.health[:4] == (f"webhook ({form})", 2, 0, 0)
    assert hook.paths == ["/services/T0SECRET/B0SECRET"] * 2
    first, last = hook.posts
    if form == "plain":
        assert (first["state"], last["state"]) == ("raised", "resolved") and first["rule"] == "model-slow"
    elif form == "slack":
        assert first["blocks"][0]["text"]["text"] == "[WARNING] model-slow (HrAgent)"
    else:
        assert first["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"


def test_what_may_pass_is_tried_again_and_what_will_not_is_not(hook: Hook) -> None:
    hook.answers.extend([(503, "later"), (429, "slowly"), (200, "ok"), (404, "no such hook"), (302, "")])
    courier = Courier(Webhook(hook.url), pause=0.001)
    assert courier.deliver(alert()) == Outcome(True, "200 ok") and len(hook.posts) == 3
    assert (
        courier.deliver(alert()) == Outcome(False, "it answered 404 no such hook", False)
        and len(hook.posts) == 4
    )
    assert courier.deliver(alert()).text == "it answered 302", "an alert follows nobody to another place"
    assert len(hook.posts) == 5


def test_dead_and_hanging_servers_fail_in_bounded_time(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    hook.hang.clear()
    slow = Courier(Webhook(hook.url, seconds=30), attempts=1, seconds=0.1)
    dead = Courier(Webhook("http://127.0.0.1:9/x/T0SECRET"), attempts=2, pause=0.001)
    for _ in range(2):
        assert slow.deliver(alert()).text == "no answer within 0.1 s"
    failed = dead.deliver(alert())
    assert not failed.sent and failed.again and "refused" in failed.text.lower()
    for courier in (slow, dead):
        courier.put(alert())
        soon(lambda courier=courier: courier.health.failed == 1)  # type: ignore[misc]
    assert slow.deliver(alert()).text == "earlier attempts still hang", "threads do not pile up"
    assert "could not be sent to webhook (plain)" in caplog.text and "T0SECRET" not in caplog.text
    hook.hang.set()
    soon(lambda: slow.deliver(alert()).sent)
    closed(slow, dead)


def test_secrets_are_in_no_outcome_log_or_repr(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    hook.answers.extend([(400, f"no {hook.url} at /services/T0SECRET/B0SECRET")] * 3)
    webhook = Webhook(hook.url)
    outcome = Courier(webhook).deliver(alert())
    assert "SECRET" not in outcome.text and "***" in outcome.text
    apprised = Apprised(f"json://user:T0SECRET@{hook.host}/B0SECRET")
    assert Courier(apprised, attempts=1).deliver(alert()).text == "apprise could not deliver it"
    with SMTPServer(password="another") as server:
        mail = Mail("127.0.0.1", "ann@example.org", port=server.port, user="u", password=PASSWORD, tls=False)
        refused = mail.send(alert())
    assert (
        not refused.sent and "535" in refused.text and PASSWORD not in refused.text and "***" in refused.text
    )
    shown = f"{webhook!r} {apprised!r} {mail!r} {caplog.text}"
    assert "SECRET" not in shown and PASSWORD not in shown
    for wrong in (
        "ftp://h/T0SECRET",
        "T0SECRET",
        "http://",
        "http://h:99999999/T0SECRET",
        "http://h/\nT0SECRET",
        "http://[/T0SECRET",
    ):
        with pytest.raises(ConfigError, match="MACAE_ALERT_WEBHOOK") as caught:
            Webhook(wrong)
        assert "T0SECRET" not in str(caught.value)
    with pytest.raises(ConfigError, match="address number 2") as caught:
        Apprised("nosuchservice://T0SECRET", 2)
    assert "T0SECRET" not in str(caught.value)


def test_mail_arrives_with_its_subject_and_login() -> None:
    with SMTPServer(password=PASSWORD) as server:
        mail = Mail(
            "127.0.0.1", "ann@example.org, bob@example.org", port=server.port, sender="macae@example.org",
            user="post", password=PASSWORD, tls=False,
        )  # fmt: skip
        assert mail.send(alert(severity="critical")) == Outcome(True, "taken")
    (got,) = server.mails
    assert got.to == ["ann@example.org", "bob@example.org"] and got.login == ("post", PASSWORD)
    assert got.message["Subject"] == "macae [CRITICAL] model-slow (HrAgent)"
    assert "exceeded 3 s" in got.message.get_content()


def test_a_mail_server_without_tls_gets_nothing_unless_that_is_set() -> None:
    with SMTPServer() as server:
        outcome = Mail("127.0.0.1", "ann@example.org", port=server.port).send(alert())
    assert not outcome.sent and "STARTTLS" in outcome.text and "MACAE_SMTP_TLS=false" in outcome.text
    assert server.mails == [] and server.connections == 1


def test_mail_servers_that_refuse_or_are_busy() -> None:
    with SMTPServer("refuse") as server:
        mail = Mail("127.0.0.1", "ann@example.org", port=server.port, tls=False)
        assert mail.send(alert()) == Outcome(False, "it takes mail for none of the addresses", False)
    with SMTPServer("busy") as server:
        courier = Courier(Mail("127.0.0.1", "ann@example.org", port=server.port, tls=False), pause=0.001)
        assert courier.deliver(alert()).sent and len(server.mails) == 1
    gone = mail.send(alert())
    assert not gone.sent and gone.again and "Connection" in gone.text


@pytest.mark.parametrize(
    "given",
    [
        "",
        "ann",
        "ann@",
        "a b@example.org",
        "ann@example.org\nBcc: eve@evil.example",
        "Ann <ann@example.org>",
        "a@b@c",
        ",",
    ],
)
def test_what_is_no_mail_address(given: str) -> None:
    with pytest.raises(ConfigError, match="MACAE_ALERT_EMAIL is no mail address"):
        Mail("localhost", given)


def test_closing_waits_three_seconds_at_most_for_a_server_that_hangs() -> None:
    with SMTPServer("hang") as server:
        couriers = [
            Courier(Mail("127.0.0.1", "ann@example.org", port=server.port, tls=False, seconds=30))
            for _ in range(3)
        ]
        for courier in couriers:
            courier.put(alert())
        soon(lambda: server.connections == 3)
        began = time.monotonic()
        close_all(couriers, 0.3)
        assert time.monotonic() - began < 2, "one bound for all"
        late = couriers[0]
        late.put(alert())
        assert late.health.left_out == 1, "nothing is taken after the end"


def test_apprise_sends_to_a_local_server(hook: Hook, tmp_path: Path) -> None:
    urls = f"json://{hook.host}/a?overflow=split,upstream, json://{hook.host}/b"
    settings = Settings(home=tmp_path, alert_urls=urls, _env_file=None)  # type: ignore[arg-type]
    couriers = open_couriers(settings)
    assert [courier.name for courier in couriers] == ["log", "apprise 1", "apprise 2"]
    for courier in couriers:
        courier.put(alert(severity="critical", text="Alert: \\n <b>&amp;"))
    closed(*couriers)
    assert sorted(hook.paths) == ["/a", "/b"]
    post = hook.posts[0]
    assert post["title"] == "macae [CRITICAL] model-slow (HrAgent)" and post["type"] == "failure"
    assert "Alert: \\n <b>&amp;" in post["message"], "as it stands, nothing is worked out"
    hook.answers.append((500, "no"))
    assert couriers[1].receiver.send(alert()) == Outcome(False, "apprise could not deliver it", True)


def test_apprise_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    with pytest.raises(ConfigError, match="pip install apprise"):
        Apprised("json://localhost")


def test_only_so_many_a_minute_and_the_next_one_tells_of_the_rest() -> None:
    own = Own()
    courier = Courier(own, a_minute=3)
    for number in range(10):
        courier.put(alert(value=float(number)))
    assert courier.health.left_out == 7
    courier._times.clear()  # a minute later
    courier.put(alert())
    closed(courier)
    assert [a.value for a in own.got] == [0, 1, 2, 4] and own.got[-1].text.endswith(
        "(Before it 7 alerts were left out, because there were too many.)"
    )


def test_a_slow_receiver_never_makes_whoever_puts_wait() -> None:
    gate, own = threading.Event(), Own()

    class Slow(Own):
        def send(self, alert: Alert) -> Outcome:
            gate.wait(30)
            return super().send(alert)

    slow = Slow()
    couriers = [Courier(slow, size=2, a_minute=1_000), Courier(own, size=50, a_minute=1_000)]
    began = time.monotonic()
    for _ in range(50):
        for courier in couriers:
            courier.put(alert())
    assert time.monotonic() - began < 1
    assert couriers[0].health.left_out >= 47
    gate.set()
    closed(*couriers)
    assert len(own.got) == 50 and couriers[0].health.waiting == 0


def test_a_receiver_of_ones_own_may_raise() -> None:
    own = Own(RuntimeError("https://hooks/T0SECRET"), Outcome(True, "fine"))
    courier = Courier(own)
    assert courier.deliver(alert()) == Outcome(False, "it raised RuntimeError", False)
    assert courier.deliver(alert()) == Outcome(True, "fine", False)


def test_the_log_gets_one_harmless_line(caplog: pytest.LogCaptureFixture) -> None:
    LogReceiver().send(alert(severity="critical", text="first\nERROR second \x1b[2J"))
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("macae.alerts", "ERROR")
    assert record.getMessage() == "[CRITICAL] model-slow (HrAgent) first ERROR second \\x1b[2J (session s1)"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"alert_email": "ann@example.org"}, "MACAE_SMTP_HOST"),
        ({"alert_email": "ann", "smtp_host": "h"}, "MACAE_ALERT_EMAIL"),
        ({"alert_email": "a@b.org", "smtp_host": "h", "smtp_user": "u"}, "MACAE_SMTP_PASSWORD"),
        ({"alert_email": "a@b.org", "smtp_host": "h x"}, "MACAE_SMTP_HOST is no host name"),
        ({"alert_email": "a@b.org", "smtp_host": "h", "smtp_from": "x"}, "MACAE_SMTP_FROM"),
    ],
)
def test_settings_that_do_not_fit_are_named(tmp_path: Path, given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        receivers_of(Settings(home=tmp_path, _env_file=None, **given))
