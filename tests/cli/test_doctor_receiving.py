"""The doctor says what is wrong with the settings of policy, sinks and alerts, and where nobody listens; it sends nothing."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from macae.config import Settings
from macae.errors import StoreError
from macae.monitoring.sinks import open_sinks, trying
from macae.workshop import receiving
from macae.workshop.findings import Finding
from macae.workshop.receiving import check_alerts, check_policy, check_sinks
from tests.cli.test_notices import nobody


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "APPLICATIONINSIGHTS_CONNECTION_STRING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(receiving, "getproxies", dict)


def look(home: Path, **more: Any) -> dict[str, Finding]:
    settings = Settings(home=home, _env_file=None, **more)  # type: ignore[call-arg]
    found = [*check_policy(settings), *check_sinks(settings), *check_alerts(settings)]
    assert all(finding.fix for finding in found if finding.status != "ok")
    return {finding.name: finding for finding in found}


def test_without_settings_all_is_well(tmp_path: Path) -> None:
    found = look(tmp_path)
    assert {finding.status for finding in found.values()} == {"ok"}
    assert found["Alerts"].text == "go to: log" and "workshop" in found["Policy"].text
    assert not any(tmp_path.iterdir())


def test_where_nobody_listens_is_told(tmp_path: Path) -> None:
    port, secret = nobody(), "T0SECRET"
    found = look(
        tmp_path, sinks="otlp,trace", otlp_endpoint=f"http://127.0.0.1:{port}", alert_webhook=f"http://127.0.0.1:{port}/{secret}",
        alert_email="ann@example.org", smtp_host="127.0.0.1", smtp_port=port,
    )  # fmt: skip
    for name in ("OTLP", "Webhook", "Mail server"):
        assert found[name].status == "warning" and f"nobody listens at 127.0.0.1:{port}" in found[name].text
    assert found["Sinks"].text == "otlp, trace" and secret not in str(found)
    assert not any(tmp_path.iterdir())


def test_it_connects_and_sends_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, got = server.getsockname()[1], []

        def take() -> None:
            with server.accept()[0] as connection:
                connection.settimeout(5)
                got.append(connection.recv(1))

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        found = look(tmp_path, alert_webhook=f"http://127.0.0.1:{port}/a")
        thread.join(5)
    assert found["Webhook"].status == "ok" and got == [b""]


@pytest.mark.parametrize("sink", ["ndjson", "trace"])
def test_where_the_sinks_files_go_is_tried_and_left_as_it_was(tmp_path: Path, sink: str) -> None:
    found = look(tmp_path / "new", sinks=sink)["Sink files"]
    assert (
        found.status == "ok" and str(tmp_path / "new" / "logs") in found.text and not any(tmp_path.iterdir())
    )
    (tmp_path / "logs").write_text("a file in the folder's place", encoding="utf-8")
    found = look(tmp_path, sinks=sink)["Sink files"]
    assert (
        found.status == "problem" and f"Make {tmp_path / 'logs'} a folder that can be written" in found.text
    )
    with pytest.raises(StoreError, match="a folder that can be written"):  # as a run says it
        open_sinks(Settings(home=tmp_path, sinks=sink, _env_file=None))  # type: ignore[call-arg]
    for name in ("agent_events.ndjson", "agent_trace.log"):
        (tmp_path / "b" / "logs" / name).mkdir(parents=True)
    found = look(tmp_path / "b", sinks=sink)["Sink files"]
    assert found.status == "problem" and "is no file" in found.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_under_the_sinks_files_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "TemporaryFile", lambda **where: open("/dev/full", "wb"))  # noqa: PTH123, SIM115
    found = look(tmp_path, sinks="ndjson")["Sink files"]
    assert (
        found.status == "problem" and "No space left on device. Free some space, set MACAE_HOME" in found.text
    )
    assert "Do that" in found.fix


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Policy", {"compliance": "nofile.yaml"}),
        ("Sinks", {"sinks": "carrier-pigeon"}),
        ("OTLP", {"sinks": "otlp", "otlp_endpoint": "no address"}),
        ("Azure Monitor", {"sinks": "azure"}),
        ("Alert rules", {"alerts": "nofile.yaml"}),
        ("Alerts", {"alert_webhook": "no address"}),
        ("Alerts", {"alert_email": "ann@example.org"}),
    ],
)
def test_a_setting_that_no_run_could_use_is_a_problem(
    name: str, given: dict[str, Any], tmp_path: Path
) -> None:
    found = look(tmp_path, **given)
    assert [wrong.name for wrong in found.values() if wrong.status != "ok"] == [name]
    assert found[name].status == "problem" and "MACAE_" in found[name].text + found[name].fix
