"""A run says at its end, on stderr, which alerts were raised and what did not arrive; it is none the worse for it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Inside, object_in

GOAL = 'Send Marcus Bell an internal message: "The room is booked."'
RULES = "rules: [{name: any-call, severity: critical, events: model_called, above: 0, metric: calls}]"


def nobody() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_what_was_raised_and_what_was_lost_is_said_at_the_end(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    monkeypatch.setenv("MACAE_ALERTS", "rules.yaml")
    monkeypatch.setenv("MACAE_ALERT_WEBHOOK", f"http://127.0.0.1:{nobody()}/services/T0SECRET")
    monkeypatch.setenv("MACAE_SINKS", "otlp,ndjson")
    monkeypatch.setenv("MACAE_OTLP_ENDPOINT", f"http://127.0.0.1:{nobody()}")
    run = inside("run", GOAL, "--yes", "--json")
    assert run.returncode == 0 and object_in(run)["overall_status"] == "completed"
    said = run.stderr.splitlines()
    assert (
        len([line for line in said if line.startswith("Alert raised (critical): any-call: calls exceeded 0")])
        == 1
    )
    (sink,) = [line for line in said if line.startswith("The sink ")]
    assert sink.startswith("The sink otlp could not deliver ")
    (hook,) = [line for line in said if line.startswith("The alerts' receiver ")]
    assert (
        hook.startswith("The alerts' receiver webhook (plain) did not get 1 of 1 alerts")
        and "SECRET" not in hook
    )


def test_a_run_in_which_all_went_well_says_nothing(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACAE_SINKS", "trace")
    run = inside("run", GOAL, "--yes")
    assert (run.returncode, run.stderr) == (0, "")
    assert "Awaiting approval" not in run.stdout, "nobody is waited for with --yes"
